//! The server under load: needs neither page nor browser, so only the server and what measures it are built.

use std::process::{Command, ExitCode, Stdio};

use anyhow::Result;

use super::{build_what_measures, say_measuring};
use crate::step;
use crate::workspace::{Profile, Workspace};

/// Builds and measures.
pub fn measure(workspace: &Workspace, passed_on: &[String]) -> Result<ExitCode> {
    let mut cargo = workspace.cargo();
    cargo.args(["build", "--locked", "--release", "--package", "tracker-relay"]);
    step::run("Building tracker-relay", &mut cargo)?;
    build_what_measures(workspace)?;
    let mut bench = Command::new(workspace.program(Profile::Release, "bench"));
    bench
        .arg("--server")
        .args(passed_on)
        .stdin(Stdio::null())
        .env("COVEY_TRACKER_RELAY", workspace.program(Profile::Release, "tracker-relay"))
        .env("COVEY_BARE_SERVER", workspace.program(Profile::Release, "bare_server"));
    say_measuring();
    step::hand_over(&mut bench)
}
