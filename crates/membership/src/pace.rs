//! How fast to talk: the tracker refuses requests of whoever sends more than 400 messages at once or 100 a
//! second for long, by two programs or more. Keeping below means that nothing is refused that only has to wait.

/// Messages at once.
const BURST: u64 = 150;
/// Milliseconds per message for long: 40 a second.
const MESSAGE_MS: u64 = 25;

/// A bucket that fills with time; a message takes `MESSAGE_MS` out of it.
#[derive(Debug)]
pub(crate) struct Pace {
    saved_ms: u64,
    at_ms: u64,
}

impl Pace {
    /// Full: a new connection.
    pub(crate) fn new(now_ms: u64) -> Self {
        Self { saved_ms: BURST * MESSAGE_MS, at_ms: now_ms }
    }

    pub(crate) fn set_now(&mut self, now_ms: u64) {
        let passed_ms = now_ms.saturating_sub(self.at_ms);
        self.saved_ms = self.saved_ms.saturating_add(passed_ms).min(BURST * MESSAGE_MS);
        self.at_ms = now_ms;
    }

    /// Whether a message may go out; takes it into account.
    pub(crate) fn take(&mut self) -> bool {
        let may = self.saved_ms >= MESSAGE_MS;
        if may {
            self.saved_ms -= MESSAGE_MS;
        }
        may
    }

    /// When the next message may go out.
    pub(crate) fn next_at(&self) -> u64 {
        self.at_ms + MESSAGE_MS.saturating_sub(self.saved_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_then_forty_a_second() {
        let mut pace = Pace::new(1_000);
        assert!((0..BURST).all(|_| pace.take()));
        assert!(!pace.take());
        assert_eq!(pace.next_at(), 1_025);
        pace.set_now(1_024);
        assert!(!pace.take());
        pace.set_now(2_000);
        assert_eq!((0..100).filter(|_| pace.take()).count(), 40);
        pace.set_now(1_000_000);
        assert_eq!((0..1_000).filter(|_| pace.take()).count() as u64, BURST);
    }
}
