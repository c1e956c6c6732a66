//! WebTorrent and its tracker, as the npm registry has them. Optional: what is missing is said.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Context;

use crate::step;
use crate::workspace::Workspace;

/// The version is also in `tests/src/bin/bench/browser/webtorrent.rs`.
const PACKAGES: [&str; 2] = ["webtorrent@2.8.5", "bittorrent-tracker@11.2.3"];

/// The folder that has them, under `target/`; `None`: they cannot be had.
pub fn folder(workspace: &Workspace) -> Option<PathBuf> {
    let home = workspace.target.join(PACKAGES.join("-"));
    // Written last: an interrupted install is never taken for a complete one.
    let is_there = || home.join("node_modules/.package-lock.json").is_file();
    if is_there() {
        return Some(home);
    }
    let mut npm = Command::new("npm");
    // Their scripts fetch programs for Node.js, which nobody needs here: the tabs have WebRTC of their own.
    npm.args(["install", "--ignore-scripts", "--omit=optional", "--no-audit", "--no-fund", "--prefix"]);
    npm.arg(&home).args(PACKAGES);
    let installed = std::fs::create_dir_all(&home)
        .context("no folder for it")
        .and_then(|()| step::run(&format!("Installing {}", PACKAGES.join(" and ")), &mut npm))
        .context("WebTorrent needs npm and a network (Debian: npm)");
    installed.inspect_err(|error| eprintln!("{error:#}; going on without WebTorrent")).ok()?;
    is_there().then_some(home)
}
