//! Whether this tab was asleep: frozen by its browser, or on a computer that slept. Nothing tells of the second, so the
//! clock does: the worker looks at it every few seconds, and whoever looks much later was not there in between.

use crate::words::words;

/// Between two looks, milliseconds.
pub const LOOK_EVERY_MS: u64 = 5_000;
/// As late as no busy worker is, milliseconds.
const LATE_MS: u64 = 15_000;
/// A shorter sleep is not worth a word, milliseconds.
const WORTH_A_WORD_MS: u64 = 30_000;

/// Looks at the calendar's clock, which goes on while the computer sleeps. (One that is set forward looks like a sleep; all
/// that follows is a new connection.)
#[derive(Debug)]
pub struct Watch {
    looked_at_ms: u64,
}

impl Watch {
    /// Awake at this time, Unix milliseconds.
    pub fn new(now_ms: u64) -> Self {
        Self { looked_at_ms: now_ms }
    }

    /// How long it slept since the last look, milliseconds; `None`: it did not.
    pub fn look(&mut self, now_ms: u64) -> Option<u64> {
        let before = std::mem::replace(&mut self.looked_at_ms, now_ms);
        let gap = now_ms.saturating_sub(before);
        (gap >= LOOK_EVERY_MS + LATE_MS).then_some(gap)
    }
}

/// What the person is told; `None`: nothing.
pub fn woken_line(slept_ms: u64) -> Option<String> {
    let (seconds, minutes) = (slept_ms / 1000, (slept_ms + 30_000) / 60_000);
    let long = match minutes {
        0 | 1 => format!("{seconds} s"),
        2..120 => format!("{minutes} min"),
        _ => words().sleep_hours(minutes / 60).to_string(),
    };
    (slept_ms >= WORTH_A_WORD_MS).then(|| words().sleep_woken(long).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_looks_on_time_or_a_little_late_was_awake() {
        let mut watch = Watch::new(1_000);
        assert_eq!(watch.look(1_000 + LOOK_EVERY_MS), None);
        assert_eq!(watch.look(1_000 + 2 * LOOK_EVERY_MS + LATE_MS - 1), None);
        // A clock that is set back is no sleep.
        assert_eq!(watch.look(500), None);
    }

    #[test]
    fn a_sleep_is_told_once() {
        let mut watch = Watch::new(0);
        assert_eq!(watch.look(240_000), Some(240_000));
        assert_eq!(watch.look(240_001), None);
    }

    #[test]
    fn a_sleep_is_said_in_the_unit_that_fits() {
        let said = |ms| woken_line(ms).map(|line| line.split(": ").next().unwrap_or_default().to_owned());
        assert_eq!(said(29_999), None);
        assert_eq!(said(45_000).as_deref(), Some("This tab was asleep for 45 s"));
        assert_eq!(said(240_000).as_deref(), Some("This tab was asleep for 4 min"));
        assert_eq!(said(3 * 3_600_000).as_deref(), Some("This tab was asleep for 3 hours"));
        let german = crate::words::in_german(|| woken_line(3 * 3_600_000));
        assert!(german.is_some_and(|line| line.starts_with("Dieser Tab hat 3 Stunden geschlafen: ")));
    }
}
