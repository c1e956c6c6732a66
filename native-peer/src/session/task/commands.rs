//! What the program wants.

use std::collections::btree_map::Entry;
use std::sync::Arc;

use tokio::sync::{mpsc, oneshot, watch};
use wire_protocol::control::{SwarmName, SwarmPeer};
use wire_protocol::ids::GroupId;

use super::super::command::Command;
use super::super::published::Torrent;
use super::super::{GroupState, SwarmNews};
use super::{SwarmWatch, Task};

impl Task {
    pub(super) fn handle_command(&mut self, command: Command) {
        match command {
            Command::Ask { pose, answer } => {
                let id = (pose.0)(&mut self.conversation);
                self.replies.insert(id, answer);
            }
            Command::Publish { swarm, info_hash, info, pieces, answer } => {
                self.publications.insert(swarm, answer);
                self.published.give(swarm, Torrent { info_hash, info: info.clone(), pieces });
                self.conversation.publish_torrent(swarm, info_hash, info, pieces);
            }
            Command::FetchInfo { swarm, answer } => {
                let waiting = self.infos.entry(swarm).or_default();
                waiting.push(answer);
                if waiting.len() == 1 {
                    self.conversation.fetch_info(swarm);
                }
            }
            Command::Dial { swarm, to, link } => {
                let dial = self.conversation.dial(swarm, to);
                self.dials.insert(dial, (swarm, link));
            }
            Command::Announce(announce) => self.conversation.announce(announce),
            Command::Withdraw { swarm, answer } => {
                self.published.forget(swarm);
                self.conversation.unwatch(swarm);
                self.conversation.withdraw(swarm);
                self.swarms.remove(&swarm);
                self.withdrawals.push(answer);
            }
            Command::Groups { answer } => {
                self.unsynced.push(answer);
                if self.conversation.is_synced() {
                    self.tell_groups();
                }
            }
            Command::WatchGroup { group, answer } => self.watch_group(group, answer),
            Command::WatchSwarm { swarm, news, answer } => self.watch_swarm(swarm, news, answer),
        }
    }

    fn watch_group(&mut self, id: GroupId, answer: oneshot::Sender<watch::Receiver<GroupState>>) {
        let state = self.group_state(id);
        let sender = self.groups.entry(id).or_insert_with(|| watch::channel(state).0);
        let _ = answer.send(sender.subscribe());
    }

    fn watch_swarm(
        &mut self,
        key: SwarmName,
        news: mpsc::Sender<SwarmNews>,
        answer: oneshot::Sender<watch::Receiver<Arc<[SwarmPeer]>>>,
    ) {
        self.conversation.watch(key);
        let peers = self.swarm(key);
        let watch = match self.swarms.entry(key) {
            Entry::Occupied(entry) => {
                let watch = entry.into_mut();
                watch.news = news;
                watch
            }
            Entry::Vacant(entry) => entry.insert(SwarmWatch { peers: watch::channel(peers).0, news }),
        };
        let _ = answer.send(watch.peers.subscribe());
    }
}
