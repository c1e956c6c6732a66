//! Nodes that are joined to a bridge. The bridge is the real one, and what moves is what its program moves: pieces from
//! one peer to the memory and from there to the other.

use std::collections::BTreeMap;
use std::time::Duration;

use bridge::{Bridge, CacheTooSmall, Input, Load, Output, Read, Seeder};
use local_peer::{CandidateList, Event, Input as PeerInput};
use peer_engine::{Job, PieceData, PieceIndex, PieceSet, Timestamp};

use super::watching::number;
use super::{Happening, Simulation};
use crate::conduct::Conduct;
use crate::node::{BridgeKey, NodeConfig, NodeKey};

/// Between two looks at who is there and what they have.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// A bridge between its two nodes.
#[derive(Debug)]
pub(super) struct Joint {
    bridge: Bridge,
    upstream: NodeKey,
    downstream: NodeKey,
    /// By slots.
    memory: Vec<PieceData>,
    /// Clients of those that it banned, by their keys.
    banned: BTreeMap<String, String>,
    /// As it was told of them last.
    seeders: Vec<Seeder>,
    tick_at: Option<Timestamp>,
    look_at: Option<Timestamp>,
}

impl Simulation {
    /// A bridge comes: a node in the swarm of seeders, who are strangers to each other from now on, and one in that of the
    /// others, with a line and a cache, bytes.
    ///
    /// # Errors
    /// [`CacheTooSmall`].
    pub fn add_bridge(
        &mut self,
        line: &NodeConfig,
        [seeders, others]: [usize; 2],
        cache_bytes: u64,
    ) -> Result<BridgeKey, CacheTooSmall> {
        self.tracker.strangers.insert(seeders);
        let program = self.add_program(line.limit);
        let end = NodeConfig { seeder: false, ..line.clone() }.with_conduct(Conduct::Bridges);
        let mut fetching = end.clone().with_class("bridges, upstream");
        fetching.engine.fetch_only = true;
        let upstream = self.add_to(program, seeders, fetching);
        let downstream = self.add_to(program, others, end.with_class("bridges"));
        let bridge = Bridge::new(*self.info.layout(), self.nodes[downstream.0].id, cache_bytes)?;
        let key = BridgeKey(self.bridges.len());
        let memory = vec![Vec::new(); bridge.slots()];
        let (banned, seeders) = (BTreeMap::new(), Vec::new());
        self.bridges.push(Joint {
            bridge,
            upstream,
            downstream,
            memory,
            banned,
            seeders,
            tick_at: None,
            look_at: None,
        });
        [upstream, downstream].iter().for_each(|node| self.nodes[node.0].bridge = Some(key));
        self.plan_look(key, self.now + LOOK_EVERY);
        Ok(key)
    }

    /// The node among the seeders, and the one among the others.
    pub fn ends_of(&self, bridge: BridgeKey) -> [NodeKey; 2] {
        let joint = &self.bridges[bridge.0];
        [joint.upstream, joint.downstream]
    }

    fn is_bridge_up(&self, bridge: BridgeKey) -> bool {
        self.ends_of(bridge).iter().all(|node| self.nodes[node.0].alive)
    }

    // ------------------------------------------------------------ the bridge's inputs and outputs

    pub(super) fn on_bridge(&mut self, key: BridgeKey, input: Input) {
        if !self.is_bridge_up(key) {
            return;
        }
        self.bridges[key.0].bridge.handle(input, self.now);
        while let Some(output) = self.bridges[key.0].bridge.poll_output() {
            let joint = &mut self.bridges[key.0];
            let (upstream, downstream) = (joint.upstream, joint.downstream);
            let disk = self.nodes[downstream.0].config.disk;
            match output {
                Output::Upstream(input) => self.input(upstream, input),
                Output::Downstream(input) => self.input(downstream, input),
                Output::Keep { slot, data } => {
                    joint.memory[slot] = data;
                    self.later(disk, Happening::ToBridge(key, Input::Kept { slot, is_kept: true }));
                }
                Output::Read(read) => self.later(disk, Happening::Reads(key, read)),
            }
        }
        let joint = &mut self.bridges[key.0];
        if let Some(at) = joint.bridge.poll_timeout()
            && joint.tick_at.is_none_or(|tick_at| at < tick_at)
        {
            let at = at.max(self.now);
            joint.tick_at = Some(at);
            self.agenda.plan(at, Happening::BridgeTicks(key));
        }
    }

