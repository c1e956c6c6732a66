//! What may be asked for, held and sent: bytes requested, bytes not yet stored, and the rate limits.
//!
//! ```text
//!   asked for ──block comes──► in a begun piece ──complete──► being verified ──stored──► gone from here
//!   └─ requested_max ─┘       └──────────────── unverified_max ────────────────┘
//! ```
//! A piece that is begun is completed whatever the second limit says: otherwise many pieces could fill it and
//! none could be verified. Whoever was held back by a limit goes on when a quarter of it is free again.

use peer_wire::BLOCK_LEN_MAX;

use crate::config::{Config, RateLimits};
use crate::rate_limit::RateLimit;
use crate::time::Timestamp;

/// What the pieces that are begun hold, bytes.
#[derive(Debug, Clone, Copy, Default)]
pub struct Begun {
    /// Blocks that are here.
    pub partial: u64,
    /// All that they will hold.
    pub whole: u64,
}

/// Counts the bytes of the three stages above, and says when a limit holds something back.
#[derive(Debug)]
pub struct Budget {
    requested_max: u64,
    unverified_max: u64,
    /// Asked for and not here, over all links.
    requested: u64,
    /// In complete pieces that are being hashed or stored.
    verifying: u64,
    /// A limit held requests back; they resume when it has room.
    held_back: bool,
    /// The machine cannot store: nothing more is requested.
    halted: bool,
    up: RateLimit,
    down: RateLimit,
    /// When a rate limit gives way to links that wait for it.
    gives_at: Option<Timestamp>,
}

impl Budget {
    pub fn new(config: &Config, now: Timestamp) -> Self {
        Self {
            requested_max: config.requested_bytes_max,
            unverified_max: config.unverified_bytes_max,
            requested: 0,
            verifying: 0,
            held_back: false,
            halted: false,
            up: RateLimit::new(config.limits.up, now),
            down: RateLimit::new(config.limits.down, now),
            gives_at: None,
        }
    }

    pub fn set_limits(&mut self, limits: RateLimits, now: Timestamp) {
        self.up = RateLimit::new(limits.up, now);
        self.down = RateLimit::new(limits.down, now);
    }

    // ------------------------------------------------------------ asking

    /// There is room for another request.
    pub fn may_request(&self, now: Timestamp) -> bool {
        let with_one_more = self.requested + u64::from(BLOCK_LEN_MAX);
        let has_room = self.requested == 0 || with_one_more <= self.requested_max;
        !self.halted && self.down.allows(now) && has_room
    }

    /// There is room for another piece.
    pub fn may_begin(&self, begun: Begun) -> bool {
        self.unverified(begun) < self.unverified_max && self.whole(begun) < self.whole_max()
    }

    /// A request of `len` bytes goes out, which puts `more` bytes in flight than before.
    pub fn on_requested(&mut self, len: u32, more: u64, now: Timestamp) {
        self.requested += more;
        self.down.take(u64::from(len), now);
    }

    /// So many bytes are not asked for any more: they came, or will not.
    pub fn on_settled(&mut self, bytes: u32) {
        self.requested -= u64::from(bytes);
    }

    /// Asked for and not here, bytes.
    pub fn requested(&self) -> u64 {
        self.requested
    }

    // ------------------------------------------------------------ holding

    /// A piece of so many bytes is complete and is being verified.
    pub fn on_complete(&mut self, bytes: u32) {
        self.verifying += u64::from(bytes);
    }

    /// It is stored, or was wrong.
    pub fn on_verified(&mut self, bytes: u32) {
        self.verifying -= u64::from(bytes);
    }

    /// Here and not yet stored, bytes.
    pub fn unverified(&self, begun: Begun) -> u64 {
        begun.partial + self.verifying
    }

    /// Nothing is asked for and nothing is being verified.
    pub fn is_idle(&self) -> bool {
        self.requested == 0 && self.verifying == 0
    }

    /// All that begun pieces will hold, bytes.
    fn whole(&self, begun: Begun) -> u64 {
        begun.whole + self.verifying
    }

    fn whole_max(&self) -> u64 {
        self.requested_max.saturating_add(self.unverified_max)
    }

    // ------------------------------------------------------------ holding back

    /// The machine failed: requesting more would only lose more.
    pub fn halt(&mut self) {
        self.halted = true;
    }

    /// Somebody could be asked and must wait.
    pub fn hold_back(&mut self) {
        self.held_back = true;
    }

