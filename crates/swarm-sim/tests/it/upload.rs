//! Serving many.

use std::time::Duration;

use swarm_sim::{NodeConfig, Simulation, torrent};

const MIB: u64 = 1 << 20;

#[test]
fn more_leechers_than_slots_are_all_served_in_turn() {
    let mut simulation = Simulation::new(torrent(32, 262_144), 1);
    let seeder = simulation.add(NodeConfig::seeder(2 * MIB, MIB));
    let leechers: Vec<_> = (0..20).map(|_| simulation.add(NodeConfig::leecher(MIB, 8 * MIB))).collect();
    // Each knows the seeder only, so that nobody else can help.
    for leecher in &leechers {
        simulation.introduce(*leecher, seeder);
    }
    assert!(simulation.run_to_completion(Duration::from_secs(3_600)));
    // 20 copies of 8 MiB at 2 MiB/s: 80 s, if the uplink is never idle.
    let last = simulation.report().completed_at.values().max().copied().unwrap() as f64 / 1e6;
    assert!(last < 80.0 * 1.15, "{last} s");
}

/// What writing to a link wanted loaded used to lie until the next input: at the end, where no more requests
/// come, that was the next second for every block.
#[test]
fn blocks_that_are_loaded_one_by_one_come_as_fast_as_the_line() {
    let mut simulation = Simulation::new(torrent(1, 64 * 16_384), 1);
    let mut seeder = NodeConfig::seeder(MIB, MIB);
    seeder.engine.read_ahead_bytes = 16_384;
    let mut leecher = NodeConfig::leecher(MIB, MIB);
    leecher.engine.request_pipeline = Some(64);
    let (seeder, leecher) = (simulation.add(seeder), simulation.add(leecher));
    simulation.introduce(leecher, seeder);
    assert!(simulation.run_to_completion(Duration::from_secs(3)), "{:?}", simulation.stats(leecher));
}
