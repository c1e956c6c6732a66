//! rqbit, another client in Rust, built from crates.io into `target/`. Optional: what is missing is said.

use std::path::PathBuf;
use std::process::Command;

use crate::step;
use crate::workspace::{Workspace, executable};

const VERSION: &str = "9.1.0";

/// Its program; `None`: it cannot be had.
pub fn program(workspace: &Workspace) -> Option<PathBuf> {
    let home = workspace.target.join(format!("rqbit-{VERSION}"));
    let program = home.join("bin").join(executable("rqbit"));
    if program.is_file() {
        return Some(program);
    }
    let mut cargo = Command::new("cargo");
    cargo.args([
        "install",
        "rqbit",
        "--locked",
        "--version",
        VERSION,
        "--no-default-features",
        "--features",
        "rust-tls",
    ]);
    cargo.arg("--root").arg(&home).current_dir(std::env::temp_dir());
    let installed = step::run(&format!("Building rqbit {VERSION} (minutes, once)"), &mut cargo);
    installed.inspect_err(|error| eprintln!("{error:#}; going on without rqbit")).ok()?;
    program.is_file().then_some(program)
}
