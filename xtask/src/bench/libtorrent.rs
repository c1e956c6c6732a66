//! libtorrent, the best of the other engines, as Python's package index has it. Optional: what is missing is said.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::step;
use crate::workspace::Workspace;

const PACKAGE: &str = "libtorrent==2.1.1";

/// A Python that can import it, in a virtual environment under `target/`; `None`: there is none to be had.
pub fn python(workspace: &Workspace) -> Option<PathBuf> {
    let home = workspace.target.join("libtorrent");
    let python = home.join("bin/python");
    if has_libtorrent(&python) {
        return Some(python);
    }
    let installed = install(&home, &python);
    installed.inspect_err(|error| eprintln!("{error:#}; going on without libtorrent")).ok()?;
    has_libtorrent(&python).then_some(python)
}

fn has_libtorrent(python: &Path) -> bool {
    let output = Command::new(python).args(["-c", "import libtorrent"]).output();
    output.is_ok_and(|output| output.status.success())
}

fn install(home: &Path, python: &Path) -> Result<()> {
    let mut venv = Command::new("python3");
    step::run("Making a virtual environment for libtorrent", venv.args(["-m", "venv", "--clear"]).arg(home))
        .context("libtorrent needs python3 with its venv module (Debian: python3-venv)")?;
    let mut pip = Command::new(python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", PACKAGE]);
    step::run(&format!("Installing {PACKAGE}"), &mut pip).context("pip cannot get libtorrent: is there a network?")
}
