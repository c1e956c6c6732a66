//! The tracker: who announced themselves, and who is listed to whom. Its lists take their way.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::time::Duration;

use local_peer::{Candidate, CandidateList, Input, Progress, Source};
use peer_engine::Timestamp;

use super::{Happening, Simulation};
use crate::node::{NodeKey, Reach};

/// Between two lists of a swarm to everybody in it: changes between them go together.
const LIST_EVERY: Duration = Duration::from_secs(1);
/// Whoever falls silent without a word is listed so long.
pub(super) const SILENCE_MAX: Duration = Duration::from_secs(60);
const PORT: u16 = 6881;

/// Who is listed to whom.
#[derive(Debug)]
pub(super) enum Introductions {
    /// These, to each other.
    Pairs(BTreeMap<NodeKey, BTreeSet<NodeKey>>),
    /// To leechers, whoever came with everything.
    Seeders,
    /// Everybody of a swarm.
    Everybody,
}

/// Soft state, as the real one's.
#[derive(Debug)]
pub(super) struct Tracker {
    entries: BTreeMap<NodeKey, Progress>,
    pub introductions: Introductions,
    /// Swarms of ordinary clients, of whom addresses are told and nothing else.
    pub strangers: BTreeSet<usize>,
    /// By swarm: when everybody was told last.
    told_at: BTreeMap<usize, Timestamp>,
    /// By swarm: everybody in it, as they were told last.
    listed: BTreeMap<usize, CandidateList>,
    /// Swarms of which everybody is going to be told.
    news: BTreeSet<usize>,
}

impl Tracker {
    pub fn new() -> Self {
        Self {
            entries: BTreeMap::new(),
            introductions: Introductions::Pairs(BTreeMap::new()),
            strangers: BTreeSet::new(),
            told_at: BTreeMap::new(),
            listed: BTreeMap::new(),
            news: BTreeSet::new(),
        }
    }

    pub fn knows(&self, node: NodeKey) -> bool {
        self.entries.contains_key(&node)
    }
}

impl Simulation {
    /// The tracker lists two nodes to each other: whoever of them has a reason to dials the other.
    pub fn introduce(&mut self, a: NodeKey, b: NodeKey) {
        if let Introductions::Pairs(pairs) = &mut self.tracker.introductions {
            pairs.entry(a).or_default().insert(b);
            pairs.entry(b).or_default().insert(a);
        }
        self.plan_lists(self.nodes[a.0].swarm);
    }

    /// The tracker lists everybody of a swarm to everybody.
    pub fn introduce_all(&mut self) {
        self.introduce_by(Introductions::Everybody);
    }

    /// The tracker lists those who came with everything to those who did not, and nobody else.
    pub fn introduce_seeders(&mut self) {
        self.introduce_by(Introductions::Seeders);
    }

    fn introduce_by(&mut self, introductions: Introductions) {
        self.tracker.introductions = introductions;
        let swarms: BTreeSet<usize> = self.nodes.iter().map(|node| node.swarm).collect();
        swarms.into_iter().for_each(|swarm| self.plan_lists(swarm));
    }

    pub(super) fn announce(&mut self, node: NodeKey, progress: Progress) {
        let way = self.nodes[node.0].config.latency;
        self.later(way, Happening::Hears(node, Some(progress)));
    }

    /// An announce reaches the tracker; `None`: the node's connection to it is gone.
    pub(super) fn on_hears(&mut self, node: NodeKey, progress: Option<Progress>) {
        let entries = &mut self.tracker.entries;
        let is_new = match progress {
            Some(progress) => entries.insert(node, progress).is_none(),
            // It is back already.
            None if self.nodes[node.0].alive => return,
            None => entries.remove(&node).is_none(),
        };
        if is_new {
            let list = self.list_for(node);
            self.tell(node, list);
        }
        self.plan_lists(self.nodes[node.0].swarm);
    }

    fn plan_lists(&mut self, swarm: usize) {
        if self.tracker.news.insert(swarm) {
            let next = self.tracker.told_at.get(&swarm).map_or(self.now, |at| *at + LIST_EVERY);
            self.agenda.plan(next.max(self.now), Happening::Lists(swarm));
        }
    }

