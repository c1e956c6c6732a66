//! Everything that crosses a link but the peer wire itself (crate `peer-wire`), as types. It never opens a
//! link, reads a clock or draws a random number.
//!
//! Read in this order:
//! - [`ids`]: the names of things (info-hash, peer id, member, group, file, link).
//! - [`control`]: what a member and the tracker say to each other (postcard in a versioned envelope).
//! - [`link`]: how a relay link begins: a signed, single-use token.
//! - [`ticket`]: who is a member now, as members show it to each other.
//! - [`signed`]: what tokens and tickets have in common.
//! - [`text`]: the rules for names and texts from strangers.
//! - [`invite`]: the link a person sends to a friend.
//! - [`pasted`]: such a link in whatever a person copied.
//!
//! All decoders are total: any input gives a value or an error, never a panic, and no decoder
//! allocates more than a constant factor of the bytes it was given.

pub mod control;
pub mod ids;
pub mod invite;
pub mod link;
pub mod pasted;
pub mod signed;
pub mod ticket;

pub use peer_wire::text;
