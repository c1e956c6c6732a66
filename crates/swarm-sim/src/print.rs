//! An outcome for people and for programs.

use std::fmt::Write;
use std::time::Duration;

use serde_json::{Value, json};
use swarm_sim::gates::Gate;
use swarm_sim::{Outcome, Scenario, Spread};

/// Blocks per 16 KiB: the simulator's cost is told per block.
const BLOCK: f64 = 16_384.0;

pub fn gate_row(check: &str, gate: &Gate) -> String {
    let verdict = if gate.is_met { "pass" } else { "FAIL" };
    format!("{verdict}  {check:20} {:62} {:>12}   {}", gate.claim, gate.figure, gate.bound)
}

pub fn gate_json(check: &str, gate: &Gate) -> Value {
    json!({ "check": check, "claim": gate.claim, "figure": gate.figure, "bound": gate.bound, "pass": gate.is_met })
}

/// Lines of names and figures.
pub fn table(scenario: &Scenario, seed: u64, outcome: &Outcome, took: Duration) -> String {
    let mut rows: Vec<(String, String)> = Vec::new();
    let mut row = |name: &str, figure: String| rows.push((name.to_owned(), figure));
    if let Some(bounds) = outcome.bounds {
        row("lower bound", bounds.to_string());
        row("last by the bound", format!("{:.3}", outcome.completion.last / bounds.best_s()));
    }
    row("completion", spread(&outcome.completion));
    for class in outcome.classes.iter().filter(|class| class.completion.count > 0) {
        row(&format!("  {} ({})", class.class, class.nodes), spread(&class.completion));
    }
    if outcome.incomplete > 0 {
        row("without the file", outcome.incomplete.to_string());
    }
    row("first piece", spread(&outcome.first_piece));
    if let Some(seconds) = outcome.one_copy_s {
        row("one copy out", format!("{seconds:.1} s"));
    }
    row(
        "uplinks in use",
        format!(
            "{} until half are done, {} to the last",
            percent(outcome.utilisation),
            percent(outcome.utilisation_to_last)
        ),
    );
    row("received in vain", percent(outcome.wasted_share));
    row("entropy a/b, c/d", format!("{:.3}, {:.3}", outcome.entropy_own, outcome.entropy_others));
    row("fairness (Jain)", format!("{:.4}", outcome.jain));
    for class in &outcome.classes {
        let figure = format!("sent {:.1} MiB, received {:.1} MiB", mib(class.uploaded), mib(class.downloaded));
        row(&format!("  {} ({})", class.class, class.nodes), figure);
    }
    if outcome.stream.players > 0 {
        let stream = &outcome.stream;
        row("start of playback", spread(&stream.startup));
        row("stalls", format!("{} in {} players, {:.1} s", stream.stalls, stream.players, stream.stalled_s));
    }
    if outcome.bans + outcome.false_bans > 0 {
        let until = outcome.bad_pieces_until_ban;
        row(
            "bans",
            format!(
                "{} of liars after at most {until} bad pieces, {} of honest peers",
                outcome.bans, outcome.false_bans
            ),
        );
    }
    if outcome.relayed > 0 {
        row("through the relay", format!("{:.1} MiB", mib(outcome.relayed)));
    }
    let blocks = outcome.downloaded as f64 / BLOCK;
    row("simulated", cost(outcome, took, blocks));
    row("trace", format!("{:016x}", outcome.trace));
    let title = format!("{}, seed {seed}: {}\n", scenario.name, scenario.about);
    rows.into_iter().fold(title, |mut text, (name, figure)| {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "  {name:22} {figure}");
        text
    })
}

fn cost(outcome: &Outcome, took: Duration, blocks: f64) -> String {
    let seconds = took.as_secs_f64();
    format!(
        "{seconds:.2} s, {:.2} M happenings/s, {:.1} µs per block",
        outcome.happened as f64 / seconds / 1e6,
        seconds * 1e6 / blocks.max(1.0)
    )
}

/// The same for programs; times in seconds.
pub fn json(scenario: &Scenario, seed: u64, outcome: &Outcome, took: Duration) -> Value {
    let classes: Vec<Value> = outcome
        .classes
        .iter()
        .map(|class| {
            json!({ "class": class.class, "nodes": class.nodes, "completion": spread_json(&class.completion),
                    "downloaded": class.downloaded, "uploaded": class.uploaded })
        })
        .collect();
    json!({
        "scenario": scenario.name, "seed": seed, "done": outcome.is_done, "incomplete": outcome.incomplete,
        "bound": outcome.bounds.map(|bounds| json!({
            "kumar_ross": bounds.kumar_ross_s, "store_and_forward": bounds.store_and_forward_s,
            "best": bounds.best_s() })),
        "completion": spread_json(&outcome.completion), "finished": outcome.finished_s, "classes": classes,
        "first_piece": spread_json(&outcome.first_piece), "one_copy": outcome.one_copy_s,
        "utilisation": outcome.utilisation, "utilisation_to_last": outcome.utilisation_to_last,
        "wasted_share": outcome.wasted_share,
        "entropy": { "own": outcome.entropy_own, "others": outcome.entropy_others }, "jain": outcome.jain,
        "stream": { "players": outcome.stream.players, "startup": spread_json(&outcome.stream.startup),
                    "stalls": outcome.stream.stalls, "stalled": outcome.stream.stalled_s },
        "bans": outcome.bans, "false_bans": outcome.false_bans,
        "bad_pieces_until_ban": outcome.bad_pieces_until_ban,
        "relayed": outcome.relayed, "relinked": outcome.relinked, "happened": outcome.happened,
        "took": took.as_secs_f64(), "trace": format!("{:016x}", outcome.trace), "curve": outcome.curve,
    })
}

fn spread(spread: &Spread) -> String {
    format!("min {:.1}, median {:.1}, p95 {:.1}, last {:.1} s", spread.min, spread.median, spread.p95, spread.last)
}

fn spread_json(spread: &Spread) -> Value {
    json!({ "count": spread.count, "min": spread.min, "median": spread.median, "p95": spread.p95,
            "last": spread.last, "mean": spread.mean })
}

fn percent(share: f64) -> String {
    format!("{:.2} %", share * 100.0)
}

fn mib(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}
