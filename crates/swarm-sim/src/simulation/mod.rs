//! The clock, the nodes and the links between them.
//!
//! - `driving`: each engine's inputs and outputs, as a program drives it.
//! - `network`: what is sent takes its time on uplinks, downlinks and the relay.
//! - `swarm`: who comes, who links to whom, who goes.
//! - `watching`: events, samples and players.

mod driving;
mod network;
mod swarm;
mod watching;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use metainfo::Info;
use peer_engine::{Engine, Input, LinkKey, Stats, Timestamp};

use crate::agenda::Agenda;
use crate::link::{Delivery, Link};
use crate::mind::Mind;
use crate::node::{Node, NodeConfig, NodeKey, NodeRecord};
use crate::player::Playback;
use crate::relay::{Relay, RelayConfig};
use crate::report::Report;

/// What is going to happen.
#[derive(Debug)]
enum Happening {
    Tick(NodeKey),
    UplinkFree(NodeKey),
    AtRelay(Delivery),
    Arrives(Delivery),
    Delivered(Delivery),
    Answers(NodeKey, Input),
    Closes(NodeKey, LinkKey),
    Comes(Box<NodeConfig>),
    Relinks(NodeKey),
    Leaves(NodeKey),
    Vanishes(NodeKey),
    Plays(NodeKey),
    Samples,
}

/// Many engines, one clock.
#[derive(Debug)]
pub struct Simulation {
    info: Arc<Info>,
    nodes: Vec<Node>,
    /// By [`LinkKey`].
    links: Vec<Link>,
    now: Timestamp,
    agenda: Agenda<Happening>,
    /// Ids and seeds of nodes.
    rng: fastrand::Rng,
    /// Who links to whom.
    topology: fastrand::Rng,
    relay: Relay,
    /// Links that a newcomer dials; `None`: only what `connect` is told.
    degree: Option<usize>,
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
            links: Vec::new(),
            now: Timestamp(0),
            agenda: Agenda::new(),
            topology: rng.fork(),
            rng,
            relay: Relay::default(),
            degree: None,
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

    /// Recounts every engine's books after every input.
    pub fn with_checks(mut self) -> Self {
        self.checked = true;
        self
    }

    /// The relay's own line.
    pub fn with_relay(mut self, relay: RelayConfig) -> Self {
        self.relay.config = relay;
        self
    }

    /// Whoever comes dials so many random nodes, and links that close are replaced.
    pub fn with_tracker(mut self, degree: usize) -> Self {
        self.degree = Some(degree);
        self
    }

    /// Looks so often who is interested in whom.
    pub fn with_samples(mut self, every: Duration) -> Self {
        self.sample_every = Some(every);
        self.later(every, Happening::Samples);
        self
    }

    /// The simulated time.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Nodes that have come so far.
    pub fn nodes(&self) -> impl Iterator<Item = NodeKey> {
        (0..self.nodes.len()).map(NodeKey)
    }

    /// A node's own figures.
    pub fn stats(&self, node: NodeKey) -> Stats {
        self.engine(node).map(Engine::stats).unwrap_or_default()
    }

    /// A node's engine; rogues have none.
    pub fn engine(&self, node: NodeKey) -> Option<&Engine> {
        self.nodes[node.0].mind.engine()
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
            Mind::Engine(_) => None,
        }
    }

    /// The torrent.
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
                self.arrive(*config);
            }
            Happening::Relinks(node) => self.relink(node),
            Happening::Leaves(node) => self.crash(node),
            Happening::Vanishes(node) => {
                self.vanish(node);
            }
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
