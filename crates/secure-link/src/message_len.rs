//! How much goes into one message. Its first byte is here only with its last one: a browser hands out whole messages, and a piece that waits
//! behind half a second of others is late for whoever plays it. Short ones cost a fast link most of its rate.

use std::time::Duration;

/// Of what a link carries in a second: a message takes an eighth of one.
const PARTS_OF_A_SECOND: usize = 8;
/// A block with what is around it.
const LEN_MIN: usize = 17 * 1024;
const SECOND: Duration = Duration::from_secs(1);

/// One direction of a link. The time is that since any moment.
#[derive(Debug, Clone, Copy)]
pub struct MessageLen {
    max: usize,
    /// When the second began that is counted now.
    since: Duration,
    this_second: usize,
    last_second: usize,
}

impl MessageLen {
    /// However fast the link, at most `max` plain bytes.
    pub fn new(max: usize) -> Self {
        Self { max, since: Duration::ZERO, this_second: 0, last_second: 0 }
    }

    /// Plain bytes of the next message, at most.
    pub fn limit(&self) -> usize {
        (self.this_second.max(self.last_second) / PARTS_OF_A_SECOND).max(LEN_MIN).min(self.max)
    }

    /// So many are sent.
    pub fn on_sent(&mut self, len: usize, now: Duration) {
        let passed = now.saturating_sub(self.since);
        if passed >= SECOND {
            self.last_second = if passed < 2 * SECOND { self.this_second } else { 0 };
            (self.this_second, self.since) = (0, now);
        }
        self.this_second += len;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAX: usize = 240 * 1024;

    /// The limit after some seconds of sending as much as it allows, `bytes_per_second` at most.
    fn limit_at(bytes_per_second: usize) -> usize {
        let mut message = MessageLen::new(MAX);
        let (mut now, mut left) = (Duration::ZERO, 0);
        for _ in 0..500 {
            now += Duration::from_millis(10);
            left += bytes_per_second / 100;
            while left >= LEN_MIN {
                let len = message.limit().min(left);
                message.on_sent(len, now);
                left -= len;
            }
        }
        message.limit()
    }

    #[test]
    fn a_message_takes_an_eighth_of_a_second_and_one_of_a_fast_link_is_as_long_as_may_be() {
        assert_eq!(limit_at(50_000), LEN_MIN, "a block at least");
        let limit = limit_at(800_000);
        assert!((80_000..=120_000).contains(&limit), "{limit}");
        assert_eq!(limit_at(50_000_000), MAX);
    }

    #[test]
    fn a_link_that_was_quiet_begins_with_short_ones() {
        let mut message = MessageLen::new(MAX);
        assert_eq!(message.limit(), LEN_MIN);
        message.on_sent(4_000_000, Duration::from_millis(500));
        assert_eq!(message.limit(), MAX);
        message.on_sent(1, Duration::from_secs(9));
        assert_eq!(message.limit(), LEN_MIN);
    }
}
