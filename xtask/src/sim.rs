//! `cargo xtask sim`: builds the simulator for release and hands over to it.

use std::process::{Command, ExitCode, Stdio};

use anyhow::Result;

use crate::step;
use crate::workspace::{Profile, Workspace};

/// `passed_on` goes to `swarm-sim` as typed; its exit code comes back. It runs where the person is, so that
/// `--plot` writes there.
pub fn perform(workspace: &Workspace, passed_on: &[String]) -> Result<ExitCode> {
    let mut cargo = workspace.cargo();
    cargo.args(["build", "--locked", "--release", "--package", "swarm-sim"]);
    step::run("Building the simulator", &mut cargo)?;
    let mut program = Command::new(workspace.program(Profile::Release, "swarm-sim"));
    step::hand_over(program.args(passed_on).stdin(Stdio::null()))
}
