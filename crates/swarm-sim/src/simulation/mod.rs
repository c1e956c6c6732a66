//! The clock, the nodes and the links between them.
//!
//! - `driving`: each local peer's inputs and outputs, as a program drives it.
//! - `swarm`: who comes and who goes.
//! - `tracker`: who is listed to whom.
//! - `linking`: a dial becomes a link, straight or through the relay.
//! - `bridging`: nodes that are joined to a bridge.
//! - `ordinary`: the habits of ordinary clients.
//! - `network`: what is sent takes its time on uplinks, downlinks and the relay.
//! - `watching`: events, samples and players.

mod bridging;
mod driving;
mod linking;
mod network;
mod ordinary;
mod swarm;
mod tracker;
mod watching;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use local_peer::{Input, LocalPeer, Path, Progress, Room};
use metainfo::Info;
use peer_engine::{Engine, LinkKey, Stats, Timestamp};

use crate::agenda::Agenda;
use crate::link::{Delivery, Link, LinkId};
use crate::mind::Mind;
use crate::node::{BridgeKey, Node, NodeConfig, NodeKey, NodeRecord, ProgramKey};
use crate::player::Playback;
use crate::relay::{Relay, RelayConfig};
use crate::report::Report;
use bridging::Joint;
use linking::Pairing;
use tracker::Tracker;

/// What is going to happen.
#[derive(Debug)]
enum Happening {
    Tick(NodeKey),
    UplinkFree(NodeKey),
    AtRelay(Delivery),
    Arrives(Delivery),
    Delivered(Delivery),
    Answers(NodeKey, Input),
    Closes(NodeKey, LinkId),
    Comes(Box<NodeConfig>),
    /// An announce reaches the tracker; `None`: the node is gone.
    Hears(NodeKey, Option<Progress>),
    /// Everybody in a swarm is told who is in it.
    Lists(usize),
    /// A connection reaches the acceptor.
    Connects {
        dialer: NodeKey,
        link: LinkKey,
        acceptor: NodeKey,
    },
    /// A dial over the relay reaches the tracker.
    Asks {
        dialer: NodeKey,
        link: LinkKey,
        acceptor: NodeKey,
    },
    /// The grant for it reaches the acceptor.
    Asked(NodeKey, u64),
    /// A side's socket to the relay is open.
    AtDoor(NodeKey, LinkKey),
    PairingEnds(u64),
    /// A side learns that its link is there.
    Opens(NodeKey, LinkKey, Path),
    Leaves(NodeKey),
    Vanishes(NodeKey),
    Returns(NodeKey),
    /// An ordinary client's round.
    Rounds(NodeKey),
    /// What was held back on a link is looked at.
    Releases(NodeKey, LinkId),
    ToBridge(BridgeKey, bridge::Input),
    /// A bridge's disk has read.
    Reads(BridgeKey, bridge::Read),
    BridgeTicks(BridgeKey),
    /// A bridge looks at its seeders.
    Looks(BridgeKey),
    Plays(NodeKey),
    Samples,
}

/// What a program's nodes share.
#[derive(Debug)]
struct Program {
    limit: Room,
    nodes: Vec<NodeKey>,
    /// Most that they used of it at a time.
    most: Room,
}

impl Program {
    /// So much is left.
    fn note(&mut self, left: Room) {
        self.most.connecting = self.most.connecting.max(self.limit.connecting - left.connecting);
        self.most.links = self.most.links.max(self.limit.links - left.links);
    }
}

