//! The names of things. Each is a newtype, so that one cannot be passed for another.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $len:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $name(pub [u8; $len]);

        impl $name {
            /// Length in bytes.
            pub const LEN: usize = $len;

            /// The first four bytes in hexadecimal: enough for a person to tell two apart in a log.
            pub fn short(&self) -> String {
                data_encoding::HEXLOWER.encode(&self.0[..4])
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&data_encoding::HEXLOWER.encode(&self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl AsRef<[u8]> for $name {
            fn as_ref(&self) -> &[u8] {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;

            /// Hexadecimal, either case, exactly the full length.
            fn from_str(text: &str) -> Result<Self, NotAnId> {
                let bytes = data_encoding::HEXLOWER_PERMISSIVE
                    .decode(text.as_bytes())
                    .map_err(|_| NotAnId)?;
                Ok(Self(bytes.try_into().map_err(|_| NotAnId)?))
            }
        }
    };
}

/// The text is not hexadecimal of the right length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a hexadecimal id of the right length")]
pub struct NotAnId;

id!(
    /// SHA-1 of a torrent's `info` dictionary (BEP 3): names a torrent and its swarm on the peer wire.
    InfoHash, 20
);
id!(
    /// One peer in one swarm (BEP 3): 8 bytes of client name and version (BEP 20), 12 random bytes.
    /// A member has a new one per torrent and run, so it is known to the members of the group only.
    PeerId, 20
);
id!(
    /// A person: their Ed25519 public key. Bans and roles hang on it.
    MemberKey, 32
);
id!(
    /// A group. Made by the client that creates it.
    GroupId, 16
);
id!(
    /// A file card in a group. Exists before the info-hash does. Made by the client that adds it.
    FileId, 16
);
id!(
    /// A tracker's database, from its making on: event numbers of two histories have nothing to do with
    /// each other.
    HistoryId, 16
);
id!(
    /// One relay link: the pair of WebSockets that the relay splices.
    LinkId, 16
);
id!(
    /// A request on the control connection. Made by the client; sending it twice has one effect.
    RequestId, 16
);

/// How Covey's peer ids begin (BEP 20, Azureus style: `-`, two letters, four digits, `-`).
/// `CV` is in nobody's list of client codes (docs/decisions/0003-peer-id.md).
pub const PEER_ID_PREFIX: &[u8; 8] = b"-CV0100-";

impl PeerId {
    /// A Covey peer id from 12 bytes of the caller's randomness.
    pub fn covey(random: [u8; 12]) -> Self {
        let mut id = [0; 20];
        id[..8].copy_from_slice(PEER_ID_PREFIX);
        id[8..].copy_from_slice(&random);
        Self(id)
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
