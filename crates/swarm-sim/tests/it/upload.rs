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
        simulation.connect(*leecher, seeder);
    }
    assert!(simulation.run_to_completion(Duration::from_secs(3_600)));
    // 20 copies of 8 MiB at 2 MiB/s: 80 s, if the uplink is never idle.
    let last = simulation.report().completed_at.values().max().copied().unwrap() as f64 / 1e6;
    assert!(last < 80.0 * 1.15, "{last} s");
}
