//! tracker-relay and native-peer.

use std::process::ExitCode;

use anyhow::Result;

use crate::workspace::{Profile, Workspace};
use crate::{page, step};

/// The programs that people run.
pub const NAMES: [&str; 2] = ["tracker-relay", "native-peer"];

/// `cargo xtask build`.
pub fn build_release(workspace: &Workspace) -> Result<ExitCode> {
    page::build(workspace, &workspace.page())?;
    build(workspace, Profile::Release)?;
    for name in NAMES {
        println!("{}", workspace.program(Profile::Release, name).display());
    }
    Ok(ExitCode::SUCCESS)
}

/// Builds both. tracker-relay embeds the page, which must have been built.
pub fn build(workspace: &Workspace, profile: Profile) -> Result<()> {
    let mut cargo = workspace.cargo();
    cargo.args(["build", "--locked"]).env("COVEY_PAGE_DIR", workspace.page());
    for name in NAMES {
        cargo.args(["--package", name]);
    }
    if profile == Profile::Release {
        cargo.arg("--release");
    }
    step::run("Building tracker-relay and native-peer (the first time about 4 minutes)", &mut cargo)
}
