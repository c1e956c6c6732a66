//! What waits for one session, and in what order it comes out. Two kinds of things wait, and neither piles up
//! without bound:
//!
//! - **Answers** (replies, grants): more of them than fit are the end of the session.
//! - **Events** of the groups that the session follows: they are in the log. What does not fit is dropped, and
//!   the session has *fallen behind* in that group: it is read anew from the log once the socket has room.
//!
//! A group's events come out exactly once and in order, whatever was published twice or dropped: by their
//! numbers. Groups that are behind go first, so that an answer never overtakes an event from before it.

use std::collections::{BTreeMap, VecDeque};

use bytes::Bytes;
use wire_protocol::ids::GroupId;

use crate::limits::{OUTBOX_BYTES_MAX, OUTBOX_EVENT_BYTES_MAX, OUTBOX_EVENTS_MAX, OUTBOX_MESSAGES_MAX};

/// What waits for one session.
#[derive(Debug, Default)]
pub struct Queue {
    waiting: VecDeque<Waiting>,
    answers: Load,
    events: Load,
    follows: BTreeMap<GroupId, Follow>,
    /// Groups to be read from the log, in this order.
    behind: VecDeque<GroupId>,
    /// The one that is being read now.
    reading: Option<GroupId>,
    /// What is read now may be out of date already.
    reads_again: bool,
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

/// What comes out.
#[derive(Debug, PartialEq, Eq)]
pub enum Popped {
    /// The next message.
    Message(Bytes),
    /// This group has to be read first, from `seen` on. Nothing else comes out until
    /// [`Queue::caught_up`].
    Behind {
        group: GroupId,
        /// The last event that the member has seen.
        seen: Option<u64>,
    },
}

impl Queue {
    /// Adds an answer.
    pub fn push(&mut self, message: Bytes) {
        if self.is_overflown {
            return;
        }
        self.answers.add(&message);
        self.waiting.push_back(Waiting::Answer(message));
        if self.answers.bytes > OUTBOX_BYTES_MAX || self.answers.count > OUTBOX_MESSAGES_MAX {
            // A queue with a hole is worth nothing: give the memory back now.
            *self = Self { is_overflown: true, follows: std::mem::take(&mut self.follows), ..Self::default() };
        }
    }

    /// The session begins to follow a group, or begins anew: it is read from the log, from `seen` on.
    pub fn follow(&mut self, group: GroupId, seen: Option<u64>) {
        self.follows.insert(group, Follow::Behind { seen });
        self.read_later(group);
    }

    /// Reads a group anew from where the session is, if it follows it: something that is no event has changed.
    pub fn look_again(&mut self, group: GroupId) {
        if self.reading == Some(group) {
            // After this read, which is used all the same: who is told often still gets on.
            self.reads_again = true;
        } else if self.follows.contains_key(&group) {
            self.fall_behind(group);
        }
    }

    /// Adds an event, if the session follows its group.
    pub fn push_event(&mut self, event: Event) {
        let is_wanted = match self.follows.get(&event.group) {
            None => false,
            // What was committed after the read began is not in what is read.
            Some(Follow::Behind { .. }) => self.reading == Some(event.group),
            Some(Follow::UpTo(_)) => true,
        };
        if !is_wanted {
            return;
        }
        let group = event.group;
        self.events.add(&event.message);
        self.waiting.push_back(Waiting::Event(event));
        if self.events.bytes > OUTBOX_EVENT_BYTES_MAX || self.events.count > OUTBOX_EVENTS_MAX {
            self.fall_behind(group);
        }
    }

    /// The group that was [`Popped::Behind`] has been read up to this event; `None`: the member is not in it,
    /// it is followed no further. `false`: it has to be read once more.
    pub fn caught_up(&mut self, group: GroupId, up_to: Option<u64>) -> bool {
        self.reading = None;
        let reads_again = std::mem::take(&mut self.reads_again);
        if self.behind.contains(&group) {
            return false;
        }
        match up_to {
            Some(seq) => self.follows.insert(group, Follow::UpTo(seq)),
            None => self.follows.remove(&group),
        };
        if reads_again && up_to.is_some() {
            self.fall_behind(group);
        }
        true
    }

    /// Whether messages are lost.
    pub fn is_overflown(&self) -> bool {
        self.is_overflown
    }

    /// Whether some group has to be read from the log.
    pub fn is_behind(&self) -> bool {
        self.reading.is_some() || !self.behind.is_empty()
    }

    /// Bytes that wait.
    pub fn bytes(&self) -> usize {
        self.answers.bytes + self.events.bytes
    }

    /// Groups that the session follows, or has begun to.
    pub fn followed(&self) -> Vec<GroupId> {
        self.follows.keys().copied().collect()
    }

