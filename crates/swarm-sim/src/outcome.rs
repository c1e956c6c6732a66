//! A run in figures.

use std::time::Duration;

use peer_engine::Timestamp;

use crate::bounds::Bounds;
use crate::node::{NodeConfig, NodeKey};
use crate::report::Report;
use crate::simulation::Simulation;

/// Smallest, middle, nearly largest and largest of some times, seconds.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Spread {
    /// How many.
    pub count: usize,
    /// The smallest.
    pub min: f64,
    /// Half are at most this.
    pub median: f64,
    /// 95 of 100 are at most this.
    pub p95: f64,
    /// The largest.
    pub last: f64,
    /// Arithmetic, of all values.
    pub mean: f64,
}

impl Spread {
    /// Of any numbers; all zero without any.
    pub fn of(mut numbers: Vec<f64>) -> Self {
        numbers.sort_by(f64::total_cmp);
        let count = numbers.len();
        let at = |percent: usize| numbers.get((count * percent).div_ceil(100).max(1) - 1).copied().unwrap_or(0.0);
        let mean = numbers.iter().sum::<f64>() / count.max(1) as f64;
        Self { count, min: at(0), median: at(50), p95: at(95), last: at(100), mean }
    }
}

/// One kind of nodes.
#[derive(Debug, Clone, PartialEq)]
pub struct ClassOutcome {
    /// Its name.
    pub class: &'static str,
    /// Nodes of it that came.
    pub nodes: usize,
    /// From arrival to completion.
    pub completion: Spread,
    /// Bytes of blocks that they received.
    pub downloaded: u64,
    /// Bytes of blocks that they sent.
    pub uploaded: u64,
}

/// How watching went.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct StreamOutcome {
    /// Nodes with a player.
    pub players: usize,
    /// From arrival to the start of playback.
    pub startup: Spread,
    /// Pieces that were not there at their time, over all players.
    pub stalls: u32,
    /// How long all players together stood still, seconds.
    pub stalled_s: f64,
}

/// A run in figures.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// Everybody that the run waited for has everything.
    pub is_done: bool,
    /// Lower bounds, where everybody comes at the start.
    pub bounds: Option<Bounds>,
    /// From arrival to completion, of whoever should complete.
    pub completion: Spread,
    /// Nodes that should have completed and did not.
    pub incomplete: usize,
    /// When the last node had everything, seconds from the start.
    pub finished_s: f64,
    /// By kind.
    pub classes: Vec<ClassOutcome>,
    /// From arrival to the first verified piece.
    pub first_piece: Spread,
    /// Bytes sent (everything included) by what the uplinks that were there could have sent, until
    /// half of the nodes had everything.
    pub utilisation: f64,
    /// The same until the last had everything: whoever is left at the end cannot use all uplinks.
    pub utilisation_to_last: f64,
    /// Bytes received twice, unasked for or in pieces that failed, by bytes received, at honest nodes.
    pub wasted_share: f64,
    /// Legout, Urvoy-Keller, Michiardi (IMC 2006), a/b: over pairs of leechers, the share of its time as a
    /// leecher in which one is interested in the other while they are linked. Median of the
    /// medians at each node.
    pub entropy_own: f64,
    /// The same the other way, c/d: the others' interest in one node.
    pub entropy_others: f64,
    /// Jain's index of the nodes' download rates: 1 when all are equal, 1/n when one gets all.
    pub jain: f64,
    /// When every piece was out of the hands of those who came with it, seconds.
    pub one_copy_s: Option<f64>,
    /// How watching went.
    pub stream: StreamOutcome,
    /// Bans of nodes that lied.
    pub bans: usize,
    /// Bans of nodes that did not.
    pub false_bans: usize,
    /// Most bad pieces that a node got from one liar until it banned it, the one that proved it included.
    pub bad_pieces_until_ban: u32,
    /// Bytes that went through the relay.
    pub relayed: u64,
    /// Links that replaced closed ones.
    pub relinked: u32,
    /// Things that happened in the simulator.
    pub happened: u64,
    /// Blocks' bytes received by all, wasted ones included.
    pub downloaded: u64,
    /// Digest of everything that happened.
    pub trace: u64,
    /// When each node had everything, seconds from the start, in order.
    pub curve: Vec<f64>,
}

fn seconds(duration: Duration) -> f64 {
    duration.as_micros() as f64 / 1e6
}

impl Outcome {
    /// Of a run that is over.
    pub fn of(simulation: &Simulation, bounds: Option<Bounds>, is_done: bool) -> Self {
        let waited: Vec<NodeKey> = simulation.nodes().filter(|node| is_waited_for(simulation.config(*node))).collect();
        let times = completion_times(simulation, waited.iter().copied());
        let report = simulation.report();
        let (entropy_own, entropy_others) = simulation.entropy();
        let (downloaded, wasted) = received(simulation);
        let at = |index: usize| {
            report.completions.get(index).map_or(0.0, |done| utilisation(simulation, done.at, done.sent))
        };
        let completed = report.completions.len();
        Self {
            is_done,
            bounds,
            incomplete: waited.len() - times.len(),
            jain: jain(&times),
            completion: Spread::of(times),
            finished_s: report.completions.last().map_or(0.0, |done| seconds(done.at.since(Timestamp(0)))),
            classes: classes(simulation),
            first_piece: first_pieces(simulation, &waited),
            utilisation: at(completed.saturating_sub(1) / 2),
            utilisation_to_last: at(completed.saturating_sub(1)),
            wasted_share: wasted as f64 / downloaded.max(1) as f64,
            entropy_own,
            entropy_others,
            one_copy_s: report.one_copy_at.map(|at| seconds(at.since(Timestamp(0)))),
            stream: streams(simulation),
            bans: report.bans.iter().filter(|ban| is_liar(simulation, ban.who)).count(),
            false_bans: report.bans.iter().filter(|ban| !is_liar(simulation, ban.who)).count(),
            bad_pieces_until_ban: bad_pieces(simulation, report),
            relayed: simulation.relayed(),
            relinked: report.relinked,
            happened: simulation.happened(),
            downloaded,
            trace: report.trace,
            curve: report.completions.iter().map(|done| seconds(done.at.since(Timestamp(0)))).collect(),
        }
    }

