//! An upload or download limit: a token bucket that never hands out less than it promised.

use std::time::Duration;

use crate::time::Timestamp;

/// The bucket holds a quarter of a second, and at least two blocks.
const BURST_MIN: u64 = 32 * 1024;

/// A terabyte per second is as good as no limit, and keeps the arithmetic far from its ends.
const RATE_MAX: u64 = 1 << 40;

/// Bytes per second, or no limit.
#[derive(Debug, Clone)]
pub struct RateLimit {
    bytes_per_second: Option<u64>,
    /// What may go out now, bytes. Below zero after a block that was larger than what was left.
    level: i64,
    at: Timestamp,
}

impl RateLimit {
    pub fn new(bytes_per_second: Option<u64>, now: Timestamp) -> Self {
        let mut limit =
            Self { bytes_per_second: bytes_per_second.map(|rate| rate.clamp(1, RATE_MAX)), level: 0, at: now };
        limit.level = limit.burst() as i64;
        limit
    }

    fn burst(&self) -> u64 {
        self.bytes_per_second.map_or(0, |rate| (rate / 4).max(BURST_MIN))
    }

    fn refilled(&self, now: Timestamp) -> i64 {
        let rate = self.bytes_per_second.unwrap_or(0);
        let gained = u128::from(rate) * now.since(self.at).as_micros() / 1_000_000;
        self.level
            .saturating_add(gained.min(u128::from(self.burst()) + 1 + self.level.unsigned_abs() as u128) as i64)
            .min(self.burst() as i64)
    }

    /// Something may go out now.
    pub fn allows(&self, now: Timestamp) -> bool {
        self.bytes_per_second.is_none() || self.refilled(now) > 0
    }

    /// This many bytes go out.
    pub fn take(&mut self, bytes: u64, now: Timestamp) {
        if self.bytes_per_second.is_some() {
            self.level = self.refilled(now) - bytes as i64;
            self.at = now;
        }
    }

    /// When [`RateLimit::allows`] becomes true again; `None` if it is.
    pub fn allows_at(&self, now: Timestamp) -> Option<Timestamp> {
        let rate = self.bytes_per_second?;
        let missing = 1 - self.refilled(now);
        (missing > 0).then(|| now + Duration::from_micros((missing as u64 * 1_000_000).div_ceil(rate)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn over_a_minute_the_limit_is_kept_to_a_burst() {
        let mut limit = RateLimit::new(Some(100_000), Timestamp(0));
        let (mut now, mut sent) = (Timestamp(0), 0);
        while now < Timestamp(60_000_000) {
            if limit.allows(now) {
                limit.take(16_397, now);
                sent += 16_397;
            } else {
                now = limit.allows_at(now).unwrap();
            }
        }
        assert!((6_000_000..6_000_000 + 2 * 16_397 + 32 * 1024).contains(&sent), "{sent}");
    }

    #[test]
    fn without_a_limit_everything_goes() {
        let mut limit = RateLimit::new(None, Timestamp(0));
        limit.take(u64::MAX / 4, Timestamp(0));
        assert!(limit.allows(Timestamp(0)) && limit.allows_at(Timestamp(0)).is_none());
    }
}
