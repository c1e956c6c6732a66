//! The clock, the event queue and the nodes.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use metainfo::Info;
use peer_engine::{Action, Direction, Engine, Event, Input, Instant, LinkKey, Opening, PieceSet, Stats};
use wire_protocol::ids::{MemberKey, PeerId};

use crate::node::{Conduct, Delivery, Node, NodeConfig, NodeKey, Pipe};
use crate::storage;

/// What an uplink sends in one turn, bytes: one block, its header and some requests.
const QUANTUM: usize = 17 * 1024;
/// A link's send buffer, bytes.
const SEND_BUFFER: usize = 512 * 1024;

/// What is going to happen.
#[derive(Debug)]
enum Happening {
    Tick(NodeKey),
    UplinkFree(NodeKey),
    Arrives(Delivery),
    Delivered(Delivery),
    Answers(NodeKey, Input),
    Closes(NodeKey, LinkKey),
}

/// What came of a run.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Report {
    /// When each node had everything, microseconds. Seeders are absent.
    pub completed_at: BTreeMap<usize, u64>,
    /// Who banned whom for which piece.
    pub bans: Vec<(usize, usize, u32)>,
    /// Pieces that came with a wrong hash: at whom, and which.
    pub failed_pieces: Vec<(usize, u32)>,
    /// A digest of every event at every node in order: equal traces, equal runs.
    pub trace: u64,
}

/// Many engines, one clock.
#[derive(Debug)]
pub struct Simulation {
    info: Arc<Info>,
    nodes: Vec<Node>,
    now: Instant,
    queue: BinaryHeap<Reverse<(Instant, u64)>>,
    happenings: BTreeMap<u64, Happening>,
    next_happening: u64,
    next_link: u64,
    rng: fastrand::Rng,
    report: Report,
    /// Recount the engines' books after every input (slow).
    checked: bool,
}

impl Simulation {
    /// An empty network. The seed is all its randomness.
    pub fn new(info: Arc<Info>, seed: u64) -> Self {
        Self {
            info,
            nodes: Vec::new(),
            now: Instant(0),
            queue: BinaryHeap::new(),
            happenings: BTreeMap::new(),
            next_happening: 0,
            next_link: 0,
            rng: fastrand::Rng::with_seed(seed),
            report: Report { trace: 0xcbf2_9ce4_8422_2325, ..Report::default() },
            checked: false,
        }
    }

    /// Recounts every engine's books after every input.
    pub fn with_checks(mut self) -> Self {
        self.checked = true;
        self
    }

    /// A node arrives, with links to nobody.
    pub fn add(&mut self, config: NodeConfig) -> NodeKey {
        let key = NodeKey(self.nodes.len());
        let mut random = [0; 12];
        random[..8].copy_from_slice(&self.rng.u64(..).to_be_bytes());
        random[8..].copy_from_slice(&(key.0 as u32).to_be_bytes());
        let id = PeerId::covey(random);
        let pieces = self.info.layout().pieces();
        let have = if config.seeder { PieceSet::all(pieces) } else { PieceSet::none(pieces) };
        let engine = Engine::new(config.engine.clone(), self.info.clone(), have, id, self.rng.u64(..), self.now);
        let mut member = [0; 32];
        member[..8].copy_from_slice(&(key.0 as u64).to_be_bytes());
        self.nodes.push(Node {
            config,
            engine,
            id,
            member: MemberKey(member),
            pipes: BTreeMap::new(),
            turns: Default::default(),
            uplink_busy: false,
            downlink_free_at: self.now,
            tick_at: None,
            alive: true,
            rng: fastrand::Rng::with_seed(self.rng.u64(..)),
            sent: 0,
        });
        key
    }

    /// `dialer` opens a link to `acceptor`.
    pub fn connect(&mut self, dialer: NodeKey, acceptor: NodeKey) -> LinkKey {
        let link = LinkKey(self.next_link);
        self.next_link += 1;
        for (node, other, direction) in [(dialer, acceptor, Direction::Dialed), (acceptor, dialer, Direction::Accepted)]
        {
            let (peer, member) = (self.nodes[other.0].id, self.nodes[other.0].member);
            self.nodes[node.0].pipes.insert(link, Pipe { to: other, in_flight: 0, has_output: false });
            let opening = Opening { direction, peer: Some(peer), member: Some(member) };
            self.input(node, Input::LinkOpened { link, opening });
        }
        link
    }

