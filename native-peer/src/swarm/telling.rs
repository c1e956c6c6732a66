//! What the person and the log get to know.

use std::time::Instant;

use local_peer::{Event, PeerSnapshot, Who};
use peer_engine::{PieceIndex, Stats};
use tracker_wire::Transferred;

use super::outside::Outside;
use super::task::Task;
use super::{IDLE_AFTER, SwarmEvent};
use crate::failure;
use crate::report::{PeerChange, PeerView, Progress};

impl Task {
    pub(super) fn on_event(&mut self, event: Event) {
        match event {
            Event::PeerJoined { who, .. } => {
                let view = view(&who);
                tracing::info!(name = %view.name, path = ?who.path, "connected");
                self.tell(SwarmEvent::Peer(view, PeerChange::Join));
            }
            Event::PeerLeft { who, why, .. } => {
                let view = view(&who);
                match &why {
                    Some(why) => tracing::info!(name = %view.name, %why, "link closed"),
                    None => tracing::info!(name = %view.name, "link closed by the other side"),
                }
                self.tell(SwarmEvent::Peer(view, PeerChange::Leave));
                if why.is_none() {
                    self.tell_of_sent();
                }
            }
            Event::NotReached { to, path, why } => {
                tracing::debug!(name = %to.name, ?path, %why, "a peer was not reached");
            }
            Event::PieceFailed { piece: PieceIndex(piece), senders } => {
                let senders = senders.iter().map(|who| (who.peer, name(who))).collect();
                tracing::warn!(piece, ?senders, "a piece has a wrong hash");
                self.tell(SwarmEvent::PieceFailed { piece, senders });
            }
            Event::PeerBanned { who, piece: PieceIndex(piece) } => {
                self.note_banned(&who);
                self.web_seeds.give_up(who.peer);
                let (peer, name) = (who.peer, name(&who));
                tracing::warn!(%name, %peer, piece, "banned: sent a bad piece");
                self.tell(SwarmEvent::PeerBanned { peer, name, piece });
            }
            Event::Completed => {
                self.web_seeds.stop();
                self.tell_state();
            }
            Event::StorageFailed(error) => {
                tracing::warn!(%error, "storage failed");
                self.state.send_modify(|state| state.storage_failure = Some(failure::of_storage(&error)));
            }
            // A piece is told of with the state.
            Event::PieceVerified { .. } => {}
        }
    }

    fn tell_of_sent(&mut self) {
        let pieces = self.sent.take();
        if !pieces.is_empty() {
            self.tell(SwarmEvent::LeftAfter(pieces));
        }
    }

    /// Without waiting: a terminal that stands still must not stop the transfer.
    fn tell(&self, event: SwarmEvent) {
        if self.events.try_send(event).is_err() {
            tracing::debug!("an event is not shown");
        }
    }

    pub(super) fn tell_state(&mut self) {
        let snapshot = self.peer.snapshot(self.now());
        let stats = snapshot.stats;
        let progress = Progress {
            done: (stats.bytes_wanted - stats.bytes_lacking + stats.bytes_partial).min(stats.bytes_wanted),
            verified: stats.bytes_wanted - stats.bytes_lacking,
            total: stats.bytes_wanted,
            sent: stats.uploaded,
            down_bps: stats.rate_down,
            up_bps: stats.rate_up,
            copies_milli: stats.copies_milli,
            full_copies_without_you: snapshot.full_copies_without_us,
            peers: snapshot.peers.iter().filter_map(|peer| connected(peer, stats.pieces)).collect(),
        };
        let trackers = self.outside.as_ref().map(Outside::statuses).unwrap_or_default();
        if let Some(outside) = &mut self.outside {
            let Stats { uploaded, downloaded, bytes_lacking: left, .. } = stats;
            outside.tell(Transferred { uploaded, downloaded, left });
            if snapshot.waiting.is_some() {
                outside.need_peers();
            }
        }
        self.tell_bridge(&snapshot.peers);
        let lacks_from = self.peer.engine().and_then(peer_engine::Engine::first_lacking).unwrap_or(stats.pieces);
        self.state.send_modify(|state| {
            state.lacks_from = lacks_from;
            if stats.downloaded > state.downloaded {
                state.last_arrival = Some(Instant::now());
            }
            state.progress = progress;
            // The engine's rate is an average, which takes long to fade.
            if state.last_arrival.is_none_or(|last| last.elapsed() >= IDLE_AFTER) {
                state.progress.down_bps = 0;
                state.progress.peers.iter_mut().for_each(|peer| peer.rate_down = 0);
            }
            state.downloaded = stats.downloaded;
            state.sent_direct = snapshot.sent_direct;
            state.sent_relay = snapshot.sent_relay;
            state.people_served = snapshot.served;
            state.is_complete = snapshot.has_all_wanted;
            state.waiting = snapshot.waiting;
            state.sent_bad = snapshot.sent_bad;
            state.trackers = trackers;
        });
    }
}

/// A peer with a link.
fn connected(peer: &PeerSnapshot, pieces: u32) -> Option<PeerView> {
    peer.link?;
    let have_milli = (u64::from(peer.pieces_have) * 1000 / u64::from(pieces.max(1))) as u32;
    Some(PeerView { have_milli, rate_down: peer.rate_down, rate_up: peer.rate_up, ..view(&peer.who) })
}

/// As shown, without figures.
fn view(who: &Who) -> PeerView {
    let client = if who.client.is_empty() { "BitTorrent".to_owned() } else { who.client.clone() };
    PeerView { id: who.peer, name: name(who), client, path: who.path, have_milli: 0, rate_down: 0, rate_up: 0 }
}

fn name(who: &Who) -> String {
    if who.name.is_empty() { "a BitTorrent client".to_owned() } else { who.name.clone() }
}
