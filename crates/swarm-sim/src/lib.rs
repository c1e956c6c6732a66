//! Many peer engines on a simulated network, in virtual time, with a seed. It runs the same
//! [`peer_engine::Engine`] as the programs do; nothing of the protocol is imitated.
//!
//! - [`Simulation`]: the clock, the event queue and the nodes; the engine's third driver.
//! - [`NodeConfig`]: a node's bandwidth, latency, disk and conduct.
//! - [`Report`]: what came of it.
//!
//! Payload bytes do not exist: every block is a slice of one static buffer, and a piece's hash is
//! right when all its blocks came from the honest one.

mod node;
mod simulation;
mod storage;
mod torrent;

pub use node::{Conduct, NodeConfig, NodeKey};
pub use simulation::{Report, Simulation};
pub use torrent::torrent;
