//! The wire: golden bytes shared with docs/protocol.md, every split of a stream, hostile bytes, memory.

mod documented;
mod golden;
mod hostile;
mod invites;
mod links;
mod memory;
mod peer_wire;
mod samples;
mod text;
