//! Who is served: puts the choker's decisions into effect.
//! Each peer's own state is a [`Slot`](crate::slot::Slot).

use std::time::Duration;

use peer_wire::Message;

use super::Engine;
use crate::choker::{Candidate, Role};
use crate::ids::LinkKey;
use crate::peer::Peer;
use crate::time::Timestamp;

/// BEP 3: a minute without a block from a peer that we serve.
const SNUBBED_AFTER: Duration = Duration::from_secs(60);

impl Engine {
    /// A round: whoever is not chosen leaves, whoever is chosen comes in as slots become free.
    pub(super) fn choke_round(&mut self, now: Timestamp) {
        let (candidates, role) = (self.candidates(now), self.role());
        let chosen = self.serving.round(candidates, role, now);
        let links: Vec<LinkKey> = self.peers.keys().collect();
        for link in links {
            match self.peers.get_mut(link) {
                Some(peer) if chosen.contains(&link) => peer.slot.keep(),
                _ => self.end_service(link, now),
            }
        }
        self.serve_chosen(now);
    }

    /// Slots that nobody uses go to others for a trial.
    pub(super) fn fill_slots(&mut self, now: Timestamp) {
        self.serving.take_free();
        self.serve_chosen(now);
        for link in self.serving.fill(self.candidates(now), self.role(), now) {
            self.serve(link, now);
            if let Some(peer) = self.peers.get_mut(link) {
                peer.slot.lend();
            }
        }
    }

    fn serve_chosen(&mut self, now: Timestamp) {
        loop {
            let peers = &self.peers;
            let taken = || peers.values().filter(|peer| takes_a_slot(peer)).count();
            let waits = |link| peers.get(link).is_some_and(|peer| peer.slot.is_choked() && peer.interested_in_us);
            let Some(link) = self.serving.next(taken, waits) else {
                return;
            };
            self.serve(link, now);
        }
    }

    /// Whoever is served is choked at once; whoever waits for it gets the free slots.
    pub(super) fn set_serving(&mut self, is_serving: bool) {
        self.is_serving = is_serving;
        if self.serves() {
            self.fill_slots(self.now);
            return;
        }
        for link in self.peers.keys().collect::<Vec<_>>() {
            if let Some(mut peer) = self.peers.remove(link) {
                if !peer.slot.is_choked() {
                    self.choke(&mut peer, self.now);
                }
                self.peers.insert(peer);
                self.wake(link);
            }
        }
    }

    /// Somebody may be unchoked at all.
    pub(super) fn serves(&self) -> bool {
        self.is_serving && !self.config.fetch_only
    }

    pub(super) fn slots_taken(&self) -> usize {
        self.peers.values().filter(|peer| takes_a_slot(peer)).count()
    }

    fn serve(&mut self, link: LinkKey, now: Timestamp) {
        if let Some(mut peer) = self.peers.remove(link) {
            if peer.slot.is_choked() {
                self.unchoke(&mut peer, now);
            }
            self.peers.insert(peer);
            self.wake(link);
        }
    }

    /// A peer that was not chosen: choked now, or at the end of its piece.
    fn end_service(&mut self, link: LinkKey, now: Timestamp) {
        let Some(mut peer) = self.peers.remove(link) else {
            return;
        };
        if peer.slot.lose(now) {
            self.choke(&mut peer, now);
        }
        self.peers.insert(peer);
        self.wake(link);
    }

    /// Once a second: it had time enough to leave, or to use its trial.
    pub(super) fn end_overdue_service(&mut self, peer: &mut Peer, now: Timestamp) {
        if peer.slot.is_overdue(now) {
            self.choke(peer, now);
        }
    }

    pub(super) fn unchoke(&mut self, peer: &mut Peer, now: Timestamp) {
        peer.say(&Message::Unchoke);
        peer.slot.unchoke(now);
        self.suggest(peer);
    }

    /// BEP 6: the choke first, then a reject for each request that dies of it.
    pub(super) fn choke(&mut self, peer: &mut Peer, now: Timestamp) {
        peer.say(&Message::Choke);
        peer.slot.choke(self.have_log.len(), now);
        for block in peer.uploads.clear() {
            if peer.fast {
                peer.say(&Message::Reject(block));
            }
        }
        self.serving.suggester.on_choked(peer.link);
        self.serving.on_slot_free();
    }

    fn role(&self) -> Role {
        match (self.picker.has_all_wanted(), self.picker.have().is_full()) {
            (false, _) => Role::Leeching,
            (true, true) if self.picker.availability.seeders() == 0 => Role::SeedingAlone,
            (true, _) => Role::Seeding,
        }
    }

    fn candidates(&self, now: Timestamp) -> Vec<Candidate> {
        self.peers
            .values()
            .filter(|peer| peer.interested_in_us && self.serves())
            .map(|peer| self.candidate(peer, now))
            .collect()
    }

    fn candidate(&self, peer: &Peer, now: Timestamp) -> Candidate {
        let pieces = self.info.layout().pieces();
        let pieces_sent = peer.up.total() / u64::from(self.info.layout().nominal_piece_len());
        Candidate {
            link: peer.link,
            choked: peer.slot.is_choked(),
            active: peer.slot.is_used(now) || peer.uploads.len() > 0,
            wants_more: peer.slot.wants_more(self.have_log.len()),
            rate_from: if is_leeching_only(peer, now) { 0 } else { peer.down.average() },
            rate_to: peer.up.average(),
            since: peer.slot.since(),
            pieces_have: peer.pieces.count().max(pieces_sent.min(u64::from(pieces)) as u32),
            pieces,
        }
    }
}

fn takes_a_slot(peer: &Peer) -> bool {
    peer.interested_in_us && !peer.slot.is_choked()
}

/// Anti-snubbing: a peer that we serve, that could serve us and has not for a minute, comes after all that
/// give us anything.
fn is_leeching_only(peer: &Peer, now: Timestamp) -> bool {
    let served_long = !peer.slot.is_choked() && now.since(peer.slot.since()) > SNUBBED_AFTER;
    served_long && peer.we_are_interested && now.since(peer.last_block) > SNUBBED_AFTER
}
