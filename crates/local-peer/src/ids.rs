//! Names of things that come from below.

pub use peer_engine::{Identity, Timestamp};
pub use peer_wire::{InfoHash, PeerId};
