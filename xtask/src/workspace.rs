//! Where things are.

use std::ffi::OsString;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

/// The checkout this program was built from.
pub struct Workspace {
    /// The folder with the root `Cargo.toml`.
    pub root: PathBuf,
    /// Cargo's target folder, `CARGO_TARGET_DIR` and configuration respected.
    pub target: PathBuf,
}

/// Which of cargo's output folders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// `target/debug`.
    Dev,
    /// `target/release`.
    Release,
}

impl Workspace {
    /// Asks cargo.
    pub fn find() -> Result<Self> {
        let root =
            Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask/ is in the workspace's folder").to_owned();
        let output = cargo(&root)
            .args(["metadata", "--no-deps", "--format-version", "1"])
            .output()
            .context("cannot run cargo metadata")?;
        if !output.status.success() {
            bail!("cargo metadata failed:\n{}", String::from_utf8_lossy(&output.stderr));
        }
        let metadata: serde_json::Value =
            serde_json::from_slice(&output.stdout).context("cargo metadata printed no JSON")?;
        let target = metadata["target_directory"].as_str().context("cargo metadata names no target folder")?;
        Ok(Self { root, target: target.into() })
    }

    /// `cargo`, to be run in the workspace's folder.
    pub fn cargo(&self) -> Command {
        cargo(&self.root)
    }

    /// Where the page is built.
    pub fn page(&self) -> PathBuf {
        self.target.join("page")
    }

    /// A program of the workspace, built with `profile`.
    pub fn program(&self, profile: Profile, name: &str) -> PathBuf {
        let folder = match profile {
            Profile::Dev => "debug",
            Profile::Release => "release",
        };
        self.target.join(folder).join(executable(name))
    }

    /// The version of a crate in `Cargo.lock`.
    pub fn locked_version(&self, name: &str) -> Result<String> {
        let path = self.root.join("Cargo.lock");
        let lock = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        locked_version(&lock, name).with_context(|| format!("{} does not have {name}", path.display()))
    }
}

/// Makes a folder that has nothing in it.
pub fn make_empty(folder: &Path) -> Result<()> {
    remove_folder(folder)?;
    std::fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))
}

/// Puts a finished folder in the place of an older one.
pub fn replace_folder(new: &Path, old: &Path) -> Result<()> {
    remove_folder(old)?;
    std::fs::rename(new, old).with_context(|| format!("cannot create {}", old.display()))
}

fn remove_folder(folder: &Path) -> Result<()> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", folder.display()))
        }
        _ => Ok(()),
    }
}

/// The program's file name on this system.
pub fn executable(name: &str) -> String {
    format!("{name}{}", std::env::consts::EXE_SUFFIX)
}

fn cargo(root: &Path) -> Command {
    // Set by the cargo that runs this program, so that the same one is used.
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut command = Command::new(cargo);
    command.current_dir(root);
    command
}

/// Finds `version = "…"` behind `name = "<name>"`: cargo writes them in this order.
fn locked_version(lock: &str, name: &str) -> Option<String> {
    let wanted = format!("name = \"{name}\"");
    let mut lines = lock.lines();
    lines.find(|line| *line == wanted)?;
    let version = lines.next()?.strip_prefix("version = \"")?.strip_suffix('"')?;
    Some(version.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_locked_version_is_that_of_the_very_crate() {
        let lock = "[[package]]\nname = \"wasm-bindgen-futures\"\nversion = \"0.4.1\"\n\n\
                    [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.126\"\n";
        assert_eq!(locked_version(lock, "wasm-bindgen").as_deref(), Some("0.2.126"));
        assert_eq!(locked_version(lock, "wasm"), None);
    }
}
