//! Whether a member is still there: by the bytes that come, pongs included, or that they take.

use std::time::Duration;

use tokio::time::Instant;

use crate::limits::{CONTROL_DEAD_AFTER, CONTROL_PING_AFTER};
use crate::random;

/// Jitter keeps ten thousand sessions from pinging in the same instant.
const JITTER_MS: usize = 5_000;

/// When a member was last heard of.
#[derive(Debug)]
pub struct Heard {
    progress: u64,
    at: Instant,
    next_look: Instant,
}

impl Heard {
    /// Just now.
    pub fn new(now: Instant) -> Self {
        Self { progress: 0, at: now, next_look: now + CONTROL_PING_AFTER }
    }

    /// When to look, and to ping.
    pub fn next_look(&self) -> Instant {
        self.next_look
    }

    /// So far they have come by now. `false`: no further for too long.
    pub fn look(&mut self, progress: u64, now: Instant) -> bool {
        if progress != self.progress {
            self.progress = progress;
            self.at = now;
        }
        self.next_look = now + CONTROL_PING_AFTER + Duration::from_millis(random::below(JITTER_MS) as u64);
        now - self.at < CONTROL_DEAD_AFTER
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_does_nothing_for_long_is_gone() {
        let start = Instant::now();
        let mut heard = Heard::new(start);
        assert!(heard.look(1, start + CONTROL_DEAD_AFTER));
        assert!(heard.look(1, start + CONTROL_DEAD_AFTER + CONTROL_PING_AFTER));
        assert!(heard.look(2, start + 3 * CONTROL_DEAD_AFTER));
        assert!(!heard.look(2, start + 4 * CONTROL_DEAD_AFTER));
    }
}
