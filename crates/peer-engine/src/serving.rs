//! Whom we serve, over all peers: the slots, who was chosen for them, and what a lone seeder advises.

use std::collections::VecDeque;

use crate::choker::{Candidate, Choker, Role};
use crate::config::Config;
use crate::ids::LinkKey;
use crate::suggester::Suggester;
use crate::time::Timestamp;

/// See the module.
#[derive(Debug)]
pub struct Serving {
    slots: usize,
    choker: Choker,
    pub suggester: Suggester,
    /// A served peer went or wants no more: its slot is for others.
    slot_is_free: bool,
    /// Chosen by the last round, waiting for a slot: who leaves may still be using one.
    chosen: VecDeque<LinkKey>,
}

impl Serving {
    pub fn new(config: &Config, pieces: u32, now: Timestamp) -> Self {
        Self {
            slots: config.upload_slots.max(1) as usize,
            choker: Choker::new(config.upload_slots, config.seed_choking, now),
            suggester: Suggester::new(pieces),
            slot_is_free: false,
            chosen: VecDeque::new(),
        }
    }

    /// With so many slots taken there is one more.
    pub fn has_room(&self, taken: usize) -> bool {
        taken < self.slots
    }

    pub fn on_slot_free(&mut self) {
        self.slot_is_free = true;
    }

    /// A slot became free since it was last asked.
    pub fn take_free(&mut self) -> bool {
        std::mem::take(&mut self.slot_is_free)
    }

    pub fn is_round_due(&self, now: Timestamp) -> bool {
        self.choker.is_due(now)
    }

    /// A round: who is to be served from now on. They come in as slots become free ([`Serving::next`]).
    pub fn round(&mut self, candidates: Vec<Candidate>, role: Role, now: Timestamp) -> Vec<LinkKey> {
        let chosen = self.choker.round(candidates, role, now);
        self.chosen = chosen.iter().copied().collect();
        chosen
    }

    /// Who of the chosen comes in now. `waits`: it is choked and interested; `taken`: slots in use.
    pub fn next(&mut self, taken: impl Fn() -> usize, waits: impl Fn(LinkKey) -> bool) -> Option<LinkKey> {
        while let Some(link) = self.chosen.front().copied() {
            if waits(link) && !self.has_room(taken()) {
                return None;
            }
            self.chosen.pop_front();
            if waits(link) {
                return Some(link);
            }
        }
        None
    }

    /// Who may try the slots that served peers leave unused.
    pub fn fill(&self, candidates: Vec<Candidate>, role: Role, now: Timestamp) -> Vec<LinkKey> {
        self.choker.fill(candidates, role, now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(link: u64) -> Candidate {
        Candidate {
            link: LinkKey(link),
            choked: true,
            active: false,
            wants_more: true,
            rate_from: 0,
            rate_to: 0,
            since: Timestamp(link),
            pieces_have: 0,
            pieces: 10,
        }
    }

    fn serving(slots: u32) -> Serving {
        let mut config = Config::new("test");
        config.upload_slots = slots;
        Serving::new(&config, 10, Timestamp(0))
    }

    #[test]
    fn the_chosen_come_in_as_slots_become_free() {
        let mut serving = serving(2);
        let chosen = serving.round((1..=2).map(candidate).collect(), Role::Seeding, Timestamp(0));
        assert_eq!(chosen, [LinkKey(1), LinkKey(2)]);
        assert_eq!(serving.next(|| 2, |_| true), None, "who leaves still uses them");
        assert_eq!(serving.next(|| 1, |_| true), Some(LinkKey(1)));
        assert_eq!(serving.next(|| 1, |_| true), Some(LinkKey(2)));
        assert_eq!(serving.next(|| 0, |_| true), None);
    }

    #[test]
    fn who_wants_no_more_keeps_nobody_waiting() {
        let mut serving = serving(2);
        serving.round((1..=2).map(candidate).collect(), Role::Seeding, Timestamp(0));
        assert_eq!(serving.next(|| 1, |link| link == LinkKey(2)), Some(LinkKey(2)));
    }

    #[test]
    fn a_slot_that_became_free_is_offered_once_and_there_is_always_one() {
        let mut serving = serving(0);
        assert!(serving.has_room(0) && !serving.has_room(1));
        serving.on_slot_free();
        assert!(serving.take_free() && !serving.take_free());
    }
}
