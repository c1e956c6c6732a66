//! What the person, the tracker and the log get to know.

use std::time::Instant;

use peer_engine::{Event, Identity, LinkKey, PieceIndex};
use wire_protocol::control::Progress as Announced;
use wire_protocol::ids::{MemberKey, PeerId};

use super::{Person, Task};
use crate::driver::SwarmEvent;
use crate::failure;
use crate::report::{PeerChange, PeerView, Progress};

impl Task {
    pub(super) fn on_event(&mut self, event: Event) {
        match event {
            Event::PeerReady { link, peer } => {
                if let Some(open) = self.links.get_mut(link) {
                    open.ready = Some(peer);
                    let view = open.view(peer);
                    tracing::info!(name = %view.name, path = view.path.as_str(), "connected");
                    self.tell(SwarmEvent::Peer(view, PeerChange::Join));
                }
            }
            Event::PeerGone { link, uploaded, why, .. } => {
                self.count_served(link, uploaded);
                // What the engine closes is forgotten then: it says goodbye first.
                if why.is_none() {
                    self.forget(link);
                }
            }
            Event::PieceFailed { piece: PieceIndex(piece), senders } => {
                let senders = senders.into_iter().map(|peer| (peer, self.name_of(peer))).collect();
                tracing::warn!(piece, ?senders, "a piece has a wrong hash");
                self.tell(SwarmEvent::PieceFailed { piece, senders });
            }
            Event::PeerBanned { peer, identity, piece: PieceIndex(piece), .. } => {
                let name = self.name_of(peer);
                tracing::warn!(%name, %peer, piece, "banned: sent a bad piece");
                if let Some(Identity(member)) = identity {
                    self.contacts.ban(MemberKey(member));
                }
                self.tell(SwarmEvent::PeerBanned { peer, name, piece });
            }
            Event::Completed => {
                self.announce();
                self.must_plan = true;
                self.tell_state();
            }
            Event::StorageFailed(error) => {
                tracing::warn!(%error, "storage failed");
                self.state.send_modify(|state| state.storage_failure = Some(failure::of_storage(&error)));
            }
            // A piece is told of with the state.
            _ => {}
        }
    }

    /// Whoever got something over this link is somebody whom we served.
    fn count_served(&mut self, link: LinkKey, uploaded: u64) {
        let Some(open) = self.links.get(link).filter(|_| uploaded > 0) else {
            return;
        };
        let person = match (&open.peer, open.ready) {
            (Some(peer), _) => Some(Person::Member(peer.member)),
            (None, ready) => ready.map(Person::Stranger),
        };
        self.served.extend(person);
    }

    /// Without waiting: a terminal that stands still must not stop the transfer.
    pub(super) fn tell(&self, event: SwarmEvent) {
        if self.events.try_send(event).is_err() {
            tracing::debug!("an event is not shown");
        }
    }

    fn name_of(&self, peer: PeerId) -> String {
        let listed = || {
            self.feed.peers.borrow().iter().find(|listed| listed.peer == peer).map(|listed| listed.display_name.clone())
        };
        self.links.name_of(peer).or_else(listed).unwrap_or_else(|| peer.short())
    }

    pub(super) fn announce(&mut self) {
        let stats = self.engine.stats();
        let progress = Announced::Pieces { have: stats.pieces_have, total: stats.pieces };
        if self.announced != Some(stats.pieces_have) && self.session.announce(self.presence.announce(progress)) {
            self.announced = Some(stats.pieces_have);
        }
    }

    pub(super) fn tell_state(&mut self) {
        self.announce();
        let stats = self.engine.stats();
        let linked = self.engine.peers();
        linked.iter().for_each(|peer| self.count_served(peer.link, peer.uploaded));
        let peers = linked.into_iter().filter_map(|peer| {
            let open = self.links.get(peer.link)?;
            let have_milli = (u64::from(peer.pieces_have) * 1000 / u64::from(stats.pieces.max(1))) as u32;
            Some(PeerView { have_milli, rate_down: peer.rate_down, rate_up: peer.rate_up, ..open.view(peer.peer) })
        });
        let progress = Progress {
            done: (stats.bytes_have + stats.bytes_partial).min(stats.bytes),
            verified: stats.bytes_have,
            total: stats.bytes,
            sent: stats.uploaded,
            down_bps: stats.rate_down,
            up_bps: stats.rate_up,
            copies_milli: stats.copies_milli,
            peers: peers.collect(),
        };
        let arrived = stats.downloaded > self.downloaded_before;
        self.downloaded_before = stats.downloaded;
        let listed = self.feed.peers.borrow().clone();
        let (is_complete, people_served) = (self.engine.is_complete(), self.served.len());
        let (sent_direct, sent_relay) = (self.sent_direct, self.sent_relay);
        self.state.send_modify(|state| {
            state.progress = progress;
            state.downloaded = stats.downloaded;
            state.people_served = people_served;
            state.sent_direct = sent_direct;
            state.sent_relay = sent_relay;
            state.is_complete = is_complete;
            state.pieces_unavailable = stats.pieces_unavailable;
            state.listed = listed;
            if arrived {
                state.last_arrival = Some(Instant::now());
            }
        });
    }
}
