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
mod bind;
mod dial;
mod half_open;
mod link;
mod listener;
mod own_addresses;
mod queue;
mod registry;
mod relay;
mod tcp;

pub use dial::{DialFailure, Dialler, Opened};
pub use link::{Link, Pipe};
pub use listener::Listener;
pub use own_addresses::own_addresses;
pub use queue::{Incoming, LinkChannels};
pub use registry::{Accepted, Registration};
pub use relay::{RelaySocket, open_granted};
