//! Bridges, and the ordinary clients behind them.

use std::time::Duration;

use peer_engine::Timestamp;
use swarm_sim::{BridgeKey, Conduct, Leave, NodeConfig, NodeKey, Simulation, torrent};

const MIB: u64 = 1 << 20;
const PIECE_LEN: u32 = 65_536;
const MINUTES: Duration = Duration::from_secs(600);

/// A seeder that only accepts TCP, and a bridge to it.
fn bridged(seeder: NodeConfig) -> (Simulation, NodeKey, BridgeKey) {
    let mut simulation = Simulation::new(torrent(64, PIECE_LEN), 1).with_checks();
    let program = simulation.add_program(seeder.limit);
    let seeder = simulation.add_to(program, 1, seeder);
    let line = NodeConfig::leecher(MIB, 4 * MIB);
    let bridge = simulation.add_bridge(&line, [1, 0], 16 * u64::from(PIECE_LEN)).unwrap();
    simulation.introduce_all();
    (simulation, seeder, bridge)
}

fn tab() -> NodeConfig {
    NodeConfig::leecher(MIB, 4 * MIB).in_a_tab()
}

fn ordinary() -> NodeConfig {
    NodeConfig::seeder(MIB, MIB).with_conduct(Conduct::Ordinary)
}

#[test]
fn a_tab_gets_a_file_of_a_seeder_that_it_cannot_reach_and_every_piece_leaves_the_seeder_once() {
    let (mut simulation, seeder, bridge) = bridged(NodeConfig::seeder(MIB, MIB));
    let tab = simulation.add(tab());
    assert!(simulation.run_to_completion(MINUTES));
    let file = u64::from(64 * PIECE_LEN);
    assert_eq!(simulation.stats(seeder).uploaded, file);
    let [_, downstream] = simulation.ends_of(bridge);
    assert_eq!((simulation.stats(downstream).uploaded, simulation.stats(tab).downloaded), (file, file));
}

#[test]
fn nothing_is_fetched_while_nobody_asks() {
    let (mut simulation, seeder, bridge) = bridged(NodeConfig::seeder(MIB, MIB));
    simulation.run_for(Duration::from_secs(60));
    let [upstream, downstream] = simulation.ends_of(bridge);
    assert_eq!((simulation.stats(upstream).peers, simulation.stats(seeder).uploaded), (1, 0));
    assert!(simulation.engine(downstream).unwrap().is_complete(), "the seeder's pieces are offered");
}

#[test]
fn an_ordinary_client_serves_nobody_before_its_next_round() {
    let mut simulation = Simulation::new(torrent(4, PIECE_LEN), 1);
    simulation.add(ordinary());
    let leecher = simulation.add(NodeConfig::leecher(MIB, MIB));
    simulation.introduce_all();
    assert!(simulation.run_to_completion(MINUTES));
    let first = simulation.record(leecher).first_piece_at.unwrap();
    assert!((10_000_000..11_000_000).contains(&first.0), "{first:?}");
}

#[test]
fn an_ordinary_client_that_closes_what_is_idle_is_there_again_for_a_tab_that_comes_later() {
    let (mut simulation, _, bridge) = bridged(ordinary());
    let [upstream, downstream] = simulation.ends_of(bridge);
    assert!(simulation.run_until(MINUTES, |simulation| simulation.stats(upstream).peers == 1));
    assert!(simulation.run_until(MINUTES, |simulation| simulation.stats(upstream).peers == 0));
    let closed_at = simulation.now();
    assert!(closed_at >= Timestamp(60_000_000), "{closed_at:?}");
    assert!(simulation.engine(downstream).unwrap().is_complete(), "it is believed to come back");
    simulation.add(tab());
    // A round of ten seconds, and four seconds for the file.
    let limit = closed_at.since(Timestamp(0)) + Duration::from_secs(20);
    assert!(simulation.run_to_completion(limit), "{:?}", simulation.now());
}

#[test]
fn a_seeder_that_was_off_is_used_again_and_nobody_is_blamed() {
    let returns = Leave::Returns { after: Duration::from_secs(2), away: Duration::from_secs(60) };
    let (mut simulation, seeder, bridge) = bridged(NodeConfig::seeder(MIB, MIB).with_leave(returns));
    let tab = simulation.add(tab());
    let [upstream, _] = simulation.ends_of(bridge);
    simulation.run_for(Duration::from_secs(30));
    let before = simulation.stats(tab).pieces_have;
    assert!((1..64).contains(&before), "{before} pieces");
    assert!(simulation.run_to_completion(MINUTES));
    assert!(simulation.stats(seeder).uploaded > 0 && simulation.stats(upstream).peers == 1);
    assert!(simulation.report().bans.is_empty() && simulation.report().failed_pieces.is_empty());
}

#[test]
fn a_seeder_that_lies_is_banned_by_the_bridge_and_no_bad_byte_reaches_a_tab() {
    let (mut simulation, liar, bridge) =
        bridged(NodeConfig::seeder(MIB, MIB).with_conduct(Conduct::Corrupt { one_in: 1 }));
    let program = simulation.add_program(tab().limit);
    simulation.add_to(program, 1, NodeConfig::seeder(MIB, MIB));
    simulation.add(tab());
    assert!(simulation.run_to_completion(MINUTES));
    let [upstream, _] = simulation.ends_of(bridge);
    let bans: Vec<_> = simulation.report().bans.iter().map(|ban| (ban.at, ban.who)).collect();
    assert_eq!(bans, [(upstream.0, liar.0)]);
    assert!(simulation.report().failed_pieces.iter().all(|failed| failed.at == upstream.0));
}
