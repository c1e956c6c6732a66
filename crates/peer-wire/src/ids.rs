//! The names of a torrent and of a peer.

/// The text is not hexadecimal of the right length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a hexadecimal id of the right length")]
pub struct NotAnId;

/// A name of so many bytes, a newtype, so that one cannot be passed for another. People see and type it in
/// hexadecimal.
///
/// ```
/// peer_wire::id!(
///     /// Names a file.
///     FileId, 16
/// );
/// let file: FileId = "00112233445566778899aabbccddeeff".parse()?;
/// assert_eq!(file.short(), "00112233");
/// # Ok::<(), peer_wire::NotAnId>(())
/// ```
#[macro_export]
macro_rules! id {
    ($(#[$attribute:meta])* $name:ident, $len:literal) => {
        $(#[$attribute])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; $len]);

        impl $name {
            /// Length in bytes.
            pub const LEN: usize = $len;

            /// The first four bytes in hexadecimal: enough for a person to tell two apart in a log.
            pub fn short(&self) -> String {
                $crate::to_hex(&self.0[..4])
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(&$crate::to_hex(&self.0))
            }
        }

        impl ::std::fmt::Debug for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl AsRef<[u8]> for $name {
            fn as_ref(&self) -> &[u8] {
                &self.0
            }
        }

        impl From<[u8; $len]> for $name {
            fn from(bytes: [u8; $len]) -> Self {
                Self(bytes)
            }
        }

        impl From<$name> for [u8; $len] {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = $crate::NotAnId;

            /// Hexadecimal, either case, exactly the full length.
            fn from_str(text: &str) -> Result<Self, $crate::NotAnId> {
                $crate::from_hex(text).map(Self)
            }
        }
    };
}

/// For [`id!`].
#[doc(hidden)]
pub fn to_hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}

/// For [`id!`].
///
/// # Errors
/// [`NotAnId`].
#[doc(hidden)]
pub fn from_hex<const LEN: usize>(text: &str) -> Result<[u8; LEN], NotAnId> {
    let bytes = data_encoding::HEXLOWER_PERMISSIVE.decode(text.as_bytes()).map_err(|_| NotAnId)?;
    bytes.try_into().map_err(|_| NotAnId)
}

id!(
    /// SHA-1 of a torrent's `info` dictionary (BEP 3): names a torrent and its swarm.
    InfoHash, 20
);
id!(
    /// One peer in one swarm (BEP 3): 8 bytes of client name and version (BEP 20), 12 random bytes.
    /// A member has a new one per torrent and run, so it is known to the members of the group only.
    PeerId, 20
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
