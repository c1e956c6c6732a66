//! The page, built by Trunk.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Result, bail};

use crate::workspace::Workspace;
use crate::{step, tools};

/// `cargo xtask page`.
pub fn perform(workspace: &Workspace, dist: Option<PathBuf>) -> Result<ExitCode> {
    let dist = match dist {
        Some(dist) => std::path::absolute(dist)?,
        None => workspace.page(),
    };
    build(workspace, &dist)?;
    println!("{}", dist.display());
    Ok(ExitCode::SUCCESS)
}

/// Builds the page for release into `dist`.
pub fn build(workspace: &Workspace, dist: &Path) -> Result<()> {
    if !workspace.root.join("index.html").is_file() {
        bail!("{} has no index.html: is this Covey's folder?", workspace.root.display());
    }
    let tools = tools::page_tools(workspace)?;
    // Trunk runs offline below, so that it does not look for tools of its own on the network; the
    // crates are another matter.
    step::run("Fetching the crates", workspace.cargo().args(["fetch", "--locked", "--quiet"]))?;
    std::fs::create_dir_all(dist)?;
    let mut trunk = Command::new(&tools.trunk);
    trunk
        .current_dir(&workspace.root)
        .args(["build", "--release", "--locked", "--offline", "--skip-version-check", "--dist"])
        .arg(dist)
        .env("PATH", &tools.path)
        // Trunk 0.21 wants `true` or `false` in it and refuses to start on `1`.
        .env_remove("NO_COLOR");
    step::run("Building the page (the first time about 3 minutes)", &mut trunk)
}
