//! Who comes and who goes.

use std::time::Duration;

use local_peer::{Config, Input, LocalPeer, PeerId, Room};
use peer_engine::{Command, Identity, PieceIndex, PieceSet, Timestamp};

use super::tracker::SILENCE_MAX;
use super::{Happening, Program, Simulation};
use crate::chance::exponential;
use crate::conduct::Conduct;
use crate::link::LinkId;
use crate::mind::Mind;
use crate::node::{Leave, Node, NodeConfig, NodeKey, NodeRecord, ProgramKey, Reach};
use crate::player::Player;
use crate::rogue::Rogue;

impl Simulation {
    /// A program that may be in several swarms, with one limit for all of them.
    pub fn add_program(&mut self, limit: Room) -> ProgramKey {
        self.programs.push(Program { limit, nodes: Vec::new(), most: Room::default() });
        ProgramKey(self.programs.len() - 1)
    }

    /// A node comes: a program of its own, in the first swarm. It is listed as the tracker is told to.
    pub fn add(&mut self, config: NodeConfig) -> NodeKey {
        let program = self.add_program(self.limit_of(&config));
        self.add_to(program, 0, config)
    }

    /// What a program of this node alone gets.
    pub(crate) fn limit_of(&self, config: &NodeConfig) -> Room {
        self.limit.unwrap_or(config.limit)
    }

    /// A program joins a swarm.
    pub fn add_to(&mut self, program: ProgramKey, swarm: usize, config: NodeConfig) -> NodeKey {
        let key = NodeKey(self.nodes.len());
        let id = peer_id(key, &mut self.rng);
        let mut identity = [0; 32];
        identity[..8].copy_from_slice(&(key.0 as u64).to_be_bytes());
        let mind = self.mind(&config, id, self.programs[program.0].limit);
        if config.conduct.is_waited_for() && !mind.is_complete() {
            self.unfinished += 1;
        }
        self.programs[program.0].nodes.push(key);
        self.nodes.push(Node {
            mind,
            id,
            identity: Identity(identity),
            program,
            swarm,
            links: Default::default(),
            pairings: Default::default(),
            turns: Default::default(),
            uplink_busy: false,
            downlink_free_at: self.now,
            tick_at: None,
            alive: true,
            was_away: false,
            bridge: None,
            served: Default::default(),
            rng: fastrand::Rng::with_seed(self.rng.u64(..)),
            player: config.player.map(|player| Player::new(player, self.now)),
            links_lost: 0,
            record: NodeRecord { arrived_at: self.now, ..NodeRecord::default() },
            config,
        });
        self.settle(key);
        key
    }

    /// What a node does as soon as it is there.
    fn settle(&mut self, key: NodeKey) {
        let config = &self.nodes[key.0].config;
        match config.leave {
            Leave::Vanishes(after) => self.later(after, Happening::Vanishes(key)),
            Leave::Returns { after, away } => {
                self.later(after, Happening::Vanishes(key));
                self.later(after + away, Happening::Returns(key));
            }
            _ => {}
        }
        self.plan_round(key);
        if let Some(player) = self.nodes[key.0].config.player {
            let command = Command::Play { piece: PieceIndex(0), bytes_per_second: player.bytes_per_second };
            self.handle(key, Input::Command(command));
        }
        self.drain(key);
    }

    fn mind(&mut self, config: &NodeConfig, id: PeerId, limit: Room) -> Mind {
        let seed = self.rng.u64(..);
        if config.conduct.is_rogue() {
            return Mind::Rogue(Box::new(Rogue::new(config.conduct, self.info.clone(), id, seed, self.now)));
        }
        let pieces = self.info.layout().pieces();
        let have = if config.seeder { PieceSet::all(pieces) } else { PieceSet::none(pieces) };
        let direct = config.reach != Reach::RelayOnly;
        let mut peer = Box::new(LocalPeer::new(Config { limit, direct }, id, seed, self.now));
        peer.begin(config.engine.clone(), self.info.clone(), have, self.now);
        if config.conduct == Conduct::Bridges {
            peer.handle(Input::Command(Command::SetWanted(PieceSet::none(pieces))), self.now);
        }
        Mind::Peer(peer)
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
            let after = Duration::from_micros(self.arrivals.u64(0..micros));
            self.arrive_at(self.now + after, config.clone());
        }
    }

    /// A Poisson stream of nodes from `start` on.
    pub fn arrive_steadily(&mut self, start: Timestamp, mean_gap: Duration, count: usize, config: &NodeConfig) {
        let mut at = start;
        for _ in 0..count {
            at = at + exponential(mean_gap, &mut self.arrivals);
            self.arrive_at(at, config.clone());
        }
    }

    /// A node is gone at once; the others and the tracker notice a latency later.
    pub fn crash(&mut self, node: NodeKey) {
        if !self.nodes[node.0].alive {
            return;
        }
        for id in self.switch_off(node) {
            let other = self.links[id.0].other(node);
            let after = self.latency(node, other);
            self.later(after, Happening::Closes(other, id));
        }
        let way = self.nodes[node.0].config.latency;
        self.later(way, Happening::Hears(node, None));
    }

    /// A node's machine is off, and nobody is told.
    pub fn vanish(&mut self, node: NodeKey) {
        if self.nodes[node.0].alive {
            self.switch_off(node);
            self.later(SILENCE_MAX, Happening::Hears(node, None));
        }
    }

    /// A machine that was off is on again, with what its disk had when it came first.
    pub(super) fn come_back(&mut self, node: NodeKey) {
        let this = &self.nodes[node.0];
        if this.alive {
            return;
        }
        let (config, id, limit) = (this.config.clone(), this.id, self.programs[this.program.0].limit);
        let mind = self.mind(&config, id, limit);
        if config.conduct.is_waited_for() && !mind.is_complete() {
            self.unfinished += 1;
        }
        let this = &mut self.nodes[node.0];
        (this.mind, this.alive, this.was_away) = (mind, true, true);
        this.record.left_at = None;
        this.pairings.clear();
        this.turns.clear();
        this.served.clear();
        self.drain(node);
    }

    /// What comes on a link from before its machine was off is refused, as TCP does.
    pub(super) fn refuse_forgotten(&mut self, link: LinkId, node: NodeKey) {
        let this = &self.nodes[node.0];
        if this.alive && this.was_away && !self.links[link.0].of(node).is_open {
            let other = self.links[link.0].other(node);
            let after = self.latency(node, other);
            self.later(after, Happening::Closes(other, link));
        }
    }

    /// Returns the links that it had.
    fn switch_off(&mut self, node: NodeKey) -> Vec<LinkId> {
        let this = &mut self.nodes[node.0];
        this.alive = false;
        this.record.left_at = Some(self.now);
        if this.config.conduct.is_waited_for() && !this.mind.is_complete() {
            self.unfinished -= 1;
        }
        let links: Vec<LinkId> = std::mem::take(&mut this.links).into_values().collect();
        for id in &links {
            self.links[id.0].of(node).is_open = false;
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
