//! The simulated network itself: lines, the relay, who comes and goes.

use std::time::Duration;

use peer_engine::Timestamp;
use swarm_sim::{Conduct, Leave, NodeConfig, NodeKey, Reach, RelayConfig, Simulation, scenario, torrent};

const MIB: u64 = 1 << 20;
const HOUR: Duration = Duration::from_secs(3_600);

#[test]
fn relayed_links_share_the_relays_line_and_direct_ones_do_not() {
    let run = |reach| {
        let relay = RelayConfig { up: MIB, down: 10 * MIB };
        let mut simulation = Simulation::new(torrent(32, 262_144), 1).with_relay(relay);
        let seeder = simulation.add(NodeConfig::seeder(10 * MIB, 10 * MIB));
        for _ in 0..2 {
            let leecher = simulation.add(NodeConfig::leecher(MIB, 10 * MIB).with_reach(reach));
            simulation.introduce(leecher, seeder);
        }
        assert!(simulation.run_to_completion(HOUR));
        (simulation.relayed(), simulation.report().completed_at.values().max().copied().unwrap() as f64 / 1e6)
    };
    let (relayed, seconds) = run(Reach::RelayOnly);
    assert!(relayed > 16 * MIB);
    assert!((16.0..18.0).contains(&seconds), "{seconds} s for two copies of 8 MiB at 1 MiB/s");
    let (relayed, seconds) = run(Reach::Nat);
    assert_eq!(relayed, 0, "who is behind a NAT can dial who is not");
    assert!(seconds < 3.0, "{seconds} s");
}

#[test]
fn a_newcomer_links_to_so_many_and_replaces_links_that_close() {
    let mut simulation = Simulation::new(torrent(64, 65_536), 2).with_degree(3);
    let first: Vec<NodeKey> = (0..6).map(|_| simulation.add(NodeConfig::leecher(MIB, MIB))).collect();
    let last = simulation.add(NodeConfig::leecher(MIB, MIB));
    simulation.run_for(Duration::from_secs(1));
    // It dials until it has three, and accepts as many again.
    assert!((3..=6).contains(&simulation.stats(last).peers), "{:?}", simulation.stats(last));
    let linked: Vec<_> = simulation.engine(last).unwrap().peers().iter().map(|peer| peer.peer).collect();
    let gone = first.into_iter().find(|node| linked.iter().any(|peer| peer.0[16..] == (node.0 as u32).to_be_bytes()));
    simulation.crash(gone.unwrap());
    simulation.run_for(Duration::from_secs(5));
    assert!((3..=6).contains(&simulation.stats(last).peers), "{:?}", simulation.stats(last));
    assert!(simulation.report().relinked >= 1);
}

#[test]
fn who_vanishes_is_noticed_by_silence_alone() {
    let mut simulation = Simulation::new(torrent(16, 65_536), 3);
    let leecher = simulation.add(NodeConfig::leecher(MIB, MIB));
    let other = simulation.add(NodeConfig::leecher(MIB, MIB).with_leave(Leave::Vanishes(Duration::from_secs(5))));
    simulation.introduce(leecher, other);
    simulation.run_for(Duration::from_secs(60));
    assert_eq!(simulation.stats(leecher).peers, 1);
    simulation.run_for(Duration::from_secs(90));
    assert_eq!(simulation.stats(leecher).peers, 0);
}

#[test]
fn a_seeder_that_leaves_after_one_copy_leaves_everything_behind() {
    let mut simulation = Simulation::new(torrent(32, 65_536), 4);
    simulation.add(NodeConfig::seeder(MIB / 4, MIB).with_leave(Leave::OneCopy));
    (0..5).for_each(|_| {
        simulation.add(NodeConfig::leecher(MIB, MIB));
    });
    simulation.introduce_all();
    assert!(simulation.run_to_completion(HOUR));
    let left_at = simulation.record(NodeKey(0)).left_at;
    assert_eq!(left_at, simulation.report().one_copy_at);
    assert!(left_at.is_some_and(|at| at > Timestamp(8_000_000)));
}

#[test]
fn arrivals_are_spread_and_all_come() {
    let mut simulation = Simulation::new(torrent(16, 65_536), 5).with_degree(5);
    simulation.add(NodeConfig::seeder(4 * MIB, MIB));
    let leecher = NodeConfig::leecher(MIB, MIB).with_leave(Leave::Completed(Duration::from_secs(10)));
    simulation.arrive_steadily(Timestamp(0), Duration::from_secs(20), 30, &leecher);
    assert!(simulation.run_to_completion(HOUR));
    assert_eq!(simulation.report().completed_at.len(), 30);
    let last = simulation.record(NodeKey(30)).arrived_at;
    assert!((300_000_000..1_000_000_000).contains(&last.0), "{last:?}");
    assert!(simulation.record(NodeKey(1)).left_at.is_some());
}

#[test]
fn a_slow_loris_sends_a_block_a_minute() {
    let scenario = scenario::any_conducts(&[Conduct::SlowLoris], 0, 1, 64, 65_536);
    let mut simulation = scenario.simulation(6);
    simulation.run_for(Duration::from_secs(600));
    let blocks = simulation.stats(NodeKey(0)).downloaded / 16_384;
    assert!((8..=13).contains(&blocks), "{blocks} blocks in ten minutes");
}

#[test]
fn the_same_scenario_and_seed_give_the_same_trace() {
    let trace = |seed| scenario::misconduct().run(seed).trace;
    assert_eq!(trace(7), trace(7));
    assert_ne!(trace(7), trace(8));
}

#[test]
fn every_scenario_has_a_name_of_its_own_and_says_what_it_shows() {
    let scenarios = scenario::all();
    let mut names: Vec<_> = scenarios.iter().map(|scenario| scenario.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), scenarios.len());
    assert!(scenarios.iter().all(|scenario| scenario::named(scenario.name).is_some()));
}
