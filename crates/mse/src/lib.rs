#![doc = include_str!("../README.md")]

mod cipher;
mod error;
mod hashes;
mod inbox;
mod initiator;
mod key_exchange;
mod methods;
mod progress;
mod responder;
mod seed;

pub use cipher::{Cipher, Ciphers};
pub use error::MseError;
pub use initiator::Initiator;
pub use key_exchange::KEY_LEN;
pub use methods::{Method, Methods};
pub use peer_wire::InfoHash;
pub use progress::{Established, Progress};
pub use responder::Responder;
pub use seed::{SEED_LEN, Seed};

/// Padding of either side in either place, bytes.
pub const PADDING_MAX: usize = 512;
