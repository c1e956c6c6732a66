//! How fast a session may talk: a token bucket.

use std::time::Duration;

use tokio::time::Instant;

use crate::limits::{COMMANDS_BURST, COMMANDS_PER_SECOND};

/// How fast a session may talk.
#[derive(Debug)]
pub struct CommandRate {
    tokens: f64,
    at: Instant,
}

impl CommandRate {
    /// A full bucket.
    pub fn new(now: Instant) -> Self {
        Self { tokens: COMMANDS_BURST, at: now }
    }

    /// Takes `cost` tokens: 1 for most messages.
    ///
    /// # Errors
    /// How long until there are so many.
    pub fn take(&mut self, now: Instant, cost: f64) -> Result<(), Duration> {
        let refill = (now - self.at).as_secs_f64() * COMMANDS_PER_SECOND;
        self.tokens = (self.tokens + refill).min(COMMANDS_BURST);
        self.at = now;
        if self.tokens < cost {
            return Err(Duration::from_secs_f64((cost - self.tokens) / COMMANDS_PER_SECOND));
        }
        self.tokens -= cost;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_and_then_the_rate_holds() {
        let now = Instant::now();
        let mut rate = CommandRate::new(now);
        assert!((0..COMMANDS_BURST as u32).all(|_| rate.take(now, 1.0).is_ok()));
        let wait = rate.take(now, 1.0).unwrap_err();
        assert!(rate.take(now + wait + Duration::from_micros(1), 1.0).is_ok());
        assert!(rate.take(now + wait + Duration::from_micros(2), 1.0).is_err());
        let refilled = now + Duration::from_secs(3600);
        assert!(rate.take(refilled, COMMANDS_BURST / 2.0).is_ok() && rate.take(refilled, COMMANDS_BURST / 2.0).is_ok());
        assert!(rate.take(refilled, 1.0).is_err());
    }
}
