//! This program as one peer of one swarm: the engine, its links, and whom to dial.
//! It opens no socket, reads no clock and draws its randomness from a seed.

#![expect(dead_code, reason = "the parts stand before the whole")]

mod announcing;
mod candidate;
mod dialing;
mod failure;
mod ids;
mod links;
mod room;
mod torrent;
mod totals;
mod waiting;

pub use candidate::{CANDIDATES_MAX, Candidate, CandidateKey, Progress, Source};
pub use failure::{CloseReason, LinkFailure, Refused};
pub use ids::{Identity, InfoHash, PeerId, Timestamp};
pub use links::{Path, Phase, UNREAD_MAX};
pub use room::Room;
pub use torrent::{Expected, TorrentError};
pub use totals::{Given, Person, Who};
pub use waiting::{QUIET, Waiting};
