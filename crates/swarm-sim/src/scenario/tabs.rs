//! Browsers that fetch several files at once.

use crate::node::{NodeConfig, ProgramKey};
use crate::simulation::Simulation;
use crate::torrent::torrent;

const MIB: u64 = 1 << 20;

/// So many tabs, each of which fetches all of so many files of 2 MiB, and a seeder for each file. Returns the tabs.
pub fn tabs(count: usize, files: usize, seed: u64) -> (Simulation, Vec<ProgramKey>) {
    let mut simulation = Simulation::new(torrent(32, 64 * 1024), seed);
    simulation.introduce_all();
    let seeder = NodeConfig::seeder(4 * MIB, 4 * MIB);
    for file in 0..files {
        let program = simulation.add_program(seeder.limit);
        simulation.add_to(program, file, seeder.clone());
    }
    let tab = NodeConfig::leecher(MIB, 4 * MIB).in_a_tab();
    let tabs = (0..count).map(|_| {
        let program = simulation.add_program(tab.limit);
        for file in 0..files {
            simulation.add_to(program, file, tab.clone());
        }
        program
    });
    let tabs = tabs.collect();
    (simulation, tabs)
}
