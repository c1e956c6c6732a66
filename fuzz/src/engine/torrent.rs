//! The torrent of the target: piece `i` is filled with the byte `i + 1`.

use std::sync::{Arc, LazyLock};

use bytes::Bytes;
use metainfo::{Info, InfoBuilder};
use sha1::{Digest, Sha1};

/// Pieces of [`PIECE_LEN`], the last one shorter.
pub const PIECES: u32 = 6;
/// Three blocks.
pub const PIECE_LEN: u32 = 3 * BLOCK_LEN;
/// A block, bytes.
pub const BLOCK_LEN: u32 = 16 * 1024;
/// The last piece ends in its second block.
const LAST_PIECE_MISSING: u32 = 20_000;

static TORRENT: LazyLock<Arc<Info>> = LazyLock::new(|| {
    let total_len = u64::from(PIECES * PIECE_LEN - LAST_PIECE_MISSING);
    let mut builder = InfoBuilder::new("fuzz.bin", total_len, Some(PIECE_LEN)).expect("a sound layout");
    for piece in 0..PIECES {
        let len = builder.layout().piece_len(piece) as usize;
        builder.set_digest(piece, Sha1::digest(vec![fill(piece); len]).into());
    }
    Arc::new(builder.finish().expect("all digests are set"))
});

/// What everybody shares, made once.
pub fn torrent() -> Arc<Info> {
    TORRENT.clone()
}

/// What every byte of a piece is.
pub fn fill(piece: u32) -> u8 {
    piece as u8 + 1
}

/// A part of a piece.
pub fn data(piece: u32, len: u32) -> Bytes {
    Bytes::from(vec![fill(piece); len as usize])
}

/// The bytes are this piece's.
pub fn is_true(piece: u32, data: &[Bytes]) -> bool {
    data.iter().all(|block| block.iter().all(|byte| *byte == fill(piece)))
}
