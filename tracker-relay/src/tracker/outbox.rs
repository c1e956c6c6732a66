//! What waits for one member's socket. Bounded, and nobody waits for whoever does not read:
//!
//! - **Answers** (replies, grants): whoever lets more of them pile up than fits is disconnected.
//! - **Events** of the groups that the session follows: they are in the log. What does not fit is dropped,
//!   and the session has *fallen behind* in that group: it is read anew from the log once the socket has room.
//!
//! A group's events are handed out exactly once and in order, whatever was published twice or dropped: by
//! their numbers. Groups that are behind go first, so that an answer never overtakes an event from before it.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::task::AtomicWaker;
use wire_protocol::control::{TrackerToMember, encode_from_tracker};
use wire_protocol::ids::GroupId;

use crate::limits::{OUTBOX_BYTES_MAX, OUTBOX_EVENT_BYTES_MAX, OUTBOX_EVENTS_MAX, OUTBOX_MESSAGES_MAX};

/// Messages from anywhere in the tracker to one session.
#[derive(Debug, Default)]
pub struct Outbox {
    queue: Mutex<Queue>,
    /// Some swarm of a followed group has changed.
    is_nudged: AtomicBool,
    waker: AtomicWaker,
}

#[derive(Debug, Default)]
struct Queue {
    waiting: VecDeque<Waiting>,
    answers: Load,
    events: Load,
    follows: BTreeMap<GroupId, Follow>,
    /// Groups to be read from the log, in this order.
    behind: VecDeque<GroupId>,
    /// The one that is being read now.
    reading: Option<GroupId>,
    is_overflown: bool,
}

#[derive(Debug)]
enum Waiting {
    Answer(Bytes),
    Event(Event),
}

/// An event on its way to one session.
#[derive(Debug, Clone)]
pub struct Event {
    /// The group.
    pub group: GroupId,
    /// Its number.
    pub seq: u64,
    /// The session does not follow the group any further.
    pub is_last: bool,
    /// Encoded once for all.
    pub message: Bytes,
}

#[derive(Debug, Default)]
struct Load {
    count: usize,
    bytes: usize,
}

impl Load {
    fn add(&mut self, message: &Bytes) {
        self.count += 1;
        self.bytes += message.len();
    }

    fn remove(&mut self, message: &Bytes) {
        self.count -= 1;
        self.bytes -= message.len();
    }
}

/// How far a session is in a group.
#[derive(Debug, Clone, Copy)]
enum Follow {
    /// To be read from the log.
    Behind {
        /// Last seen; `None`: nothing that counts.
        seen: Option<u64>,
    },
    /// Has been handed everything up to this event.
    UpTo(u64),
}

/// What comes out of an outbox.
#[derive(Debug, PartialEq, Eq)]
pub enum Popped {
    /// The next message.
    Message(Bytes),
    /// This group has to be read first, from `seen` on. Nothing else comes out until
    /// [`Outbox::caught_up`].
    Behind {
        /// The group.
        group: GroupId,
        /// The last event that the member has seen.
        seen: Option<u64>,
    },
}

/// More piled up than an outbox holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Overflown;

impl Outbox {
    /// Encodes and queues one answer.
    pub fn push(&self, message: &TrackerToMember) {
        let message = encode(message);
        let mut queue = self.lock();
        if queue.is_overflown {
            return;
        }
        queue.answers.add(&message);
        queue.waiting.push_back(Waiting::Answer(message));
        if queue.answers.bytes > OUTBOX_BYTES_MAX || queue.answers.count > OUTBOX_MESSAGES_MAX {
            // A queue with a hole is worth nothing: give the memory back now.
            *queue = Queue { is_overflown: true, follows: std::mem::take(&mut queue.follows), ..Queue::default() };
        }
        drop(queue);
        self.waker.wake();
    }

    /// Begins to follow a group, or begins anew: it is read from the log, from `seen` on.
    pub fn follow(&self, group: GroupId, seen: Option<u64>) {
        let mut queue = self.lock();
        queue.follows.insert(group, Follow::Behind { seen });
        queue.read_later(group);
        drop(queue);
        self.waker.wake();
    }

    /// Queues an event, if the session follows its group.
    pub fn push_event(&self, event: Event) {
        let mut queue = self.lock();
        let is_wanted = match queue.follows.get(&event.group) {
            None => false,
            // What was committed after the read began is not in what is read.
            Some(Follow::Behind { .. }) => queue.reading == Some(event.group),
            Some(Follow::UpTo(_)) => true,
        };
        if !is_wanted {
            return;
        }
        let group = event.group;
        queue.events.add(&event.message);
        queue.waiting.push_back(Waiting::Event(event));
        if queue.events.bytes > OUTBOX_EVENT_BYTES_MAX || queue.events.count > OUTBOX_EVENTS_MAX {
            queue.fall_behind(group);
        }
        drop(queue);
        self.waker.wake();
    }

