//! What time it is at the server.

use std::time::Instant;

/// The server's clock, as its last hello told it. Ours may be wrong by hours, and tickets are dated by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServerClock {
    /// When it was told.
    at: Instant,
    /// Unix milliseconds.
    told_ms: u64,
}

impl ServerClock {
    /// It is `told_ms` now, Unix milliseconds.
    pub fn new(told_ms: u64) -> Self {
        Self { at: Instant::now(), told_ms }
    }

    /// Unix milliseconds.
    pub fn now_ms(&self) -> u64 {
        self.told_ms + self.at.elapsed().as_millis() as u64
    }
}
