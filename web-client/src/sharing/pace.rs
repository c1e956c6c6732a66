//! How fast something goes on.

use std::collections::VecDeque;

/// What is older does not count, milliseconds.
const LATELY_MS: u64 = 3_000;
/// Marks that are kept: one in so many milliseconds.
const MARK_EVERY_MS: u64 = 100;

/// Bytes done, and when.
#[derive(Debug, Clone)]
pub struct Pace {
    done: u64,
    /// The time and what was done by then, oldest first.
    marks: VecDeque<(u64, u64)>,
}

impl Pace {
    /// Nothing is done.
    pub fn new(now_ms: u64) -> Self {
        Self { done: 0, marks: VecDeque::from([(now_ms, 0)]) }
    }

    /// So many bytes more.
    pub fn add(&mut self, bytes: u64, now_ms: u64) {
        self.done += bytes;
        if self.marks.back().is_none_or(|(at_ms, _)| now_ms >= at_ms + MARK_EVERY_MS) {
            self.marks.push_back((now_ms, self.done));
        }
        while self.marks.len() > 2 && self.marks.front().is_some_and(|(at_ms, _)| at_ms + LATELY_MS < now_ms) {
            self.marks.pop_front();
        }
    }

    /// Bytes done.
    pub fn done(&self) -> u64 {
        self.done
    }

    /// Bytes per second, lately.
    pub fn rate(&self, now_ms: u64) -> u64 {
        let Some((since_ms, before)) = self.marks.front() else {
            return 0;
        };
        match now_ms.saturating_sub(*since_ms) {
            0 => 0,
            took_ms => (self.done - before).saturating_mul(1000) / took_ms,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_that_of_the_last_seconds() {
        let mut pace = Pace::new(1000);
        assert_eq!((pace.rate(1000), pace.done()), (0, 0));
        for second in 1..=20 {
            pace.add(10_000, 1000 + second * 1000);
        }
        assert_eq!(pace.rate(21_000), 10_000);
        for second in 21..=30 {
            pace.add(90_000, 1000 + second * 1000);
        }
        assert_eq!((pace.rate(31_000), pace.done()), (90_000, 1_100_000));
        assert!(pace.rate(60_000) < 20_000, "it stands still");
        assert!(pace.marks.len() < 40);
    }
}
