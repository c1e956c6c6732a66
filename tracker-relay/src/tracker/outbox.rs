//! What waits for one member's socket. Bounded: whoever does not read is disconnected and resumes
//! later; nobody else waits for them.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::task::AtomicWaker;
use wire_protocol::control::{TrackerToMember, encode_from_tracker};

use crate::limits::{OUTBOX_BYTES_MAX, OUTBOX_MESSAGES_MAX};

/// Messages from anywhere in the tracker to one session.
#[derive(Debug, Default)]
pub struct Outbox {
    queue: Mutex<Queue>,
    waker: AtomicWaker,
}

#[derive(Debug, Default)]
struct Queue {
    messages: VecDeque<Bytes>,
    bytes: usize,
    overflown: bool,
}

/// More piled up than an outbox holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Overflown;

impl Outbox {
    /// Encodes and queues one message.
    pub fn push(&self, message: &TrackerToMember) {
        self.push_encoded(encode(message));
    }

    /// Queues what was encoded once for many.
    pub fn push_encoded(&self, message: Bytes) {
        let mut queue = self.lock();
        if queue.overflown {
            return;
        }
        queue.bytes += message.len();
        queue.messages.push_back(message);
        if queue.bytes > OUTBOX_BYTES_MAX || queue.messages.len() > OUTBOX_MESSAGES_MAX {
            // A queue with a hole is worth nothing: give the memory back now.
            *queue = Queue { overflown: true, ..Queue::default() };
        }
        drop(queue);
        self.waker.wake();
    }

    /// The next message; `None` when there is none now.
    ///
    /// # Errors
    /// [`Overflown`]: messages are lost, the session ends.
    pub fn poll_pop(&self, cx: &mut Context<'_>) -> Poll<Result<Bytes, Overflown>> {
        // Registered first: a push between the look and the registration would be missed.
        self.waker.register(cx.waker());
        let mut queue = self.lock();
        if queue.overflown {
            return Poll::Ready(Err(Overflown));
        }
        match queue.messages.pop_front() {
            Some(message) => {
                queue.bytes -= message.len();
                if queue.messages.is_empty() {
                    // An idle session keeps no empty ring around.
                    queue.messages = VecDeque::new();
                }
                Poll::Ready(Ok(message))
            }
            None => Poll::Pending,
        }
    }

    /// Whether messages are lost. Wakes the task when that may have changed.
    pub fn poll_overflown(&self, cx: &mut Context<'_>) -> bool {
        self.waker.register(cx.waker());
        self.lock().overflown
    }

    /// Bytes that wait.
    pub fn bytes(&self) -> usize {
        self.lock().bytes
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
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

    #[test]
    fn an_outbox_that_is_not_read_is_given_up_and_holds_nothing() {
        let outbox = Outbox::default();
        for _ in 0..=OUTBOX_BYTES_MAX / 1024 {
            outbox.push_encoded(Bytes::from(vec![0; 1024]));
        }
        let waker = noop_waker();
        assert_eq!(outbox.poll_pop(&mut Context::from_waker(&waker)), Poll::Ready(Err(Overflown)));
        assert_eq!(outbox.bytes(), 0);
    }
}
