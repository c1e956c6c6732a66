//! `cargo xtask test`: every check and every test, and one line at the end.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::arguments::TestOptions;
use crate::workspace::{Profile, Workspace};
use crate::{browser_packages, fuzz, in_browser, page, programs, step};

const END_TO_END: &str = "covey-tests";
/// A browser and three programs per test: more at once than this starve each other on two cores.
const END_TO_END_THREADS: &str = "1";
/// Each fuzz target, seconds.
const FUZZ_SMOKE_S: u32 = 5;

/// Passed and failed so far. Each lint run counts as one.
#[derive(Debug, Default, PartialEq, Eq)]
struct Tally {
    passed: u64,
    failed: u64,
    ignored: u64,
}

/// Runs all; the exit code is a failure if anything failed.
pub fn perform(workspace: &Workspace, options: &TestOptions) -> Result<ExitCode> {
    let started = Instant::now();
    let mut tally = Tally::default();
    let ran = run_all(workspace, options, &mut tally);
    if let Err(error) = &ran {
        tally.fail(error);
    }
    step::say(&format!("All of it took {} s", started.elapsed().as_secs()));
    if tally.ignored > 0 {
        println!("{} ignored", tally.ignored);
    }
    println!("{} passed, {} failed", tally.passed, tally.failed);
    Ok(if tally.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn run_all(workspace: &Workspace, options: &TestOptions, tally: &mut Tally) -> Result<()> {
    browser_packages::install_missing()?;
    if !options.only_end_to_end {
        tally.lint("Checking the format", workspace.cargo().args(["fmt", "--all", "--check"]));
        tally.lint("Checking the format of the fuzz targets", fuzz::cargo(workspace).args(["fmt", "--check"]));
    }
    // tracker-relay embeds the page, so whatever compiles it comes after.
    page::build(workspace, &workspace.page())?;
    if !options.only_end_to_end {
        run_lints(workspace, tally);
        let mut cargo = workspace.cargo();
        cargo.args(["test", "--locked", "--no-fail-fast", "--workspace", "--exclude", END_TO_END]);
        cargo.env("COVEY_PAGE_DIR", workspace.page());
        cargo.args(&options.name);
        tally.test("Running the crates' own tests", &mut cargo)?;
        let mut cargo = workspace.cargo();
        // A run of its own: with the feature in the one above, every program would be compiled twice.
        cargo.args([
            "test",
            "--locked",
            "--package",
            "peer-engine",
            "--features",
            "internals",
            "--test",
            "naive_model",
        ]);
        tally.test("Running the picker beside a naive model", cargo.args(&options.name))?;
        for run in [run_in_browser, run_fuzz] {
            if let Err(error) = run(workspace, options, tally) {
                tally.fail(&error);
            }
        }
    }
    programs::build(workspace, Profile::Dev)?;
    tally.test("Running the tests with a browser and real processes", &mut end_to_end(workspace, options))
}

fn run_lints(workspace: &Workspace, tally: &mut Tally) {
    let clippy = |arguments: &[&str]| {
        let mut cargo = workspace.cargo();
        cargo.args(["clippy", "--locked"]).args(arguments).args(["--", "-D", "warnings"]);
        cargo.env("COVEY_PAGE_DIR", workspace.page());
        cargo
    };
    // Benches and tests of the engine's internals need the feature.
    let everything = ["--workspace", "--all-targets", "--features", "peer-engine/internals"];
    tally.lint("Clippy, everything", &mut clippy(&everything));
    let page = ["--package", "web-client", "--target", "wasm32-unknown-unknown"];
    tally.lint("Clippy, the page", &mut clippy(&page));
    let mut fuzz = fuzz::cargo(workspace);
    fuzz.args(["clippy", "--locked", "--all-targets", "--", "-D", "warnings"]);
    tally.lint("Clippy, the fuzz targets", &mut fuzz);
}

/// The simulator, natively and compiled for the page: the second must do what the first did.
fn run_in_browser(workspace: &Workspace, options: &TestOptions, tally: &mut Tally) -> Result<()> {
    let native = workspace.target.join("native-traces.txt");
    let file = fs::File::create(&native).with_context(|| format!("cannot create {}", native.display()))?;
    let mut cargo = workspace.cargo();
    cargo.args(["run", "--locked", "--package", "swarm-sim", "--example", "traces"]);
    step::say("Simulating natively");
    let status = cargo.stdin(Stdio::null()).stdout(file).status().context("cannot run cargo")?;
    if !status.success() {
        bail!("the simulator's traces failed ({status})");
    }
    let in_browser = |what: &str| -> Result<Command> {
        let mut cargo = in_browser::cargo(workspace)?;
        cargo.args([what, "--locked", "--package", "swarm-sim", "--no-default-features", "--test", "same_trace"]);
        cargo.env("COVEY_NATIVE_TRACES", &native);
        Ok(cargo)
    };
    let mut clippy = in_browser("clippy")?;
    clippy.args(["--package", "peer-engine", "--features", "peer-engine/internals", "--bench", "browser"]);
    tally.lint("Clippy, what runs in a browser", clippy.args(["--", "-D", "warnings"]));
    let mut test = in_browser("test")?;
    tally.test("Simulating in a browser", test.args(&options.name))
}

/// The fuzz targets' own tests, and each target for a moment.
fn run_fuzz(workspace: &Workspace, options: &TestOptions, tally: &mut Tally) -> Result<()> {
    let mut tests = fuzz::cargo(workspace);
    tests.args(["test", "--locked", "--no-fail-fast"]).args(&options.name);
    tally.test("Running the fuzz targets' own tests", &mut tests)?;
    let is_chosen = |target: &str| options.name.as_deref().is_none_or(|name| target.contains(name));
    for passed in fuzz::run_chosen(workspace, is_chosen, FUZZ_SMOKE_S)? {
        if passed { tally.passed += 1 } else { tally.failed += 1 }
    }
    Ok(())
}

fn end_to_end(workspace: &Workspace, options: &TestOptions) -> Command {
    let mut cargo = workspace.cargo();
    cargo
        .args(["test", "--locked", "--no-fail-fast", "--package", END_TO_END])
        .env("COVEY_PAGE_DIR", workspace.page())
        .env("COVEY_TRACKER_RELAY", workspace.program(Profile::Dev, "tracker-relay"))
        .env("COVEY_NATIVE_PEER", workspace.program(Profile::Dev, "native-peer"))
        .env("COVEY_FAILURES_DIR", workspace.target.join("e2e-failures"))
        .envs(options.policy.iter().map(|policy| ("COVEY_TEST_POLICY", policy)))
        .args(&options.name)
        .args(["--", "--test-threads", END_TO_END_THREADS]);
    cargo
}

impl Tally {
    fn lint(&mut self, what: &str, command: &mut Command) {
        match step::run(what, command) {
            Ok(()) => self.passed += 1,
            Err(error) => self.fail(&error),
        }
    }

    fn fail(&mut self, error: &anyhow::Error) {
        self.failed += 1;
        eprintln!("error: {error:#}");
    }

    /// Runs `cargo test`, passes its output on and adds up what it says.
    fn test(&mut self, what: &str, command: &mut Command) -> Result<()> {
        step::say(what);
        let started = Instant::now();
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().context("cannot run cargo test")?;
        let stdout = child.stdout.take().expect("stdout was asked for");
        let failed_before = self.failed;
        for line in BufReader::new(stdout).lines() {
            let line = line.context("cargo test wrote no text")?;
            println!("{line}");
            self.add(&line);
        }
        let status = child.wait().context("cannot wait for cargo test")?;
        if !status.success() && self.failed == failed_before {
            // It did not compile, or a test took the whole process down.
            self.failed += 1;
        }
        eprintln!("    done in {} s", started.elapsed().as_secs());
        Ok(())
    }

    /// `test result: ok. 3 passed; 0 failed; 0 ignored; …`
    fn add(&mut self, line: &str) {
        let Some(result) = line.trim_start().strip_prefix("test result: ") else { return };
        let counts = result.split_once(". ").map_or("", |(_, counts)| counts);
        for count in counts.split("; ") {
            match count.split_once(' ').map(|(number, what)| (number.parse::<u64>(), what)) {
                Some((Ok(number), "passed")) => self.passed += number,
                Some((Ok(number), "failed")) => self.failed += number,
                Some((Ok(number), "ignored")) => self.ignored += number,
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_of_several_binaries_add_up() {
        let mut tally = Tally::default();
        tally.add("test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.10s");
        tally.add("test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out");
        tally.add("test peers::result ... ok");
        assert_eq!(tally, Tally { passed: 4, failed: 2, ignored: 1 });
    }
}
