//! Pieces of which a peer rejected a block while it served us.
//!
//! A peer that lacks a piece says so like this, and is not to be asked for it again. But Transmission rejects all that
//! waits right *before* it chokes, and whoever has too much to do rejects what it has. So what was rejected counts as
//! lacking for a while only, and for a longer one as long as nothing but rejects comes.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::time::Timestamp;

/// After the last reject.
const WAIT_MIN: Duration = Duration::from_secs(10);
const WAIT_MAX: Duration = Duration::from_secs(640);

/// See the module.
#[derive(Debug)]
pub struct Declined {
    pieces: BTreeSet<u32>,
    until: Timestamp,
    wait: Duration,
}

impl Default for Declined {
    fn default() -> Self {
        Self { pieces: BTreeSet::new(), until: Timestamp(0), wait: WAIT_MIN }
    }
}

impl Declined {
    /// A block of this piece was rejected.
    pub fn on_reject(&mut self, piece: u32, now: Timestamp) {
        self.pieces.insert(piece);
        self.until = now + self.wait;
    }

    /// A block came.
    pub fn on_block(&mut self) {
        self.wait = WAIT_MIN;
    }

    /// The peer said whether it has this piece.
    pub fn forget(&mut self, piece: u32) {
        self.pieces.remove(&piece);
    }

    /// The peer chokes, which is why it rejected: it has these pieces.
    pub fn on_choke(&mut self) -> BTreeSet<u32> {
        std::mem::take(&mut self.pieces)
    }

    /// Pieces that it may be asked for again.
    pub fn take_due(&mut self, now: Timestamp) -> BTreeSet<u32> {
        if self.pieces.is_empty() || now < self.until {
            return BTreeSet::new();
        }
        self.wait = (self.wait * 2).min(WAIT_MAX);
        std::mem::take(&mut self.pieces)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: u64) -> Timestamp {
        Timestamp(second * 1_000_000)
    }

    #[test]
    fn what_is_rejected_again_and_again_is_asked_for_ever_less() {
        let mut declined = Declined::default();
        let mut asked_at = Vec::new();
        declined.on_reject(7, at(0));
        for second in 0..3_600 {
            if !declined.take_due(at(second)).is_empty() {
                asked_at.push(second);
                declined.on_reject(7, at(second));
            }
        }
        assert_eq!(asked_at, [10, 30, 70, 150, 310, 630, 1_270, 1_910, 2_550, 3_190]);
        declined.on_block();
        declined.on_reject(7, at(4_000));
        assert_eq!(declined.take_due(at(4_010)), [7].into());
    }
}