    /// The next thing to do, if there is anything now.
    pub fn pop(&mut self) -> Option<Popped> {
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

#[cfg(test)]
mod tests {
    use super::*;

    const GROUP: GroupId = GroupId([1; 16]);
    const OTHER: GroupId = GroupId([2; 16]);

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
    fn following() -> Queue {
        let mut queue = Queue::default();
        queue.follow(GROUP, None);
        assert_eq!(queue.pop(), behind(GROUP, None));
        assert!(queue.caught_up(GROUP, Some(5)));
        queue
    }

    #[test]
    fn answers_that_are_not_read_are_given_up_and_hold_nothing() {
        let mut queue = Queue::default();
        for _ in 0..=OUTBOX_MESSAGES_MAX {
            queue.push(Bytes::from_static(b"answer"));
        }
        assert!(queue.is_overflown());
        assert_eq!((queue.bytes(), queue.pop()), (0, None));
    }

    #[test]
    fn what_is_published_while_a_group_is_read_is_neither_missed_nor_doubled() {
        let mut queue = Queue::default();
        queue.push(Bytes::from_static(b"answer"));
        queue.follow(GROUP, Some(2));
        queue.push_event(event(GROUP, 4));
        assert_eq!(queue.pop(), behind(GROUP, Some(2)), "before what waits");
        queue.push_event(event(GROUP, 5));
        queue.push_event(event(GROUP, 6));
        assert_eq!(queue.pop(), None, "nothing overtakes the group");
        assert!(queue.caught_up(GROUP, Some(5)));
        queue.push_event(event(GROUP, 6));
        queue.push_event(event(GROUP, 7));
        assert_eq!(queue.pop(), Some(Popped::Message(Bytes::from_static(b"answer"))));
        assert_eq!((queue.pop(), queue.pop(), queue.pop()), (message(6), message(7), None));
    }

    #[test]
    fn events_that_do_not_fit_are_read_again_and_hold_nothing_meanwhile() {
        let mut queue = following();
        queue.follow(OTHER, None);
        assert_eq!(queue.pop(), behind(OTHER, None));
        assert!(queue.caught_up(OTHER, Some(0)));
        queue.push_event(event(OTHER, 1));
        for seq in 6..=6 + OUTBOX_EVENTS_MAX as u64 {
            queue.push_event(event(GROUP, seq));
        }
        assert_eq!(queue.bytes(), 100, "the other group's");
        assert_eq!(queue.pop(), behind(GROUP, Some(5)));
        assert!(queue.caught_up(GROUP, Some(2000)));
        assert_eq!((queue.pop(), queue.pop()), (message(1), None));
        queue.push_event(event(GROUP, 2001));
        assert_eq!(queue.pop(), message(2001));
    }

    #[test]
    fn an_event_that_is_missing_is_noticed() {
        let mut queue = following();
        queue.push_event(event(GROUP, 7));
        assert_eq!(queue.pop(), behind(GROUP, Some(5)));
    }

    #[test]
    fn looking_again_goes_on_from_the_last_event_that_came_out_and_overtakes_what_waits() {
        let mut queue = following();
        queue.push_event(event(GROUP, 6));
        queue.push_event(event(GROUP, 7));
        assert_eq!(queue.pop(), message(6));
        queue.push(Bytes::from_static(b"answer"));
        queue.look_again(GROUP);
        assert_eq!(queue.pop(), behind(GROUP, Some(6)));
        queue.look_again(GROUP);
        queue.push_event(event(GROUP, 8));
        assert!(queue.caught_up(GROUP, Some(7)), "it gets on, however often it looks");
        assert_eq!(queue.pop(), behind(GROUP, Some(7)));
        assert!(queue.caught_up(GROUP, Some(8)));
        queue.look_again(OTHER);
        assert_eq!(queue.pop(), Some(Popped::Message(Bytes::from_static(b"answer"))));
        assert_eq!(queue.pop(), None, "a group that is not followed is not looked at");
    }

    #[test]
    fn a_last_event_is_the_last_unless_the_group_is_followed_anew() {
        let mut queue = following();
        queue.push_event(Event { is_last: true, ..event(GROUP, 6) });
        queue.push_event(event(GROUP, 7));
        assert_eq!((queue.pop(), queue.pop()), (message(6), None));
        queue.push_event(event(GROUP, 8));
        assert_eq!(queue.pop(), None);

        // Left and joined again while it was being read.
        queue.follow(GROUP, None);
        assert_eq!(queue.pop(), behind(GROUP, None));
        queue.follow(GROUP, None);
        assert!(!queue.caught_up(GROUP, None));
        assert_eq!(queue.pop(), behind(GROUP, None));
    }
}
