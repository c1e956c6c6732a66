//! The driver's clock: monotonic, from the worker's start.

use std::time::Duration;

use peer_engine::Timestamp;

use super::scope::scope;

/// One reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Now {
    micros: u64,
}

impl Now {
    /// Reads the clock. (Browsers that round it to a millisecond are precise enough.)
    pub(super) fn read() -> Self {
        let ms = scope().performance().map_or_else(js_sys::Date::now, |performance| performance.now());
        Self { micros: (ms * 1000.0) as u64 }
    }

    /// What the calendar's clock says, Unix milliseconds: it goes on while the computer sleeps.
    pub(super) fn wall_ms() -> u64 {
        js_sys::Date::now() as u64
    }

    /// Milliseconds since an earlier reading, with their parts.
    pub(super) fn since_ms(self, earlier: Self) -> f64 {
        self.micros.saturating_sub(earlier.micros) as f64 / 1000.0
    }

    /// Milliseconds, for the conversation.
    pub(super) fn ms(self) -> u64 {
        self.micros / 1000
    }

    /// Since the worker's start.
    pub(super) fn since_start(self) -> Duration {
        Duration::from_micros(self.micros)
    }

    /// For the engine.
    pub(super) fn timestamp(self) -> Timestamp {
        Timestamp(self.micros)
    }
}

/// What time this browser takes it to be, Unix milliseconds. May be hours off, and may go back.
pub(super) fn unix_ms() -> u64 {
    js_sys::Date::now() as u64
}

/// What time it is at the server. Browsers' own clocks are hours off, and tickets are dated by the server's.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct ServerClock {
    /// The server's Unix time at this clock's zero, milliseconds.
    zero_ms: u64,
}

impl ServerClock {
    /// It is `told_ms` now, Unix milliseconds.
    pub(super) fn new(told_ms: u64, now: Now) -> Self {
        Self { zero_ms: told_ms.saturating_sub(now.ms()) }
    }

    /// Unix milliseconds.
    pub(super) fn now_ms(self, now: Now) -> u64 {
        self.zero_ms + now.ms()
    }
}

/// When an engine's timestamp is due, milliseconds, not too early.
pub(super) fn due_ms(timestamp: Timestamp) -> u64 {
    timestamp.0.div_ceil(1000)
}
