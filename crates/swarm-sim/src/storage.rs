//! A disk that stores nothing and knows good data from bad.

use bytes::Bytes;
use metainfo::Info;
use peer_engine::{PieceData, PieceIndex};
use peer_wire::BLOCK_LEN_MAX;

static GOOD: [u8; 256 * 1024] = [0; 256 * 1024];

/// The first byte of a block that a liar made up.
const BAD: u8 = 1;

/// `len` bytes as an honest disk has them.
pub fn load(len: u32) -> Bytes {
    Bytes::from_static(&GOOD).slice(..len as usize)
}

/// `len` bytes in which each block is bad if `is_bad` says so.
pub fn load_corrupt(len: u32, mut is_bad: impl FnMut() -> bool) -> Bytes {
    let mut data = vec![0; len as usize];
    data.chunks_mut(BLOCK_LEN_MAX as usize).for_each(|block| block[0] = if is_bad() { BAD } else { 0 });
    Bytes::from(data)
}

/// The torrent's digest if every block is good. A block is wholly good or wholly bad, so that its first
/// byte tells.
pub fn hash(info: &Info, piece: PieceIndex, data: &PieceData) -> [u8; 20] {
    let good = data.iter().all(|block| block.first() == Some(&GOOD[0]));
    if good { info.digest(piece.0) } else { [0xff; 20] }
}
