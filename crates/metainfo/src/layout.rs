//! How a torrent's bytes are cut into pieces and blocks. The last of each may be shorter.

use peer_wire::{BLOCK_LEN_MAX, Block};

/// The most pieces a torrent may have that this program makes: its bitfield is 4 KiB and its info
/// dictionary about 640 KiB, which every client accepts.
pub const PIECES_MAX: u32 = 1 << 15;
/// The smallest piece that is chosen by itself, bytes.
pub const PIECE_LEN_MIN: u32 = 256 * 1024;
/// The largest piece that is chosen by itself, bytes.
pub const PIECE_LEN_MAX: u32 = 16 * 1024 * 1024;
/// The most pieces of a torrent that is read; libtorrent's own bound.
const PIECES_READ_MAX: u64 = 2_097_152;
/// The smallest piece of a torrent that is read, bytes. Others make pieces of any length: BEP 3 asks for no power of two,
/// nor for whole blocks.
const PIECE_LEN_READ_MIN: u32 = 1024;
/// The largest piece of a torrent that is read, bytes. A piece is held in memory until it is verified.
const PIECE_LEN_READ_MAX: u32 = 64 * 1024 * 1024;

/// The piece length for a file of `total_len` bytes: a power of two from [`PIECE_LEN_MIN`] to
/// [`PIECE_LEN_MAX`] that gives at most [`PIECES_MAX`] pieces (above 512 GiB there are more).
pub fn choose_piece_len(total_len: u64) -> u32 {
    let mut piece_len = PIECE_LEN_MIN;
    while piece_len < PIECE_LEN_MAX && total_len.div_ceil(u64::from(piece_len)) > u64::from(PIECES_MAX) {
        piece_len *= 2;
    }
    piece_len
}

/// Why a torrent cannot be cut this way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LayoutError {
    /// Nothing to share.
    #[error("the torrent is empty")]
    Empty,
    /// Below 1 KiB or above 64 MiB.
    #[error("a piece length of {0} bytes is not supported (1 KiB to 64 MiB)")]
    PieceLen(u64),
    /// More than 2^21 pieces.
    #[error("{0} pieces are too many")]
    TooManyPieces(u64),
}

/// Lengths of a torrent, its pieces and blocks. Made only when they are sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    total_len: u64,
    piece_len: u32,
    pieces: u32,
}

impl Layout {
    /// For `total_len` bytes in pieces of `piece_len`.
    ///
    /// # Errors
    /// [`LayoutError`]: the torrent's maker's fault.
    pub fn new(total_len: u64, piece_len: u64) -> Result<Self, LayoutError> {
        if total_len == 0 {
            return Err(LayoutError::Empty);
        }
        if !(u64::from(PIECE_LEN_READ_MIN)..=u64::from(PIECE_LEN_READ_MAX)).contains(&piece_len) {
            return Err(LayoutError::PieceLen(piece_len));
        }
        let pieces = total_len.div_ceil(piece_len);
        if pieces > PIECES_READ_MAX {
            return Err(LayoutError::TooManyPieces(pieces));
        }
        Ok(Self { total_len, piece_len: piece_len as u32, pieces: pieces as u32 })
    }

    /// Bytes in all.
    pub fn total_len(&self) -> u64 {
        self.total_len
    }

    /// Length of every piece but the last, bytes.
    pub fn nominal_piece_len(&self) -> u32 {
        self.piece_len
    }

    /// Number of pieces, at least 1.
    pub fn pieces(&self) -> u32 {
        self.pieces
    }

    /// Where a piece begins, bytes.
    pub fn piece_offset(&self, piece: u32) -> u64 {
        u64::from(piece) * u64::from(self.piece_len)
    }

    /// Length of this piece, bytes. 0 beyond the last.
    pub fn piece_len(&self, piece: u32) -> u32 {
        let rest = self.total_len.saturating_sub(self.piece_offset(piece));
        rest.min(u64::from(self.piece_len)) as u32
    }

