#![doc = include_str!("../README.md")]

mod announcing;
mod candidate;
mod candidate_list;
mod dialing;
mod failure;
mod found;
mod full_copies;
mod ids;
mod input;
mod links;
mod local_peer;
mod output;
mod room;
mod snapshot;
mod totals;
mod waiting;

pub use candidate::{CANDIDATES_MAX, Candidate, CandidateKey, Progress, Source};
pub use candidate_list::CandidateList;
pub use failure::{CloseReason, LinkFailure, Refused};
pub use peer_wire::Behind;

pub use full_copies::FullCopies;
pub use ids::{Identity, InfoHash, PeerId, Timestamp};
pub use input::Input;
pub use links::{Path, UNREAD_MAX};
pub use local_peer::{Config, LocalPeer};
pub use output::{Event, Output};
pub use room::Room;
pub use snapshot::{PeerSnapshot, Snapshot};
pub use totals::{Given, Person, Who};
pub use waiting::{QUIET, Waiting};