    /// The group that was [`Popped::Behind`] has been read up to this event; `None`: the member is not in it,
    /// it is followed no further. `false`: it has to be read once more.
    pub fn caught_up(&self, group: GroupId, up_to: Option<u64>) -> bool {
        let mut queue = self.lock();
        queue.reading = None;
        let is_valid = !queue.behind.contains(&group);
        match up_to {
            _ if !is_valid => {}
            Some(seq) => {
                queue.follows.insert(group, Follow::UpTo(seq));
            }
            None => {
                queue.follows.remove(&group);
            }
        }
        drop(queue);
        self.waker.wake();
        is_valid
    }

    /// Swarms have changed: the session looks at them when it has room. However often, it looks once.
    pub fn nudge(&self) {
        if !self.is_nudged.swap(true, Ordering::AcqRel) {
            self.waker.wake();
        }
    }

    /// Whether the session was nudged since this was asked last.
    pub fn take_nudge(&self) -> bool {
        self.is_nudged.swap(false, Ordering::AcqRel)
    }

    /// Groups that the session follows, or has begun to.
    pub fn followed(&self) -> Vec<GroupId> {
        self.lock().follows.keys().copied().collect()
    }

    /// The next thing to do; pending when there is nothing now.
    ///
    /// # Errors
    /// [`Overflown`]: messages are lost, the session ends.
    pub fn poll_pop(&self, cx: &mut Context<'_>) -> Poll<Result<Popped, Overflown>> {
        // Registered first: a push between the look and the registration would be missed.
        self.waker.register(cx.waker());
        let mut queue = self.lock();
        if queue.is_overflown {
            return Poll::Ready(Err(Overflown));
        }
        queue.pop().map_or(Poll::Pending, |popped| Poll::Ready(Ok(popped)))
    }

    /// Whether messages are lost. Wakes the task when that may have changed.
    pub fn poll_overflown(&self, cx: &mut Context<'_>) -> bool {
        self.waker.register(cx.waker());
        self.lock().is_overflown
    }

    /// Whether some group has to be read from the log.
    pub fn is_behind(&self) -> bool {
        let queue = self.lock();
        queue.reading.is_some() || !queue.behind.is_empty()
    }

