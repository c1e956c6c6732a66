//! A session in no group, which waits for no answer either, holds a place that others could have.

use std::time::Duration;

use tokio::time::Instant;

/// When to look whether a session is in a group.
#[derive(Debug)]
pub struct Groupless {
    every: Duration,
    next_look: Instant,
}

impl Groupless {
    /// In none for now, and may be so until `every` has passed.
    pub fn new(every: Duration, now: Instant) -> Self {
        Self { every, next_look: now + every }
    }

    /// When to look.
    pub fn next_look(&self) -> Instant {
        self.next_look
    }

    /// It is in a group, or waits to be.
    pub fn put_off(&mut self, now: Instant) {
        self.next_look = now + self.every;
    }
}