    /// Every pair of nodes gets a link.
    pub fn connect_all(&mut self) {
        for newer in 0..self.nodes.len() {
            for older in 0..newer {
                if !(self.nodes[newer].config.seeder && self.nodes[older].config.seeder) {
                    self.connect(NodeKey(newer), NodeKey(older));
                }
            }
        }
    }

    /// A node is gone at once; the others notice a latency later.
    pub fn crash(&mut self, node: NodeKey) {
        self.nodes[node.0].alive = false;
        for (link, pipe) in std::mem::take(&mut self.nodes[node.0].pipes) {
            let after = self.latency(node, pipe.to);
            self.later(after, Happening::Closes(pipe.to, link));
        }
    }

    /// The simulated time.
    pub fn now(&self) -> Instant {
        self.now
    }

    /// A node's own figures.
    pub fn stats(&self, node: NodeKey) -> Stats {
        self.nodes[node.0].engine.stats()
    }

    /// A node's engine.
    pub fn engine(&self, node: NodeKey) -> &Engine {
        &self.nodes[node.0].engine
    }

    /// What has come of it so far.
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// Goes on until `done` says so, or until `limit` of simulated time. `true`: done.
    pub fn run_until(&mut self, limit: Duration, mut done: impl FnMut(&Simulation) -> bool) -> bool {
        let end = Instant(0) + limit;
        while !done(self) {
            let Some(Reverse((at, key))) = self.queue.pop() else {
                return false;
            };
            if at > end {
                self.queue.push(Reverse((at, key)));
                return false;
            }
            self.now = at;
            if let Some(happening) = self.happenings.remove(&key) {
                self.happen(happening);
            }
        }
        true
    }

    /// Goes on until every honest leecher that is alive has everything.
    pub fn run_to_completion(&mut self, limit: Duration) -> bool {
        self.run_until(limit, |simulation| simulation.nodes.iter().all(|node| !node.alive || node.engine.is_complete()))
    }

    fn happen(&mut self, happening: Happening) {
        match happening {
            Happening::Tick(node) => {
                self.nodes[node.0].tick_at = None;
                self.input(node, Input::Tick);
            }
            Happening::UplinkFree(node) => {
                self.nodes[node.0].uplink_busy = false;
                self.send(node);
            }
            Happening::Arrives(delivery) => self.on_arrival(delivery),
            Happening::Delivered(delivery) => self.on_delivered(delivery),
            Happening::Answers(node, input) => self.input(node, input),
            Happening::Closes(node, link) => {
                if self.nodes[node.0].pipes.remove(&link).is_some() {
                    self.input(node, Input::LinkClosed { link });
                }
            }
        }
    }

    fn input(&mut self, node: NodeKey, input: Input) {
        if !self.nodes[node.0].alive {
            return;
        }
        let now = self.now;
        self.nodes[node.0].engine.handle(input, now);
        self.drain(node);
        if self.checked {
            self.nodes[node.0].engine.check();
        }
    }

    fn drain(&mut self, node: NodeKey) {
        while let Some(action) = self.nodes[node.0].engine.poll_action() {
            self.act(node, action);
        }
        while let Some(link) = self.nodes[node.0].engine.poll_ready() {
            let this = &mut self.nodes[node.0];
            if let Some(pipe) = this.pipes.get_mut(&link).filter(|pipe| !pipe.has_output) {
                pipe.has_output = true;
                this.turns.push_back(link);
            }
        }
        while let Some(event) = self.nodes[node.0].engine.poll_event() {
            self.record(node, &event);
        }
        self.send(node);
        self.arm(node);
    }

    fn arm(&mut self, node: NodeKey) {
        let this = &mut self.nodes[node.0];
        let Some(at) = this.engine.poll_timeout() else {
            return;
        };
        if this.tick_at.is_none_or(|tick_at| at < tick_at) {
            this.tick_at = Some(at);
            self.later(at.since(self.now), Happening::Tick(node));
        }
    }

    fn act(&mut self, node: NodeKey, action: Action) {
        let this = &mut self.nodes[node.0];
        let (disk, hash) = (this.config.disk, this.config.hash);
        match action {
            Action::Load { job, len, .. } => {
                let good = match this.config.conduct {
                    Conduct::Honest => true,
                    Conduct::Corrupt { one_in } => this.rng.u32(0..one_in) != 0,
                    Conduct::Silent => return,
                };
                let result = Ok(storage::load(len, good));
                self.later(disk, Happening::Answers(node, Input::Loaded { job, result }));
            }
            Action::Hash { job, piece, data } => {
                let digest = Ok(storage::hash(&self.info, piece, &data));
                self.later(hash, Happening::Answers(node, Input::Hashed { job, digest }));
            }
            Action::Store { job, .. } => {
                self.later(disk, Happening::Answers(node, Input::Stored { job, result: Ok(()) }));
            }
            Action::Close { link, .. } => {
                if let Some(pipe) = this.pipes.remove(&link) {
                    let after = self.latency(node, pipe.to);
                    self.later(after, Happening::Closes(pipe.to, link));
                }
            }
        }
    }

