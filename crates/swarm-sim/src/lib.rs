//! Many local peers on a simulated network, in virtual time, with a seed. It runs the same
//! [`local_peer::LocalPeer`] as the programs do: nothing of the protocol is imitated, nor who dials whom.
//!
//! - [`Simulation`]: the clock, the nodes and the links between them; the local peer's third driver.
//! - [`NodeConfig`]: a node's lines, disk, conduct and when it goes.
//! - [`Report`]: what happened; [`Outcome`]: the same in figures.
//! - [`scenario`], [`gates`], [`plot`]: what the program `swarm-sim` runs, asserts and draws.
//!
//! Payload bytes do not exist: every block is a slice of one static buffer, and a piece's hash is
//! right when all its blocks came from an honest disk.

mod agenda;
mod bounds;
mod chance;
mod conduct;
pub mod gates;
mod link;
mod mind;
mod node;
mod outcome;
mod player;
pub mod plot;
mod relay;
mod report;
mod rogue;
pub mod scenario;
mod simulation;
mod storage;
mod torrent;

pub use bounds::{Bounds, kumar_ross, store_and_forward};
pub use conduct::Conduct;
pub use node::{BridgeKey, Leave, NodeConfig, NodeKey, NodeRecord, ProgramKey, Reach};
pub use outcome::{ClassOutcome, Outcome, Spread, StreamOutcome};
pub use player::{Playback, PlayerConfig};
pub use relay::RelayConfig;
pub use report::{Ban, Completion, FailedPiece, Report};
pub use scenario::Scenario;
pub use simulation::Simulation;
pub use torrent::torrent;
