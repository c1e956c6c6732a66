//! Bytes per second, smoothed: integers only, so that 32 and 64 bit machines agree.

use std::time::Duration;

use crate::time::Timestamp;

/// Shorter times say nothing of a rate.
const RATE_TIME_MIN: Duration = Duration::from_millis(20);

/// Counts bytes and, told once a second, knows the rate.
#[derive(Debug, Clone, Copy, Default)]
pub struct Rate {
    total: u64,
    this_second: u64,
    last_second: u64,
    average: u64,
    /// When the first byte was asked for.
    begun_at: Option<Timestamp>,
}

impl Rate {
    /// Bytes are expected from now on. Counts only when none came for so long that the rate is forgotten.
    pub fn begin(&mut self, now: Timestamp) {
        if self.average == 0 && self.last_second == 0 && self.this_second == 0 {
            self.begun_at = Some(now);
        }
    }

    /// Bytes moved.
    pub fn add(&mut self, bytes: u64) {
        self.total += bytes;
        self.this_second += bytes;
    }

    /// A second has passed. Five-second moving average, as libtorrent's `stat.cpp`.
    pub fn on_second(&mut self) {
        self.average = self.average * 4 / 5 + self.this_second / 5;
        self.last_second = std::mem::take(&mut self.this_second);
    }

    /// Bytes in all.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// Bytes in the last whole second.
    pub fn last_second(&self) -> u64 {
        self.last_second
    }

    /// Bytes per second: the average, or the last second where that was better, so that a rate
    /// that has just grown is believed. In the first second after a pause what came so far by the time it took.
    pub fn per_second(&self, now: Timestamp) -> u64 {
        let known = self.average.max(self.last_second);
        match self.begun_at {
            Some(begun_at) if known == 0 && self.this_second > 0 => {
                self.this_second * 1_000_000 / now.since(begun_at).max(RATE_TIME_MIN).as_micros() as u64
            }
            _ => known,
        }
    }

    /// Bytes per second for people: smooth.
    pub fn average(&self) -> u64 {
        self.average
    }
}
