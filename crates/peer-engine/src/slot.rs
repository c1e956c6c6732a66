//! What one peer gets of us.
//!
//! ```text
//!   choked ──a round──► served ──loses its slot──► leaving ──end of the piece──► choked
//!      │                  ▲                          (at the latest after 30 s)    ▲
//!      └──unused slot──► on trial ──asks for nothing within 1 s────────────────────┘
//!                (a request ends the trial: served)
//! ```
//! A peer in the middle of a piece gets the rest of it: half a piece is of no use to anybody.

use std::time::Duration;

use crate::time::Timestamp;

/// A served peer that asks for nothing for this long does not use its slot.
const IDLE_AFTER: Duration = Duration::from_secs(1);
/// A peer that loses its slot gets the rest of a piece within this time.
const LEAVE_WITHIN: Duration = Duration::from_secs(30);

/// See the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    /// Its requests are rejected.
    Choked,
    /// It has a slot.
    Served,
    /// It has lost its slot and gets the rest of a piece.
    Leaving {
        /// The piece has until then.
        until: Timestamp,
    },
    /// It has a slot that others did not use, until it shows that it does.
    OnTrial,
}

/// A peer's service, and what it made of it.
#[derive(Debug)]
pub struct Slot {
    service: Service,
    /// When it was last choked or unchoked.
    since: Timestamp,
    /// When that went out; `None` while it waits for others' blocks.
    told_at: Option<Timestamp>,
    /// The piece that the last block sent to it belongs to, until its end was sent.
    sending: Option<u32>,
    /// When it last asked for a block.
    asked_at: Timestamp,
    /// It left its last slot unused when we had verified so many pieces: it wants nothing until there are more.
    wanted_nothing_of: Option<usize>,
}

impl Slot {
    pub fn new(now: Timestamp) -> Self {
        Self {
            service: Service::Choked,
            since: now,
            told_at: None,
            sending: None,
            asked_at: now,
            wanted_nothing_of: None,
        }
    }

    pub fn is_choked(&self) -> bool {
        self.service == Service::Choked
    }

    pub fn is_leaving(&self) -> bool {
        matches!(self.service, Service::Leaving { .. })
    }

    /// When it was last choked or unchoked.
    pub fn since(&self) -> Timestamp {
        self.since
    }

    /// It has asked for something lately, or has just got its slot.
    pub fn is_used(&self, now: Timestamp) -> bool {
        now.since(self.asked_at.max(self.since)) < IDLE_AFTER
    }

    /// What we have may be of use to it: it used its last slot, or we have verified more since.
    pub fn wants_more(&self, verified: usize) -> bool {
        self.wanted_nothing_of != Some(verified)
    }

    // ------------------------------------------------------------ what we decide

    pub fn unchoke(&mut self, now: Timestamp) {
        self.change(Service::Served, now);
    }

    /// It was unchoked because others do not use their slots.
    pub fn lend(&mut self) {
        if self.service == Service::Served {
            self.service = Service::OnTrial;
        }
    }

    /// A round chose it: it stays.
    pub fn keep(&mut self) {
        if !self.is_choked() {
            self.service = Service::Served;
        }
    }

    /// A round did not choose it. `true`: choke it now; else it leaves when its piece is complete.
    pub fn lose(&mut self, now: Timestamp) -> bool {
        match self.service {
            Service::Choked => false,
            _ if self.sending.is_none() => true,
            Service::Leaving { .. } => false,
            Service::Served | Service::OnTrial => {
                self.service = Service::Leaving { until: now + LEAVE_WITHIN };
                false
            }
        }
    }

    /// It had time enough to leave, or to use its trial.
    pub fn is_overdue(&self, now: Timestamp) -> bool {
        match self.service {
            Service::Leaving { until } => now >= until,
            Service::OnTrial => self.told_at.is_some_and(|at| now.since(at) >= IDLE_AFTER),
            Service::Choked | Service::Served => false,
        }
    }

