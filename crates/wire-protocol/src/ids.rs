//! The names of things. Each is a newtype, so that one cannot be passed for another.

use std::fmt;

use peer_wire::id;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

pub use peer_wire::{InfoHash, NotAnId, PeerId};

id!(
    /// A person: their Ed25519 public key. Bans and roles hang on it.
    #[derive(Serialize, Deserialize)]
    MemberKey, 32
);
id!(
    /// A group. Made by the client that creates it.
    #[derive(Serialize, Deserialize)]
    GroupId, 16
);
id!(
    /// A file card in a group. Exists before the info-hash does. Made by the client that adds it.
    #[derive(Serialize, Deserialize)]
    FileId, 16
);
id!(
    /// An invite to a group. Made by the client that makes the invite; no secret.
    #[derive(Serialize, Deserialize)]
    InviteId, 16
);
id!(
    /// A tracker's database, from its making on: event numbers of two histories have nothing to do with
    /// each other.
    #[derive(Serialize, Deserialize)]
    HistoryId, 16
);
id!(
    /// One relay link: the pair of WebSockets that the relay splices.
    #[derive(Serialize, Deserialize)]
    LinkId, 16
);
id!(
    /// A request on the control connection. Made by the client; sending it twice has one effect.
    #[derive(Serialize, Deserialize)]
    RequestId, 16
);

impl MemberKey {
    /// What tells two people of one name apart, such as `k7fq-2mza`: 40 bits of a hash of the key. Making a key whose
    /// mark is somebody else's takes 2^40 attempts: enough for people who look twice, no proof.
    pub fn mark(&self) -> String {
        let digest = Sha256::new().chain_update(b"covey member mark v1").chain_update(self.0).finalize();
        let mut mark = data_encoding::BASE32_NOPAD.encode(&digest[..5]).to_ascii_lowercase();
        mark.insert(4, '-');
        mark
    }
}

/// An Ed25519 signature. Serde has no impl for `[u8; 64]`; two halves have.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature(pub [u8; 32], pub [u8; 32]);

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signature(..)")
    }
}

impl From<[u8; 64]> for Signature {
    fn from(bytes: [u8; 64]) -> Self {
        let (mut r, mut s) = ([0; 32], [0; 32]);
        r.copy_from_slice(&bytes[..32]);
        s.copy_from_slice(&bytes[32..]);
        Self(r, s)
    }
}

impl From<Signature> for [u8; 64] {
    fn from(signature: Signature) -> Self {
        let mut bytes = [0; 64];
        bytes[..32].copy_from_slice(&signature.0);
        bytes[32..].copy_from_slice(&signature.1);
        bytes
    }
}

/// `serde(with)` for the peer wire's ids in control messages: their 20 bytes and nothing else, as the ids of
/// this module. The peer wire itself knows nothing of serde.
pub(crate) mod twenty_bytes {
    use super::{Deserialize, Serialize};

    pub fn serialize<T: Copy + Into<[u8; 20]>, S: serde::Serializer>(id: &T, serializer: S) -> Result<S::Ok, S::Error> {
        let bytes: [u8; 20] = (*id).into();
        bytes.serialize(serializer)
    }

    pub fn deserialize<'de, T: From<[u8; 20]>, D: serde::Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
        <[u8; 20]>::deserialize(deserializer).map(T::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mark_of_a_member_is_short_and_stays_the_same() {
        assert_eq!(MemberKey([7; 32]).mark(), "unsu-e3j3");
        assert_ne!(MemberKey([8; 32]).mark(), "unsu-e3j3");
    }
}
