//! Another commit of this repository in a folder of its own, with a target folder of its own: nothing of this
//! checkout gets into what is built there.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::step;
use crate::workspace::{Profile, Workspace, executable};

/// A commit's files under `target/commits`, kept for the next time.
pub struct Checkout {
    /// Short name of the commit.
    pub name: String,
    /// Its workspace's folder.
    pub root: PathBuf,
}

impl Checkout {
    /// Finds the commit, and lays out its files if they are not there yet.
    pub fn of(workspace: &Workspace, commit: &str) -> Result<Self> {
        let name = read_git(
            workspace,
            &["rev-parse", "--short=7", "--verify", "--end-of-options", &format!("{commit}^{{commit}}")],
        )
        .with_context(|| format!("there is no commit `{commit}` here"))?;
        let root = workspace.target.join("commits").join(&name);
        if !root.join("Cargo.toml").is_file() {
            let mut git = git(workspace);
            // Forced: the folder may be known to git and gone since, with the target folder around it.
            git.args(["worktree", "add", "--force", "--detach"]).arg(&root).arg(&name);
            step::run(&format!("Laying out {name}"), &mut git)?;
        }
        Ok(Self { name, root })
    }

    /// `cargo`, to be run in its folder: of the toolchain that this commit asks for, and building into its own
    /// target folder.
    pub fn cargo(&self) -> Command {
        let mut cargo = Command::new("cargo");
        cargo.current_dir(&self.root).env("CARGO_TARGET_DIR", self.target());
        let inherited = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
        for name in inherited.filter(|name| is_of_this_build(name)) {
            cargo.env_remove(name);
        }
        cargo
    }

    /// Its target folder.
    pub fn target(&self) -> PathBuf {
        self.root.join("target")
    }

    /// The page, where its own `cargo xtask build` puts it.
    pub fn page(&self) -> PathBuf {
        self.target().join("page")
    }

    /// One of its programs.
    pub fn program(&self, profile: Profile, name: &str) -> PathBuf {
        let folder = match profile {
            Profile::Dev => "debug",
            Profile::Release => "release",
        };
        self.target().join(folder).join(executable(name))
    }

    /// Gives it a file that it lacks: the first that this repository had under this path.
    pub fn add_missing(&self, workspace: &Workspace, path: &str) -> Result<()> {
        let file = self.root.join(path);
        if file.exists() {
            return Ok(());
        }
        let added = read_git(workspace, &["log", "--diff-filter=A", "--format=%H", "HEAD", "--", path])?;
        let Some(first) = added.lines().last() else { bail!("no commit has {path}") };
        let text = read_git(workspace, &["show", &format!("{first}:{path}")])?;
        std::fs::create_dir_all(file.parent().unwrap_or(&self.root))?;
        std::fs::write(&file, text + "\n").with_context(|| format!("cannot write {}", file.display()))
    }
}

/// What cargo and rustup tell the programs that they run, and what this checkout's builds are told.
fn is_of_this_build(variable: &str) -> bool {
    variable == "CARGO"
        || variable == "RUSTUP_TOOLCHAIN"
        || variable == "CARGO_BUILD_TARGET"
        || variable.starts_with("CARGO_PKG_")
        || variable.starts_with("CARGO_MANIFEST_")
        || variable.starts_with("COVEY_")
}

fn git(workspace: &Workspace) -> Command {
    let mut git = Command::new("git");
    git.current_dir(&workspace.root);
    git
}

fn read_git(workspace: &Workspace, arguments: &[&str]) -> Result<String> {
    let output = git(workspace).args(arguments).output().context("cannot run git")?;
    if !output.status.success() {
        bail!("git {}: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr).trim());
    }
    let text = String::from_utf8(output.stdout).context("git wrote no text")?;
    Ok(text.trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_commit_is_not_told_what_this_ones_build_was_told() {
        for name in ["CARGO", "RUSTUP_TOOLCHAIN", "CARGO_PKG_NAME", "CARGO_MANIFEST_DIR", "COVEY_PAGE_DIR"] {
            assert!(is_of_this_build(name), "{name}");
        }
        for name in ["PATH", "HOME", "CARGO_HOME", "RUSTUP_HOME", "CARGO_NET_OFFLINE"] {
            assert!(!is_of_this_build(name), "{name}");
        }
    }
}
