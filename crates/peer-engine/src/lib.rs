//! One peer's decisions in one swarm: what to request from whom, whom to serve, whom to trust.
//! It contains no socket, clock, thread or randomness of its own: inputs in, outputs out.
//!
//! # Contract
//!
//! 1. [`Engine::handle`] takes one [`Input`] at a [`Timestamp`] that never goes back. Inputs may be batched.
//! 2. Every batch of inputs and every [`Engine::transmit`] is followed by [`Engine::poll_output`] until `None`;
//!    then sleep until [`Engine::poll_timeout`] at the latest and hand in [`Input::Tick`].
//! 3. [`Engine::transmit`] commits the bytes: the driver sends them or closes the link. A link that had no
//!    room is transmitted again when it has some, without another [`Output::Transmit`].
//! 4. Every [`Job`] is answered exactly once, in any order, success or failure. Answers to unknown jobs and
//!    inputs for unknown links are ignored: drivers race with closes.
//! 5. Same seed and same inputs give the same outputs, on 32 and 64 bit.

mod config;
mod engine;
mod ids;
mod input;
mod output;
mod stats;
mod time;

#[cfg_attr(feature = "internals", allow(missing_docs, reason = "not part of the contract"))]
mod availability;
mod choker;
mod have_log;
mod peer;
#[cfg_attr(feature = "internals", allow(missing_docs, reason = "not part of the contract"))]
mod picker;
mod piece_set;
mod rate;
mod rate_limit;
mod request_window;
mod suggester;
mod trust;
mod upload_queue;

pub use config::{Config, PiecePolicy, RateLimits, SeedChoking, UnknownPolicy};
pub use engine::Engine;
pub use ids::{Identity, JobId, LinkKey, PieceIndex};
pub use input::{Command, Direction, Input, Opening, StorageError, StorageErrorKind};
pub use output::{Blame, CloseReason, Event, Job, Output, PieceData};
pub use piece_set::PieceSet;
pub use stats::{PeerStats, PieceState, Stats};
pub use time::Timestamp;

/// For benches. Not part of the contract.
#[cfg(feature = "internals")]
#[doc(hidden)]
pub mod internals {
    pub use crate::availability::Availability;
    pub use crate::picker::{Holder, Loads, Picker, Sender};
}
