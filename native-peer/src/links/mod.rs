//! Byte pipes to other peers, over TCP and over the relay, with bounded queues both ways.
//!
//! ```text
//!   socket ──► receive ── chunks ≤ 64 KiB ──► one bounded channel for all links ──► swarm's task
//!   socket ◄── send ◄── bounded segments (backlog ≤ 1 MiB) ◄────────────────────────┘
//!                └── "has room again" ────────────────────────────────────────────► swarm's task
//! ```
//!
//! A reader that finds the channel full does not read its socket: TCP pushes back, all the way to the
//! sender.

mod backlog;
mod beginning;
mod dial;
mod encryption;
mod half_open;
mod link;
mod listener;
mod memory;
mod own_addresses;
mod pipe;
mod queue;
mod registry;
mod relay;
mod secure;
mod strangers;
mod table;
mod tcp;

pub use dial::connect_to_stranger;
pub use listener::Listener;
pub use memory::{FarEnd, link_within};
pub use own_addresses::own_addresses;
pub use queue::Incoming;
pub use registry::{Accepted, Access, Caller, Ordinary, Registration, Served};
pub use secure::{Credentials, Security};
pub use strangers::Strangers;
pub use table::{Granted, LinkEvent, LinkTable};
