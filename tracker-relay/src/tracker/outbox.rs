//! The way from anywhere in the tracker to one session's task: what waits ([`queue`](super::queue)), and a bell.
//! Nobody waits for whoever does not read.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::task::AtomicWaker;
use wire_protocol::control::{TrackerToMember, encode_from_tracker};
use wire_protocol::ids::GroupId;

use super::queue::{Event, Popped, Queue};

/// Messages from anywhere in the tracker to one session.
#[derive(Debug, Default)]
pub struct Outbox {
    queue: Mutex<Queue>,
    /// Some swarm of a followed group has changed.
    is_nudged: AtomicBool,
    waker: AtomicWaker,
}

/// More piled up than an outbox holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Overflown;

impl Outbox {
    /// Encodes and queues one answer.
    pub fn push(&self, message: &TrackerToMember) {
        self.lock().push(encode(message));
        self.waker.wake();
    }

    /// Begins to follow a group, or begins anew: it is read from the log, from `seen` on.
    pub fn follow(&self, group: GroupId, seen: Option<u64>) {
        self.lock().follow(group, seen);
        self.waker.wake();
    }

    /// What is the session's own in a group is read anew.
    pub fn look_again(&self, group: GroupId) {
        self.lock().look_again(group);
        self.waker.wake();
    }

    /// Queues an event, if the session follows its group.
    pub fn push_event(&self, event: Event) {
        self.lock().push_event(event);
        self.waker.wake();
    }

    /// See [`Queue::caught_up`].
    pub fn caught_up(&self, group: GroupId, up_to: Option<u64>) -> bool {
        let is_valid = self.lock().caught_up(group, up_to);
        self.waker.wake();
        is_valid
    }

    /// Swarms have changed: the session looks at them when it has room. However often until then, it is woken once: in
    /// a lively swarm everybody would be woken for everybody's every announce.
    pub fn nudge(&self) {
        if !self.is_nudged.swap(true, Ordering::AcqRel) {
            self.waker.wake();
        }
    }

    /// Whether the session was nudged since it began to look last.
    pub fn is_nudged(&self) -> bool {
        self.is_nudged.load(Ordering::Acquire)
    }

    /// The session begins to look: what changes from now on wakes it again.
    pub fn begin_look(&self) {
        self.is_nudged.store(false, Ordering::Release);
    }

    /// Groups that the session follows, or has begun to.
    pub fn followed(&self) -> Vec<GroupId> {
        self.lock().followed()
    }

    /// The next thing to do; pending when there is nothing now.
    ///
    /// # Errors
    /// [`Overflown`]: messages are lost, the session ends.
    pub fn poll_pop(&self, cx: &mut Context<'_>) -> Poll<Result<Popped, Overflown>> {
        // Registered first: a push between the look and the registration would be missed.
        self.waker.register(cx.waker());
        let mut queue = self.lock();
        if queue.is_overflown() {
            return Poll::Ready(Err(Overflown));
        }
        queue.pop().map_or(Poll::Pending, |popped| Poll::Ready(Ok(popped)))
    }

    /// Whether messages are lost. Wakes the task when that may have changed.
    pub fn poll_overflown(&self, cx: &mut Context<'_>) -> bool {
        self.waker.register(cx.waker());
        self.lock().is_overflown()
    }

    /// Whether some group has to be read from the log.
    pub fn is_behind(&self) -> bool {
        self.lock().is_behind()
    }

    /// Bytes that wait.
    pub fn bytes(&self) -> usize {
        self.lock().bytes()
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One message, ready to be queued for many.
pub fn encode(message: &TrackerToMember) -> Bytes {
    encode_from_tracker(message).into()
}
