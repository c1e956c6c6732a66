//! How much waits to be written to a link, known to the swarm's task and the link's writer.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Bytes that may wait for one link: what a gigabit takes in 8 ms.
const BACKLOG_MAX: usize = 1 << 20;
/// The engine is asked for more once this much fits: large enough for several blocks at a time.
const ROOM_MIN: usize = BACKLOG_MAX / 2;

/// Bytes on their way, and whether the swarm's task waits for room.
///
/// Both sides first change one field and then look at the other, in one total order (`SeqCst`): either
/// the writer sees that it shall say when there is room, or the task sees that there is.
#[derive(Debug, Default)]
pub struct Backlog {
    queued: AtomicUsize,
    wants_room: AtomicBool,
}

impl Backlog {
    /// Bytes that may be added; `None` while it is not worth asking.
    pub fn room(&self) -> Option<usize> {
        let room = BACKLOG_MAX.saturating_sub(self.queued.load(Ordering::SeqCst));
        (room >= ROOM_MIN).then_some(room)
    }

    /// The task adds bytes.
    pub fn add(&self, bytes: usize) {
        self.queued.fetch_add(bytes, Ordering::SeqCst);
    }

    /// The task found no room and wants to be told. `false`: there is room now, ask again.
    pub fn ask_for_room(&self) -> bool {
        self.wants_room.store(true, Ordering::SeqCst);
        // If the writer has taken the wish in between, its notice is on the way.
        self.room().is_none() || !self.wants_room.swap(false, Ordering::SeqCst)
    }

    /// The writer wrote bytes. `true`: the task waits for room, and there is.
    pub fn written(&self, bytes: usize) -> bool {
        self.queued.fetch_sub(bytes, Ordering::SeqCst);
        self.room().is_some() && self.wants_room.swap(false, Ordering::SeqCst)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_told_once_and_only_if_wanted() {
        let backlog = Backlog::default();
        assert_eq!(backlog.room(), Some(BACKLOG_MAX));
        backlog.add(BACKLOG_MAX);
        assert_eq!(backlog.room(), None);
        assert!(!backlog.written(ROOM_MIN), "nobody asked");
        backlog.add(ROOM_MIN);
        assert!(backlog.ask_for_room());
        assert!(!backlog.written(ROOM_MIN - 1), "not enough room yet");
        assert!(backlog.written(1));
        assert!(!backlog.written(1));
    }

    #[test]
    fn a_wish_for_room_that_is_there_is_refused() {
        let backlog = Backlog::default();
        assert!(!backlog.ask_for_room());
        assert!(!backlog.written(0), "the refused wish is forgotten");
    }
}
