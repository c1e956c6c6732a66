//! What two peers say to each other, as types: BEP 3 with the Fast extension (BEP 6), the extension
//! protocol (BEP 10), and of its extensions those of BEP 9, 11 and 54. It never opens a link, reads a clock or draws a random number.
//!
//! ```text
//!   handshake   68 bytes: 19 "BitTorrent protocol" reserved[8] info-hash[20] peer-id[20]
//!   then frames length:u32 (big endian) id:u8 payload   (length 0 = keepalive)
//! ```
//!
//! The same bytes over TCP and over a relay link. All decoders are total: any input gives a value or an
//! error, never a panic, and no decoder allocates more than a constant factor of the bytes it was given.

#![warn(missing_docs)]

mod client;
mod decoder;
mod extension;
mod handshake;
mod ids;
mod message;
mod metadata;
mod pex;
pub mod text;

pub use client::client_of;
pub use decoder::{Decoder, WireError};
pub use extension::{BEHIND_MAX, Behind, ExtensionHandshake, ExtensionIds};
pub use handshake::{HANDSHAKE_LEN, Handshake, Reserved};
pub use ids::{InfoHash, NotAnId, PEER_ID_PREFIX, PeerId};
#[doc(hidden)]
pub use ids::{from_hex, to_hex};
pub use message::{BLOCK_LEN_MAX, Block, Message, PIECE_HEADER_LEN, encode_piece_header};
pub use metadata::{METADATA_PART_LEN, MetadataMessage};
pub use pex::{PEX_PEERS_MAX, PexMessage, PexPeer, compact, v4_addresses, v6_addresses};

/// A receiver closes a link that carried this many bytes more than its requests earned, bitfields aside:
/// requests are the only backpressure that a browser has.
pub const UNREQUESTED_BYTES_MAX: u64 = 256 * 1024;
/// So many of them are forgiven in a second: lively talk (haves, keepalives, extension messages).
pub const TALK_BYTES_PER_SECOND: u64 = 8 * 1024;
