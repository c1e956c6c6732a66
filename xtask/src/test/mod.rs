//! `cargo xtask test`: every check and every test, and one line at the end.

mod built;
mod end_to_end;
mod tally;

use std::fs;
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::arguments::TestOptions;
use crate::workspace::{Workspace, executable};
use crate::{browser_packages, fuzz, in_browser, page, step};
use built::TestProgram;
use tally::Tally;

const END_TO_END: &str = "covey-tests";
/// Each fuzz target, seconds.
const FUZZ_SMOKE_S: u32 = 5;

/// Runs all; the exit code is a failure if anything failed.
pub fn perform(workspace: &Workspace, options: &TestOptions) -> Result<ExitCode> {
    let started = Instant::now();
    let mut tally = Tally::default();
    let ran = run_all(workspace, options, &mut tally);
    if let Err(error) = &ran {
        tally.fail(error);
    }
    step::say(&format!("All of it took {} s, the longest of it:", started.elapsed().as_secs()));
    eprint!("{}", tally.where_the_time_went());
    if tally.failed > 0 {
        step::say("Failed:");
        eprint!("{}", tally.why_it_failed());
    }
    if tally.ignored > 0 {
        println!("{} ignored", tally.ignored);
    }
    println!("{} passed, {} failed", tally.passed, tally.failed);
    Ok(if tally.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn run_all(workspace: &Workspace, options: &TestOptions, tally: &mut Tally) -> Result<()> {
    browser_packages::install_missing()?;
    if options.only_end_to_end {
        tally.time("The page", || page::build(workspace, &workspace.page()))?;
    } else {
        tally.lint("Checking the format", workspace.cargo().args(["fmt", "--all", "--check"]));
        tally.lint("Checking the format of the fuzz targets", fuzz::cargo(workspace).args(["fmt", "--check"]));
        build_page_and_fuzz_targets(workspace, tally)?;
        compare_page(workspace, tally);
        run_lints(workspace, tally);
    }
    let built = tally.time("Building all tests and programs", || built::build(workspace))?;
    let (end_to_end, crates): (Vec<_>, Vec<_>) = built.into_iter().partition(|tests| tests.package == END_TO_END);
    if !options.only_end_to_end {
        run_crates(workspace, options, &crates, tally)?;
        for run in [run_in_browser, run_fuzz] {
            if let Err(error) = run(workspace, options, tally) {
                tally.fail(&error);
            }
        }
    }
    end_to_end::run(workspace, options, &end_to_end, tally)
}

/// Both at the same time, since neither needs the other and the page's last minute keeps one core only busy.
/// tracker-relay embeds the page, so whatever compiles it comes after.
fn build_page_and_fuzz_targets(workspace: &Workspace, tally: &mut Tally) -> Result<()> {
    let started = Instant::now();
    let (page, page_took) = std::thread::scope(|scope| {
        let page = scope.spawn(|| (page::build(workspace, &workspace.page()), started.elapsed()));
        let mut clippy = fuzz::cargo(workspace);
        clippy.args(["clippy", "--locked", "--all-targets", "--", "-D", "warnings"]);
        tally.lint("Clippy, the fuzz targets", &mut clippy);
        let fuzz = tally.time("The fuzz targets", || fuzz::build_all(workspace));
        if let Err(error) = fuzz {
            tally.fail(&error);
        }
        page.join().expect("building the page does not panic")
    });
    tally.took("The page, beside the fuzz targets", page_took);
    page
}

/// Compiling Trunk would take longer than all the tests of the crates: it is left to who has it, or asks for it with
/// `page --beside-trunk`.
fn compare_page(workspace: &Workspace, tally: &mut Tally) {
    match tally.time("The page with Trunk", || page::compare_if_there(workspace, &workspace.page())) {
        Ok(true) => tally.passed += 1,
        Ok(false) => step::say("Trunk is not here: the page is not compared with the one that it makes"),
        Err(error) => tally.fail(&error),
    }
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
}

fn run_crates(workspace: &Workspace, options: &TestOptions, crates: &[TestProgram], tally: &mut Tally) -> Result<()> {
    let name = options.name.as_deref();
    for tests in crates {
        tally.test(&format!("Running the tests of {}", tests.title()), &mut tests.command(name))?;
    }
    tally.test("Running the examples in documentation", &mut built::doc_tests(workspace, name))
}

/// The simulator, natively and compiled for the page: the second must do what the first did.
fn run_in_browser(workspace: &Workspace, options: &TestOptions, tally: &mut Tally) -> Result<()> {
    let native = workspace.target.join("native-traces.txt");
    let file = fs::File::create(&native).with_context(|| format!("cannot create {}", native.display()))?;
    step::say("Simulating natively");
    // Compiled with the tests.
    let traces = workspace.target.join("debug/examples").join(executable("traces"));
    let status = Command::new(traces).stdin(Stdio::null()).stdout(file).status();
    let status = status.context("cannot run the simulator's traces")?;
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
    let ran = tally.time("Fuzzing", || fuzz::run_chosen(workspace, is_chosen, FUZZ_SMOKE_S))?;
    for passed in ran {
        if passed { tally.passed += 1 } else { tally.failed += 1 }
    }
    Ok(())
}