/// Many local peers, one clock.
#[derive(Debug)]
pub struct Simulation {
    info: Arc<Info>,
    nodes: Vec<Node>,
    programs: Vec<Program>,
    /// By [`BridgeKey`].
    bridges: Vec<Joint>,
    /// By [`LinkId`].
    links: Vec<Link>,
    tracker: Tracker,
    /// Links that wait at the relay.
    pairings: BTreeMap<u64, Pairing>,
    next_pairing: u64,
    now: Timestamp,
    agenda: Agenda<Happening>,
    /// Ids and seeds of nodes.
    rng: fastrand::Rng,
    /// When nodes come.
    arrivals: fastrand::Rng,
    relay: Relay,
    /// Every node's limit; `None`: its own.
    limit: Option<Room>,
    /// Nodes that are still to come.
    coming: usize,
    /// Nodes that the run waits for.
    unfinished: usize,
    /// Pieces that no node has but those that came with everything.
    unspread: Option<(Vec<bool>, u32)>,
    /// Between two samples of who is interested in whom.
    sample_every: Option<Duration>,
    /// Bytes that left uplinks.
    sent: u64,
    happened: u64,
    report: Report,
    /// Recount the engines' books after every input (slow).
    checked: bool,
    /// Empty lists of segments, to be used again.
    spare: Vec<Vec<Bytes>>,
}

impl Simulation {
    /// An empty network. The seed is all its randomness.
    pub fn new(info: Arc<Info>, seed: u64) -> Self {
        let mut rng = fastrand::Rng::with_seed(seed);
        let pieces = info.layout().pieces();
        Self {
            info,
            nodes: Vec::new(),
            programs: Vec::new(),
            bridges: Vec::new(),
            links: Vec::new(),
            tracker: Tracker::new(),
            pairings: BTreeMap::new(),
            next_pairing: 0,
            now: Timestamp(0),
            agenda: Agenda::new(),
            arrivals: rng.fork(),
            rng,
            relay: Relay::default(),
            limit: None,
            coming: 0,
            unfinished: 0,
            unspread: Some((vec![true; pieces as usize], pieces)),
            sample_every: None,
            sent: 0,
            happened: 0,
            report: Report::new(),
            checked: false,
            spare: Vec::new(),
        }
    }

    /// Recounts every local peer's books after every input.
    pub fn with_checks(mut self) -> Self {
        self.checked = true;
        self
    }

    /// The relay's own line.
    pub fn with_relay(mut self, relay: RelayConfig) -> Self {
        self.relay.config = relay;
        self
    }

    /// Everybody is listed to everybody, and a node dials until it has so many links. It accepts as many again.
    pub fn with_degree(mut self, degree: usize) -> Self {
        self.limit = Some(Room { connecting: 16, links: 2 * degree });
        self.introduce_all();
        self
    }

    /// Looks so often who is interested in whom.
    pub fn with_samples(mut self, every: Duration) -> Self {
        self.sample_every = Some(every);
        self.later(every, Happening::Samples);
        self
    }

    /// Virtual time since the start; no other clock is read.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Nodes that have come so far.
    pub fn nodes(&self) -> impl Iterator<Item = NodeKey> {
        (0..self.nodes.len()).map(NodeKey)
    }

    /// Most that a program's nodes used of its room at a time.
    pub fn most_used(&self, program: ProgramKey) -> Room {
        self.programs[program.0].most
    }

    /// A node's own figures.
    pub fn stats(&self, node: NodeKey) -> Stats {
        self.engine(node).map(Engine::stats).unwrap_or_default()
    }

    /// A node's engine; rogues have none.
    pub fn engine(&self, node: NodeKey) -> Option<&Engine> {
        self.nodes[node.0].mind.engine()
    }

    /// A node's local peer; rogues have none.
    pub fn peer(&self, node: NodeKey) -> Option<&LocalPeer> {
        match &self.nodes[node.0].mind {
            Mind::Peer(peer) => Some(peer),
            Mind::Rogue(_) => None,
        }
    }

    /// A node's figures from outside.
    pub fn config(&self, node: NodeKey) -> &NodeConfig {
        &self.nodes[node.0].config
    }

    /// What happened to a node.
    pub fn record(&self, node: NodeKey) -> &NodeRecord {
        &self.nodes[node.0].record
    }

    /// How the film went at a node where somebody watches.
    pub fn playback(&self, node: NodeKey) -> Option<Playback> {
        self.nodes[node.0].player.as_ref().map(|player| player.playback)
    }

