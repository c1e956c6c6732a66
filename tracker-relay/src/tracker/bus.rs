//! The event log is the bus. After a commit the writer only says "group G moved"; the publisher then reads
//! from the log what the group's followers have not been sent, and sends it. What others hear is what is on
//! disk, in its order, whoever wrote it.
//!
//! What moved is conflated: one span per group, however many changes wait. So are [notices](super::notices).

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tracing::error;
use wire_protocol::ids::GroupId;

use super::hub::Hub;
use super::notices::Notice;
use crate::limits::RESUME_EVENTS_MAX;
use crate::metrics::Metrics;
use crate::store::{Store, events};

/// After a read that failed, the pause before the next try.
const RETRY_PAUSE: Duration = Duration::from_millis(200);

/// Events of one group, by number; both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The oldest.
    pub first: u64,
    /// The newest.
    pub last: u64,
}

impl Span {
    /// Covers both, and what is between them.
    fn join(self, other: Self) -> Self {
        Self { first: self.first.min(other.first), last: self.last.max(other.last) }
    }
}

/// Which groups have moved and are not published yet.
#[derive(Debug, Default)]
pub struct Bus {
    moves: Mutex<Moves>,
    /// There is something to publish.
    moved: Notify,
    /// Something was published.
    settled: Notify,
}

#[derive(Debug, Default)]
struct Moves {
    /// In the order in which they first moved.
    order: VecDeque<GroupId>,
    spans: HashMap<GroupId, Span>,
    /// Being published now.
    current: Option<(GroupId, Span)>,
    notices: BTreeSet<Notice>,
}

/// What the publisher does next.
#[derive(Debug, PartialEq, Eq)]
enum Next {
    Tell(Notice),
    Publish(GroupId, Span),
}

impl Moves {
    fn add(&mut self, group: GroupId, span: Span) {
        match self.spans.get_mut(&group) {
            Some(waiting) => *waiting = waiting.join(span),
            None => {
                self.spans.insert(group, span);
                self.order.push_back(group);
            }
        }
    }

    fn is_settled(&self, group: GroupId, seq: u64) -> bool {
        let waits = |span: &Span| span.first <= seq;
        let is_current = self.current.as_ref().is_some_and(|(current, span)| *current == group && waits(span));
        !is_current && !self.spans.get(&group).is_some_and(waits)
    }
}

impl Bus {
    /// Events `span` of a group are on disk.
    pub fn moved(&self, group: GroupId, span: Span) {
        self.lock().add(group, span);
        self.moved.notify_one();
    }

    /// What some have to be told is on disk.
    pub fn notify(&self, mut notices: BTreeSet<Notice>) {
        if !notices.is_empty() {
            self.lock().notices.append(&mut notices);
            self.moved.notify_one();
        }
    }

    /// Ready once the events of a group up to `seq`, which were said to have moved, are on their way to
    /// everybody who follows it. Cancel safe.
    pub async fn published(&self, group: GroupId, seq: u64) {
        loop {
            let mut settled = std::pin::pin!(self.settled.notified());
            // Before the look: what settles in between is not missed.
            settled.as_mut().enable();
            if self.lock().is_settled(group, seq) {
                return;
            }
            settled.await;
        }
    }

    async fn next(&self) -> Next {
        loop {
            if let Some(next) = self.take() {
                return next;
            }
            self.moved.notified().await;
        }
    }

    fn take(&self) -> Option<Next> {
        let mut moves = self.lock();
        // First: they cost no reading.
        if let Some(notice) = moves.notices.pop_first() {
            return Some(Next::Tell(notice));
        }
        let group = moves.order.pop_front()?;
        let span = moves.spans.remove(&group)?;
        moves.current = Some((group, span));
        Some(Next::Publish(group, span))
    }

    /// The current group is done, up to `rest`.
    fn settle(&self, rest: Option<Span>) {
        let mut moves = self.lock();
        if let (Some((group, _)), Some(rest)) = (moves.current.take(), rest) {
            moves.add(group, rest);
        }
        drop(moves);
        self.settled.notify_waiters();
    }

