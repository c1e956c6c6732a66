//! Bytes per second, smoothed: integers only, so that 32 and 64 bit machines agree.

/// Counts bytes and, told once a second, knows the rate.
#[derive(Debug, Clone, Copy, Default)]
pub struct Rate {
    total: u64,
    this_second: u64,
    last_second: u64,
    average: u64,
}

impl Rate {
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
    /// that has just grown is believed.
    pub fn per_second(&self) -> u64 {
        self.average.max(self.last_second)
    }

    /// Bytes per second for people: smooth.
    pub fn average(&self) -> u64 {
        self.average
    }
}
