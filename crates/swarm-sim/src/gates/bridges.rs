//! Tabs that get at ordinary clients by way of bridges.

use std::time::Duration;

use super::{Gate, Scale, last};
use crate::conduct::Conduct;
use crate::node::{Leave, NodeKey};
use crate::outcome::{Outcome, Spread};
use crate::report::Ban;
use crate::scenario::{Bridged, bridge, bridge_among_members};
use crate::simulation::Simulation;

const KIB: u32 = 1 << 10;
/// Far more than any of the small runs needs.
const SMALL_RUN_MAX: Duration = Duration::from_secs(900);

type Bridges = Vec<(Leave, Vec<(Conduct, Leave)>)>;
/// Makes up what happens in a run.
type Trouble = fn(&mut fastrand::Rng) -> Bridges;

/// Whatever the tabs want leaves the seeders about once, and about as fast as if they were members.
pub fn bridges_fetch_once(scale: Scale) -> Vec<Gate> {
    let mean = |runs: Vec<f64>| Spread::of(runs).mean;
    let runs = |scenario: crate::Scenario| -> Vec<(f64, f64)> {
        let run = |seed| {
            let outcome = scenario.run(seed);
            (asked_of_seeders(&outcome) as f64 / scenario.file_len() as f64, last(&outcome))
        };
        scale.seeds(3, 20).map(run).collect()
    };
    let prompt = Bridged::new(10, 256, 256 * KIB).with(vec![reaches(Conduct::Honest)]).scenario();
    let two = Bridged::new(10, 256, 256 * KIB).with(vec![reaches(Conduct::Ordinary), reaches(Conduct::Ordinary)]);
    let mut roomy = two.scenario();
    roomy.bridges.iter_mut().for_each(|joined| joined.cache_pieces *= 2);
    let (one, two, roomy, prompt) = (runs(bridge()), runs(two.scenario()), runs(roomy), runs(prompt));
    let member = mean(runs(bridge_among_members()).into_iter().map(|run| run.1).collect());
    let most = |runs: &[(f64, f64)]| runs.iter().map(|run| run.0).fold(0.0, f64::max);
    let by_member = |runs: &[(f64, f64)]| mean(runs.iter().map(|run| run.1).collect()) / member;
    vec![
        Gate::at_most("asked of one seeder, × the file, worst seed", most(&one), 1.05, ""),
        Gate::at_most("of two behind two bridges that cache half each, worst seed", most(&roomy), 1.10, ""),
        // Their uplinks are half idle otherwise and give 1.7 copies.
        Gate::at_most("of two behind two bridges that cache a quarter each, worst seed", most(&two), 1.30, ""),
        Gate::at_most("last completion by that with the seeder a member", by_member(&prompt), 1.15, ""),
        Gate::at_most("the same, a seeder that unchokes in rounds of 10 s", by_member(&one), 1.25, ""),
    ]
}

fn reaches(conduct: Conduct) -> (Leave, Vec<(Conduct, Leave)>) {
    (Leave::Stays, vec![(conduct, Leave::Stays)])
}

fn asked_of_seeders(outcome: &Outcome) -> u64 {
    outcome.class("seeders").map_or(u64::MAX, |class| class.uploaded)
}

/// Whatever happens to one of them: all tabs complete, and nobody blames a bridge.
pub fn bridges_are_robust(scale: Scale) -> Vec<Gate> {
    let troubles: [(&str, Trouble); 5] = [
        ("one bridge, nothing happens", |rng| vec![reaches(any_conduct(rng))]),
        ("one of two bridges vanishes", |rng| {
            let (_, seeders) = reaches(any_conduct(rng));
            vec![(Leave::Vanishes(sometime(rng)), seeders), reaches(any_conduct(rng))]
        }),
        ("the seeder vanishes, and is back after 60 s", |rng| {
            let away = Duration::from_secs(60);
            vec![(Leave::Stays, vec![(any_conduct(rng), Leave::Returns { after: sometime(rng), away })])]
        }),
        ("one of two seeders lies", |rng| {
            let liar = (Conduct::Corrupt { one_in: rng.u32(1..64) }, Leave::Stays);
            vec![(Leave::Stays, vec![liar, (any_conduct(rng), Leave::Stays)])]
        }),
        ("two bridges, a liar behind each, one seeder comes back", |rng| {
            let liar = (Conduct::Corrupt { one_in: rng.u32(1..64) }, Leave::Stays);
            let returns = Leave::Returns { after: sometime(rng), away: Duration::from_secs(60) };
            let behind = [returns, Leave::Stays].map(|leave| vec![liar, (any_conduct(rng), leave)]);
            behind.map(|seeders| (Leave::Stays, seeders)).into()
        }),
    ];
    let gate = |(what, trouble): (&str, Trouble)| {
        let bad: Vec<u64> = scale.seeds(8, 200).filter(|seed| !goes_well(*seed, trouble)).collect();
        let seeds = if bad.is_empty() { String::new() } else { format!(", seeds {bad:?}") };
        Gate::at_most(&format!("{what}: runs that stall or blame the honest{seeds}"), bad.len() as f64, 0.0, "")
    };
    troubles.into_iter().map(gate).collect()
}

fn any_conduct(rng: &mut fastrand::Rng) -> Conduct {
    if rng.bool() { Conduct::Honest } else { Conduct::Ordinary }
}

/// Before the first block, or in the middle.
fn sometime(rng: &mut fastrand::Rng) -> Duration {
    Duration::from_millis(rng.u64(100..16_000))
}

/// All tabs that stay complete. A tab bans nobody, since it knows no liar, and an upstream peer liars alone.
fn goes_well(seed: u64, trouble: Trouble) -> bool {
    let mut rng = fastrand::Rng::with_seed(seed);
    let (tabs, pieces) = (rng.usize(1..6), rng.u32(8..64));
    let bridged = Bridged::new(tabs, pieces, if rng.bool() { 16 * KIB } else { 64 * KIB });
    let mut scenario = bridged.with(trouble(&mut rng)).scenario();
    let (mut leaving, count) = (scenario.groups[0].clone(), rng.usize(0..3));
    (leaving.node.leave, leaving.count) = (Leave::Vanishes(sometime(&mut rng)), count);
    scenario.groups.push(leaving);
    let mut simulation = scenario.simulation(seed).with_checks();
    let is_done = simulation.run_to_completion(SMALL_RUN_MAX);
    let is_right = |ban: &Ban| !is_tab(&simulation, ban.at) && is_liar(&simulation, ban.who);
    is_done && simulation.report().bans.iter().all(is_right)
}

fn is_tab(simulation: &Simulation, node: usize) -> bool {
    simulation.config(NodeKey(node)).class == "tabs"
}

fn is_liar(simulation: &Simulation, node: usize) -> bool {
    matches!(simulation.config(NodeKey(node)).conduct, Conduct::Corrupt { .. })
}
