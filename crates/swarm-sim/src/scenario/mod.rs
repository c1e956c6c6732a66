//! Scenarios as data: who comes when, with which lines, and who links to whom.
//!
//! - `bridges`: tabs that get at the seeders of another swarm.
//! - `crowds`: many come for one file.
//! - `few`: a handful of peers, as in most groups.
//! - `misconduct`: some do not play along.
//! - `tabs`: browsers that fetch several files at once.

mod bridges;
mod crowds;
mod few;
mod misconduct;
mod tabs;

use std::time::Duration;

use peer_engine::{PiecePolicy, Timestamp};

pub use bridges::{Bridged, bridge, bridge_among_members};
pub use crowds::{big, flash_crowd, group_of_home_lines, scarce_seeder, steady_stream};
pub use few::{equal_split, least_loaded, small_file, streaming, streaming_swarm};
pub use misconduct::{any_conducts, corrupter, free_rider, misconduct, optimistic_unchoke};
pub use tabs::tabs;

use crate::bounds::{Bounds, kumar_ross, store_and_forward};
use crate::conduct::Conduct;
use crate::node::NodeConfig;
use crate::outcome::Outcome;
use crate::relay::RelayConfig;
use crate::simulation::Simulation;
use crate::torrent::torrent;

/// When the nodes of a group come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comes {
    /// All at the start.
    AtStart,
    /// At random within this time: a flash crowd.
    Within(Duration),
    /// As a Poisson stream with this mean gap.
    Steadily(Duration),
}

/// Who is listed to whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Links {
    /// Every pair.
    All,
    /// Leechers know the seeders only.
    OnlySeeders,
    /// Everybody knows everybody and dials until it has so many links; it accepts as many again.
    Degree(usize),
}

/// Nodes of one kind.
#[derive(Debug, Clone)]
pub struct Group {
    /// How many.
    pub count: usize,
    /// Each of them.
    pub node: NodeConfig,
    /// When they come.
    pub comes: Comes,
    /// Those of one swarm are listed to each other.
    pub swarm: usize,
}

/// A bridge that is there from the start.
#[derive(Debug, Clone)]
pub struct Joined {
    /// Its line, and when it leaves.
    pub line: NodeConfig,
    /// The swarm of its seeders, who are strangers to each other. On the other side is the first swarm.
    pub seeders: usize,
    /// Pieces that its cache holds.
    pub cache_pieces: u32,
}

impl Group {
    /// `count` nodes that are there from the start.
    pub fn new(count: usize, node: NodeConfig) -> Self {
        Self { count, node, comes: Comes::AtStart, swarm: 0 }
    }

    /// The same at other times.
    pub fn coming(self, comes: Comes) -> Self {
        Self { comes, ..self }
    }

    /// The same in another swarm; they are there from the start.
    pub fn in_swarm(self, swarm: usize) -> Self {
        Self { swarm, comes: Comes::AtStart, ..self }
    }
}

/// A file and who comes for it.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// As typed.
    pub name: &'static str,
    /// What it shows, one line.
    pub about: &'static str,
    /// Pieces of the file.
    pub pieces: u32,
    /// Bytes of each.
    pub piece_len: u32,
    /// Who comes.
    pub groups: Vec<Group>,
    /// What joins swarms.
    pub bridges: Vec<Joined>,
    /// Who is listed to whom.
    pub links: Links,
    /// The relay's line.
    pub relay: RelayConfig,
    /// Between two samples of who is interested in whom.
    pub sample_every: Duration,
    /// Simulated time after which a run ends in any case.
    pub limit: Duration,
    /// Goes on until the limit, even if everybody has everything.
    pub runs_to_limit: bool,
}

impl Scenario {
    /// A file, nobody yet.
    fn new(name: &'static str, about: &'static str, pieces: u32, piece_len: u32) -> Self {
        Self {
            name,
            about,
            pieces,
            piece_len,
            groups: Vec::new(),
            bridges: Vec::new(),
            links: Links::All,
            relay: RelayConfig::default(),
            sample_every: Duration::from_secs(2),
            limit: Duration::from_secs(24 * 3_600),
            runs_to_limit: false,
        }
    }

    fn with(mut self, group: Group) -> Self {
        self.groups.push(group);
        self
    }

