//! What two peers say to each other: BEP 3 with the Fast extension (BEP 6) and the extension protocol
//! (BEP 10). The same bytes over TCP and over a relay link.
//!
//! ```text
//!   handshake   68 bytes: 19 "BitTorrent protocol" reserved[8] info-hash[20] peer-id[20]
//!   then frames length:u32 (big endian) id:u8 payload   (length 0 = keepalive)
//! ```

mod decoder;
mod extension;
mod handshake;
mod message;
pub mod text;

pub use decoder::{Decoder, WireError};
pub use extension::ExtensionHandshake;
pub use handshake::{HANDSHAKE_LEN, Handshake, Reserved};
pub use message::{BLOCK_LEN_MAX, Block, Message, PIECE_HEADER_LEN, encode_piece_header};
