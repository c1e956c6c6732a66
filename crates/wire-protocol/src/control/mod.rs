//! The control conversation: one WebSocket per member, path `/control`, subprotocol
//! [`SUBPROTOCOL`], one [`envelope`] in each binary message.
//!
//! ```text
//!   tracker                                member
//!      ──────────── Hello ──────────────────►     key and nonce
//!      ◄─────────── Login ───────────────────     signed (login.rs), with resume points
//!      ──────────── Welcome ────────────────►     then per group a Snapshot, the missed Events
//!                                                or GroupGone
//!      ◄─────────── Request(id) ─────────────     durable, idempotent by id
//!      ──────────── Reply(id) ──────────────►     sent after the change is on disk
//!      ──────────── Event(group, seq) ──────►     gap-free per group, to every online member
//!      ◄─────────── Announce / Withdraw ─────     soft: ends with the connection
//!      ──────────── Swarm(file, peers) ─────►     soft: to every online member of the group
//!      ◄─────────── Dial ────────────────────     asks for a relay link to a peer
//!      ──────────── LinkGrant ──────────────►     to both sides, each with its own token
//!      ◄─────────── Ping ────────────────────     when nothing was heard for a while
//!      ──────────── Pong ───────────────────►
//! ```
//!
//! Rules for whoever changes these types (postcard is positional and not self-describing):
//! enums only grow at the end; a struct that is already in use never changes; fixed-width integers
//! only; no maps, no recursion, no zero-sized elements in a `Vec`. Golden bytes of every variant
//! are in `tests/it/golden.rs` and docs/protocol.md.

mod envelope;
mod limits;
mod login;
mod messages;

pub use envelope::{DecodeError, decode_from_member, decode_from_tracker, encode_from_member, encode_from_tracker};
pub use limits::*;
pub use login::login_digest;
pub use messages::*;

/// WebSocket subprotocol of the control connection.
pub const SUBPROTOCOL: &str = "covey-control.v1";
