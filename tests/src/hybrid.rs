//! Torrents of versions 1 and 2 at once (BEP 52), which no program of Covey's makes.

use sha1::Sha1;
use sha2::{Digest, Sha256};

const BLOCK_LEN: usize = 16 * 1024;

type Hash = [u8; 32];

/// A torrent file of one file; `piece_len` is a power of two.
pub fn torrent(name: &str, content: &[u8], piece_len: usize, announce: &str) -> Vec<u8> {
    let leaves: Vec<Hash> = content.chunks(BLOCK_LEN).map(|block| Sha256::digest(block).into()).collect();
    let per_piece = piece_len / BLOCK_LEN;
    let layer: Vec<Hash> = leaves.chunks(per_piece).map(|piece| root(piece, per_piece, [0; 32])).collect();
    // Beyond the end there are pieces of nothing but zero leaves.
    let root = root(&layer, layer.len().next_power_of_two(), root(&[], per_piece, [0; 32]));
    let file = dict(&[("", dict(&[("length", number(content.len())), ("pieces root", text(root))]))]);
    let digests: Vec<u8> = content.chunks(piece_len).flat_map(|piece| <[u8; 20]>::from(Sha1::digest(piece))).collect();
    let info = dict(&[
        ("file tree", dict(&[(name, file)])),
        ("length", number(content.len())),
        ("meta version", number(2)),
        ("name", text(name)),
        ("piece length", number(piece_len)),
        ("pieces", text(digests)),
    ]);
    let layers = [b"d".to_vec(), text(root), text(layer.concat()), b"e".to_vec()].concat();
    dict(&[("announce", text(announce)), ("info", info), ("piece layers", layers)])
}

/// Of a tree of so many leaves (a power of two), those that are missing being `padding`.
fn root(leaves: &[Hash], width: usize, padding: Hash) -> Hash {
    let mut layer = leaves.to_vec();
    layer.resize(width, padding);
    while layer.len() > 1 {
        layer = layer.chunks(2).map(|pair| Sha256::digest(pair.concat()).into()).collect();
    }
    layer[0]
}

/// A dictionary of keys (in order) and bencoded values.
fn dict(pairs: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let body = pairs.iter().flat_map(|(key, value)| [text(key), value.clone()].concat());
    [b"d".to_vec(), body.collect(), b"e".to_vec()].concat()
}

fn text(bytes: impl AsRef<[u8]>) -> Vec<u8> {
    let bytes = bytes.as_ref();
    [format!("{}:", bytes.len()).as_bytes(), bytes].concat()
}

fn number(value: usize) -> Vec<u8> {
    format!("i{value}e").into_bytes()
}