    /// Everybody in a swarm gets the list anew.
    pub(super) fn on_lists(&mut self, swarm: usize) {
        self.tracker.news.remove(&swarm);
        self.tracker.told_at.insert(swarm, self.now);
        let members: Vec<NodeKey> = self.members(swarm).collect();
        let everybody = matches!(self.tracker.introductions, Introductions::Everybody);
        let everybody = everybody.then(|| self.list_everybody(swarm, &members));
        for node in members {
            let list = everybody.clone().unwrap_or_else(|| self.list_for(node));
            self.tell(node, list);
        }
    }

    /// One list for all, that follows the last one.
    fn list_everybody(&mut self, swarm: usize, members: &[NodeKey]) -> CandidateList {
        let before = self.tracker.listed.remove(&swarm).unwrap_or_default();
        let list = before.next(self.candidates(members)).unwrap_or(before);
        self.tracker.listed.insert(swarm, list.clone());
        list
    }

    fn tell(&mut self, node: NodeKey, candidates: CandidateList) {
        let this = &self.nodes[node.0];
        let (way, swarm) = (this.config.latency, this.swarm);
        if self.tracker.strangers.contains(&swarm) {
            self.tell_addresses(node, way);
            return;
        }
        self.tell_bridge(node, &candidates, way);
        let listed = Input::Listed { source: Source::Group, candidates };
        self.later(way, Happening::Answers(node, listed));
    }

    /// Seeders look for nobody.
    fn tell_addresses(&mut self, node: NodeKey, way: Duration) {
        let this = &self.nodes[node.0];
        if this.config.seeder {
            return;
        }
        let seeders = self.members(this.swarm).filter(|other| self.nodes[other.0].config.seeder);
        let found = Input::Found { source: Source::Tracker, addresses: seeders.map(address_of).collect() };
        self.later(way, Happening::Answers(node, found));
    }

    fn members(&self, swarm: usize) -> impl Iterator<Item = NodeKey> {
        self.tracker.entries.keys().copied().filter(move |node| self.nodes[node.0].swarm == swarm)
    }

    fn list_for(&self, node: NodeKey) -> CandidateList {
        let this = &self.nodes[node.0];
        let is_listed = |other: &NodeKey| match &self.tracker.introductions {
            Introductions::Everybody => true,
            Introductions::Seeders => !this.config.seeder && self.nodes[other.0].config.seeder,
            Introductions::Pairs(pairs) => pairs.get(&node).is_some_and(|others| others.contains(other)),
        };
        self.candidates(&self.members(this.swarm).filter(is_listed).collect::<Vec<_>>()).collect()
    }

    fn candidates(&self, nodes: &[NodeKey]) -> impl Iterator<Item = Candidate> {
        nodes.iter().map(|node| self.candidate(*node))
    }

    /// A node as the tracker lists it.
    pub(super) fn candidate(&self, node: NodeKey) -> Candidate {
        let this = &self.nodes[node.0];
        Candidate {
            peer: Some(this.id),
            identity: Some(this.identity),
            name: format!("node {}", node.0),
            client: "swarm-sim".to_owned(),
            progress: self.tracker.entries.get(&node).copied().unwrap_or_default(),
            addresses: if this.config.reach == Reach::RelayOnly { Vec::new() } else { vec![address_of(node)] },
            caller: None,
            relay: true,
        }
    }
}

pub(super) fn address_of(node: NodeKey) -> SocketAddr {
    let [_, a, b, c] = (node.0 as u32).to_be_bytes();
    SocketAddr::from(([10, a, b, c], PORT))
}

/// The node with this address.
pub(super) fn node_at(address: SocketAddr) -> Option<NodeKey> {
    match address {
        SocketAddr::V4(address) => {
            let [_, a, b, c] = address.ip().octets();
            Some(NodeKey(u32::from_be_bytes([0, a, b, c]) as usize))
        }
        SocketAddr::V6(_) => None,
    }
}
