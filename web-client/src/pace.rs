//! When a link sends: a WebSocket message costs the worker, the browser's network process and the relay the same whatever is in
//! it, so requests and news of a few milliseconds go together.

/// Between two turns of a link, milliseconds. What is asked for lasts a second, so nobody waits for it. A socket that is full is
/// looked at again after this, too: sending has no event.
const TURN_MS: u64 = 5;

/// One link's.
#[derive(Debug, Clone, Copy, Default)]
pub struct Pace {
    /// There is something to send, or more than the socket took.
    is_wanted: bool,
    sent_at_ms: Option<u64>,
}

impl Pace {
    /// There is something to send.
    pub fn on_wanted(&mut self) {
        self.is_wanted = true;
    }

    /// It has its turn.
    pub fn on_sent(&mut self, now_ms: u64) {
        self.sent_at_ms = Some(now_ms);
    }

    /// Everything was sent.
    pub fn on_nothing_left(&mut self) {
        self.is_wanted = false;
    }

    /// Whether it is its turn.
    pub fn is_due(&self, now_ms: u64) -> bool {
        self.due_ms().is_some_and(|due| due <= now_ms)
    }

    /// When it is its turn; `None`: it has nothing to send.
    pub fn due_ms(&self) -> Option<u64> {
        self.is_wanted.then(|| self.sent_at_ms.map_or(0, |sent| sent + TURN_MS))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_goes_at_once_and_what_follows_goes_together() {
        let mut pace = Pace::default();
        assert!(!pace.is_due(0), "there is nothing");
        pace.on_wanted();
        assert!(pace.is_due(0));
        pace.on_sent(1);
        pace.on_nothing_left();
        assert_eq!(pace.due_ms(), None);
        for _ in 0..3 {
            pace.on_wanted();
            assert!(!pace.is_due(1));
        }
        assert_eq!(pace.due_ms(), Some(1 + TURN_MS));
    }

    #[test]
    fn what_the_socket_did_not_take_is_due_again() {
        let mut pace = Pace::default();
        pace.on_wanted();
        pace.on_sent(10);
        assert!(!pace.is_due(10) && pace.is_due(10 + TURN_MS));
    }
}
