//! The habits of ordinary clients, which the engine has not.

use std::time::Duration;

use local_peer::Input;
use peer_engine::{Command, LinkKey, Timestamp};

use super::{Happening, Simulation};
use crate::conduct::{Conduct, is_interested};
use crate::link::{Delivery, LinkId};
use crate::node::NodeKey;

/// BEP 3: between two decisions whom to unchoke.
const ROUND: Duration = Duration::from_secs(10);
/// A link on which nothing was asked for so long is closed.
const IDLE_MAX: Duration = Duration::from_secs(60);

impl Simulation {
    pub(super) fn plan_round(&mut self, node: NodeKey) {
        if self.nodes[node.0].config.conduct == Conduct::Ordinary {
            self.agenda.plan(self.next_round(), Happening::Rounds(node));
        }
    }

    fn next_round(&self) -> Timestamp {
        let round = ROUND.as_micros() as u64;
        Timestamp((self.now.0 / round + 1) * round)
    }

    pub(super) fn on_round(&mut self, node: NodeKey) {
        self.plan_round(node);
        if self.nodes[node.0].alive {
            for link in self.idle_links(node) {
                self.input(node, Input::Command(Command::Close(link)));
            }
        }
    }

    fn idle_links(&mut self, node: NodeKey) -> Vec<LinkKey> {
        let this = &mut self.nodes[node.0];
        let peers = this.mind.engine().map(|engine| engine.peers()).unwrap_or_default();
        let before = std::mem::take(&mut this.served);
        for peer in peers {
            let unchanged = before.get(&peer.link).filter(|(sent, _)| *sent == peer.uploaded);
            this.served.insert(peer.link, *unchanged.unwrap_or(&(peer.uploaded, self.now)));
        }
        let is_idle = |since: Timestamp| self.now.since(since) >= IDLE_MAX;
        this.served.iter().filter(|(_, (_, since))| is_idle(*since)).map(|(link, _)| *link).collect()
    }

    /// Whoever becomes interested is heard in the next round, and whatever it says after that. `None`: this waits.
    pub(super) fn hold(&mut self, delivery: Delivery) -> Option<Delivery> {
        let Delivery { link, to, ref segments, .. } = delivery;
        if self.nodes[to.0].config.conduct != Conduct::Ordinary {
            return Some(delivery);
        }
        let next_round = self.next_round();
        let end = self.links[link.0].of(to);
        if !end.was_held && is_interested(segments) {
            (end.was_held, end.held) = (true, Some(Default::default()));
            self.agenda.plan(next_round, Happening::Releases(to, link));
        }
        match &mut self.links[link.0].of(to).held {
            Some(held) => {
                held.push_back(delivery);
                None
            }
            None => Some(delivery),
        }
    }

    pub(super) fn on_release(&mut self, node: NodeKey, link: LinkId) {
        for delivery in self.links[link.0].of(node).held.take().unwrap_or_default() {
            self.on_delivered(delivery);
        }
    }
}
