//! One tracker: whether it may be asked, and what it has been told.

use std::time::Duration;

use crate::{Event, RetryIn};

/// After the first failure; doubles with each.
const BACKOFF_MIN: Duration = Duration::from_secs(15);
const BACKOFF_MAX: Duration = Duration::from_secs(30 * 60);

#[derive(Debug)]
pub(super) struct Tracker {
    pub(super) url: String,
    /// What it asked to be told with every announce.
    pub(super) tracker_id: Option<Vec<u8>>,
    /// It may have us on its list.
    pub(super) knows_us: bool,
    has_started: bool,
    has_completed: bool,
    failures: u32,
    /// Not asked before; `None`: not at all.
    not_before: Option<Duration>,
}

impl Tracker {
    pub(super) fn new(url: String) -> Self {
        Self {
            url,
            tracker_id: None,
            knows_us: false,
            has_started: false,
            has_completed: false,
            failures: 0,
            not_before: Some(Duration::ZERO),
        }
    }

    /// What is to be told first. `started` comes before `completed` here too: a tracker counts the second of who it
    /// has on its list only.
    pub(super) fn next_event(&self, is_completed: bool) -> Option<Event> {
        match (self.has_started, is_completed && !self.has_completed) {
            (false, _) => Some(Event::Started),
            (true, true) => Some(Event::Completed),
            (true, false) => None,
        }
    }

    pub(super) fn answered(&mut self, event: Option<Event>, tracker_id: Option<Vec<u8>>) {
        (self.failures, self.not_before) = (0, Some(Duration::ZERO));
        self.knows_us = true;
        self.has_started |= event == Some(Event::Started);
        self.has_completed |= event == Some(Event::Completed);
        if tracker_id.is_some() {
            self.tracker_id = tracker_id;
        }
    }

    pub(super) fn failed(&mut self, now: Duration, retry: Option<RetryIn>) {
        let backoff = BACKOFF_MAX.min(BACKOFF_MIN * (1 << self.failures.min(10)));
        self.failures = self.failures.saturating_add(1);
        self.not_before = match retry {
            Some(RetryIn::Never) => None,
            Some(RetryIn::Minutes(minutes)) => Some(now + backoff_at_least(minutes)),
            None => Some(now + backoff),
        };
    }

    pub(super) fn not_before(&self) -> Option<Duration> {
        self.not_before
    }
}

fn backoff_at_least(minutes: u32) -> Duration {
    BACKOFF_MIN.max(Duration::from_secs(60 * u64::from(minutes)))
}
