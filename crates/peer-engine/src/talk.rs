//! How much a link carries that no request of ours earned.
//!
//! Requests are the only backpressure that a browser has: whatever else a peer sends, it sends unasked. So every
//! byte counts until it turns out to be earned (blocks that were asked for, rejects of our requests, news of a
//! piece, requests that we accept), and what is left is forgiven at the rate of lively talk.

use std::time::Duration;

use peer_wire::{TALK_BYTES_PER_SECOND, UNREQUESTED_BYTES_MAX};

use crate::time::Timestamp;

/// See the module.
#[derive(Debug)]
pub struct Talk {
    /// Bytes.
    unearned: u64,
    max: u64,
    /// Up to when it was forgiven.
    forgiven_at: Timestamp,
}

impl Talk {
    /// For a torrent of so many pieces: two bitfields may come on top.
    pub fn new(pieces: u32, now: Timestamp) -> Self {
        Self { unearned: 0, max: UNREQUESTED_BYTES_MAX + 2 * bitfield_len(pieces), forgiven_at: now }
    }

    /// Bytes came.
    pub fn on_received(&mut self, bytes: usize, now: Timestamp) {
        self.forgive(now);
        self.unearned += bytes as u64;
    }

    /// So many of them were earned.
    pub fn earn(&mut self, bytes: usize) {
        self.unearned = self.unearned.saturating_sub(bytes as u64);
    }

    /// A have-all or have-none: 5 bytes that make as much work as the bitfield that they stand for.
    pub fn on_short_bitfield(&mut self, pieces: u32) {
        self.unearned += bitfield_len(pieces);
    }

    /// The link is to be closed.
    pub fn is_too_much(&self) -> bool {
        self.unearned > self.max
    }

    /// Whole bytes only, so that many short times forgive as much as a long one.
    fn forgive(&mut self, now: Timestamp) {
        let bytes = now.since(self.forgiven_at).as_micros() as u64 * TALK_BYTES_PER_SECOND / 1_000_000;
        if bytes >= self.unearned {
            (self.unearned, self.forgiven_at) = (0, now);
        } else {
            self.unearned -= bytes;
            self.forgiven_at = self.forgiven_at + Duration::from_micros(bytes * 1_000_000 / TALK_BYTES_PER_SECOND);
        }
    }
}

fn bitfield_len(pieces: u32) -> u64 {
    u64::from(pieces.div_ceil(8))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIB: usize = 1024;

    #[test]
    fn what_requests_earn_never_counts() {
        let mut talk = Talk::new(100, Timestamp(0));
        for _ in 0..100_000 {
            talk.on_received(16 * KIB, Timestamp(0));
            talk.earn(16 * KIB);
        }
        assert!(!talk.is_too_much());
    }

    #[test]
    fn a_burst_is_allowed_once_and_a_steady_flood_is_not() {
        let mut talk = Talk::new(100, Timestamp(0));
        talk.on_received(UNREQUESTED_BYTES_MAX as usize, Timestamp(0));
        assert!(!talk.is_too_much());
        talk.on_received(KIB, Timestamp(0));
        assert!(talk.is_too_much());

        let mut talk = Talk::new(100, Timestamp(0));
        let is_over = (1..=60).any(|second| {
            talk.on_received(2 * TALK_BYTES_PER_SECOND as usize, Timestamp(second * 1_000_000));
            talk.is_too_much()
        });
        assert!(is_over, "a minute at twice the rate");
    }

    #[test]
    fn talk_at_the_allowed_rate_goes_on_for_ever_however_finely_it_is_cut() {
        let mut talk = Talk::new(100, Timestamp(0));
        for tenth_ms in 1..=10_000_000_u64 {
            // A byte each 100 µs would be more than 8 KiB/s: every fifth has none.
            let bytes = usize::from(tenth_ms % 5 != 0);
            talk.on_received(bytes, Timestamp(tenth_ms * 100));
        }
        assert!(!talk.is_too_much(), "{talk:?}");
    }

    #[test]
    fn a_torrent_of_many_pieces_allows_its_bitfield_and_a_short_one_counts_as_much() {
        const PIECES: u32 = 1 << 21;
        let mut talk = Talk::new(PIECES, Timestamp(0));
        (0..3).for_each(|_| talk.on_short_bitfield(PIECES));
        assert!(!talk.is_too_much());
        talk.on_short_bitfield(PIECES);
        assert!(talk.is_too_much());
    }
}
