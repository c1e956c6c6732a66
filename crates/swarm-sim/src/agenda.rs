//! What is going to happen, in order of time and then of planning: ties are broken the same way in
//! every run.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use peer_engine::Timestamp;

/// A heap of small keys; the happenings themselves lie still.
#[derive(Debug)]
pub(crate) struct Agenda<T> {
    heap: BinaryHeap<Reverse<Key>>,
    items: Vec<Option<T>>,
    free: Vec<u32>,
    planned: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    at: Timestamp,
    nth: u64,
    slot: u32,
}

impl<T> Agenda<T> {
    pub fn new() -> Self {
        Self { heap: BinaryHeap::new(), items: Vec::new(), free: Vec::new(), planned: 0 }
    }

    pub fn plan(&mut self, at: Timestamp, item: T) {
        let slot = match self.free.pop() {
            Some(slot) => {
                self.items[slot as usize] = Some(item);
                slot
            }
            None => {
                self.items.push(Some(item));
                (self.items.len() - 1) as u32
            }
        };
        self.heap.push(Reverse(Key { at, nth: self.planned, slot }));
        self.planned += 1;
    }

    /// When the next thing happens.
    pub fn next_at(&self) -> Option<Timestamp> {
        self.heap.peek().map(|Reverse(key)| key.at)
    }

    pub fn pop(&mut self) -> Option<(Timestamp, T)> {
        let Reverse(key) = self.heap.pop()?;
        self.free.push(key.slot);
        let item = self.items[key.slot as usize].take().expect("a key and its item come and go together");
        Some((key.at, item))
    }
}
