//! When the members come back after a restart.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::limits::{RESTART_AFTER, RESTART_SPREAD_MAX, RETURN_EVERY};

/// The server stops, and its members come back one after the other: few of them soon, many no faster than they can
/// be let in.
#[derive(Debug)]
pub struct Restart {
    /// Cancelled when the server stops.
    pub stop: CancellationToken,
    told: AtomicU32,
}

impl Restart {
    /// Nobody has been told.
    pub fn new(stop: CancellationToken) -> Self {
        Self { stop, told: AtomicU32::new(0) }
    }

    /// How long the next one to leave is to stay away. Whoever is told later than others comes later.
    pub fn next_return(&self) -> Duration {
        let turn = RETURN_EVERY * self.told.fetch_add(1, Ordering::Relaxed);
        let laps = turn.as_nanos() / RESTART_SPREAD_MAX.as_nanos();
        RESTART_AFTER + (turn - RESTART_SPREAD_MAX * laps as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn returns(count: usize) -> Vec<Duration> {
        let restart = Restart::new(CancellationToken::new());
        (0..count).map(|_| restart.next_return()).collect()
    }

    #[test]
    fn few_come_back_soon_and_many_one_after_the_other() {
        assert_eq!(returns(1), [RESTART_AFTER]);
        let returns = returns(2_000);
        assert!(returns.windows(2).all(|pair| pair[1] - pair[0] == RETURN_EVERY));
        assert!(returns[1_999] <= RESTART_AFTER + Duration::from_secs(2));
    }

    #[test]
    fn nobody_waits_longer_than_the_spread_and_so_many_come_evenly() {
        let returns = returns(100_000);
        assert!(returns.iter().all(|after| (RESTART_AFTER..RESTART_AFTER + RESTART_SPREAD_MAX).contains(after)));
        let soon = returns.iter().filter(|after| **after < RESTART_AFTER + RESTART_SPREAD_MAX / 2).count();
        assert_eq!(soon, 50_000);
    }
}
