//! `cargo xtask chaos`: builds the server and what kills it for release, and hands over.

use std::process::{Command, ExitCode, Stdio};

use anyhow::Result;

use crate::step;
use crate::workspace::{Profile, Workspace};

/// `passed_on` goes to `chaos` as typed; its exit code comes back.
pub fn perform(workspace: &Workspace, passed_on: &[String]) -> Result<ExitCode> {
    let mut cargo = workspace.cargo();
    cargo.args(["build", "--locked", "--release", "--package", "tracker-relay", "--package", "covey-tests"]);
    cargo.args(["--bin", "tracker-relay", "--bin", "chaos"]);
    step::run("Building the server, and what kills it", &mut cargo)?;
    let mut program = Command::new(workspace.program(Profile::Release, "chaos"));
    program.env("COVEY_TRACKER_RELAY", workspace.program(Profile::Release, "tracker-relay"));
    step::hand_over(program.args(passed_on).stdin(Stdio::null()))
}
