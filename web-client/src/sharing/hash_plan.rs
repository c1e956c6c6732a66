//! In which steps a file is read and hashed.

use std::ops::Range;

use metainfo::Layout;

/// Read in one go, bytes. Below 4 MiB each slice costs more than its bytes; whatever is read lies in memory.
const WINDOW_LEN: u64 = 8 << 20;
/// Windows that are read and hashed at the same time: the disk is busy while others are hashed.
pub const LANES: usize = 3;

/// Which pieces come next.
#[derive(Debug)]
pub struct HashPlan {
    layout: Layout,
    next: u32,
}

impl HashPlan {
    /// From the first piece on.
    pub fn new(layout: Layout) -> Self {
        Self { layout, next: 0 }
    }

    /// The next pieces to read in one go: as many as fit, at least one.
    pub fn next_window(&mut self) -> Option<Range<u32>> {
        let (first, end) = (self.next, self.layout.pieces());
        if first >= end {
            return None;
        }
        let count = (WINDOW_LEN / u64::from(self.layout.nominal_piece_len())).max(1);
        self.next = end.min(first.saturating_add(count as u32));
        Some(first..self.next)
    }

    /// Nobody wants the rest.
    pub fn cancel(&mut self) {
        self.next = self.layout.pieces();
    }

    /// Where these pieces lie.
    pub fn bytes(&self, window: &Range<u32>) -> Range<u64> {
        bytes_of(&self.layout, window)
    }
}

/// Where some pieces lie in the torrent's bytes.
pub(super) fn bytes_of(layout: &Layout, pieces: &Range<u32>) -> Range<u64> {
    let end = if pieces.end >= layout.pieces() { layout.total_len() } else { layout.piece_offset(pieces.end) };
    layout.piece_offset(pieces.start)..end
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1 << 20;

    fn windows(total_len: u64, piece_len: u64) -> Vec<Range<u64>> {
        let mut plan = HashPlan::new(Layout::new(total_len, piece_len).unwrap());
        std::iter::from_fn(|| plan.next_window().map(|window| plan.bytes(&window))).collect()
    }

    #[test]
    fn every_byte_is_read_once_in_whole_pieces() {
        for (total_len, piece_len) in [(1, MIB), (20 * MIB + 5, MIB / 4), (33 * MIB, 16 * MIB), (24 * MIB, MIB)] {
            let windows = windows(total_len, piece_len);
            let mut at = 0;
            for window in &windows {
                assert_eq!(window.start, at);
                assert!(window.start % piece_len == 0 && window.end > window.start);
                assert!(window.end - window.start <= WINDOW_LEN.max(piece_len));
                at = window.end;
            }
            assert_eq!(at, total_len);
        }
        assert_eq!(windows(20 * MIB + 5, MIB / 4).len(), 3);
    }

    #[test]
    fn nothing_is_read_after_it_was_cancelled() {
        let mut plan = HashPlan::new(Layout::new(100 * MIB, MIB).unwrap());
        assert_eq!(plan.next_window(), Some(0..8));
        plan.cancel();
        assert_eq!(plan.next_window(), None);
    }
}
