//! Who is served: puts the choker's decisions into effect.
//!
//! ```text
//!   choked ──round or unused slot──► served ──loses its slot──► leaving ──end of the piece──► choked
//!                                      │                          (at the latest after 30 s)     ▲
//!                                      └────── a trial, and it asks for nothing within 1 s ──────┘
//! ```

use std::time::Duration;

use peer_wire::Message;

use super::Engine;
use crate::choker::{Candidate, Role};
use crate::ids::LinkKey;
use crate::peer::Peer;
use crate::time::Timestamp;

/// BEP 3: a minute without a block from a peer that we serve.
const SNUBBED_AFTER: Duration = Duration::from_secs(60);
/// A served peer that asks for nothing for this long does not use its slot.
const IDLE_AFTER: Duration = Duration::from_secs(1);
/// A peer that loses its slot gets the rest of a piece within this time.
const LEAVE_WITHIN: Duration = Duration::from_secs(30);

impl Engine {
    /// A round: whoever is not chosen leaves, whoever is chosen comes in as slots become free.
    pub(super) fn choke_round(&mut self, now: Timestamp) {
        let chosen = self.choker.round(self.candidates(now), self.role(), now);
        let links: Vec<LinkKey> = self.peers.keys().copied().collect();
        for link in links {
            match self.peers.get_mut(&link) {
                Some(peer) if chosen.contains(&link) => (peer.choke_due, peer.on_trial) = (None, false),
                _ => self.end_service(link, now),
            }
        }
        self.to_be_served = chosen.into();
        self.serve_chosen(now);
    }

    /// Slots that nobody uses go to others for a trial.
    pub(super) fn fill_slots(&mut self, now: Timestamp) {
        self.slot_is_free = false;
        self.serve_chosen(now);
        for link in self.choker.fill(self.candidates(now), self.role(), now) {
            self.serve(link, now);
            if let Some(peer) = self.peers.get_mut(&link) {
                peer.on_trial = true;
            }
        }
    }

    /// Those that the last round chose, as far as there are slots: who leaves may still be using one.
    fn serve_chosen(&mut self, now: Timestamp) {
        while let Some(link) = self.to_be_served.front().copied() {
            let waits = self.peers.get(&link).is_some_and(|peer| peer.choked_by_us && peer.interested_in_us);
            if waits && self.slots_taken() >= self.slots() {
                return;
            }
            if waits {
                self.serve(link, now);
            }
            self.to_be_served.pop_front();
        }
    }

    pub(super) fn slots(&self) -> usize {
        self.config.upload_slots.max(1) as usize
    }

    pub(super) fn slots_taken(&self) -> usize {
        self.peers.values().filter(|peer| peer.interested_in_us && !peer.choked_by_us).count()
    }

    fn serve(&mut self, link: LinkKey, now: Timestamp) {
        if let Some(mut peer) = self.peers.remove(&link) {
            if peer.choked_by_us {
                self.unchoke(&mut peer, now);
            }
            self.peers.insert(link, peer);
            self.wake(link);
        }
    }

    /// A peer in the middle of a piece gets the rest of it first: half a piece is of no use to anybody.
    fn end_service(&mut self, link: LinkKey, now: Timestamp) {
        let Some(mut peer) = self.peers.remove(&link) else {
            return;
        };
        if !peer.choked_by_us && peer.sending.is_none() {
            self.choke(&mut peer, now);
        } else if !peer.choked_by_us {
            peer.choke_due.get_or_insert(now + LEAVE_WITHIN);
        }
        self.peers.insert(link, peer);
        self.wake(link);
    }

    /// Once a second: it had time enough to leave, or to use its trial.
    pub(super) fn end_overdue_service(&mut self, peer: &mut Peer, now: Timestamp) {
        let knows_long = peer.unchoke_written_at.is_some_and(|at| now.since(at) >= IDLE_AFTER);
        let had_its_trial = peer.on_trial && knows_long;
        if !peer.choked_by_us && (had_its_trial || peer.choke_due.is_some_and(|due| now >= due)) {
            self.choke(peer, now);
        }
    }

    pub(super) fn unchoke(&mut self, peer: &mut Peer, now: Timestamp) {
        peer.say(&Message::Unchoke);
        peer.on_choke_changed(false, now);
        self.suggest(peer);
    }

    /// BEP 6: the choke first, then a reject for each request that dies of it.
    pub(super) fn choke(&mut self, peer: &mut Peer, now: Timestamp) {
        if peer.unchoke_written_at.is_some() && peer.last_request < peer.choke_changed_at {
            peer.wanted_nothing_of = Some(self.have_log.len());
        }
        peer.say(&Message::Choke);
        peer.on_choke_changed(true, now);
        for block in peer.uploads.clear() {
            if peer.fast {
                peer.say(&Message::Reject(block));
            }
        }
        self.suggester.on_choked(peer.link);
        self.slot_is_free = true;
    }

    fn role(&self) -> Role {
        match self.picker.have().is_full() {
            false => Role::Leeching,
            true if self.picker.availability.seeders() > 0 => Role::Seeding,
            true => Role::SeedingAlone,
        }
    }

    fn candidates(&self, now: Timestamp) -> Vec<Candidate> {
        self.peers.values().filter(|peer| peer.interested_in_us).map(|peer| self.candidate(peer, now)).collect()
    }

    fn candidate(&self, peer: &Peer, now: Timestamp) -> Candidate {
        let pieces = self.info.layout().pieces();
        let pieces_sent = peer.up.total() / u64::from(self.info.layout().nominal_piece_len());
        Candidate {
            link: peer.link,
            choked: peer.choked_by_us,
            active: now.since(peer.last_request.max(peer.choke_changed_at)) < IDLE_AFTER || peer.uploads.len() > 0,
            wants_more: peer.wanted_nothing_of != Some(self.have_log.len()),
            rate_from: if is_leeching_only(peer, now) { 0 } else { peer.down.average() },
            rate_to: peer.up.average(),
            since: peer.choke_changed_at,
            pieces_have: peer.pieces.count().max(pieces_sent.min(u64::from(pieces)) as u32),
            pieces,
        }
    }
}

/// Anti-snubbing: a peer that we serve, that could serve us and has not for a minute, comes after all that
/// give us anything.
fn is_leeching_only(peer: &Peer, now: Timestamp) -> bool {
    let served_long = !peer.choked_by_us && now.since(peer.choke_changed_at) > SNUBBED_AFTER;
    served_long && peer.we_are_interested && now.since(peer.last_block) > SNUBBED_AFTER
}