    /// How long others unchoked a rogue.
    pub fn unchoked_for(&self, node: NodeKey) -> Option<Duration> {
        match &self.nodes[node.0].mind {
            Mind::Rogue(rogue) => Some(rogue.unchoked_for(self.now)),
            Mind::Peer(_) => None,
        }
    }

    /// What every honest node shares.
    pub fn info(&self) -> &Info {
        &self.info
    }

    /// What has come of it so far.
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// Things that have happened: the simulator's own work.
    pub fn happened(&self) -> u64 {
        self.happened
    }

    /// Bytes that the relay passed on.
    pub fn relayed(&self) -> u64 {
        self.relay.carried
    }

    /// Goes on until `done` says so, or until `limit` of simulated time. `true`: done.
    pub fn run_until(&mut self, limit: Duration, mut done: impl FnMut(&Simulation) -> bool) -> bool {
        let end = Timestamp(0) + limit;
        while !done(self) {
            if self.agenda.next_at().is_none_or(|at| at > end) {
                return false;
            }
            let (at, happening) = self.agenda.pop().expect("just peeked");
            self.now = at;
            self.happened += 1;
            self.happen(happening);
        }
        true
    }

    /// Goes on until everybody has come and every honest leecher that is there has everything.
    pub fn run_to_completion(&mut self, limit: Duration) -> bool {
        self.run_until(limit, |simulation| simulation.unfinished == 0 && simulation.coming == 0)
    }

    /// Goes on for so long.
    pub fn run_for(&mut self, time: Duration) {
        self.run_until(self.now.since(Timestamp(0)) + time, |_| false);
    }

    fn happen(&mut self, happening: Happening) {
        match happening {
            Happening::Tick(node) => self.on_tick(node),
            Happening::UplinkFree(node) => {
                self.nodes[node.0].uplink_busy = false;
                self.drain(node);
            }
            Happening::AtRelay(delivery) => self.on_relay(delivery),
            Happening::Arrives(delivery) => self.on_arrival(delivery),
            Happening::Delivered(delivery) => self.on_delivered(delivery),
            Happening::Answers(node, input) => self.input(node, input),
            Happening::Closes(node, link) => self.on_closed_by_other(node, link),
            Happening::Comes(config) => {
                self.coming -= 1;
                self.add(*config);
            }
            Happening::Hears(node, progress) => self.on_hears(node, progress),
            Happening::Lists(swarm) => self.on_lists(swarm),
            Happening::Connects { dialer, link, acceptor } => self.on_connects(dialer, link, acceptor),
            Happening::Asks { dialer, link, acceptor } => self.on_asks(dialer, link, acceptor),
            Happening::Asked(acceptor, pairing) => self.on_asked(acceptor, pairing),
            Happening::AtDoor(node, link) => self.on_door(node, link),
            Happening::PairingEnds(pairing) => self.on_pairing_ends(pairing),
            Happening::Opens(node, link, path) => self.on_opens(node, link, path),
            Happening::Leaves(node) => self.crash(node),
            Happening::Vanishes(node) => self.vanish(node),
            Happening::Returns(node) => self.come_back(node),
            Happening::Rounds(node) => self.on_round(node),
            Happening::Releases(node, link) => self.on_release(node, link),
            Happening::ToBridge(bridge, input) => self.on_bridge(bridge, input),
            Happening::Reads(bridge, read) => self.on_bridge_read(bridge, read),
            Happening::BridgeTicks(bridge) => self.on_bridge_tick(bridge),
            Happening::Looks(bridge) => self.on_look(bridge),
            Happening::Plays(node) => self.play(node),
            Happening::Samples => self.sample(),
        }
    }

    fn later(&mut self, after: Duration, happening: Happening) {
        self.agenda.plan(self.now + after, happening);
    }

    fn latency(&self, a: NodeKey, b: NodeKey) -> Duration {
        self.nodes[a.0].config.latency + self.nodes[b.0].config.latency
    }
}
