//! A torrent without a file.

use std::sync::Arc;

use metainfo::{Info, InfoBuilder};

/// `pieces` pieces of `piece_len` bytes with made-up digests: storage says which data is right.
///
/// # Panics
/// If the figures make no torrent; they are the scenario's.
pub fn torrent(pieces: u32, piece_len: u32) -> Arc<Info> {
    let total_len = u64::from(pieces) * u64::from(piece_len);
    let mut builder =
        InfoBuilder::new("simulated.bin", total_len, Some(piece_len)).expect("a scenario's sound figures");
    for piece in 0..pieces {
        let mut digest = [0xa5; 20];
        digest[..4].copy_from_slice(&piece.to_be_bytes());
        builder.set_digest(piece, digest);
    }
    Arc::new(builder.finish().expect("every digest is set"))
}
