//! What the engine must reach, each with its figure and its bound. The tests run the quick ones,
//! `swarm-sim --all` runs them at full size.

mod bridges;

use std::time::Duration;

use peer_engine::PiecePolicy;

pub use bridges::{bridges_are_robust, bridges_fetch_once};

use crate::conduct::Conduct;
use crate::outcome::{Outcome, Spread};
use crate::scenario::{
    any_conducts, big, corrupter, equal_split, flash_crowd, free_rider, least_loaded, optimistic_unchoke,
    scarce_seeder, small_file, streaming, streaming_swarm, tabs,
};

/// A figure and what it must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gate {
    /// What is claimed.
    pub claim: String,
    /// What came out.
    pub figure: String,
    /// What must come out.
    pub bound: String,
    /// It does.
    pub is_met: bool,
}

impl Gate {
    /// `figure` is at most `bound`.
    pub fn at_most(claim: &str, figure: f64, bound: f64, unit: &str) -> Self {
        let is_met = figure <= bound;
        Self { claim: claim.into(), figure: format!("{figure:.3}{unit}"), bound: format!("≤ {bound}{unit}"), is_met }
    }

    /// `figure` is at least `bound`.
    pub fn at_least(claim: &str, figure: f64, bound: f64, unit: &str) -> Self {
        let is_met = figure >= bound;
        Self { claim: claim.into(), figure: format!("{figure:.3}{unit}"), bound: format!("≥ {bound}{unit}"), is_met }
    }
}

/// How much to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// Seconds.
    Quick,
    /// Minutes.
    Full,
}

impl Scale {
    fn seeds(self, quick: u64, full: u64) -> std::ops::RangeInclusive<u64> {
        1..=if self == Scale::Quick { quick } else { full }
    }
}

/// Some gates that one set of runs decides.
pub type Check = fn(Scale) -> Vec<Gate>;

/// Every check with its name.
pub const CHECKS: [(&str, Check); 13] = [
    ("bridge", bridges_fetch_once),
    ("bridge-robust", bridges_are_robust),
    ("flash-crowd", near_the_bound),
    ("scarce-seeder", rarest_first_wins),
    ("optimistic-unchoke", optimists_are_served_equally),
    ("free-rider", free_riders_finish_last),
    ("least-loaded", least_loaded_first_pays),
    ("equal-split", equal_split_uses_every_seeder),
    ("streaming", films_do_not_stall),
    ("corrupter", liars_are_banned_and_nobody_else),
    ("misconduct", misconduct_holds_nobody_up),
    ("tabs", tabs_keep_to_their_room),
    ("big", a_thousand_peers_complete),
];

/// 100 equal leechers and one seeder. The time until everybody has something to pass on and the time that the
/// last piece takes to spread are the same for any file, so it has to be long enough for them.
pub fn near_the_bound(scale: Scale) -> Vec<Gate> {
    let (pieces, piece_len) = if scale == Scale::Quick { (640, 64 * 1024) } else { (512, 256 * 1024) };
    let outcome = flash_crowd(100, pieces, piece_len).run(1);
    let bound = outcome.bounds.map_or(f64::NAN, |bounds| bounds.best_s());
    vec![
        Gate::at_most("last completion, × the lower bound", last(&outcome) / bound, 1.15, ""),
        Gate::at_least("uplinks in use until half are done", outcome.utilisation, 0.90, ""),
        Gate::at_most("received in vain", outcome.wasted_share * 100.0, 1.0, " %"),
    ]
}

/// The last completion; never, if somebody is without the file.
fn last(outcome: &Outcome) -> f64 {
    if outcome.is_done { outcome.completion.last } else { f64::INFINITY }
}

/// The only seeder is slow and leaves after one copy.
pub fn rarest_first_wins(scale: Scale) -> Vec<Gate> {
    let mean = |policy| {
        let runs = scale.seeds(3, 10).map(|seed| last(&scarce_seeder(20).with_policy(policy).run(seed)));
        Spread::of(runs.collect()).mean
    };
    let rarest = mean(PiecePolicy::RarestFirst);
    [PiecePolicy::Random, PiecePolicy::Sequential]
        .into_iter()
        .map(|policy| {
            let claim = format!("rarest-first by {policy}, last completion");
            Gate::at_most(&claim, rarest / mean(policy), 1.0, "")
        })
        .collect()
}

/// libtorrent's test: each idle peer within 1.5 s of the mean.
pub fn optimists_are_served_equally(_: Scale) -> Vec<Gate> {
    [("idle", Conduct::Idle), ("asking", Conduct::Asks)]
        .into_iter()
        .map(|(what, conduct)| {
            let scenario = optimistic_unchoke(conduct);
            let mut simulation = scenario.simulation(1);
            simulation.run_until(scenario.limit, |_| false);
            let idle: Vec<f64> = simulation
                .nodes()
                .filter_map(|node| simulation.unchoked_for(node))
                .map(|time| time.as_secs_f64())
                .collect();
            let spread = Spread::of(idle);
            let off = (spread.mean - spread.min).max(spread.last - spread.mean);
            Gate::at_most(&format!("{what}, mean {:.1} s unchoked, farthest from it", spread.mean), off, 1.5, " s")
        })
        .collect()
}

/// With scarce seeders who does not upload waits for who does.
pub fn free_riders_finish_last(scale: Scale) -> Vec<Gate> {
    let runs: Vec<(f64, f64)> = scale
        .seeds(3, 10)
        .map(|seed| {
            let outcome = free_rider().run(seed);
            let median = |class| outcome.class(class).map_or(f64::NAN, |class| class.completion.median);
            (median("free riders"), median("contributors"))
        })
        .collect();
    let worst = runs.iter().map(|(riders, contributors)| riders / contributors).fold(f64::INFINITY, f64::min);
    vec![Gate::at_least("free riders' median completion by contributors', worst seed", worst, 1.0, "")]
}

