#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod config;
mod engine;
mod ids;
mod input;
mod output;
mod stats;
mod time;

#[cfg_attr(feature = "internals", allow(missing_docs, reason = "not part of the contract"))]
mod availability;
mod budget;
mod choker;
mod declined;
mod have_log;
mod peer;
mod peer_exchange;
#[cfg_attr(feature = "internals", allow(missing_docs, reason = "not part of the contract"))]
mod picker;
mod piece_set;
mod rate;
mod rate_limit;
mod request_window;
mod serving;
mod slot;
mod suggester;
mod talk;
mod trust;
mod upload_queue;

pub use config::{Config, PeerExchange, PiecePolicy, RateLimits, SeedChoking, UnknownPolicy};
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
    pub use crate::picker::{Holder, Picker, Sender, Waits};
}
