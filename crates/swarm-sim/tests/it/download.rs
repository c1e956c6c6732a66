//! Downloading from one and many.

use std::time::Duration;

use proptest::prelude::*;
use swarm_sim::{Conduct, NodeConfig, NodeKey, Simulation, scenario, torrent};

const MIB: u64 = 1 << 20;
const MINUTES: Duration = Duration::from_secs(600);

#[test]
fn one_seeder_fills_one_leecher_at_line_speed() {
    let mut simulation = Simulation::new(torrent(64, 262_144), 1).with_checks();
    let seeder = simulation.add(NodeConfig::seeder(2 * MIB, 2 * MIB));
    let leecher = simulation.add(NodeConfig::leecher(2 * MIB, 20 * MIB));
    simulation.introduce(leecher, seeder);
    assert!(simulation.run_to_completion(MINUTES));
    // 16 MiB at 2 MiB/s is 8 s; slow start, headers and round trips may cost a tenth.
    let seconds = simulation.report().completed_at[&leecher.0] as f64 / 1e6;
    assert!((8.0..8.8).contains(&seconds), "{seconds} s");
    assert_eq!(simulation.stats(leecher).wasted, 0);
}

#[test]
fn two_equal_seeders_each_send_their_half() {
    let mut simulation = Simulation::new(torrent(128, 262_144), 2).with_checks();
    let seeders = [0, 1].map(|_| simulation.add(NodeConfig::seeder(MIB, MIB)));
    let leecher = simulation.add(NodeConfig::leecher(MIB, 100 * MIB));
    simulation.introduce_all();
    assert!(simulation.run_to_completion(MINUTES));
    for seeder in seeders {
        let share = simulation.stats(seeder).uploaded as f64 / (32 * MIB) as f64;
        assert!((0.45..0.55).contains(&share), "{share}");
    }
    let wasted = simulation.stats(leecher).wasted as f64 / (32 * MIB) as f64;
    assert!(wasted < 0.01, "{wasted}");
}

#[test]
fn a_faster_seeder_gives_more() {
    let mut simulation = Simulation::new(torrent(128, 262_144), 3);
    let slow = simulation.add(NodeConfig::seeder(MIB / 2, MIB));
    let fast = simulation.add(NodeConfig::seeder(2 * MIB, MIB));
    let leecher = simulation.add(NodeConfig::leecher(MIB, 100 * MIB));
    simulation.introduce_all();
    assert!(simulation.run_to_completion(MINUTES));
    let ratio = simulation.stats(fast).uploaded as f64 / simulation.stats(slow).uploaded as f64;
    assert!((3.0..5.0).contains(&ratio), "{ratio}");
    // 32 MiB at 2.5 MiB/s together is 12.8 s.
    let seconds = simulation.report().completed_at[&leecher.0] as f64 / 1e6;
    assert!(seconds < 12.8 * 1.15, "{seconds} s");
}

#[test]
fn a_seeder_that_dies_half_way_costs_nothing_but_time() {
    let mut simulation = Simulation::new(torrent(64, 262_144), 4).with_checks();
    let dies = simulation.add(NodeConfig::seeder(MIB, MIB));
    let _stays = simulation.add(NodeConfig::seeder(MIB, MIB));
    let leecher = simulation.add(NodeConfig::leecher(MIB, 100 * MIB));
    simulation.introduce_all();
    assert!(simulation.run_until(MINUTES, |simulation| simulation.stats(leecher).pieces_have >= 32));
    simulation.crash(dies);
    assert!(simulation.run_to_completion(MINUTES));
}

#[test]
fn a_silent_peer_holds_nothing_up() {
    let mut simulation = Simulation::new(torrent(32, 262_144), 5).with_checks();
    simulation.add(NodeConfig::seeder(MIB, MIB).with_conduct(Conduct::Silent));
    simulation.add(NodeConfig::seeder(MIB, MIB));
    let leecher = simulation.add(NodeConfig::leecher(MIB, 100 * MIB));
    simulation.introduce_all();
    assert!(simulation.run_to_completion(MINUTES));
    let seconds = simulation.report().completed_at[&leecher.0] as f64 / 1e6;
    assert!(seconds < 12.0, "{seconds} s for 8 MiB at 1 MiB/s");
}

