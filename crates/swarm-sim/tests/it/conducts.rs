//! Any mix of misconduct: the honest complete, or stall and go on when a seeder comes.

use std::time::Duration;

use proptest::prelude::*;
use swarm_sim::gates::CONDUCTS;
use swarm_sim::{Conduct, NodeConfig, NodeKey, Simulation, scenario};

const MIB: u64 = 1 << 20;
const TEN_MINUTES: Duration = Duration::from_secs(600);

fn mixes() -> impl Strategy<Value = Vec<Conduct>> {
    prop::collection::vec(prop::sample::select(CONDUCTS.to_vec()), 0..5)
}

/// Honest leechers come right after the honest seeders in this scenario.
fn are_complete(simulation: &Simulation, first: usize, leechers: usize) -> bool {
    (first..first + leechers).all(|node| simulation.record(NodeKey(node)).completed_at.is_some())
}

fn only_liars_are_banned(simulation: &Simulation) -> bool {
    let is_liar = |node| matches!(simulation.config(NodeKey(node)).conduct, Conduct::Corrupt { .. });
    simulation.report().bans.iter().all(|ban| is_liar(ban.who))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn with_an_honest_seeder_everybody_completes(
        seed in any::<u64>(),
        conducts in mixes(),
        leechers in 1usize..5,
        pieces in 1u32..24,
        piece_len in prop::sample::select(vec![16_384u32, 65_536, 262_144]),
    ) {
        let scenario = scenario::any_conducts(&conducts, 1, leechers, pieces, piece_len);
        let mut simulation = scenario.simulation(seed).with_checks();
        prop_assert!(simulation.run_until(TEN_MINUTES, |simulation| are_complete(simulation, 1, leechers)));
        prop_assert!(only_liars_are_banned(&simulation), "{:?}", simulation.report().bans);
    }

    #[test]
    fn who_stalls_among_liars_goes_on_when_a_seeder_comes(
        seed in any::<u64>(),
        conducts in mixes(),
        leechers in 1usize..5,
        pieces in 1u32..24,
    ) {
        let scenario = scenario::any_conducts(&conducts, 0, leechers, pieces, 65_536);
        let mut simulation = scenario.simulation(seed).with_checks();
        if !simulation.run_until(TEN_MINUTES, |simulation| are_complete(simulation, 0, leechers)) {
            simulation.add(NodeConfig::seeder(MIB, MIB));
            prop_assert!(simulation.run_until(2 * TEN_MINUTES, |simulation| are_complete(simulation, 0, leechers)));
        }
        prop_assert!(only_liars_are_banned(&simulation), "{:?}", simulation.report().bans);
    }
}

/// The seeder's reject of a cancelled request used to count as its answer to the one that followed.
#[test]
fn a_piece_that_a_liar_spoiled_in_the_endgame_is_fetched_from_the_honest_seeder() {
    let conducts = [Conduct::FreeRider, Conduct::Idle, Conduct::FreeRider, Conduct::Corrupt { one_in: 8 }];
    let scenario = scenario::any_conducts(&conducts, 1, 1, 5, 16_384);
    let mut simulation = scenario.simulation(15_219_731_122_351_799_098).with_checks();
    assert!(simulation.run_until(TEN_MINUTES, |simulation| are_complete(simulation, 1, 1)));
}

#[test]
fn two_silent_peers_do_not_keep_a_block_from_a_seeder_that_comes_later() {
    let scenario = scenario::any_conducts(&[Conduct::Silent, Conduct::Silent], 0, 1, 1, 16_384);
    let mut simulation = scenario.simulation(1);
    simulation.run_for(TEN_MINUTES);
    simulation.add(NodeConfig::seeder(MIB, MIB));
    let two_minutes = Duration::from_secs(120);
    assert!(simulation.run_until(TEN_MINUTES + two_minutes, |simulation| are_complete(simulation, 0, 1)));
}
