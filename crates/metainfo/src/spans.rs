//! Which bytes of a torrent lie in which of its files, and the other way round.

use std::iter;
use std::ops::Range;

use peer_wire::Block;

use crate::files::FileEntry;
use crate::info::Info;

/// A part of a block that lies in one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileSpan {
    /// Index in [`Info::files`].
    pub file: usize,
    /// Where it begins in the file, bytes.
    pub offset: u64,
    /// Where it begins in the block, bytes.
    pub begin: u32,
    /// Bytes, at least 1.
    pub len: u32,
    /// The bytes are zeros, and are on no disk (BEP 47).
    pub is_padding: bool,
}

impl Info {
    /// The parts of a block, or of a whole piece, in the order of its bytes. Files without bytes have no part in it;
    /// what lies beyond the torrent's end is left out. Takes O(log files), and O(1) for each part.
    pub fn spans(&self, block: &Block) -> impl Iterator<Item = FileSpan> + '_ {
        let start = self.layout().piece_offset(block.piece) + u64::from(block.begin);
        let end = (start + u64::from(block.len)).min(self.layout().total_len());
        let files = self.files();
        let first = files.partition_point(|file| file.end() <= start);
        let overlapping = (first..files.len()).take_while(move |file| files[*file].offset < end);
        overlapping.filter(|file| files[*file].len > 0).map(move |file| {
            let entry = &files[file];
            let from = entry.offset.max(start);
            FileSpan {
                file,
                offset: from - entry.offset,
                begin: (from - start) as u32,
                len: (entry.end().min(end) - from) as u32,
                is_padding: entry.is_padding,
            }
        })
    }

    /// The pieces that a file needs; none if it has no bytes or is padding.
    ///
    /// # Panics
    /// If there is no such file.
    pub fn pieces_of(&self, file: usize) -> Range<u32> {
        let entry = &self.files()[file];
        if entry.len == 0 || entry.is_padding {
            return 0..0;
        }
        let piece_len = u64::from(self.layout().nominal_piece_len());
        (entry.offset / piece_len) as u32..entry.end().div_ceil(piece_len) as u32
    }

    /// The pieces that these files need, in ascending ranges with gaps between them.
    ///
    /// # Panics
    /// If there is no such file.
    pub fn pieces_of_all(&self, files: &[usize]) -> Vec<Range<u32>> {
        let mut ranges: Vec<Range<u32>> = files.iter().map(|file| self.pieces_of(*file)).collect();
        ranges.retain(|range| !range.is_empty());
        ranges.sort_unstable_by_key(|range| range.start);
        let mut ranges = ranges.into_iter().peekable();
        iter::from_fn(|| {
            let mut joined = ranges.next()?;
            while let Some(next) = ranges.next_if(|next| next.start <= joined.end) {
                joined.end = joined.end.max(next.end);
            }
            Some(joined)
        })
        .collect()
    }
}

impl FileEntry {
    /// Where the next file begins in the torrent's bytes.
    pub(crate) fn end(&self) -> u64 {
        self.offset + self.len
    }
}
