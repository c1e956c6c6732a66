//! Dials that wait for a link grant. They end with the connection.

use std::collections::BTreeMap;

use wire_protocol::control::{Dial, PeerName, SwarmName};

/// Dials that may wait.
const DIALS_MAX: usize = 64;
/// After this long the tracker's silence is an answer, milliseconds.
const DIAL_TIMEOUT_MS: u64 = 30_000;

/// One of them.
#[derive(Debug)]
struct Waiting {
    dial: Dial,
    /// When it was sent; `None` until the next input brings the time.
    sent_at_ms: Option<u64>,
}

/// All of them by the member's own number.
#[derive(Debug, Default)]
pub(crate) struct Dials {
    waiting: BTreeMap<u32, Waiting>,
    last: u32,
}

impl Dials {
    /// A fresh number, and whether there is room to wait for its answer.
    pub(crate) fn add(&mut self, swarm: SwarmName, to: PeerName) -> (u32, bool) {
        self.last = self.last.wrapping_add(1);
        let has_room = self.waiting.len() < DIALS_MAX;
        if has_room {
            let dial = Dial { dial: self.last, swarm, to };
            self.waiting.insert(self.last, Waiting { dial, sent_at_ms: None });
        }
        (self.last, has_room)
    }

    pub(crate) fn get(&self, dial: u32) -> Option<Dial> {
        self.waiting.get(&dial).map(|waiting| waiting.dial)
    }

    pub(crate) fn take(&mut self, dial: u32) -> Option<Dial> {
        self.waiting.remove(&dial).map(|waiting| waiting.dial)
    }

    pub(crate) fn take_all(&mut self) -> Vec<u32> {
        std::mem::take(&mut self.waiting).into_keys().collect()
    }

    pub(crate) fn take_timed_out(&mut self, now_ms: u64) -> Vec<u32> {
        let is_late = |dial: &Waiting| dial.sent_at_ms.is_some_and(|at| at + DIAL_TIMEOUT_MS <= now_ms);
        let late: Vec<u32> = self.waiting.iter().filter(|(_, dial)| is_late(dial)).map(|(number, _)| *number).collect();
        for number in &late {
            self.waiting.remove(number);
        }
        late
    }

    pub(crate) fn next_timeout(&self) -> Option<u64> {
        self.waiting.values().filter_map(|dial| dial.sent_at_ms).min().map(|at| at + DIAL_TIMEOUT_MS)
    }

    pub(crate) fn stamp(&mut self, now_ms: u64) {
        for dial in self.waiting.values_mut() {
            dial.sent_at_ms.get_or_insert(now_ms);
        }
    }
}
