//! One simulated peer: its engine, its lines, how it behaves and when it goes.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use local_peer::{PeerId, Room};
use peer_engine::{Config, Identity, LinkKey, Timestamp};

use crate::conduct::Conduct;
use crate::link::LinkId;
use crate::mind::Mind;
use crate::player::{Player, PlayerConfig};

/// A node of the simulation, in order of arrival.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeKey(pub usize);

/// A program, which may have several nodes, one for each swarm that it is in. They share its room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProgramKey(pub(crate) usize);

/// Two nodes, one in each of two swarms, that are joined to a bridge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BridgeKey(pub(crate) usize);

/// Who can open a connection to whom without the relay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reach {
    /// Can dial and be dialed.
    #[default]
    Open,
    /// Behind a NAT: can dial; nothing answers at the address that it announces.
    Nat,
    /// A browser: every link of it is relayed.
    RelayOnly,
}

/// When a node leaves of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Leave {
    /// Never.
    #[default]
    Stays,
    /// So long after it had everything.
    Completed(Duration),
    /// A seeder: as soon as every piece is verified at some node that came without it.
    OneCopy,
    /// So long after it came its machine is off, and nobody is told.
    Vanishes(Duration),
    /// The same, and it is back after a while.
    Returns {
        /// So long after it came it is off.
        after: Duration,
        /// So long it is off.
        away: Duration,
    },
}

/// A node's figures.
#[derive(Debug, Clone)]
pub struct NodeConfig {
    /// Its kind, by which figures are grouped.
    pub class: &'static str,
    /// The engine's own.
    pub engine: Config,
    /// Links of its program, over all swarms.
    pub limit: Room,
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
    /// Whether its links are direct.
    pub reach: Reach,
    /// When it leaves.
    pub leave: Leave,
    /// Somebody watches while it downloads.
    pub player: Option<PlayerConfig>,
}

impl NodeConfig {
    /// A home line: `up` and `down` bytes per second, 20 ms to the middle.
    pub fn leecher(up: u64, down: u64) -> Self {
        Self {
            class: "leechers",
            engine: Config::new("swarm-sim"),
            limit: Room { connecting: 16, links: 128 },
            up,
            down,
            latency: Duration::from_millis(20),
            disk: Duration::from_micros(100),
            hash: Duration::from_micros(300),
            seeder: false,
            conduct: Conduct::Honest,
            reach: Reach::Open,
            leave: Leave::Stays,
            player: None,
        }
    }

    /// The same with every piece.
    pub fn seeder(up: u64, down: u64) -> Self {
        Self { class: "seeders", seeder: true, ..Self::leecher(up, down) }
    }

    /// The same, counted as another kind.
    pub fn with_class(self, class: &'static str) -> Self {
        Self { class, ..self }
    }

    /// The same with another conduct.
    pub fn with_conduct(self, conduct: Conduct) -> Self {
        Self { conduct, ..self }
    }

    /// The same with another way to leave.
    pub fn with_leave(self, leave: Leave) -> Self {
        Self { leave, ..self }
    }

    /// A browser's tab: its limits and its reach.
    pub fn in_a_tab(self) -> Self {
        let mut engine = Config::for_memory("swarm-sim");
        engine.policy = self.engine.policy;
        Self { engine, limit: Room { connecting: 6, links: 24 }, reach: Reach::RelayOnly, ..self }
    }

    /// The same with another reach.
    pub fn with_reach(self, reach: Reach) -> Self {
        Self { reach, ..self }
    }
}

#[derive(Debug)]
pub(crate) struct Node {
    pub config: NodeConfig,
    pub mind: Mind,
    pub id: PeerId,
    pub identity: Identity,
    pub program: ProgramKey,
    /// Nodes of one swarm are listed to each other.
    pub swarm: usize,
    /// Open links.
    pub links: BTreeMap<LinkKey, LinkId>,
    /// Links that wait at the relay.
    pub pairings: BTreeMap<LinkKey, u64>,
    /// Links with output, in turn.
    pub turns: VecDeque<LinkId>,
    pub uplink_busy: bool,
    pub downlink_free_at: Timestamp,
    pub tick_at: Option<Timestamp>,
    pub alive: bool,
    /// It was off: links from before are not known here any more.
    pub was_away: bool,
    /// Which bridge it is an end of.
    pub bridge: Option<BridgeKey>,
    /// An ordinary client's links: bytes that it has sent, and since when no more.
    pub served: BTreeMap<LinkKey, (u64, Timestamp)>,
    pub rng: fastrand::Rng,
    pub player: Option<Player>,
    /// Links that it lost and that no dial has replaced.
    pub links_lost: u32,
    pub record: NodeRecord,
}

/// What happened to a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct NodeRecord {
    /// When it came.
    pub arrived_at: Timestamp,
    /// When it left.
    pub left_at: Option<Timestamp>,
    /// When its first piece was verified.
    pub first_piece_at: Option<Timestamp>,
    /// When it had everything. Seeders: never.
    pub completed_at: Option<Timestamp>,
    /// Bytes that left its uplink, everything included.
    pub sent: u64,
}