    /// Bytes that wait.
    pub fn bytes(&self) -> usize {
        let queue = self.lock();
        queue.answers.bytes + queue.events.bytes
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queue {
    fn pop(&mut self) -> Option<Popped> {
        if self.reading.is_some() {
            return None;
        }
        loop {
            if let Some(behind) = self.begin_reading() {
                return Some(behind);
            }
            let next = self.waiting.pop_front();
            if self.waiting.is_empty() {
                // An idle session keeps no empty ring around.
                self.waiting = VecDeque::new();
            }
            match next? {
                Waiting::Answer(message) => {
                    self.answers.remove(&message);
                    return Some(Popped::Message(message));
                }
                Waiting::Event(event) => {
                    self.events.remove(&event.message);
                    if self.is_next(&event) {
                        return Some(Popped::Message(event.message));
                    }
                }
            }
        }
    }

    fn begin_reading(&mut self) -> Option<Popped> {
        loop {
            let group = self.behind.pop_front()?;
            if let Some(&Follow::Behind { seen }) = self.follows.get(&group) {
                self.reading = Some(group);
                return Some(Popped::Behind { group, seen });
            }
        }
    }

    /// Whether an event is the one that comes next in its group; if so it counts as handed out.
    fn is_next(&mut self, event: &Event) -> bool {
        let Some(&Follow::UpTo(seq)) = self.follows.get(&event.group) else { return false };
        if event.seq > seq + 1 {
            self.fall_behind(event.group);
        }
        if event.seq != seq + 1 {
            return false;
        }
        if event.is_last {
            self.follows.remove(&event.group);
        } else {
            self.follows.insert(event.group, Follow::UpTo(event.seq));
        }
        true
    }

    fn fall_behind(&mut self, group: GroupId) {
        self.waiting.retain(|waiting| match waiting {
            Waiting::Event(event) if event.group == group => {
                self.events.remove(&event.message);
                false
            }
            _ => true,
        });
        if let Some(Follow::UpTo(seq)) = self.follows.get(&group).copied() {
            self.follows.insert(group, Follow::Behind { seen: Some(seq) });
        }
        self.read_later(group);
    }

    fn read_later(&mut self, group: GroupId) {
        if !self.behind.contains(&group) {
            self.behind.push_back(group);
        }
    }
}

/// One message, ready to be queued for many.
pub fn encode(message: &TrackerToMember) -> Bytes {
    encode_from_tracker(message).into()
}

#[cfg(test)]
mod tests {
    use futures_util::task::noop_waker;

    use super::*;

    const GROUP: GroupId = GroupId([1; 16]);
    const OTHER: GroupId = GroupId([2; 16]);

    fn pop(outbox: &Outbox) -> Option<Popped> {
        let waker = noop_waker();
        match outbox.poll_pop(&mut Context::from_waker(&waker)) {
            Poll::Ready(popped) => Some(popped.unwrap()),
            Poll::Pending => None,
        }
    }

    fn event(group: GroupId, seq: u64) -> Event {
        Event { group, seq, is_last: false, message: Bytes::from(vec![seq as u8; 100]) }
    }

    fn message(seq: u64) -> Option<Popped> {
        Some(Popped::Message(Bytes::from(vec![seq as u8; 100])))
    }

    fn behind(group: GroupId, seen: Option<u64>) -> Option<Popped> {
        Some(Popped::Behind { group, seen })
    }

    /// Follows `GROUP` up to event 5.
    fn following() -> Outbox {
        let outbox = Outbox::default();
        outbox.follow(GROUP, None);
        assert_eq!(pop(&outbox), behind(GROUP, None));
        assert!(outbox.caught_up(GROUP, Some(5)));
        outbox
    }

    #[test]
    fn answers_that_are_not_read_are_given_up_and_hold_nothing() {
        let outbox = Outbox::default();
        for _ in 0..=OUTBOX_MESSAGES_MAX {
            outbox.push(&TrackerToMember::Pong);
        }
        let waker = noop_waker();
        assert_eq!(outbox.poll_pop(&mut Context::from_waker(&waker)), Poll::Ready(Err(Overflown)));
        assert_eq!(outbox.bytes(), 0);
    }

    #[test]
    fn what_is_published_while_a_group_is_read_is_neither_missed_nor_doubled() {
        let outbox = Outbox::default();
        outbox.push(&TrackerToMember::Pong);
        outbox.follow(GROUP, Some(2));
        outbox.push_event(event(GROUP, 4));
        assert_eq!(pop(&outbox), behind(GROUP, Some(2)), "before what waits");
        outbox.push_event(event(GROUP, 5));
        outbox.push_event(event(GROUP, 6));
        assert_eq!(pop(&outbox), None, "nothing overtakes the group");
        assert!(outbox.caught_up(GROUP, Some(5)));
        outbox.push_event(event(GROUP, 6));
        outbox.push_event(event(GROUP, 7));
        assert_eq!(pop(&outbox), Some(Popped::Message(encode(&TrackerToMember::Pong))));
        assert_eq!((pop(&outbox), pop(&outbox), pop(&outbox)), (message(6), message(7), None));
    }

    #[test]
    fn events_that_do_not_fit_are_read_again_and_hold_nothing_meanwhile() {
        let outbox = following();
        outbox.follow(OTHER, None);
        assert_eq!(pop(&outbox), behind(OTHER, None));
        assert!(outbox.caught_up(OTHER, Some(0)));
        outbox.push_event(event(OTHER, 1));
        for seq in 6..=6 + OUTBOX_EVENTS_MAX as u64 {
            outbox.push_event(event(GROUP, seq));
        }
        assert_eq!(outbox.bytes(), 100, "the other group's");
        assert_eq!(pop(&outbox), behind(GROUP, Some(5)));
        assert!(outbox.caught_up(GROUP, Some(2000)));
        assert_eq!((pop(&outbox), pop(&outbox)), (message(1), None));
        outbox.push_event(event(GROUP, 2001));
        assert_eq!(pop(&outbox), message(2001));
    }

    #[test]
    fn an_event_that_is_missing_is_noticed() {
        let outbox = following();
        outbox.push_event(event(GROUP, 7));
        assert_eq!(pop(&outbox), behind(GROUP, Some(5)));
    }

    #[test]
    fn a_last_event_is_the_last_unless_the_group_is_followed_anew() {
        let outbox = following();
        outbox.push_event(Event { is_last: true, ..event(GROUP, 6) });
        outbox.push_event(event(GROUP, 7));
        assert_eq!((pop(&outbox), pop(&outbox)), (message(6), None));
        outbox.push_event(event(GROUP, 8));
        assert_eq!(pop(&outbox), None);

        // Left and joined again while it was being read.
        outbox.follow(GROUP, None);
        assert_eq!(pop(&outbox), behind(GROUP, None));
        outbox.follow(GROUP, None);
        assert!(!outbox.caught_up(GROUP, None));
        assert_eq!(pop(&outbox), behind(GROUP, None));
    }
}