    /// Number of blocks in this piece.
    pub fn blocks(&self, piece: u32) -> u32 {
        self.piece_len(piece).div_ceil(BLOCK_LEN_MAX)
    }

    /// The `index`th block of a piece.
    pub fn block(&self, piece: u32, index: u32) -> Block {
        let begin = index * BLOCK_LEN_MAX;
        let len = self.piece_len(piece).saturating_sub(begin).min(BLOCK_LEN_MAX);
        Block { piece, begin, len }
    }

    /// The block's index in its piece, if it is one of [`Layout::block`]: aligned and of full length.
    pub fn block_index(&self, block: &Block) -> Option<u32> {
        let index = block.begin / BLOCK_LEN_MAX;
        (block.piece < self.pieces && self.block(block.piece, index) == *block && block.len > 0).then_some(index)
    }

    /// Whether these bytes lie in their piece: what a peer may request, aligned or not.
    pub fn contains(&self, block: &Block) -> bool {
        block.piece < self.pieces
            && block.len > 0
            && u64::from(block.begin) + u64::from(block.len) <= u64::from(self.piece_len(block.piece))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_piece_and_the_last_block_are_shorter() {
        let layout = Layout::new(3 * 65_536 + 20_000, 65_536).unwrap();
        assert_eq!(layout.pieces(), 4);
        assert_eq!(layout.piece_len(2), 65_536);
        assert_eq!(layout.piece_len(3), 20_000);
        assert_eq!(layout.piece_len(4), 0);
        assert_eq!(layout.blocks(3), 2);
        assert_eq!(layout.block(3, 1), Block { piece: 3, begin: 16_384, len: 3_616 });
    }

    /// They were refused, and every other client takes them.
    #[test]
    fn pieces_need_not_be_whole_blocks() {
        let layout = Layout::new(250_000, 100_000).unwrap();
        assert_eq!((layout.pieces(), layout.blocks(0), layout.blocks(2)), (3, 7, 4));
        let last = Block { piece: 1, begin: 98_304, len: 1_696 };
        assert_eq!((layout.block(1, 6), layout.block_index(&last)), (last, Some(6)));
        assert_eq!(layout.block(2, 3), Block { piece: 2, begin: 49_152, len: 848 });
        assert!(layout.contains(&Block { piece: 0, begin: 87_500, len: 12_500 }));
        let small = Layout::new(10_000, 8_192).unwrap();
        assert_eq!((small.blocks(0), small.block(1, 0).len), (1, 1_808));
    }

    #[test]
    fn only_whole_aligned_blocks_have_an_index() {
        let layout = Layout::new(100_000, 65_536).unwrap();
        assert_eq!(layout.block_index(&Block { piece: 0, begin: 16_384, len: 16_384 }), Some(1));
        assert_eq!(layout.block_index(&Block { piece: 0, begin: 1, len: 16_384 }), None);
        assert_eq!(layout.block_index(&Block { piece: 0, begin: 0, len: 100 }), None);
        assert_eq!(layout.block_index(&Block { piece: 9, begin: 0, len: 16_384 }), None);
        assert!(layout.contains(&Block { piece: 0, begin: 1, len: 100 }));
        assert!(!layout.contains(&Block { piece: 1, begin: 34_000, len: 16_384 }));
        assert!(!layout.contains(&Block { piece: 0, begin: u32::MAX, len: u32::MAX }));
    }

    #[test]
    fn a_chosen_piece_length_keeps_to_32768_pieces() {
        assert_eq!(choose_piece_len(1), PIECE_LEN_MIN);
        assert_eq!(choose_piece_len(757_071_872), PIECE_LEN_MIN);
        assert_eq!(choose_piece_len(8 << 30), 256 * 1024);
        assert_eq!(choose_piece_len((8 << 30) + 1), 512 * 1024);
        assert_eq!(choose_piece_len(u64::MAX), PIECE_LEN_MAX);
    }
}
