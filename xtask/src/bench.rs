//! `cargo xtask bench`: builds for release and hands over to the bench program of `tests/`.

use std::process::{ExitCode, Stdio};

use anyhow::{Context, Result};

use crate::workspace::{Profile, Workspace};
use crate::{browser_packages, page, programs, step};

/// `passed_on` goes to the bench program as typed.
pub fn perform(workspace: &Workspace, passed_on: &[String]) -> Result<ExitCode> {
    browser_packages::install_missing()?;
    page::build(workspace, &workspace.page())?;
    programs::build(workspace, Profile::Release)?;
    step::say("Measuring (with nothing else running, please)");
    let status = workspace
        .cargo()
        .args(["run", "--locked", "--release", "--package", "covey-tests", "--bin", "bench", "--"])
        .args(passed_on)
        .stdin(Stdio::null())
        .env("COVEY_PAGE_DIR", workspace.page())
        .env("COVEY_TRACKER_RELAY", workspace.program(Profile::Release, "tracker-relay"))
        .env("COVEY_NATIVE_PEER", workspace.program(Profile::Release, "native-peer"))
        .env("COVEY_FAILURES_DIR", workspace.target.join("e2e-failures"))
        .status()
        .context("cannot run the bench program")?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
