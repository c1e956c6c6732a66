//! One simulated peer: its engine, its lines, how it behaves and when it goes.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use peer_engine::{Config, Identity, LinkKey, Timestamp};
use peer_wire::PeerId;

use crate::conduct::Conduct;
use crate::mind::Mind;
use crate::player::{Player, PlayerConfig};

/// A node of the simulation, in order of arrival.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeKey(pub usize);

/// Who can open a connection to whom without the relay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reach {
    /// Can dial and be dialled.
    #[default]
    Open,
    /// Behind a NAT: can dial, cannot be dialled.
    Nat,
    /// A browser: every link of it is relayed.
    RelayOnly,
}

impl Reach {
    /// A link from a node like this one to one like `acceptor` goes through the relay.
    pub(crate) fn needs_relay(self, acceptor: Reach) -> bool {
        self == Reach::RelayOnly || acceptor != Reach::Open
    }
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
}

/// A node's figures.
#[derive(Debug, Clone)]
pub struct NodeConfig {
    /// Its kind, by which figures are grouped.
    pub class: &'static str,
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
    /// Open links.
    pub links: BTreeSet<LinkKey>,
    /// Links with output, in turn.
    pub turns: VecDeque<LinkKey>,
    pub uplink_busy: bool,
    pub downlink_free_at: Timestamp,
    pub tick_at: Option<Timestamp>,
    pub alive: bool,
    pub rng: fastrand::Rng,
    pub player: Option<Player>,
    /// Nodes that a link to did not last, and how often: dialled later or never again.
    pub failures: BTreeMap<NodeKey, u32>,
    /// It is going to look for more links.
    pub looks_for_links: bool,
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