    fn linked(self, links: Links) -> Self {
        Self { links, ..self }
    }

    /// Bytes of the file.
    pub fn file_len(&self) -> u64 {
        u64::from(self.pieces) * u64::from(self.piece_len)
    }

    /// The same with another policy at every node.
    pub fn with_policy(mut self, policy: PiecePolicy) -> Self {
        self.groups.iter_mut().for_each(|group| group.node.engine.policy = policy);
        self
    }

    /// The simulation at its start.
    pub fn simulation(&self, seed: u64) -> Simulation {
        let mut simulation = Simulation::new(torrent(self.pieces, self.piece_len), seed)
            .with_relay(self.relay)
            .with_samples(self.sample_every);
        match self.links {
            Links::All => simulation.introduce_all(),
            Links::OnlySeeders => simulation.introduce_seeders(),
            Links::Degree(degree) => simulation = simulation.with_degree(degree),
        }
        for group in &self.groups {
            match group.comes {
                Comes::AtStart => (0..group.count).for_each(|_| {
                    let limit = simulation.limit_of(&group.node);
                    let program = simulation.add_program(limit);
                    simulation.add_to(program, group.swarm, group.node.clone());
                }),
                Comes::Within(time) => simulation.arrive_within(time, group.count, &group.node),
                Comes::Steadily(gap) => simulation.arrive_steadily(Timestamp(0), gap, group.count, &group.node),
            }
        }
        for joined in &self.bridges {
            let cache_bytes = u64::from(joined.cache_pieces) * u64::from(self.piece_len);
            let added = simulation.add_bridge(&joined.line, [joined.seeders, 0], cache_bytes);
            added.expect("a scenario's sound cache");
        }
        simulation
    }

    /// Runs the simulation to its end: everybody has everything, or the limit is reached.
    pub fn run(&self, seed: u64) -> Outcome {
        let mut simulation = self.simulation(seed);
        let is_done = if self.runs_to_limit {
            simulation.run_until(self.limit, |_| false);
            true
        } else {
            simulation.run_to_completion(self.limit)
        };
        Outcome::of(&simulation, self.bounds(), is_done)
    }

    /// Lower bounds, if everybody comes at about the start and stays.
    pub fn bounds(&self) -> Option<Bounds> {
        let at_start = |group: &Group| !matches!(group.comes, Comes::Steadily(_));
        let honest = |group: &&Group| group.node.conduct == Conduct::Honest;
        let lines = |seeder: bool, line: fn(&NodeConfig) -> u64| -> Vec<u64> {
            let groups = self.groups.iter().filter(honest).filter(move |group| group.node.seeder == seeder);
            groups.flat_map(|group| std::iter::repeat_n(line(&group.node), group.count)).collect()
        };
        let (seeders, up, down) =
            (lines(true, |node| node.up), lines(false, |node| node.up), lines(false, |node| node.down));
        if !self.groups.iter().all(at_start) || seeders.is_empty() || up.is_empty() {
            return None;
        }
        let are_equal = seeders.len() == 1 && up.iter().all(|rate| *rate == seeders[0]);
        let kumar_ross_s = match self.links {
            Links::OnlySeeders => self.file_len() as f64 * up.len() as f64 / seeders.iter().sum::<u64>() as f64,
            _ => kumar_ross(self.file_len(), &seeders, &up, &down),
        };
        let store_and_forward_s =
            are_equal.then(|| store_and_forward(self.file_len(), seeders[0], up.len(), self.pieces));
        Some(Bounds { kumar_ross_s, store_and_forward_s })
    }
}

/// Every scenario by name, each with its usual figures.
pub fn all() -> Vec<Scenario> {
    vec![
        bridge(),
        flash_crowd(100, 256, 256 * 1024),
        scarce_seeder(20),
        optimistic_unchoke(Conduct::Idle),
        free_rider(),
        least_loaded(true),
        streaming(),
        streaming_swarm(),
        corrupter(64),
        misconduct(),
        group_of_home_lines(),
        steady_stream(),
        big(),
        equal_split(),
        small_file(true),
    ]
}

/// The scenario of this name.
pub fn named(name: &str) -> Option<Scenario> {
    all().into_iter().find(|scenario| scenario.name == name)
}
