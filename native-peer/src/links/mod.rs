//! Byte pipes to other peers, over TCP and over the relay, with bounded queues both ways.
//!
//! ```text
//!   socket ──► reader ── chunks ≤ 64 KiB ──► one bounded channel for all links ──► engine's task
//!   socket ◄── writer ◄── bounded segments (backlog ≤ 1 MiB) ◄─────────────────────┘
//!                 └── "has room again" ──────────────────────────────────────────► engine's task
//! ```
//!
//! A reader that finds the channel full does not read its socket: TCP pushes back, all the way to the
//! sender.

mod backlog;
mod dial;
mod link;
mod listener;
mod own_addresses;
mod relay;
mod tcp;

pub use dial::{DialFailure, Dialer, Opened};
pub use link::{Incoming, Link, LinkChannels, Pipe};
pub use listener::{Accepted, Listener, Registration};
pub use own_addresses::own_addresses;
pub use relay::{RelaySocket, open_granted};
