//! Names of things that come from below.

pub use peer_engine::Instant as Timestamp;
pub use wire_protocol::ids::{InfoHash, PeerId};

/// A person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identity(pub [u8; 32]);
