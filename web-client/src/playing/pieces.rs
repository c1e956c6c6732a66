//! A part of a file in pieces of its torrent.

use std::ops::Range;

use metainfo::Layout;

/// More than this is not read at once, bytes.
const CHUNK_LEN_MAX: u64 = 256 * 1024;

/// What is read of a file next: all in one piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chunk {
    pub piece: u32,
    /// Where it begins in the piece, bytes.
    pub begin: u32,
    /// Bytes, at least 1.
    pub len: u32,
}

/// What is left to read of a file, in bytes of its torrent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileSpan {
    left: Range<u64>,
}

impl FileSpan {
    /// A part of the file that begins at `offset` in its torrent.
    pub fn new(offset: u64, part: &Range<u64>) -> Self {
        Self { left: offset + part.start..offset + part.end }
    }

    /// What comes next; `None`: nothing is left.
    pub fn next(&self, layout: &Layout) -> Option<Chunk> {
        if self.left.is_empty() {
            return None;
        }
        let piece = (self.left.start / u64::from(layout.nominal_piece_len())) as u32;
        let begin = self.left.start - layout.piece_offset(piece);
        let in_piece = u64::from(layout.piece_len(piece)) - begin;
        let len = in_piece.min(self.left.end - self.left.start).min(CHUNK_LEN_MAX);
        Some(Chunk { piece, begin: begin as u32, len: len as u32 })
    }

    /// So many bytes were read.
    pub fn on_read(&mut self, len: u32) {
        self.left.start = (self.left.start + u64::from(len)).min(self.left.end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_read_to_its_end_in_chunks_that_lie_in_one_piece() {
        let layout = Layout::new(1_000_000, 384 * 1024).unwrap();
        let mut span = FileSpan::new(1_000, &(10..900_000));
        let (mut at, mut chunks) = (1_010, 0);
        while let Some(chunk) = span.next(&layout) {
            assert_eq!(layout.piece_offset(chunk.piece) + u64::from(chunk.begin), at);
            assert!(chunk.len > 0 && chunk.begin + chunk.len <= layout.piece_len(chunk.piece));
            assert!(u64::from(chunk.len) <= CHUNK_LEN_MAX);
            span.on_read(chunk.len);
            (at, chunks) = (at + u64::from(chunk.len), chunks + 1);
        }
        assert_eq!((at, chunks), (901_000, 5));
    }

    #[test]
    fn nothing_is_left_of_nothing() {
        let layout = Layout::new(1_000, 16 * 1024).unwrap();
        assert_eq!(FileSpan::new(0, &(5..5)).next(&layout), None);
    }
}
