//! What is begun in order and ends in any order goes on in order.

use std::collections::VecDeque;

/// Jobs that were begun, and their results.
#[derive(Debug)]
pub struct InOrder<T> {
    /// The number of the first.
    first: u64,
    results: VecDeque<Option<T>>,
}

impl<T> Default for InOrder<T> {
    fn default() -> Self {
        Self { first: 0, results: VecDeque::new() }
    }
}

impl<T> InOrder<T> {
    /// One more is begun: its number.
    pub fn begin(&mut self) -> u64 {
        self.results.push_back(None);
        self.first + self.results.len() as u64 - 1
    }

    /// It has ended.
    pub fn end(&mut self, number: u64, result: T) {
        let place = number.checked_sub(self.first).and_then(|at| self.results.get_mut(usize::try_from(at).ok()?));
        if let Some(place) = place {
            *place = Some(result);
        }
    }

    /// The next result whose turn it is.
    pub fn pop(&mut self) -> Option<T> {
        let result = self.results.front_mut()?.take()?;
        self.results.pop_front();
        self.first += 1;
        Some(result)
    }

    /// Nothing is on its way.
    pub fn is_empty(&self) -> bool {
        self.results.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_the_order_in_which_their_jobs_were_begun() {
        let mut jobs = InOrder::default();
        let numbers: Vec<u64> = (0..3).map(|_| jobs.begin()).collect();
        jobs.end(numbers[2], 'c');
        assert_eq!(jobs.pop(), None);
        jobs.end(numbers[0], 'a');
        assert_eq!((jobs.pop(), jobs.pop()), (Some('a'), None));
        let fourth = jobs.begin();
        jobs.end(fourth, 'd');
        jobs.end(numbers[1], 'b');
        let rest: Vec<char> = std::iter::from_fn(|| jobs.pop()).collect();
        assert_eq!(rest, ['b', 'c', 'd']);
        assert!(jobs.is_empty());
    }

    #[test]
    fn a_number_that_is_over_changes_nothing() {
        let mut jobs = InOrder::default();
        let first = jobs.begin();
        jobs.end(first, 'a');
        jobs.pop();
        jobs.end(first, 'b');
        assert_eq!(jobs.pop(), None);
        assert!(jobs.is_empty());
    }
}
