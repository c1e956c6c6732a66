//! Who comes, who links to whom, who goes.

use std::time::Duration;

use peer_engine::{Command, Direction, Engine, Identity, Input, LinkKey, Opening, PieceIndex, PieceSet, Timestamp};
use peer_wire::PeerId;

use super::{Happening, Simulation};
use crate::chance::{exponential, place};
use crate::link::Link;
use crate::mind::Mind;
use crate::node::{Leave, Node, NodeConfig, NodeKey, NodeRecord};
use crate::player::Player;
use crate::rogue::Rogue;

/// Before a closed link is replaced.
const RELINK_AFTER: Duration = Duration::from_secs(1);
/// Links to the same node that did not last, until it is left alone.
const FAILURES_MAX: u32 = 3;
const NEVER_AGAIN: u32 = u32::MAX;

impl Simulation {
    /// A node comes, with links to nobody.
    pub fn add(&mut self, config: NodeConfig) -> NodeKey {
        let key = NodeKey(self.nodes.len());
        let id = peer_id(key, &mut self.rng);
        let mut identity = [0; 32];
        identity[..8].copy_from_slice(&(key.0 as u64).to_be_bytes());
        let mind = self.mind(&config, id);
        if config.conduct.is_waited_for() && !mind.is_complete() {
            self.unfinished += 1;
        }
        self.nodes.push(Node {
            mind,
            id,
            identity: Identity(identity),
            links: Default::default(),
            turns: Default::default(),
            uplink_busy: false,
            downlink_free_at: self.now,
            tick_at: None,
            alive: true,
            rng: fastrand::Rng::with_seed(self.rng.u64(..)),
            player: config.player.map(|player| Player::new(player, self.now)),
            failures: Default::default(),
            looks_for_links: false,
            record: NodeRecord { arrived_at: self.now, ..NodeRecord::default() },
            config,
        });
        self.settle(key);
        key
    }

    /// What a node does as soon as it is there.
    fn settle(&mut self, key: NodeKey) {
        let config = &self.nodes[key.0].config;
        if let Leave::Vanishes(after) = config.leave {
            self.later(after, Happening::Vanishes(key));
        }
        if let Some(player) = self.nodes[key.0].config.player {
            let command = Command::Play { piece: PieceIndex(0), bytes_per_second: player.bytes_per_second };
            self.input(key, Input::Command(command));
        }
    }

    fn mind(&mut self, config: &NodeConfig, id: PeerId) -> Mind {
        let seed = self.rng.u64(..);
        if config.conduct.is_rogue() {
            return Mind::Rogue(Box::new(Rogue::new(config.conduct, self.info.clone(), id, seed, self.now)));
        }
        let pieces = self.info.layout().pieces();
        let have = if config.seeder { PieceSet::all(pieces) } else { PieceSet::none(pieces) };
        Mind::Engine(Box::new(Engine::new(config.engine.clone(), self.info.clone(), have, id, seed, self.now)))
    }

    /// A node comes and dials, as the tracker's list allows.
    pub fn arrive(&mut self, config: NodeConfig) -> NodeKey {
        let key = self.add(config);
        self.dial_some(key);
        key
    }

    /// A node comes later.
    pub fn arrive_at(&mut self, at: Timestamp, config: NodeConfig) {
        self.coming += 1;
        self.agenda.plan(at.max(self.now), Happening::Comes(Box::new(config)));
    }

    /// Nodes come at random within `time` from now.
    pub fn arrive_within(&mut self, time: Duration, count: usize, config: &NodeConfig) {
        let micros = (time.as_micros() as u64).max(1);
        for _ in 0..count {
            let after = Duration::from_micros(self.topology.u64(0..micros));
            self.arrive_at(self.now + after, config.clone());
        }
    }

    /// A Poisson stream of nodes from `start` on.
    pub fn arrive_steadily(&mut self, start: Timestamp, mean_gap: Duration, count: usize, config: &NodeConfig) {
        let mut at = start;
        for _ in 0..count {
            at = at + exponential(mean_gap, &mut self.topology);
            self.arrive_at(at, config.clone());
        }
    }

