//! `equal-split`: each holder first gets one contiguous share of the missing pieces; whoever runs out
//! takes over half of the largest remaining share.
//!
//! ```text
//!   at first     |──── A ────|──── B ────|──── C ────|
//!   A runs out   |           |── B ─|─ A |──── C ────|      A takes the upper half of the largest
//! ```

use crate::ids::LinkKey;
use crate::piece_set::PieceSet;

/// Shares are divided anew while nobody has run out of theirs.
#[derive(Debug, Default)]
pub struct Shares {
    /// In order, disjoint, together every piece.
    ranges: Vec<Range>,
    /// Somebody ran out: from now on shares only change hands by halves.
    taken_over: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Range {
    owner: Option<LinkKey>,
    start: u32,
    end: u32,
}

/// Who holds pieces, with the weight of their share.
pub type Weights = [(LinkKey, u64)];

impl Shares {
    /// Divides the open pieces among the holders by weight, in contiguous shares.
    pub fn divide(&mut self, open: &PieceSet, holders: &Weights) {
        if self.taken_over || holders.is_empty() {
            return;
        }
        let total_weight: u128 = holders.iter().map(|(_, weight)| u128::from(*weight)).sum::<u128>().max(1);
        let missing: Vec<u32> = open.iter().collect();
        let (mut weight_before, mut start) = (0u128, 0);
        self.ranges.clear();
        for (owner, weight) in holders {
            weight_before += u128::from(*weight);
            let boundary = (missing.len() as u128 * weight_before / total_weight) as usize;
            let end = missing.get(boundary).copied().unwrap_or(open.len());
            self.ranges.push(Range { owner: Some(*owner), start, end });
            start = end;
        }
        if let Some(last) = self.ranges.last_mut() {
            last.end = open.len();
        }
    }

    /// Its share goes back to everybody.
    pub fn release(&mut self, link: LinkKey) {
        self.ranges.iter_mut().filter(|range| range.owner == Some(link)).for_each(|range| range.owner = None);
    }

    /// The next piece for a holder: the first of its share that is open and that it has, else of what it
    /// takes over. `cost`: how long an owner needs for so many pieces, in any unit.
    pub fn next(
        &mut self,
        link: LinkKey,
        open: &PieceSet,
        pieces: &PieceSet,
        cost: impl Fn(LinkKey, u64) -> u64,
    ) -> Option<u32> {
        if let Some(piece) = self.first_of(link, open, pieces) {
            return Some(piece);
        }
        self.taken_over |= !self.ranges.is_empty();
        while self.take_over(link, open, pieces, &cost) {
            if let Some(piece) = self.first_of(link, open, pieces) {
                return Some(piece);
            }
        }
        // What is left lies with owners that lack it or in shares of one piece: whoever has it takes it.
        wanted(open, pieces, 0, open.len()).next()
    }

    fn first_of(&self, link: LinkKey, open: &PieceSet, pieces: &PieceSet) -> Option<u32> {
        let own = self.ranges.iter().filter(|range| range.owner == Some(link));
        own.flat_map(|range| wanted(open, pieces, range.start, range.end)).next()
    }

    /// Gives `link` a free share, or the upper half of the one whose owner needs longest. `false`: none
    /// is worth it.
    fn take_over(
        &mut self,
        link: LinkKey,
        open: &PieceSet,
        pieces: &PieceSet,
        cost: impl Fn(LinkKey, u64) -> u64,
    ) -> bool {
        let remaining = |range: &Range| wanted(open, pieces, range.start, range.end).count() as u64;
        let free = self.ranges.iter().position(|range| range.owner.is_none() && remaining(range) > 0);
        if let Some(free) = free {
            self.ranges[free].owner = Some(link);
            return true;
        }
        let others =
            self.ranges.iter().enumerate().filter(|(_, range)| range.owner != Some(link) && remaining(range) > 1);
        let largest = others.max_by_key(|(_, range)| range.owner.map_or(0, |owner| cost(owner, remaining(range))));
        let Some((at, range)) = largest.map(|(at, range)| (at, *range)) else {
            return false;
        };
        let half = remaining(&range).div_ceil(2) as usize;
        let Some(middle) = wanted(open, pieces, range.start, range.end).nth(half) else {
            return false;
        };
        self.ranges[at].end = middle;
        self.ranges.insert(at + 1, Range { owner: Some(link), start: middle, end: range.end });
        true
    }
}

fn wanted<'a>(open: &'a PieceSet, pieces: &'a PieceSet, start: u32, end: u32) -> impl Iterator<Item = u32> + 'a {
    open.common_in(pieces, start, end)
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: LinkKey = LinkKey(1);
    const B: LinkKey = LinkKey(2);
    const C: LinkKey = LinkKey(3);

    fn by_number(_: LinkKey, pieces: u64) -> u64 {
        pieces
    }

    #[test]
    fn shares_are_contiguous_and_equal() {
        let (open, all) = (PieceSet::all(90), PieceSet::all(90));
        let mut shares = Shares::default();
        shares.divide(&open, &[(A, 1), (B, 1), (C, 1)]);
        assert_eq!([A, B, C].map(|link| shares.next(link, &open, &all, by_number)), [Some(0), Some(30), Some(60)]);
    }

    #[test]
    fn shares_follow_measured_rates() {
        let (open, all) = (PieceSet::all(90), PieceSet::all(90));
        let mut shares = Shares::default();
        shares.divide(&open, &[(A, 200), (B, 100)]);
        assert_eq!(shares.next(B, &open, &all, by_number), Some(60));
    }

    #[test]
    fn who_runs_out_takes_the_upper_half_of_the_largest_share() {
        let all = PieceSet::all(90);
        let mut open = PieceSet::all(90);
        let mut shares = Shares::default();
        shares.divide(&open, &[(A, 1), (B, 1), (C, 1)]);
        (0..30).chain(30..40).for_each(|piece| assert!(open.remove(piece)));
        assert_eq!(shares.next(A, &open, &all, by_number), Some(75), "C has 30 left, B 20");
        assert_eq!(shares.next(C, &open, &all, by_number), Some(60));
    }

    #[test]
    fn a_piece_that_any_holder_has_is_fetched() {
        let mut open = PieceSet::all(10);
        let mut shares = Shares::default();
        shares.divide(&open, &[(A, 1), (B, 1)]);
        let mut without_2 = PieceSet::all(10);
        without_2.remove(2);
        // A owns 0..5 and lacks 2; B has everything.
        while let Some(piece) = shares.next(A, &open, &without_2, by_number) {
            open.remove(piece);
        }
        assert_eq!(open.iter().collect::<Vec<_>>(), [2]);
        assert_eq!(shares.next(B, &open, &PieceSet::all(10), by_number), Some(2));
    }

    #[test]
    fn the_share_of_who_left_is_taken_first() {
        let (open, all) = (PieceSet::all(90), PieceSet::all(90));
        let mut rest = open.clone();
        let mut shares = Shares::default();
        shares.divide(&open, &[(A, 1), (B, 1), (C, 1)]);
        (0..30).for_each(|piece| assert!(rest.remove(piece)));
        shares.release(B);
        assert_eq!(shares.next(A, &rest, &all, by_number), Some(30));
    }
}
