//! How long to wait before the next attempt.

/// Doubling waits with full jitter: many clients that lost the same tracker do not come back at once.
#[derive(Debug, Clone)]
pub(crate) struct Backoff {
    first_ms: u64,
    max_ms: u64,
    failures: u32,
}

impl Backoff {
    /// The first wait is up to `first_ms`, then doubling up to `max_ms`.
    pub(crate) fn new(first_ms: u64, max_ms: u64) -> Self {
        Self { first_ms, max_ms, failures: 0 }
    }

    /// The last attempt was good for a while.
    pub(crate) fn reset(&mut self) {
        self.failures = 0;
    }

    /// The next waits are the longest.
    pub(crate) fn slow_down(&mut self) {
        self.failures = u32::MAX;
    }

    /// The next wait, milliseconds: never less than an eighth of its bound, so that jitter cannot make a
    /// tight loop.
    pub(crate) fn next_ms(&mut self, rng: &mut fastrand::Rng) -> u64 {
        let bound = self.first_ms.saturating_mul(1 << self.failures.min(16)).min(self.max_ms);
        self.failures = self.failures.saturating_add(1);
        rng.u64(bound / 8..=bound)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_bound_and_begin_anew_after_a_reset() {
        let mut rng = fastrand::Rng::with_seed(1);
        let mut backoff = Backoff::new(500, 30_000);
        for bound in [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000] {
            let wait = backoff.next_ms(&mut rng);
            assert!((bound / 8..=bound).contains(&wait), "{wait} of {bound}");
        }
        backoff.reset();
        assert!(backoff.next_ms(&mut rng) <= 500);
    }
}