    /// `verified`: so many pieces we have verified so far.
    pub fn choke(&mut self, verified: usize, now: Timestamp) {
        if self.told_at.is_some() && self.asked_at < self.since {
            self.wanted_nothing_of = Some(verified);
        }
        self.change(Service::Choked, now);
    }

    fn change(&mut self, service: Service, now: Timestamp) {
        (self.service, self.since, self.told_at, self.sending) = (service, now, None, None);
    }

    // ------------------------------------------------------------ what happens

    /// Everything that was said to it went out.
    pub fn on_told(&mut self, now: Timestamp) {
        self.told_at.get_or_insert(now);
    }

    /// It says that it is interested.
    pub fn on_interested(&mut self) {
        self.wanted_nothing_of = None;
    }

    /// It is leaving, and this piece is not the one whose rest it gets.
    pub fn is_done_with(&self, piece: u32) -> bool {
        self.is_leaving() && self.sending != Some(piece)
    }

    /// A request of it was accepted.
    pub fn on_request(&mut self, now: Timestamp) {
        self.asked_at = now;
        self.wanted_nothing_of = None;
        if self.service == Service::OnTrial {
            self.service = Service::Served;
        }
    }

    /// A block went to it; `goes_on`: another one of the same piece may follow. `true`: choke it now.
    pub fn on_sent(&mut self, piece: u32, goes_on: bool) -> bool {
        self.sending = goes_on.then_some(piece);
        !goes_on && self.is_leaving()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: u64) -> Timestamp {
        Timestamp(second * 1_000_000)
    }

    fn served() -> Slot {
        let mut slot = Slot::new(at(0));
        slot.unchoke(at(1));
        slot.on_told(at(1));
        slot
    }

    #[test]
    fn who_loses_its_slot_between_two_pieces_is_choked_at_once() {
        let mut slot = served();
        slot.on_request(at(1));
        assert!(!slot.on_sent(7, false));
        assert!(slot.lose(at(2)));
        assert!(!Slot::new(at(0)).lose(at(2)), "nobody is choked twice");
    }

    #[test]
    fn who_loses_its_slot_in_the_middle_of_a_piece_gets_the_rest_and_no_other() {
        let mut slot = served();
        slot.on_request(at(1));
        slot.on_sent(7, true);
        assert!(!slot.lose(at(2)) && slot.is_leaving());
        assert!(!slot.lose(at(12)), "a second round changes nothing");
        assert!(slot.is_done_with(8) && !slot.is_done_with(7));
        assert!(!slot.is_overdue(at(31)) && slot.is_overdue(at(32)));
        assert!(slot.on_sent(7, false), "its end is out");
    }

    #[test]
    fn a_round_that_chooses_who_was_leaving_lets_it_stay() {
        let mut slot = served();
        slot.on_sent(7, true);
        slot.lose(at(2));
        slot.keep();
        assert!(!slot.is_leaving() && !slot.is_overdue(at(100)));
        assert!(!slot.on_sent(7, false));
    }

    #[test]
    fn a_trial_lasts_a_second_from_when_the_peer_knows_of_it_and_ends_with_a_request() {
        let mut slot = Slot::new(at(0));
        slot.unchoke(at(1));
        slot.lend();
        assert!(!slot.is_overdue(at(9)), "it waits for others' blocks");
        slot.on_told(at(9));
        assert!(!slot.is_overdue(Timestamp(9_999_999)) && slot.is_overdue(at(10)));
        slot.on_request(at(10));
        assert!(!slot.is_overdue(at(100)));
    }

    #[test]
    fn who_left_its_slot_unused_wants_nothing_until_there_is_more() {
        let mut slot = served();
        slot.choke(5, at(3));
        assert!(!slot.wants_more(5) && slot.wants_more(6));
        slot.on_interested();
        assert!(slot.wants_more(5));
        let mut slot = served();
        slot.on_request(at(1));
        slot.choke(5, at(3));
        assert!(slot.wants_more(5), "it used it");
    }
}