    /// `dialer` opens a link to `acceptor`.
    pub fn connect(&mut self, dialer: NodeKey, acceptor: NodeKey) -> LinkKey {
        let link = LinkKey(self.links.len() as u64);
        let is_relayed = self.nodes[dialer.0].config.reach.needs_relay(self.nodes[acceptor.0].config.reach);
        self.links.push(Link::new(dialer, acceptor, is_relayed));
        self.nodes[dialer.0].links.insert(link);
        self.nodes[acceptor.0].links.insert(link);
        for (node, other, direction) in [(dialer, acceptor, Direction::Dialed), (acceptor, dialer, Direction::Accepted)]
        {
            let (peer, identity) = (self.nodes[other.0].id, self.nodes[other.0].identity);
            let opening = Opening { direction, peer: Some(peer), identity: Some(identity) };
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

    /// Dials random nodes until there are as many links as there should be.
    fn dial_some(&mut self, node: NodeKey) {
        let Some(degree) = self.degree else {
            return;
        };
        let missing = degree.saturating_sub(self.nodes[node.0].links.len());
        let mut others: Vec<usize> =
            (0..self.nodes.len()).filter(|other| self.may_link(node, NodeKey(*other))).collect();
        let chosen = missing.min(others.len());
        for nth in 0..chosen {
            let at = place(nth..others.len(), &mut self.topology);
            others.swap(nth, at);
        }
        for other in others.into_iter().take(chosen) {
            // Seeders never dial: whoever wants something of them does.
            let seeds = self.nodes[node.0].mind.is_complete();
            let (dialer, acceptor) = if seeds { (NodeKey(other), node) } else { (node, NodeKey(other)) };
            self.connect(dialer, acceptor);
        }
    }

    fn may_link(&self, node: NodeKey, other: NodeKey) -> bool {
        let (this, that) = (&self.nodes[node.0], &self.nodes[other.0]);
        let is_linked = || this.links.iter().any(|link| self.links[link.0 as usize].other(node) == other);
        let failed = |a: &Node, b: NodeKey| a.failures.get(&b).is_some_and(|failures| *failures >= FAILURES_MAX);
        let have_both = this.mind.is_complete() && that.mind.is_complete();
        let is_possible = node != other && that.alive && !have_both;
        is_possible && !failed(this, other) && !failed(that, node) && !is_linked()
    }

    /// One side of a link is closed. `false`: it was already.
    pub(super) fn close_end(&mut self, node: NodeKey, link: LinkKey, never_again: bool) -> bool {
        let other = self.links[link.0 as usize].other(node);
        let end = self.links[link.0 as usize].of(node);
        if !end.is_open {
            return false;
        }
        end.is_open = false;
        let this = &mut self.nodes[node.0];
        this.links.remove(&link);
        let failures = this.failures.entry(other).or_default();
        *failures = if never_again { NEVER_AGAIN } else { failures.saturating_add(1) };
        self.look_for_links(node);
        true
    }

    fn look_for_links(&mut self, node: NodeKey) {
        let this = &mut self.nodes[node.0];
        if self.degree.is_some() && this.alive && !this.looks_for_links && !this.mind.is_complete() {
            this.looks_for_links = true;
            let jitter = Duration::from_micros(self.topology.u64(0..1_000_000));
            self.later(RELINK_AFTER + jitter, Happening::Relinks(node));
        }
    }

    pub(super) fn relink(&mut self, node: NodeKey) {
        self.nodes[node.0].looks_for_links = false;
        if !self.nodes[node.0].alive || self.nodes[node.0].mind.is_complete() {
            return;
        }
        let before = self.links.len();
        self.dial_some(node);
        self.report.relinked += (self.links.len() - before) as u32;
    }

    /// A node is gone at once; the others notice a latency later.
    pub fn crash(&mut self, node: NodeKey) {
        if !self.nodes[node.0].alive {
            return;
        }
        for link in self.vanish(node) {
            let other = self.links[link.0 as usize].other(node);
            let after = self.latency(node, other);
            self.later(after, Happening::Closes(other, link));
        }
    }

    /// A node's machine is off, and nobody is told. Returns the links that it had.
    pub fn vanish(&mut self, node: NodeKey) -> Vec<LinkKey> {
        let this = &mut self.nodes[node.0];
        if !this.alive {
            return Vec::new();
        }
        this.alive = false;
        this.record.left_at = Some(self.now);
        if this.config.conduct.is_waited_for() && !this.mind.is_complete() {
            self.unfinished -= 1;
        }
        let links: Vec<LinkKey> = std::mem::take(&mut this.links).into_iter().collect();
        for link in &links {
            self.links[link.0 as usize].of(node).is_open = false;
        }
        links
    }
}

/// The last four bytes are the node's number.
fn peer_id(key: NodeKey, rng: &mut fastrand::Rng) -> PeerId {
    let mut random = [0; 12];
    random[..8].copy_from_slice(&rng.u64(..).to_be_bytes());
    random[8..].copy_from_slice(&(key.0 as u32).to_be_bytes());
    PeerId::covey(random)
}
