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

    /// Takes one token.
    ///
    /// # Errors
    /// How long until there is one.
    pub fn take(&mut self, now: Instant) -> Result<(), Duration> {
        let refill = (now - self.at).as_secs_f64() * COMMANDS_PER_SECOND;
        self.tokens = (self.tokens + refill).min(COMMANDS_BURST);
        self.at = now;
        if self.tokens < 1.0 {
            return Err(Duration::from_secs_f64((1.0 - self.tokens) / COMMANDS_PER_SECOND));
        }
        self.tokens -= 1.0;
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
        assert!((0..COMMANDS_BURST as u32).all(|_| rate.take(now).is_ok()));
        let wait = rate.take(now).unwrap_err();
        assert!(rate.take(now + wait + Duration::from_micros(1)).is_ok());
        assert!(rate.take(now + wait + Duration::from_micros(2)).is_err());
    }
}
