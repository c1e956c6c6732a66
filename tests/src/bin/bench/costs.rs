//! The peer engine's benches of both builds in turn: what each event costs.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use tokio::process::Command;

use crate::builds::Build;
use crate::options::Options;
use crate::report::{Aim, Comparison, Report};
use crate::rounds::order;

/// Nanoseconds, one for each round, by the bench's name.
type Medians = BTreeMap<String, Vec<f64>>;

/// Adds every bench that both builds have.
pub async fn measure(builds: &[Build], options: &Options, report: &mut Report) -> Result<()> {
    let [this, other] = builds else { return Ok(()) };
    let programs = match (&this.costs, &other.costs) {
        (Some(this), Some(other)) => [this, other],
        _ => {
            report.note("the engine's costs were not compared: one of the commits has no such bench".to_owned());
            return Ok(());
        }
    };
    eprintln!("==> What the engine's decisions cost");
    let mut medians = [Medians::new(), Medians::new()];
    for round in 0..options.rounds {
        for turn in order(2, round) {
            for (name, nanoseconds) in run(programs[turn]).await? {
                medians[turn].entry(name).or_default().push(nanoseconds);
            }
        }
    }
    let [this, mut other] = medians;
    for (name, this) in this {
        let other = other.remove(&name).unwrap_or_default();
        let what = format!("engine: {}", name.replace('_', " "));
        report.compare(Comparison { what, unit: "ns", this, other, aim: Aim::Open });
    }
    Ok(())
}

async fn run(program: &Path) -> Result<Vec<(String, f64)>> {
    let mut command = Command::new(program);
    command.args(["--bench", "--color", "never"]).stdin(Stdio::null()).stderr(Stdio::inherit());
    let output = command.output().await.with_context(|| format!("cannot run {}", program.display()))?;
    ensure!(output.status.success(), "{} ended with {}", program.display(), output.status);
    let medians = medians(&String::from_utf8_lossy(&output.stdout));
    ensure!(!medians.is_empty(), "{} printed no figures", program.display());
    Ok(medians)
}

/// Names and medians (nanoseconds) out of divan's tree:
///
/// ```text
/// costs            fastest       │ slowest       │ median        │ mean          │ samples │ iters
/// ├─ have                        │               │               │               │         │
/// │  ├─ 16384      6.1 ns        │ 7.9 ns        │ 6.4 ns        │ 6.5 ns        │ 100     │ 100
/// ```
fn medians(text: &str) -> Vec<(String, f64)> {
    let mut medians = Vec::new();
    let mut names: Vec<String> = Vec::new();
    for line in text.lines() {
        let Some(at) = line.find("├─ ").or_else(|| line.find("╰─ ")) else { continue };
        let depth = line[..at].chars().count() / 3;
        let rest = &line[at + "├─ ".len()..];
        let name = rest.split_whitespace().next().unwrap_or_default();
        names.truncate(depth);
        names.push(name.to_owned());
        let median = rest.split('│').nth(2).and_then(nanoseconds);
        medians.extend(median.map(|median| (names.join(", "), median)));
    }
    medians
}

/// `6.4 ns` → 6.4
fn nanoseconds(text: &str) -> Option<f64> {
    let (number, unit) = text.trim().split_once(' ')?;
    let scale = match unit {
        "ns" => 1.0,
        "µs" => 1e3,
        "ms" => 1e6,
        "s" => 1e9,
        _ => return None,
    };
    Some(number.parse::<f64>().ok()? * scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_every_bench_is_read_from_the_tree() {
        let text = "Timer precision: 20 ns
costs                fastest       │ slowest       │ median        │ mean          │ samples │ iters
├─ have                            │               │               │               │         │
│  ├─ 16384          6.1 ns        │ 7.9 ns        │ 6.4 ns        │ 6.5 ns        │ 100     │ 100
│  │                 156.3 Mitem/s │ 126 Mitem/s   │ 155 Mitem/s   │ 153 Mitem/s   │         │
│  ╰─ 1048576        8.1 µs        │ 9.9 µs        │ 8.4 µs        │ 8.5 µs        │ 100     │ 100
╰─ piece_stored      0.5 ms        │ 1 ms          │ 0.7 ms        │ 0.7 ms        │ 100     │ 100
";
        let expected = [("have, 16384", 6.4), ("have, 1048576", 8_400.0), ("piece_stored", 700_000.0)];
        let found = medians(text);
        assert_eq!(found.len(), expected.len(), "{found:?}");
        for ((name, median), (expected_name, expected_median)) in found.iter().zip(expected) {
            assert_eq!(name, expected_name);
            assert!((median - expected_median).abs() < 1e-6, "{name}: {median}");
        }
    }
}