    /// The figures of one kind of nodes.
    pub fn class(&self, name: &str) -> Option<&ClassOutcome> {
        self.classes.iter().find(|class| class.class == name)
    }
}

fn is_waited_for(config: &NodeConfig) -> bool {
    config.conduct.is_waited_for() && !config.seeder
}

fn is_liar(simulation: &Simulation, node: usize) -> bool {
    matches!(simulation.config(NodeKey(node)).conduct, crate::Conduct::Corrupt { .. })
}

/// The most that a node got from one liar until the ban, or until the end if there was none.
fn bad_pieces(simulation: &Simulation, report: &Report) -> u32 {
    let is_banned = |at: usize, who: usize| report.bans.iter().any(|ban| (ban.at, ban.who) == (at, who));
    let mut free: std::collections::BTreeMap<(usize, usize), u32> = Default::default();
    for failed in &report.failed_pieces {
        for who in failed.senders.iter().filter(|who| is_liar(simulation, **who) && !is_banned(failed.at, **who)) {
            *free.entry((failed.at, *who)).or_default() += 1;
        }
    }
    report.bans.iter().map(|ban| ban.bad_pieces).chain(free.into_values()).max().unwrap_or(0)
}

fn completion_times(simulation: &Simulation, nodes: impl Iterator<Item = NodeKey>) -> Vec<f64> {
    nodes
        .filter_map(|node| {
            let record = simulation.record(node);
            record.completed_at.map(|at| seconds(at.since(record.arrived_at)))
        })
        .collect()
}

fn first_pieces(simulation: &Simulation, nodes: &[NodeKey]) -> Spread {
    let records = nodes.iter().map(|node| simulation.record(*node));
    Spread::of(
        records.filter_map(|record| record.first_piece_at.map(|at| seconds(at.since(record.arrived_at)))).collect(),
    )
}

/// Bytes of blocks that honest nodes received, and those of them that were of no use.
fn received(simulation: &Simulation) -> (u64, u64) {
    let honest = simulation.nodes().filter(|node| is_waited_for(simulation.config(*node)));
    honest.fold((0, 0), |(downloaded, wasted), node| {
        let stats = simulation.stats(node);
        (downloaded + stats.downloaded, wasted + stats.wasted)
    })
}

/// Bytes sent by what could have been sent until then.
fn utilisation(simulation: &Simulation, at: Timestamp, sent: u64) -> f64 {
    let could = simulation.nodes().map(|node| {
        let record = simulation.record(node);
        let until = record.left_at.map_or(at, |left| left.min(at));
        simulation.config(node).up as f64 * seconds(until.since(record.arrived_at))
    });
    sent as f64 / could.sum::<f64>().max(1.0)
}

/// Jain, Chiu, Hawe 1984: (Σx)² / (n Σx²) of the rates, which are one file by the time it took.
fn jain(times: &[f64]) -> f64 {
    let rates = || times.iter().map(|time| 1.0 / time.max(1e-6));
    let (sum, squares): (f64, f64) = (rates().sum(), rates().map(|rate| rate * rate).sum());
    if times.is_empty() { 1.0 } else { sum * sum / (times.len() as f64 * squares) }
}

fn classes(simulation: &Simulation) -> Vec<ClassOutcome> {
    let mut names: Vec<&'static str> = Vec::new();
    for node in simulation.nodes() {
        let name = simulation.config(node).class;
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names.into_iter().map(|class| class_outcome(simulation, class)).collect()
}

fn class_outcome(simulation: &Simulation, class: &'static str) -> ClassOutcome {
    let nodes: Vec<NodeKey> = simulation.nodes().filter(|node| simulation.config(*node).class == class).collect();
    let stats = nodes.iter().map(|node| simulation.stats(*node));
    let (downloaded, uploaded) = stats.fold((0, 0), |(down, up), stats| (down + stats.downloaded, up + stats.uploaded));
    let completion = Spread::of(completion_times(simulation, nodes.iter().copied()));
    ClassOutcome { class, nodes: nodes.len(), completion, downloaded, uploaded }
}

fn streams(simulation: &Simulation) -> StreamOutcome {
    let players = simulation.nodes().filter_map(|node| Some((node, simulation.playback(node)?)));
    let mut outcome = StreamOutcome::default();
    let mut startup = Vec::new();
    for (node, playback) in players {
        outcome.players += 1;
        outcome.stalls += playback.stalls;
        outcome.stalled_s += playback.stalled_us as f64 / 1e6;
        let arrived_at = simulation.record(node).arrived_at;
        startup.extend(playback.started_at.map(|at| seconds(at.since(arrived_at))));
    }
    outcome.startup = Spread::of(startup);
    outcome
}
