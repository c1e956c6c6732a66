//! All that one source knows, and what of it its list before did not tell.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::{Arc, Weak};

use crate::candidate::{CANDIDATES_MAX, Candidate, CandidateKey};

/// Peers that one source knows, each once; cheap to clone. Nearly every list tells of the same peers as the one
/// before it, of which a few got further. It knows which, so that in a large swarm whoever had that one need not
/// look through all of them again.
#[derive(Debug, Clone, Default)]
pub struct CandidateList(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    candidates: Vec<Candidate>,
    /// Where each stands.
    by_key: BTreeMap<CandidateKey, usize>,
    /// The list before; it is not kept for this.
    before: Weak<Inner>,
    /// Where somebody stands who was not in it, or of whom it told something else.
    changed: Vec<usize>,
}

impl CandidateList {
    /// What the same source knows later. `None`: nothing else than this.
    pub fn next(&self, candidates: impl IntoIterator<Item = Candidate>) -> Option<Self> {
        let mut inner = Inner::of(candidates);
        let before = |candidate: &Candidate| Some(&self.0.candidates[*self.0.by_key.get(&candidate.key()?)?]);
        let is_new = |(_, candidate): &(usize, &Candidate)| before(candidate) != Some(*candidate);
        inner.changed = inner.candidates.iter().enumerate().filter(is_new).map(|(nth, _)| nth).collect();
        inner.before = Arc::downgrade(&self.0);
        let is_same = inner.changed.is_empty() && inner.candidates.len() == self.0.candidates.len();
        (!is_same).then(|| Self(Arc::new(inner)))
    }

    /// Where somebody stands who is not in `known`, or of whom that tells something else. It is told from the
    /// list before and from this one itself; for any other everybody is new.
    pub(crate) fn news_since(&self, known: &Self) -> impl Iterator<Item = usize> {
        let is_this = Arc::ptr_eq(&self.0, &known.0);
        let is_before = std::ptr::eq(self.0.before.as_ptr(), Arc::as_ptr(&known.0));
        let (changed, all) = match (is_this, is_before) {
            (true, _) => (&[][..], 0),
            (false, true) => (&self.0.changed[..], 0),
            (false, false) => (&[][..], self.0.candidates.len()),
        };
        changed.iter().copied().chain(0..all)
    }
}

impl Inner {
    fn of(candidates: impl IntoIterator<Item = Candidate>) -> Self {
        let mut inner = Self::default();
        for candidate in candidates.into_iter().take(CANDIDATES_MAX) {
            if let Some(key) = candidate.key()
                && !inner.by_key.contains_key(&key)
            {
                inner.by_key.insert(key, inner.candidates.len());
                inner.candidates.push(candidate);
            }
        }
        inner
    }
}

impl FromIterator<Candidate> for CandidateList {
    fn from_iter<T: IntoIterator<Item = Candidate>>(candidates: T) -> Self {
        Self(Arc::new(Inner::of(candidates)))
    }
}

impl From<Vec<Candidate>> for CandidateList {
    fn from(candidates: Vec<Candidate>) -> Self {
        candidates.into_iter().collect()
    }
}

impl<const N: usize> From<[Candidate; N]> for CandidateList {
    fn from(candidates: [Candidate; N]) -> Self {
        candidates.into_iter().collect()
    }
}

impl Deref for CandidateList {
    type Target = [Candidate];

    fn deref(&self) -> &[Candidate] {
        &self.0.candidates
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use super::*;
    use crate::{PeerId, Progress};

    fn peer(id: u8, have: u32) -> Candidate {
        Candidate {
            peer: Some(PeerId([id; 20])),
            progress: Progress::Pieces { have, total: 4 },
            ..Candidate::default()
        }
    }

    fn news(list: &CandidateList, known: &CandidateList) -> Vec<PeerId> {
        list.news_since(known).filter_map(|nth| list[nth].peer).collect()
    }

    #[test]
    fn a_list_tells_who_came_and_who_got_further_since_the_one_before() {
        let first = CandidateList::from([peer(1, 0), peer(2, 0), peer(3, 4)]);
        let next = first.next([peer(5, 0), peer(2, 1), peer(3, 4)]).expect("it differs");
        assert_eq!(news(&next, &first), [PeerId([5; 20]), PeerId([2; 20])]);
        assert_eq!(news(&next, &next), []);
    }

    #[test]
    fn whoever_missed_a_list_looks_at_all_of_the_next() {
        let first = CandidateList::from([peer(1, 0), peer(2, 0)]);
        let second = first.next([peer(1, 1), peer(2, 0)]).expect("it differs");
        let third = second.next([peer(1, 1), peer(2, 1)]).expect("it differs");
        assert_eq!(news(&third, &first).len(), 2);
        assert_eq!(news(&third, &CandidateList::default()).len(), 2);
        drop(second);
        assert_eq!(news(&third, &first).len(), 2, "an allocation that is gone is no other list's");
    }

    #[test]
    fn the_same_again_is_no_new_list_and_one_fewer_is() {
        let first = CandidateList::from([peer(1, 0), peer(2, 0)]);
        assert!(first.next([peer(2, 0), peer(1, 0)]).is_none());
        let shorter = first.next([peer(2, 0)]).expect("one is gone");
        assert_eq!((shorter.len(), news(&shorter, &first).len()), (1, 0));
    }

    #[test]
    fn everybody_is_listed_once_and_a_list_without_end_is_cut() {
        let twice = CandidateList::from([peer(1, 0), peer(1, 3), Candidate::default()]);
        assert_eq!(*twice, [peer(1, 0)]);
        let address = |nth: usize| SocketAddr::from(([10, 0, (nth >> 8) as u8, nth as u8], 1000));
        let endless =
            (0..2 * CANDIDATES_MAX).map(|nth| Candidate { addresses: vec![address(nth)], ..Candidate::default() });
        assert_eq!(endless.collect::<CandidateList>().len(), CANDIDATES_MAX);
    }
}