    /// Whoever was held back goes on, said once: a quarter of every limit is free.
    pub fn take_resumed(&mut self, begun: Begun) -> bool {
        let is_low = |bytes: u64, max: u64| bytes <= max / 4 * 3;
        let resumes = self.held_back
            && is_low(self.requested, self.requested_max)
            && is_low(self.unverified(begun), self.unverified_max)
            && is_low(self.whole(begun), self.whole_max());
        self.held_back &= !resumes;
        resumes
    }

    // ------------------------------------------------------------ rates

    /// The upload limit lets a block go.
    pub fn may_send(&self, now: Timestamp) -> bool {
        self.up.allows(now)
    }

    /// So many bytes go out.
    pub fn on_sent(&mut self, bytes: u64, now: Timestamp) {
        self.up.take(bytes, now);
    }

    /// A link waits for a rate limit: see [`Budget::poll_timeout`].
    pub fn await_rate(&mut self, now: Timestamp) {
        let waits = [self.up.allows_at(now), self.down.allows_at(now)];
        self.gives_at = waits.into_iter().chain([self.gives_at]).flatten().min();
    }

    /// A rate limit gave way.
    pub fn take_given_way(&mut self, now: Timestamp) -> bool {
        self.gives_at.take_if(|at| now >= *at).is_some()
    }

    /// When a rate limit gives way to those who wait.
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        self.gives_at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BLOCK: u32 = BLOCK_LEN_MAX;
    const NOW: Timestamp = Timestamp(0);

    fn budget(requested_blocks: u32, unverified_blocks: u32) -> Budget {
        let mut config = Config::new("test");
        config.requested_bytes_max = u64::from(requested_blocks * BLOCK);
        config.unverified_bytes_max = u64::from(unverified_blocks * BLOCK);
        Budget::new(&config, NOW)
    }

    fn request(budget: &mut Budget) {
        budget.on_requested(BLOCK, u64::from(BLOCK), NOW);
    }

    fn begun(partial_blocks: u32, whole_blocks: u32) -> Begun {
        Begun { partial: u64::from(partial_blocks * BLOCK), whole: u64::from(whole_blocks * BLOCK) }
    }

    #[test]
    fn no_more_is_asked_for_than_the_limit_but_one_block_always() {
        let mut budget = budget(2, 100);
        (0..2).for_each(|_| request(&mut budget));
        assert!(!budget.may_request(NOW));
        budget.on_settled(BLOCK);
        assert!(budget.may_request(NOW));
        assert!(self::budget(0, 100).may_request(NOW), "whatever the limit");
    }

    #[test]
    fn no_piece_is_begun_above_what_may_be_held_or_would_be() {
        let mut budget = budget(4, 8);
        assert!(budget.may_begin(begun(7, 7)));
        assert!(!budget.may_begin(begun(8, 8)));
        assert!(!budget.may_begin(begun(0, 12)), "pieces that are begun are completed");
        budget.on_complete(8 * BLOCK);
        assert!(!budget.may_begin(begun(0, 0)), "what is being verified counts");
        budget.on_verified(8 * BLOCK);
        assert!(budget.may_begin(begun(0, 0)));
    }

    #[test]
    fn who_was_held_back_goes_on_when_a_quarter_is_free_and_hears_it_once() {
        let mut budget = budget(4, 100);
        (0..4).for_each(|_| request(&mut budget));
        assert!(!budget.take_resumed(begun(0, 0)), "nobody waits");
        budget.hold_back();
        assert!(!budget.take_resumed(begun(0, 0)));
        budget.on_settled(BLOCK);
        assert!(budget.take_resumed(begun(0, 0)));
        assert!(!budget.take_resumed(begun(0, 0)));
    }

    #[test]
    fn a_machine_that_failed_is_not_asked_for_more() {
        let mut budget = budget(4, 4);
        budget.halt();
        assert!(!budget.may_request(NOW));
    }

    #[test]
    fn who_waits_for_a_rate_is_called_when_it_gives_way() {
        let mut budget = budget(100, 100);
        budget.set_limits(RateLimits { up: Some(16_384), down: None }, NOW);
        assert!(budget.may_send(NOW));
        budget.on_sent(3 * u64::from(BLOCK), NOW);
        assert!(!budget.may_send(NOW));
        budget.await_rate(NOW);
        let at = budget.poll_timeout().expect("it gives way some time");
        assert!(!budget.take_given_way(NOW));
        assert!(budget.take_given_way(at) && budget.may_send(at));
        assert_eq!(budget.poll_timeout(), None);
    }
}
