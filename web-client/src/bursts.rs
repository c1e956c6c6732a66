//! When the next file is handed to the browser's downloads: Chromium takes ten in a second from a page, and drops the others
//! without a word.

use std::collections::VecDeque;

/// In [`WINDOW_MS`]; two fewer than the browser takes, which counts by a clock of its own.
const SAVES_MAX: usize = 8;
const WINDOW_MS: f64 = 1_500.0;

/// What was handed over lately.
#[derive(Debug, Default)]
pub struct Bursts {
    /// When, oldest first, milliseconds; some of it is still to come.
    saves: VecDeque<f64>,
}

impl Bursts {
    /// One more: how long it has to wait, milliseconds.
    pub fn next_wait_ms(&mut self, now_ms: f64) -> f64 {
        let earliest = match self.saves.len() {
            full if full >= SAVES_MAX => self.saves.pop_front().map_or(now_ms, |first| first + WINDOW_MS),
            _ => now_ms,
        };
        let at_ms = earliest.max(now_ms);
        self.saves.push_back(at_ms);
        at_ms - now_ms
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_go_at_once_and_of_many_no_more_than_the_browser_takes() {
        let mut bursts = Bursts::default();
        let waits: Vec<f64> = (0..20).map(|_| bursts.next_wait_ms(100.0)).collect();
        assert!(waits[..8].iter().all(|wait| *wait == 0.0), "{waits:?}");
        assert!(waits[8..16].iter().all(|wait| *wait == 1_500.0), "{waits:?}");
        assert!(waits[16..].iter().all(|wait| *wait == 3_000.0), "{waits:?}");
        assert_eq!(bursts.next_wait_ms(60_000.0), 0.0);
    }
}
