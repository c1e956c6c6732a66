//! How much each of many has. Whoever has nothing is not remembered.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::Hash;

/// How much each has.
#[derive(Debug)]
pub struct Tally<K>(HashMap<K, usize>);

impl<K> Default for Tally<K> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<K: Hash + Eq> Tally<K> {
    /// What this one has.
    pub fn of(&self, key: &K) -> usize {
        self.0.get(key).copied().unwrap_or(0)
    }

    /// It has so much more.
    pub fn add(&mut self, key: K, amount: usize) {
        *self.0.entry(key).or_default() += amount;
    }

    /// It has so much less, which it had.
    pub fn subtract(&mut self, key: K, amount: usize) {
        if let Entry::Occupied(mut entry) = self.0.entry(key) {
            *entry.get_mut() -= amount;
            if *entry.get() == 0 {
                entry.remove();
            }
        }
    }

    /// Nobody has anything.
    #[cfg(test)]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
