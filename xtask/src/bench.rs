//! `cargo xtask bench`: builds for release and hands over to what measures.

use std::process::{ExitCode, Stdio};

use anyhow::Result;

use crate::arguments::Bench;
use crate::workspace::{Profile, Workspace};
use crate::{browser_packages, in_browser, page, programs, step};

/// Measures; the exit code is that of the program that does.
pub fn perform(workspace: &Workspace, what: &Bench) -> Result<ExitCode> {
    match what {
        Bench::Programs(passed_on) => measure_programs(workspace, passed_on),
        Bench::Engine(passed_on) => measure_engine(workspace, passed_on),
        Bench::Wasm(passed_on) => measure_picker_in_browser(workspace, passed_on),
    }
}

fn measure_programs(workspace: &Workspace, passed_on: &[String]) -> Result<ExitCode> {
    browser_packages::install_missing()?;
    page::build(workspace, &workspace.page())?;
    programs::build(workspace, Profile::Release)?;
    say_measuring();
    let mut cargo = workspace.cargo();
    cargo
        .args(["run", "--locked", "--release", "--package", "covey-tests", "--bin", "bench", "--"])
        .args(passed_on)
        .stdin(Stdio::null())
        .env("COVEY_PAGE_DIR", workspace.page())
        .env("COVEY_TRACKER_RELAY", workspace.program(Profile::Release, "tracker-relay"))
        .env("COVEY_NATIVE_PEER", workspace.program(Profile::Release, "native-peer"))
        .env("COVEY_FAILURES_DIR", workspace.target.join("e2e-failures"));
    step::hand_over(&mut cargo)
}

fn measure_engine(workspace: &Workspace, passed_on: &[String]) -> Result<ExitCode> {
    say_measuring();
    let mut cargo = workspace.cargo();
    cargo.args(["bench", "--locked", "--package", "peer-engine", "--features", "internals", "--bench", "costs", "--"]);
    step::hand_over(cargo.args(passed_on).stdin(Stdio::null()))
}

fn measure_picker_in_browser(workspace: &Workspace, passed_on: &[String]) -> Result<ExitCode> {
    browser_packages::install_missing()?;
    let mut cargo = in_browser::cargo(workspace)?;
    say_measuring();
    cargo.args([
        "bench",
        "--locked",
        "--package",
        "peer-engine",
        "--features",
        "internals",
        "--bench",
        "browser",
        "--",
    ]);
    step::hand_over(cargo.args(passed_on).stdin(Stdio::null()))
}

fn say_measuring() {
    step::say("Measuring (with nothing else running, please)");
}
