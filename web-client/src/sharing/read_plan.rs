//! What is read of a shared file when a piece of it is asked for, and what of that is kept.
//!
//! A slice of a file costs a browser a millisecond or two, whatever its length, so a block is never read by itself: at
//! least its piece is. Whoever goes on where others have been is read ahead of, twice as far each time. Those who jump
//! about are not: what nobody asks for would be read for nothing.

use std::collections::VecDeque;
use std::ops::Range;

use metainfo::Layout;

use super::hash_plan::bytes_of;

/// Read in one go at most, bytes, unless a piece is longer.
const WINDOW_LEN: u64 = 4 << 20;
/// Kept at most, bytes; two windows at least.
const KEPT_LEN: u64 = 32 << 20;

/// Where a piece is to be found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Look {
    /// In the window that begins with this piece.
    Kept(u32),
    /// Nowhere: these pieces are to be read and kept, and the windows that begin with `forgotten` are not kept any more.
    Read {
        window: Range<u32>,
        /// First pieces.
        forgotten: Vec<u32>,
    },
}

/// The windows that are kept.
#[derive(Debug)]
pub struct ReadPlan {
    layout: Layout,
    /// The one that was asked for longest ago first.
    kept: VecDeque<Range<u32>>,
}

impl ReadPlan {
    /// Nothing is kept.
    pub fn new(layout: Layout) -> Self {
        Self { layout, kept: VecDeque::new() }
    }

    /// Somebody asks for a part of this piece.
    pub fn look(&mut self, piece: u32) -> Look {
        if let Some(at) = self.kept.iter().position(|window| window.contains(&piece)) {
            let window = self.kept.remove(at).expect("it is there");
            let first = window.start;
            self.kept.push_back(window);
            return Look::Kept(first);
        }
        let window = piece..self.end_of(piece);
        self.kept.push_back(window.clone());
        Look::Read { window, forgotten: self.forget() }
    }

    /// Up to which piece is read.
    fn end_of(&self, piece: u32) -> u32 {
        let before = self.kept.iter().find(|window| window.end == piece);
        let count = before.map_or(1, |window| (window.end - window.start).saturating_mul(2));
        let fits = (WINDOW_LEN / u64::from(self.layout.nominal_piece_len())).max(1) as u32;
        let next = self.kept.iter().map(|window| window.start).filter(|start| *start > piece).min();
        let end = next.unwrap_or(u32::MAX).min(self.layout.pieces());
        end.min(piece.saturating_add(count.min(fits)))
    }

    fn forget(&mut self) -> Vec<u32> {
        let mut forgotten = Vec::new();
        while self.kept.len() > 2 && self.kept_len() > KEPT_LEN {
            forgotten.extend(self.kept.pop_front().map(|window| window.start));
        }
        forgotten
    }

    fn kept_len(&self) -> u64 {
        let lens = self.kept.iter().map(|window| bytes_of(&self.layout, window));
        lens.map(|bytes| bytes.end - bytes.start).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1 << 20;

    fn plan(total_len: u64, piece_len: u64) -> ReadPlan {
        ReadPlan::new(Layout::new(total_len, piece_len).unwrap())
    }

    fn read(plan: &mut ReadPlan, piece: u32) -> Option<Range<u32>> {
        match plan.look(piece) {
            Look::Kept(_) => None,
            Look::Read { window, .. } => Some(window),
        }
    }

    #[test]
    fn whoever_reads_on_is_read_ahead_of_up_to_four_mebibytes() {
        let mut plan = plan(1000 * MIB, MIB / 4);
        let read: Vec<_> = (0..64).filter_map(|piece| read(&mut plan, piece)).collect();
        assert_eq!(read, [0..1, 1..3, 3..7, 7..15, 15..31, 31..47, 47..63, 63..79]);
    }

    #[test]
    fn whoever_jumps_about_has_nothing_read_for_nothing() {
        let mut plan = plan(1000 * MIB, MIB / 4);
        assert_eq!(read(&mut plan, 900), Some(900..901));
        assert_eq!(read(&mut plan, 17), Some(17..18));
        assert_eq!(read(&mut plan, 900), None, "it is kept");
        assert_eq!(read(&mut plan, 16), Some(16..17), "what is kept is not read again");
    }

    #[test]
    fn little_is_kept_whatever_is_asked_for() {
        for piece_len in [MIB / 4, MIB, 16 * MIB] {
            let mut plan = plan(4000 * MIB, piece_len);
            let pieces = plan.layout.pieces();
            let mut kept = std::collections::BTreeSet::new();
            for step in 0..5000_u32 {
                let piece = step.wrapping_mul(2_654_435_761) % pieces;
                if let Look::Read { window, forgotten } = plan.look(piece) {
                    assert!(window.contains(&piece));
                    assert!(kept.insert(window.start));
                    forgotten.iter().for_each(|first| assert!(kept.remove(first)));
                }
                assert!(plan.kept_len() <= KEPT_LEN.max(2 * piece_len));
                assert_eq!(kept.len(), plan.kept.len());
            }
        }
    }

    #[test]
    fn the_last_piece_ends_where_the_file_ends() {
        let mut plan = plan(MIB + 5, MIB / 2);
        assert_eq!(read(&mut plan, 1), Some(1..2));
        assert_eq!(read(&mut plan, 2), Some(2..3));
        assert_eq!(plan.kept_len(), MIB / 2 + 5);
    }
}
