//! `cargo xtask bench`: builds for release and hands over to what measures.

mod against;
mod costs;
mod libtorrent;
mod rqbit;
mod server;
mod webtorrent;

use std::process::{Command, ExitCode, Stdio};

use anyhow::Result;

use crate::arguments::Bench;
use crate::workspace::{Profile, Workspace};
use crate::{browser_packages, in_browser, page, programs, step};
use against::Other;

/// Measures; the exit code is that of the program that does.
pub fn perform(workspace: &Workspace, what: &Bench) -> Result<ExitCode> {
    match what {
        Bench::Programs { against, passed_on } => measure_programs(workspace, against.as_deref(), passed_on),
        Bench::Server(passed_on) => server::measure(workspace, passed_on),
        Bench::Engine(passed_on) => measure_engine(workspace, passed_on),
        Bench::Wasm(passed_on) => measure_picker_in_browser(workspace, passed_on),
    }
}

fn measure_programs(workspace: &Workspace, against: Option<&str>, passed_on: &[String]) -> Result<ExitCode> {
    browser_packages::install_missing()?;
    let other = against.map(|commit| Other::build(workspace, commit)).transpose()?;
    page::build(workspace, &workspace.page())?;
    programs::build(workspace, Profile::Release)?;
    build_what_measures(workspace)?;
    let mut bench = Command::new(workspace.program(Profile::Release, "bench"));
    bench
        .args(passed_on)
        .stdin(Stdio::null())
        .env("COVEY_PAGE_DIR", workspace.page())
        .env("COVEY_TRACKER_RELAY", workspace.program(Profile::Release, "tracker-relay"))
        .env("COVEY_NATIVE_PEER", workspace.program(Profile::Release, "native-peer"))
        .env("COVEY_CROWD", workspace.program(Profile::Release, "crowd"))
        .env("COVEY_FAILURES_DIR", workspace.target.join("e2e-failures"));
    let has = |flag: &str| passed_on.iter().any(|word| word == flag);
    if let Some(other) = &other {
        bench.envs(other.environment());
        // Only worth its build when there is something to compare with.
        if !has("--browser") {
            bench.env("COVEY_COSTS", costs::build(workspace.cargo())?);
        }
    }
    if has("--browser") {
        // Unlike the temporary folder it is on a disk.
        bench.env("COVEY_DISK_DIR", &workspace.target);
        bench.envs(webtorrent::folder(workspace).map(|folder| ("COVEY_WEBTORRENT", folder)));
    }
    if has("--native") {
        bench.env("COVEY_BARE_SPLICE", workspace.program(Profile::Release, "bare_splice"));
        bench.envs(libtorrent::python(workspace).map(|python| ("COVEY_LIBTORRENT_PYTHON", python)));
        bench.envs(rqbit::program(workspace).map(|program| ("COVEY_RQBIT", program)));
    }
    say_measuring();
    step::hand_over(&mut bench)
}

fn build_what_measures(workspace: &Workspace) -> Result<()> {
    let mut cargo = workspace.cargo();
    cargo.args(["build", "--locked", "--release", "--package", "covey-tests", "--bins"]);
    step::run("Building what measures", &mut cargo)
}

fn measure_engine(workspace: &Workspace, passed_on: &[String]) -> Result<ExitCode> {
    say_measuring();
    let mut cargo = workspace.cargo();
    cargo.arg("bench").args(costs::BENCH).arg("--");
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
