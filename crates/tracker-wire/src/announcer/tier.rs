//! One tier (BEP 12): its trackers in the order in which they are tried, and when the next announce is due.

use std::time::Duration;

use super::tracker::Tracker;
use super::{AskId, Terms};
use crate::Event;

/// What intervals are brought within: a tracker that names none, or none that makes sense, is not hammered and not
/// forgotten.
const INTERVAL_MIN: Duration = Duration::from_secs(60);
const INTERVAL_MAX: Duration = Duration::from_secs(2 * 60 * 60);
const INTERVAL_DEFAULT: Duration = Duration::from_secs(30 * 60);
/// Where the tracker names no `min interval`.
const EARLY_DEFAULT: Duration = Duration::from_secs(5 * 60);
/// Of an interval, at most, is added, so that peers that came together do not come together again.
const JITTER_PART: u32 = 10;

#[derive(Debug)]
pub(super) struct Tier {
    /// Indices of trackers; the one that answered last is the first.
    pub(super) order: Vec<usize>,
    /// `None`: never again.
    pub(super) due: Option<Duration>,
    /// Before this nobody is asked merely because peers are wanted.
    early: Duration,
    pub(super) asking: Option<Asking>,
}

/// A question that has no answer yet.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asking {
    pub(super) id: AskId,
    pub(super) tracker: usize,
    pub(super) event: Option<Event>,
    pub(super) answer_by: Duration,
}

impl Tier {
    pub(super) fn new(order: Vec<usize>) -> Self {
        Self { order, due: Some(Duration::ZERO), early: Duration::ZERO, asking: None }
    }

    pub(super) fn need_peers(&mut self, now: Duration) {
        let early = self.early.max(now);
        self.due = self.due.map(|due| due.min(early));
    }

    /// Who is asked now. When all have failed, the tier waits for the first that may be tried again.
    pub(super) fn choose(&mut self, now: Duration, trackers: &[Tracker]) -> Option<usize> {
        if self.asking.is_some() || self.due.is_none_or(|due| due > now) {
            return None;
        }
        let may_be_asked = |tracker: &usize| trackers[*tracker].not_before().is_some_and(|at| at <= now);
        let chosen = self.order.iter().copied().find(may_be_asked);
        if chosen.is_none() {
            self.due = self.order.iter().filter_map(|tracker| trackers[*tracker].not_before()).min();
        }
        chosen
    }

    /// The tracker goes to the front (BEP 12), and says when to come again.
    pub(super) fn answered(&mut self, now: Duration, tracker: usize, terms: &Terms, random: &mut fastrand::Rng) {
        if let Some(place) = self.order.iter().position(|other| *other == tracker) {
            self.order[..=place].rotate_right(1);
        }
        let seconds = |seconds: u32| Duration::from_secs(u64::from(seconds));
        let min = terms.min_interval.map_or(Duration::ZERO, seconds);
        let named = terms.interval.map_or(INTERVAL_DEFAULT, seconds);
        let interval = named.max(min).clamp(INTERVAL_MIN, INTERVAL_MAX);
        let early = terms.min_interval.map_or(EARLY_DEFAULT, seconds).clamp(INTERVAL_MIN, interval);
        self.early = now + early;
        self.due = Some(now + interval + (interval / JITTER_PART).mul_f64(random.f64()));
    }

    pub(super) fn wake_at(&self) -> Option<Duration> {
        self.asking.map(|asking| asking.answer_by).or(self.due)
    }
}