    pub(super) fn on_bridge_tick(&mut self, key: BridgeKey) {
        let joint = &mut self.bridges[key.0];
        if joint.tick_at == Some(self.now) {
            joint.tick_at = None;
            self.on_bridge(key, Input::Tick);
        }
    }

    pub(super) fn on_bridge_read(&mut self, key: BridgeKey, Read { slot, load }: Read) {
        let joint = &self.bridges[key.0];
        let data = load.cut(&joint.memory[slot]).expect("a piece is read where it was kept");
        let downstream = joint.downstream;
        self.input(downstream, PeerInput::Loaded { job: load.job, result: Ok(data) });
        self.on_bridge(key, Input::WasRead { slot });
    }

    // ------------------------------------------------------------ what it is told of others

    pub(super) fn tell_of_seeders(&mut self, node: NodeKey, event: &Event) {
        let Some(key) = self.nodes[node.0].bridge else {
            return;
        };
        let joint = &mut self.bridges[key.0];
        if joint.upstream != node {
            return;
        }
        match event {
            Event::PeerBanned { who, .. } => {
                joint.banned.insert(number(&who.peer).to_string(), who.client.clone());
            }
            Event::PeerJoined { .. } | Event::PeerLeft { .. } => {}
            _ => return,
        }
        self.plan_look(key, self.now);
    }

    fn plan_look(&mut self, key: BridgeKey, at: Timestamp) {
        let joint = &mut self.bridges[key.0];
        if joint.look_at.is_none_or(|look_at| at < look_at) {
            joint.look_at = Some(at);
            self.agenda.plan(at, Happening::Looks(key));
        }
    }

    pub(super) fn on_look(&mut self, key: BridgeKey) {
        if self.bridges[key.0].look_at != Some(self.now) || !self.is_bridge_up(key) {
            return;
        }
        self.bridges[key.0].look_at = None;
        self.plan_look(key, self.now + LOOK_EVERY);
        let seeders = self.seeders_of(key);
        if self.bridges[key.0].seeders != seeders {
            self.bridges[key.0].seeders.clone_from(&seeders);
            self.on_bridge(key, Input::Seeders(seeders));
        }
    }

    fn seeders_of(&self, key: BridgeKey) -> Vec<Seeder> {
        let joint = &self.bridges[key.0];
        let Some(engine) = self.nodes[joint.upstream.0].mind.engine() else {
            return Vec::new();
        };
        let connected = engine.peers().into_iter().filter_map(|peer| {
            let pieces = engine.pieces_of(peer.link)?.clone();
            let (key, client) = (number(&peer.peer).to_string(), peer.client.unwrap_or_default());
            Some(Seeder { key, client, pieces, is_banned: false })
        });
        let nothing = PieceSet::none(self.info.layout().pieces());
        let banned = joint.banned.iter().map(|(key, client)| {
            let (key, client, pieces) = (key.clone(), client.clone(), nothing.clone());
            Seeder { key, client, pieces, is_banned: true }
        });
        connected.chain(banned).collect()
    }

    /// The other bridges of a list that a bridge gets.
    pub(super) fn tell_bridge(&mut self, node: NodeKey, candidates: &CandidateList, way: Duration) {
        let Some(key) = self.nodes[node.0].bridge else {
            return;
        };
        let is_bridge = |peer: &local_peer::PeerId| self.nodes[number(peer)].bridge.is_some();
        let complete = candidates.iter().filter(|candidate| candidate.progress.is_complete());
        let others = complete.filter_map(|candidate| candidate.peer).filter(|peer| *peer != self.nodes[node.0].id);
        let others = others.filter(is_bridge).collect();
        self.later(way, Happening::ToBridge(key, Input::OtherBridges(others)));
    }
}

/// A job that is the bridge's.
pub(super) fn for_bridge(job: &Job) -> Option<Input> {
    match job {
        Job::Load { job, piece: PieceIndex(piece), begin, len, who } => {
            Some(Input::Load(Load { job: *job, piece: *piece, begin: *begin, len: *len, who: *who }))
        }
        Job::Store { job, piece: PieceIndex(piece), data, .. } => {
            Some(Input::Store { job: *job, piece: *piece, data: data.clone() })
        }
        Job::Hash { .. } => None,
    }
}
