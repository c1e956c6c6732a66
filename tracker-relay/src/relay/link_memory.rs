//! What large buffers of all links take together. A direction that would like one and finds no room goes on with its
//! small one: slower, but nothing is refused.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::limits::{LINK_BUFFER, LINK_BUFFER_FIRST, Limit};
use crate::metrics::Metrics;

/// What a large buffer takes beyond a small one, bytes.
const LARGER_BY: usize = LINK_BUFFER - LINK_BUFFER_FIRST;

/// The budget of all links.
#[derive(Debug)]
pub struct LinkMemory {
    max: usize,
    taken: AtomicUsize,
    metrics: Arc<Metrics>,
}

impl LinkMemory {
    /// `max` bytes, none of which are taken.
    pub fn new(max: usize, metrics: Arc<Metrics>) -> Self {
        Self { max, taken: AtomicUsize::new(0), metrics }
    }

    fn take(&self) -> bool {
        let more = |taken: usize| (taken + LARGER_BY <= self.max).then_some(taken + LARGER_BY);
        self.taken.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).is_ok()
    }
}

/// Whether one direction may have a large buffer.
#[derive(Debug)]
pub struct Allowance {
    memory: Arc<LinkMemory>,
    is_large: bool,
    /// Has been told no since it last had one; that is counted once.
    is_denied: bool,
}

impl Allowance {
    /// A small buffer, for now.
    pub fn new(memory: Arc<LinkMemory>) -> Self {
        Self { memory, is_large: false, is_denied: false }
    }

    /// Asks for a large buffer; `false`: not now.
    pub fn enlarge(&mut self) -> bool {
        if !self.is_large {
            self.is_large = self.memory.take();
            if !self.is_large && !std::mem::replace(&mut self.is_denied, true) {
                self.memory.metrics.refused.count(Limit::LinkBytes);
            }
        }
        self.is_large
    }

    /// The large buffer is gone.
    pub fn shrink(&mut self) {
        self.is_denied = false;
        if std::mem::take(&mut self.is_large) {
            self.memory.taken.fetch_sub(LARGER_BY, Ordering::Relaxed);
        }
    }
}

impl Drop for Allowance {
    fn drop(&mut self) {
        self.shrink();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_buffers_fit_into_the_budget_and_are_given_back() {
        let memory = Arc::new(LinkMemory::new(2 * LARGER_BY, Arc::default()));
        let mut directions: Vec<_> = (0..3).map(|_| Allowance::new(memory.clone())).collect();
        let large: Vec<bool> = directions.iter_mut().map(Allowance::enlarge).collect();
        assert_eq!(large, [true, true, false]);
        assert!(!directions[2].enlarge());
        directions[0].shrink();
        assert!(directions[2].enlarge());
        drop(directions);
        assert_eq!(memory.taken.load(Ordering::Relaxed), 0);
        assert!(memory.metrics.render().contains("tr_refused_total{limit=\"link_bytes\"} 1\n"));
    }
}