    fn lock(&self) -> MutexGuard<'_, Moves> {
        self.moves.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The task that publishes.
#[derive(Debug)]
pub struct Publisher {
    /// Says what moved.
    pub bus: Arc<Bus>,
    /// Where it is read.
    pub store: Store,
    /// Who hears of it.
    pub hub: Arc<Hub>,
    /// What is counted.
    pub metrics: Arc<Metrics>,
}

impl Publisher {
    /// Publishes for ever.
    pub async fn run(self) {
        loop {
            let (group, span) = match self.bus.next().await {
                Next::Tell(notice) => {
                    self.hub.tell(&notice);
                    continue;
                }
                Next::Publish(group, span) => (group, span),
            };
            match self.publish(group, span).await {
                Ok(rest) => self.bus.settle(rest),
                Err(failure) => {
                    self.metrics.db_errors.inc();
                    error!(error = %failure, "cannot read events to publish them; trying again");
                    self.bus.settle(Some(span));
                    tokio::time::sleep(RETRY_PAUSE).await;
                }
            }
        }
    }

    /// Hands back what is left to do.
    async fn publish(&self, group: GroupId, span: Span) -> sqlx::Result<Option<Span>> {
        // Nobody here follows the group: the new events still tell who has joined it.
        let seen = self.hub.published(group).unwrap_or(span.first.saturating_sub(1));
        if seen >= span.last {
            return Ok(None);
        }
        let events = {
            let mut db = self.store.read().await?;
            events::after(&mut db, group, seen, RESUME_EVENTS_MAX).await?
        };
        let Some(first) = events.first().filter(|first| first.seq == seen + 1) else {
            error!(group = %group.short(), seen, "events are missing; the group's followers read it anew");
            self.hub.lose(group);
            return Ok(None);
        };
        let last = first.seq + events.len() as u64 - 1;
        self.hub.publish(&events);
        Ok((last < span.last).then_some(Span { first: last + 1, last: span.last }))
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    const GROUP: GroupId = GroupId([1; 16]);
    const OTHER: GroupId = GroupId([2; 16]);

    #[test]
    fn notices_are_one_per_group_and_taken_in_turn() {
        let bus = Bus::default();
        bus.moved(GROUP, Span { first: 3, last: 4 });
        bus.moved(OTHER, Span { first: 9, last: 9 });
        bus.moved(GROUP, Span { first: 5, last: 5 });
        let notice = Notice::LookAgain { group: GROUP, member: None };
        for _ in 0..2 {
            bus.notify(BTreeSet::from([notice.clone()]));
        }
        assert_eq!(bus.take(), Some(Next::Tell(notice)), "once");
        assert_eq!(bus.take(), Some(Next::Publish(GROUP, Span { first: 3, last: 5 })));
        bus.moved(GROUP, Span { first: 6, last: 6 });
        assert_eq!(
            bus.take(),
            Some(Next::Publish(OTHER, Span { first: 9, last: 9 })),
            "a busy group waits behind others"
        );
        assert_eq!(bus.take(), Some(Next::Publish(GROUP, Span { first: 6, last: 6 })));
        assert_eq!(bus.take(), None);
    }

    #[test]
    fn whoever_waits_for_an_event_does_not_wait_for_later_ones_or_other_groups() {
        let bus = Bus::default();
        bus.moved(GROUP, Span { first: 3, last: 4 });
        assert!(bus.published(GROUP, 4).now_or_never().is_none());
        assert!(bus.published(GROUP, 2).now_or_never().is_some());
        assert!(bus.published(OTHER, 4).now_or_never().is_some());
        bus.take();
        assert!(bus.published(GROUP, 4).now_or_never().is_none(), "it is only being published");
        bus.moved(GROUP, Span { first: 5, last: 5 });
        bus.settle(None);
        assert!(bus.published(GROUP, 4).now_or_never().is_some());
        assert!(bus.published(GROUP, 5).now_or_never().is_none());
    }

    #[tokio::test]
    async fn whoever_waits_is_told() {
        let bus = Arc::new(Bus::default());
        bus.moved(GROUP, Span { first: 1, last: 1 });
        let waits = tokio::spawn({
            let bus = bus.clone();
            async move { bus.published(GROUP, 1).await }
        });
        tokio::task::yield_now().await;
        bus.take();
        bus.settle(None);
        waits.await.unwrap();
    }
}