/// Asking the least loaded holder first, against the same engine without that rule.
pub fn least_loaded_first_pays(scale: Scale) -> Vec<Gate> {
    let seeds = scale.seeds(20, 100);
    let ratio = |scenario: fn(bool) -> crate::Scenario| {
        let mean = |is_on| {
            let runs = seeds.clone().map(|seed| scenario(is_on).run(seed).completion.mean);
            Spread::of(runs.collect()).mean
        };
        mean(true) / mean(false)
    };
    vec![
        Gate::at_most("mean completion by that with the rule off, 32 MiB", ratio(least_loaded), 1.02, ""),
        Gate::at_most("mean completion by that with the rule off, 512 KiB", ratio(small_file), 1.0, ""),
    ]
}

/// Four unequal seeders, one receiver.
pub fn equal_split_uses_every_seeder(_: Scale) -> Vec<Gate> {
    [false, true]
        .into_iter()
        .map(|by_rate| {
            let policy = PiecePolicy::EqualSplit { by_rate };
            let outcome = equal_split().with_policy(policy).run(1);
            let bound = outcome.bounds.map_or(f64::NAN, |bounds| bounds.best_s());
            Gate::at_most(&format!("{policy}, completion, × the lower bound"), last(&outcome) / bound, 1.10, "")
        })
        .collect()
}

/// Capacity is 1.5 times the bit rate.
pub fn films_do_not_stall(scale: Scale) -> Vec<Gate> {
    [streaming(), streaming_swarm()]
        .into_iter()
        .map(|scenario| {
            let stalls: u32 = scale.seeds(4, 20).map(|seed| scenario.run(seed).stream.stalls).sum();
            Gate::at_most(&format!("stalls after the start, {}", scenario.name), f64::from(stalls), 0.0, "")
        })
        .collect()
}

/// Over many seeds and shares of bad blocks.
pub fn liars_are_banned_and_nobody_else(scale: Scale) -> Vec<Gate> {
    let runs: Vec<Outcome> =
        scale.seeds(60, 1_000).map(|seed| corrupter([1, 2, 4, 8, 16, 64][seed as usize % 6]).run(seed)).collect();
    let worst = runs.iter().map(|outcome| outcome.bad_pieces_until_ban).max().unwrap_or(0);
    let more = runs.iter().filter(|outcome| outcome.bad_pieces_until_ban > 2).count();
    let false_bans: usize = runs.iter().map(|outcome| outcome.false_bans).sum();
    let stuck = runs.iter().filter(|outcome| !outcome.is_done).count();
    let claim = format!("most bad pieces until a liar is banned ({more} of {} runs above 2)", runs.len());
    vec![
        Gate::at_most(&claim, f64::from(worst), 2.0, ""),
        Gate::at_most("honest peers banned", false_bans as f64, 0.0, ""),
        Gate::at_most("runs that did not complete", stuck as f64, 0.0, ""),
    ]
}

/// Random mixes of one to three conducts: the honest complete.
pub fn misconduct_holds_nobody_up(scale: Scale) -> Vec<Gate> {
    let stuck = scale.seeds(12, 200).filter(|seed| !mixed(*seed).is_done).count();
    vec![Gate::at_most("runs with mixed misconduct in which the honest do not complete", stuck as f64, 0.0, "")]
}

fn mixed(seed: u64) -> Outcome {
    let mut rng = fastrand::Rng::with_seed(seed);
    let mut conducts = CONDUCTS;
    rng.shuffle(&mut conducts);
    any_conducts(&conducts[..rng.usize(1..4)], 1, 4, 24, 64 * 1024).run(seed)
}

/// Every misconduct, for mixes of them.
pub const CONDUCTS: [Conduct; 8] = [
    Conduct::Corrupt { one_in: 8 },
    Conduct::Silent,
    Conduct::Rejects,
    Conduct::SlowLoris,
    Conduct::FreeRider,
    Conduct::FalseHaves,
    Conduct::Floods,
    Conduct::Idle,
];

/// Three files of a tab share its room, and all of them come.
pub fn tabs_keep_to_their_room(scale: Scale) -> Vec<Gate> {
    let count = if scale == Scale::Quick { 30 } else { 60 };
    let (mut simulation, tabs) = tabs(count, 3, 1);
    let is_done = simulation.run_to_completion(Duration::from_secs(3_600));
    let most = |of: fn(local_peer::Room) -> usize| {
        tabs.iter().map(|tab| of(simulation.most_used(*tab))).max().unwrap_or_default() as f64
    };
    vec![
        Gate::at_most("links of a tab with three files on their way at a time", most(|room| room.connecting), 6.0, ""),
        Gate::at_most("links of a tab with three files at a time", most(|room| room.links), 24.0, ""),
        Gate::at_most("tabs that are left without a file", f64::from(u8::from(!is_done)), 0.0, ""),
    ]
}

/// A thousand peers and 64 MiB. The program also looks how long it took.
pub fn a_thousand_peers_complete(_: Scale) -> Vec<Gate> {
    let outcome = big().run(1);
    let bound = outcome.bounds.map_or(f64::NAN, |bounds| bounds.best_s());
    vec![
        Gate::at_most("leechers without the file", outcome.incomplete as f64, 0.0, ""),
        Gate::at_most("last completion, × the lower bound", last(&outcome) / bound, 1.5, ""),
    ]
}
