//! A seeder that knows no other says whom to give which piece (BEP 6 `suggest piece`), so that it sends each piece once.
//!
//! Leechers that choose by themselves meet at the same piece more often the fewer are left: with 100 of
//! them and 8 slots a lone seeder sends a third of the file twice before all of it is out (simulated).
//! So each served peer is told of a piece or two that nobody but us has and nobody else was told of. It
//! is advice, and ends when the peer is choked.

use std::collections::{BTreeMap, BTreeSet};

use crate::availability::Availability;
use crate::ids::LinkKey;
use crate::piece_set::PieceSet;

/// Pieces a peer is told of and has not begun: two at least, so that its pipe does not run dry in between. One that has more under way
/// is told of as many more: what a fast one takes in the meantime it would choose by itself, all over the file.
const AHEAD_MIN: usize = 2;
/// As many as a peer of ours remembers.
const AHEAD_MAX: usize = 16;

/// Which pieces were promised to whom.
#[derive(Debug)]
pub struct Suggester {
    /// Pieces that somebody was told of, has begun or was sent, and that nobody of those has shown to have.
    taken: PieceSet,
    /// Where to look for the next piece to promise. It goes round, so that a piece that was half sent comes
    /// last: whoever has the half may be served again before.
    next: u32,
    /// Nothing was left to promise when we last looked.
    is_out: bool,
    by_link: BTreeMap<LinkKey, Promised>,
}

#[derive(Debug, Default)]
struct Promised {
    waiting: BTreeSet<u32>,
    begun: BTreeSet<u32>,
    /// All of it was sent, and the peer has not said that it has it.
    sent: BTreeSet<u32>,
}

impl Suggester {
    pub fn new(pieces: u32) -> Self {
        Self { taken: PieceSet::none(pieces), next: 0, is_out: false, by_link: BTreeMap::new() }
    }

    /// This peer has begun to request a piece.
    pub fn on_requested(&mut self, link: LinkKey, piece: u32) {
        let promised = self.by_link.entry(link).or_default();
        promised.waiting.remove(&piece);
        promised.begun.insert(piece);
        self.taken.insert(piece);
    }

    /// The next piece to tell this peer of: the first that only we have, so that those who want the file in
    /// order get it about so.
    pub fn next(&mut self, link: LinkKey, availability: &Availability) -> Option<u32> {
        let promised = self.by_link.entry(link).or_default();
        // What others have got meanwhile is not taken from us.
        promised.waiting.retain(|piece| availability.count(*piece) == 0);
        if promised.waiting.len() >= promised.begun.len().clamp(AHEAD_MIN, AHEAD_MAX) || self.is_out {
            return None;
        }
        let mut around = (self.next..self.taken.len()).chain(0..self.next);
        let piece = around.find(|piece| !self.taken.contains(*piece) && availability.count(*piece) == 0);
        self.is_out = piece.is_none();
        let piece = piece?;
        self.next = piece + 1;
        self.taken.insert(piece);
        promised.waiting.insert(piece);
        Some(piece)
    }

    /// The end of a piece went out to this peer.
    pub fn on_sent(&mut self, link: LinkKey, piece: u32) {
        if let Some(promised) = self.by_link.get_mut(&link)
            && promised.begun.remove(&piece)
        {
            promised.sent.insert(piece);
        }
    }

    /// A peer has it: it needs no promise any more. Should it go, the piece may be promised again.
    pub fn on_have(&mut self, link: LinkKey, piece: u32) {
        if let Some(promised) = self.by_link.get_mut(&link) {
            let lists = [&mut promised.waiting, &mut promised.begun, &mut promised.sent];
            lists.into_iter().for_each(|list| {
                list.remove(&piece);
            });
            self.taken.remove(piece);
        }
    }

    /// A peer is choked: what it did not get may be promised to others.
    pub fn on_choked(&mut self, link: LinkKey) {
        if let Some(promised) = self.by_link.get_mut(&link) {
            let (waiting, begun) = (std::mem::take(&mut promised.waiting), std::mem::take(&mut promised.begun));
            for piece in waiting.into_iter().chain(begun) {
                self.taken.remove(piece);
                self.is_out = false;
            }
        }
    }

    /// A peer went with everything that it had not shown to have.
    pub fn on_closed(&mut self, link: LinkKey) {
        self.on_choked(link);
        // Pieces that only it had besides us are with us alone again.
        self.is_out = false;
        if let Some(promised) = self.by_link.remove(&link) {
            promised.sent.iter().for_each(|piece| {
                self.taken.remove(*piece);
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: LinkKey = LinkKey(1);
    const B: LinkKey = LinkKey(2);

    #[test]
    fn a_piece_that_was_sent_is_promised_again_only_when_it_is_gone() {
        let (mut suggester, mut availability) = (Suggester::new(2), Availability::new(2));
        assert_eq!([suggester.next(A, &availability), suggester.next(A, &availability)], [Some(0), Some(1)]);
        suggester.on_requested(A, 0);
        suggester.on_sent(A, 0);
        suggester.on_choked(A);
        assert_eq!(suggester.next(B, &availability), Some(1), "A was not sent that one");
        assert_eq!(suggester.next(B, &availability), None, "A has been sent piece 0");

        suggester.on_have(A, 0);
        availability.add_piece(0);
        assert_eq!(suggester.next(B, &availability), None, "A has it");
        let mut of_a = PieceSet::none(2);
        assert!(of_a.insert(0));
        availability.remove(&of_a);
        suggester.on_closed(A);
        assert_eq!(suggester.next(B, &availability), Some(0), "only we have it now");
    }

    #[test]
    fn whoever_has_much_under_way_is_told_of_as_much_more() {
        let (mut suggester, availability) = (Suggester::new(100), Availability::new(100));
        let mut told = || std::iter::from_fn(|| suggester.next(A, &availability)).collect::<Vec<_>>();
        assert_eq!(told(), [0, 1]);
        for piece in 0..5 {
            suggester.on_requested(A, piece);
        }
        let mut told = || std::iter::from_fn(|| suggester.next(A, &availability)).collect::<Vec<_>>();
        assert_eq!(told(), [5, 6, 7, 8, 9]);
        (0..4).for_each(|piece| suggester.on_sent(A, piece));
        let mut told = || std::iter::from_fn(|| suggester.next(A, &availability)).collect::<Vec<_>>();
        assert!(told().is_empty(), "one is under way");
    }

    #[test]
    fn a_piece_that_was_half_sent_comes_last() {
        let (mut suggester, availability) = (Suggester::new(4), Availability::new(4));
        assert_eq!([suggester.next(A, &availability), suggester.next(A, &availability)], [Some(0), Some(1)]);
        suggester.on_requested(A, 0);
        suggester.on_choked(A);
        assert_eq!([suggester.next(B, &availability), suggester.next(B, &availability)], [Some(2), Some(3)]);
        suggester.on_requested(B, 2);
        assert_eq!(suggester.next(B, &availability), Some(0));
    }
}
