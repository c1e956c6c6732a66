//! What is hashed of the shared secret and the info-hash.

use peer_wire::InfoHash;
use sha1::{Digest, Sha1};

use crate::key_exchange::KEY_LEN;

/// SHA-1.
pub(crate) const HASH_LEN: usize = 20;

/// `HASH(word, parts…)`.
pub(crate) fn hash(word: &[u8; 4], parts: [&[u8]; 2]) -> [u8; HASH_LEN] {
    let hasher = Sha1::new().chain_update(word).chain_update(parts[0]).chain_update(parts[1]);
    hasher.finalize().into()
}

/// What the responder looks for behind the initiator's padding.
pub(crate) fn req1(secret: &[u8; KEY_LEN]) -> [u8; HASH_LEN] {
    hash(b"req1", [secret, &[]])
}

/// Says which torrent it is to whoever serves it, and nothing to others.
pub(crate) fn obfuscated(info_hash: InfoHash, secret: &[u8; KEY_LEN]) -> [u8; HASH_LEN] {
    let (torrent, mask) = (hash(b"req2", [&info_hash.0, &[]]), hash(b"req3", [secret, &[]]));
    std::array::from_fn(|at| torrent[at] ^ mask[at])
}
