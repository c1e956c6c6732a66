//! `swarm-sim`: runs a scenario or every gate and prints what came of it.

#![allow(clippy::disallowed_methods, reason = "the program says how long simulating took; simulated time is another")]

mod print;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use clap::Parser;
use peer_engine::PiecePolicy;
use swarm_sim::gates::{CHECKS, Gate, Scale};
use swarm_sim::plot::{Curve, completion_curves};
use swarm_sim::{Outcome, Scenario, scenario};

/// A thousand peers must be simulated within this time.
const BIG_RUN_MAX: Duration = Duration::from_secs(60);

/// Many peer engines on a simulated network, in virtual time.
#[derive(Debug, Parser)]
#[command(name = "swarm-sim", max_term_width = 100)]
struct Arguments {
    /// Which scenario to run
    #[arg(long, value_name = "NAME", required_unless_present_any = ["list", "all"])]
    scenario: Option<String>,
    /// All randomness of a run: same seed, same run
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Piece policy of every node: rarest-first, random, sequential, equal-split, equal-split=rate
    #[arg(long, value_name = "P")]
    policy: Option<PiecePolicy>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Run all policies and draw who completes when, beside the lower bound
    #[arg(long, value_name = "FILE.svg")]
    plot: Option<PathBuf>,
    /// Name the scenarios
    #[arg(long)]
    list: bool,
    /// Run every gate (minutes); exit 1 if one fails
    #[arg(long)]
    all: bool,
    /// With --all: the sizes that the tests use (seconds)
    #[arg(long, requires = "all")]
    quick: bool,
}

fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    if arguments.list {
        scenario::all().iter().for_each(|scenario| println!("{:20} {}", scenario.name, scenario.about));
        return Ok(ExitCode::SUCCESS);
    }
    if arguments.all {
        let scale = if arguments.quick { Scale::Quick } else { Scale::Full };
        return Ok(run_gates(scale, arguments.scenario.as_deref(), arguments.json));
    }
    let name = arguments.scenario.as_deref().unwrap_or_default();
    let Some(mut scenario) = scenario::named(name) else {
        bail!("there is no scenario {name:?}; --list names them");
    };
    if let Some(policy) = arguments.policy {
        scenario = scenario.with_policy(policy);
    }
    run_one(&scenario, &arguments);
    if let Some(file) = &arguments.plot {
        plot(&scenario, arguments.seed, file)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn run_one(scenario: &Scenario, arguments: &Arguments) {
    let started = Instant::now();
    let outcome = scenario.run(arguments.seed);
    let took = started.elapsed();
    if arguments.json {
        println!("{:#}", print::json(scenario, arguments.seed, &outcome, took));
    } else {
        print!("{}", print::table(scenario, arguments.seed, &outcome, took));
    }
}

fn plot(scenario: &Scenario, seed: u64, file: &Path) -> Result<()> {
    let policies = PiecePolicy::NAMES.iter().filter(|(_, policy)| *policy != PiecePolicy::EqualSplit { by_rate: true });
    let runs: Vec<(&str, Outcome)> =
        policies.map(|(name, policy)| (*name, scenario.clone().with_policy(*policy).run(seed))).collect();
    let bound = runs.first().and_then(|(_, outcome)| outcome.bounds).map(|bounds| bounds.best_s());
    let curves: Vec<Curve> = runs
        .into_iter()
        .map(|(name, outcome)| Curve {
            name: name.to_owned(),
            of: outcome.curve.len() + outcome.incomplete,
            completions: outcome.curve,
        })
        .collect();
    let title = format!("{}: {}", scenario.name, scenario.about);
    std::fs::write(file, completion_curves(&title, &curves, bound))
        .with_context(|| format!("write {}", file.display()))?;
    eprintln!("drew {}", file.display());
    Ok(())
}

/// Every gate, or those of one check.
fn run_gates(scale: Scale, only: Option<&str>, json: bool) -> ExitCode {
    let mut all_met = true;
    let mut rows = Vec::new();
    for (name, check) in CHECKS.iter().filter(|(name, _)| only.is_none_or(|only| only == *name)) {
        let started = Instant::now();
        let mut gates = check(scale);
        let took = started.elapsed();
        if *name == "big" {
            gates.push(Gate::at_most("time to simulate it", took.as_secs_f64(), BIG_RUN_MAX.as_secs_f64(), " s"));
        }
        for gate in gates {
            all_met &= gate.is_met;
            if json {
                rows.push(print::gate_json(name, &gate));
            } else {
                println!("{}", print::gate_row(name, &gate));
            }
        }
        eprintln!("       {name}: {:.1} s", took.as_secs_f64());
    }
    if json {
        println!("{:#}", serde_json::Value::Array(rows));
    }
    if all_met { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
