//! Whether a member is still there: by the bytes that come, pongs included.

use std::time::Duration;

use tokio::time::Instant;

use crate::limits::{CONTROL_DEAD_AFTER, CONTROL_PING_AFTER};
use crate::random;

/// Jitter keeps ten thousand sessions from pinging in the same instant.
const JITTER_MS: usize = 5_000;

/// When a member was last heard of.
#[derive(Debug)]
pub struct Heard {
    bytes: u64,
    at: Instant,
    next_look: Instant,
}

impl Heard {
    /// Just now.
    pub fn new(now: Instant) -> Self {
        Self { bytes: 0, at: now, next_look: now + CONTROL_PING_AFTER }
    }

    /// When to look, and to ping.
    pub fn next_look(&self) -> Instant {
        self.next_look
    }

    /// So many bytes have come by now. `false`: nothing has, for too long.
    pub fn look(&mut self, bytes: u64, now: Instant) -> bool {
        if bytes != self.bytes {
            self.bytes = bytes;
            self.at = now;
        }
        self.next_look = now + CONTROL_PING_AFTER + Duration::from_millis(random::below(JITTER_MS) as u64);
        now - self.at < CONTROL_DEAD_AFTER
    }
}