#[test]
fn leechers_help_each_other() {
    let mut simulation = Simulation::new(torrent(128, 262_144), 6);
    simulation.add(NodeConfig::seeder(MIB, MIB));
    (0..5).for_each(|_| {
        simulation.add(NodeConfig::leecher(MIB, 8 * MIB));
    });
    simulation.introduce_all();
    assert!(simulation.run_to_completion(MINUTES));
    // 5 copies of 32 MiB from the seeder alone would take 160 s; together the bound is 32 s.
    let last = simulation.report().completed_at.values().max().copied().unwrap() as f64 / 1e6;
    assert!(last < 32.0 * 1.35, "{last} s");
}

#[test]
fn what_nobody_has_is_told_and_comes_with_the_next_seeder() {
    let mut simulation = Simulation::new(torrent(32, 262_144), 7);
    let first = simulation.add(NodeConfig::seeder(MIB, MIB));
    let leecher = simulation.add(NodeConfig::leecher(MIB, 8 * MIB));
    simulation.introduce_all();
    assert!(simulation.run_until(MINUTES, |simulation| simulation.stats(leecher).pieces_have >= 16));
    simulation.crash(first);
    simulation.run_for(Duration::from_secs(30));
    let stats = simulation.stats(leecher);
    assert_eq!(stats.pieces_unavailable, stats.pieces - stats.pieces_have);
    assert!(stats.pieces_unavailable > 0);
    let second = simulation.add(NodeConfig::seeder(MIB, MIB));
    simulation.introduce(leecher, second);
    assert!(simulation.run_to_completion(MINUTES));
}

#[test]
fn the_same_seed_gives_the_same_trace() {
    let run = |seed| {
        let mut simulation = Simulation::new(torrent(64, 262_144), seed);
        simulation.add(NodeConfig::seeder(MIB, MIB));
        (0..6).for_each(|_| {
            simulation.add(NodeConfig::leecher(MIB, 4 * MIB));
        });
        simulation.introduce_all();
        assert!(simulation.run_to_completion(MINUTES));
        simulation.report().clone()
    };
    assert_eq!(run(11), run(11));
    assert_ne!(run(11).trace, run(12).trace);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn any_small_swarm_completes_with_its_books_in_order(
        seed in any::<u64>(),
        pieces in 1u32..40,
        piece_len in prop::sample::select(vec![16_384u32, 65_536, 262_144]),
        seeders in 1usize..4,
        leechers in 1usize..5,
        up in 50_000u64..4_000_000,
    ) {
        let mut simulation = Simulation::new(torrent(pieces, piece_len), seed).with_checks();
        for index in 0..seeders {
            simulation.add(NodeConfig::seeder(up * (index as u64 + 1), up));
        }
        for index in 0..leechers {
            simulation.add(NodeConfig::leecher(up / (index as u64 + 1), 4 * up));
        }
        simulation.introduce_all();
        prop_assert!(simulation.run_to_completion(Duration::from_secs(24 * 3600)), "{:?}", simulation.report());
        for leecher in seeders..seeders + leechers {
            let stats = simulation.stats(NodeKey(leecher));
            prop_assert_eq!(stats.bytes_have, stats.bytes);
            prop_assert_eq!(stats.bytes_partial, 0);
        }
    }
}

/// In these runs somebody was left with a slow holder of the next piece, which was found out when it was due.
#[test]
fn of_ten_who_watch_together_nobody_is_left_with_a_slow_holder() {
    for seed in [18, 45, 82] {
        assert_eq!(scenario::streaming_swarm().run(seed).stream.stalls, 0, "seed {seed}");
    }
}