    /// Gives the uplink to the next link in turn that has something and room.
    fn send(&mut self, node: NodeKey) {
        while !self.nodes[node.0].uplink_busy && self.nodes[node.0].alive {
            let now = self.now;
            let this = &mut self.nodes[node.0];
            let Some(link) = this.turns.pop_front() else {
                return;
            };
            let Some(pipe) = this.pipes.get_mut(&link) else {
                continue;
            };
            if pipe.in_flight >= SEND_BUFFER {
                // Its turn comes again when something of it was delivered.
                continue;
            }
            let mut segments = Vec::new();
            let len = this.engine.poll_transmit(link, QUANTUM, &mut segments, now);
            if len == 0 {
                pipe.has_output = false;
                continue;
            }
            pipe.in_flight += len;
            let to = pipe.to;
            this.turns.push_back(link);
            this.uplink_busy = true;
            this.sent += len as u64;
            let takes = Duration::from_micros(len as u64 * 1_000_000 / this.config.up);
            let arrives = takes + self.latency(node, to);
            self.later(takes, Happening::UplinkFree(node));
            self.later(arrives, Happening::Arrives(Delivery { link, to, segments, len }));
        }
    }

    fn on_arrival(&mut self, delivery: Delivery) {
        let now = self.now;
        let this = &mut self.nodes[delivery.to.0];
        let takes = Duration::from_micros(delivery.len as u64 * 1_000_000 / this.config.down);
        this.downlink_free_at = this.downlink_free_at.max(now) + takes;
        let after = this.downlink_free_at.since(now);
        self.later(after, Happening::Delivered(delivery));
    }

    fn on_delivered(&mut self, delivery: Delivery) {
        let Delivery { link, to, segments, len } = delivery;
        self.free_send_buffer(link, to, len);
        for bytes in segments {
            if self.nodes[to.0].pipes.contains_key(&link) {
                self.receive(to, link, bytes);
            }
        }
        if self.nodes[to.0].alive {
            self.drain(to);
        }
    }

    /// All segments of one delivery are one batch of inputs.
    fn receive(&mut self, node: NodeKey, link: LinkKey, bytes: Bytes) {
        let now = self.now;
        self.nodes[node.0].engine.handle(Input::Received { link, bytes }, now);
        if self.checked {
            self.nodes[node.0].engine.check();
        }
    }

    fn free_send_buffer(&mut self, link: LinkKey, to: NodeKey, len: usize) {
        let Some(from) = self.nodes[to.0].pipes.get(&link).map(|pipe| pipe.to) else {
            return;
        };
        let sender = &mut self.nodes[from.0];
        let Some(pipe) = sender.pipes.get_mut(&link) else {
            return;
        };
        let was_full = pipe.in_flight >= SEND_BUFFER;
        pipe.in_flight -= len;
        if was_full && pipe.in_flight < SEND_BUFFER && pipe.has_output {
            sender.turns.push_back(link);
            self.send(from);
        }
    }

    fn latency(&self, a: NodeKey, b: NodeKey) -> Duration {
        self.nodes[a.0].config.latency + self.nodes[b.0].config.latency
    }

    fn later(&mut self, after: Duration, happening: Happening) {
        let key = self.next_happening;
        self.next_happening += 1;
        self.queue.push(Reverse((self.now + after, key)));
        self.happenings.insert(key, happening);
    }

    fn record(&mut self, node: NodeKey, event: &Event) {
        match event {
            Event::Completed => {
                self.report.completed_at.insert(node.0, self.now.0);
            }
            Event::PieceFailed { piece, .. } => self.report.failed_pieces.push((node.0, *piece)),
            Event::PeerBanned { peer, piece, .. } => {
                let banned = self.nodes.iter().position(|other| other.id == *peer);
                self.report.bans.extend(banned.map(|banned| (node.0, banned, *piece)));
            }
            _ => {}
        }
        for byte in format!("{} {} {event:?}", self.now.0, node.0).bytes() {
            self.report.trace = (self.report.trace ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}
