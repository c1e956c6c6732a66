//! One simulated peer: its engine, its uplink and downlink, its conduct.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use bytes::Bytes;
use peer_engine::{Config, Engine, Instant, LinkKey};
use wire_protocol::ids::{MemberKey, PeerId};

/// A node of the simulation, in order of arrival.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeKey(pub usize);

/// How a node behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Conduct {
    /// As the engine does.
    Honest,
    /// One load in `one_in` brings bad data.
    Corrupt {
        /// 1: every load.
        one_in: u32,
    },
    /// Promises everything and never sends a block.
    Silent,
}

/// A node's figures.
#[derive(Debug, Clone)]
pub struct NodeConfig {
    /// The engine's own.
    pub engine: Config,
    /// Bytes per second out.
    pub up: u64,
    /// Bytes per second in.
    pub down: u64,
    /// From this node to the middle of the network, one way.
    pub latency: Duration,
    /// Per load and store.
    pub disk: Duration,
    /// Per piece.
    pub hash: Duration,
    /// Has every piece from the start.
    pub seeder: bool,
    /// How it behaves.
    pub conduct: Conduct,
}

impl NodeConfig {
    /// A home line: `up` and `down` bytes per second, 20 ms to the middle.
    pub fn leecher(up: u64, down: u64) -> Self {
        Self {
            engine: Config::native("swarm-sim"),
            up,
            down,
            latency: Duration::from_millis(20),
            disk: Duration::from_micros(100),
            hash: Duration::from_micros(300),
            seeder: false,
            conduct: Conduct::Honest,
        }
    }

    /// The same with every piece.
    pub fn seeder(up: u64, down: u64) -> Self {
        Self { seeder: true, ..Self::leecher(up, down) }
    }

    /// The same with another conduct.
    pub fn with_conduct(self, conduct: Conduct) -> Self {
        Self { conduct, ..self }
    }
}

/// The other end of a link, and what is under way to it.
#[derive(Debug)]
pub(crate) struct Pipe {
    pub to: NodeKey,
    /// Sent and not yet delivered, bytes: the link's send buffer.
    pub in_flight: usize,
    /// The engine has something for it.
    pub has_output: bool,
}

#[derive(Debug)]
pub(crate) struct Node {
    pub config: NodeConfig,
    pub engine: Engine,
    pub id: PeerId,
    pub member: MemberKey,
    pub pipes: BTreeMap<LinkKey, Pipe>,
    /// Links with output, in turn.
    pub turns: VecDeque<LinkKey>,
    pub uplink_busy: bool,
    pub downlink_free_at: Instant,
    pub tick_at: Option<Instant>,
    pub alive: bool,
    pub rng: fastrand::Rng,
    pub sent: u64,
}

/// Bytes on their way.
#[derive(Debug)]
pub(crate) struct Delivery {
    pub link: LinkKey,
    pub to: NodeKey,
    pub segments: Vec<Bytes>,
    pub len: usize,
}
