//! Tabs that get at ordinary clients by way of a bridge.

use super::{Group, Joined, Scenario};
use crate::conduct::Conduct;
use crate::node::{Leave, NodeConfig};

const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;

/// What differs from one run with bridges to the next.
#[derive(Debug, Clone)]
pub struct Bridged {
    /// Pieces of the file.
    pub pieces: u32,
    /// Bytes of each.
    pub piece_len: u32,
    /// Tabs that want it.
    pub tabs: usize,
    /// For each bridge when it leaves and the seeders that it alone can reach: how they behave and when they leave.
    pub bridges: Vec<(Leave, Vec<(Conduct, Leave)>)>,
}

impl Bridged {
    /// One bridge, one seeder, nothing happens to either.
    pub fn new(tabs: usize, pieces: u32, piece_len: u32) -> Self {
        let seeders = vec![(Conduct::Ordinary, Leave::Stays)];
        Self { pieces, piece_len, tabs, bridges: vec![(Leave::Stays, seeders)] }
    }

    /// With these bridges.
    pub fn with(self, bridges: Vec<(Leave, Vec<(Conduct, Leave)>)>) -> Self {
        Self { bridges, ..self }
    }

    /// Home lines everywhere, and a cache of a quarter of the file.
    pub fn scenario(&self) -> Scenario {
        let (pieces, piece_len) = (self.pieces, self.piece_len);
        let mut scenario =
            Scenario::new("bridge", "ten tabs, a bridge with a cache of a quarter, one TCP seeder", pieces, piece_len)
                .with(Group::new(self.tabs, home().in_a_tab().with_class("tabs")));
        for (nth, (leave, seeders)) in self.bridges.iter().enumerate() {
            let swarm = nth + 1;
            for (conduct, leave) in seeders {
                let seeder = NodeConfig { class: "seeders", seeder: true, ..home() };
                let seeder = seeder.with_conduct(*conduct).with_leave(*leave);
                scenario = scenario.with(Group::new(1, seeder).in_swarm(swarm));
            }
            let line = home().with_leave(*leave);
            scenario.bridges.push(Joined { line, seeders: swarm, cache_pieces: (pieces / 4).max(4) });
        }
        scenario
    }
}

fn home() -> NodeConfig {
    NodeConfig::leecher(MIB, 6 * MIB)
}

/// Ten tabs on home lines, one bridge, one seeder with the same line that only accepts TCP.
pub fn bridge() -> Scenario {
    Bridged::new(10, 256, 256 * KIB as u32).scenario()
}

/// What the bridge is measured by: the same tabs, and the seeder is a member.
pub fn bridge_among_members() -> Scenario {
    let mut scenario = Scenario { bridges: Vec::new(), ..bridge() };
    scenario.groups.truncate(1);
    scenario.with(Group::new(1, NodeConfig { class: "seeders", seeder: true, ..home() }))
}
