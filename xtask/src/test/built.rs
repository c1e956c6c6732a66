//! Every test, example and program of the workspace, compiled by one `cargo` in one go.
//!
//! Cargo compiles a dependency with the features that the selected packages ask of it, so every other selection
//! (one package, or all but one) compiles many of them once more: tokio, sqlx, hyper and all that stands on them. So
//! there is one selection, and what it made is run without cargo.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::step;
use crate::workspace::Workspace;

/// Always the same.
const SELECTION: [&str; 4] = ["--locked", "--workspace", "--features", "peer-engine/internals"];

/// A program of tests.
#[derive(Debug, PartialEq, Eq)]
pub struct TestProgram {
    pub package: String,
    /// The target's own: `it`, or the package's with `_` for its library.
    target: String,
    program: PathBuf,
    /// Tests run there.
    folder: PathBuf,
}

impl TestProgram {
    pub fn title(&self) -> String {
        format!("{}, {}", self.package, self.target)
    }

    /// The command that runs those tests whose name contains `name`.
    pub fn command(&self, name: Option<&str>) -> Command {
        let mut command = Command::new(&self.program);
        // As cargo does; some tests look for their files by it.
        command.args(name).current_dir(&self.folder).env("CARGO_MANIFEST_DIR", &self.folder);
        command
    }
}

/// Compiles everything, with the page inside tracker-relay.
pub fn build(workspace: &Workspace) -> Result<Vec<TestProgram>> {
    step::say("Building all tests and programs");
    let mut cargo = workspace.cargo();
    cargo.arg("test").args(SELECTION).args(["--no-run", "--message-format", "json-render-diagnostics"]);
    cargo.env("COVEY_PAGE_DIR", workspace.page()).stdin(Stdio::null()).stderr(Stdio::inherit());
    let output = cargo.output().context("cannot run cargo")?;
    if !output.status.success() {
        bail!("the tests do not build ({})", output.status);
    }
    let mut programs: Vec<TestProgram> = String::from_utf8_lossy(&output.stdout).lines().filter_map(read).collect();
    programs.sort_by(|a, b| (&a.package, &a.target).cmp(&(&b.package, &b.target)));
    Ok(programs)
}

/// The command of the examples in documentation, which only cargo can run.
pub fn doc_tests(workspace: &Workspace, name: Option<&str>) -> Command {
    let mut cargo = workspace.cargo();
    cargo.arg("test").args(SELECTION).args(["--no-fail-fast", "--doc"]);
    cargo.env("COVEY_PAGE_DIR", workspace.page()).args(name);
    cargo
}

/// A message of cargo's, if it is of a program of tests.
fn read(line: &str) -> Option<TestProgram> {
    let message: Value = serde_json::from_str(line).ok()?;
    if message["reason"] != "compiler-artifact" || message["profile"]["test"] != true {
        return None;
    }
    let folder = Path::new(message["manifest_path"].as_str()?).parent()?.to_owned();
    Some(TestProgram {
        package: package_name(message["package_id"].as_str()?).to_owned(),
        target: message["target"]["name"].as_str()?.to_owned(),
        program: message["executable"].as_str()?.into(),
        folder,
    })
}

/// `path+file:///a/tests#covey-tests@0.1.0` → `covey-tests`; the name is left out where the folder has it.
fn package_name(id: &str) -> &str {
    let (place, name) = id.split_once('#').unwrap_or(("", id));
    match name.split_once('@') {
        Some((name, _)) => name,
        None => place.rsplit('/').next().unwrap_or(place),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_of_tests_are_read_from_cargos_messages() {
        let line = r#"{"reason":"compiler-artifact","package_id":"path+file:///a/tests#covey-tests@0.1.0","manifest_path":"/a/tests/Cargo.toml","target":{"name":"it"},"profile":{"test":true},"executable":"/t/debug/deps/it-01"}"#;
        let expected = TestProgram {
            package: "covey-tests".to_owned(),
            target: "it".to_owned(),
            program: "/t/debug/deps/it-01".into(),
            folder: "/a/tests".into(),
        };
        assert_eq!(read(line), Some(expected));
        assert_eq!(read(&line.replace("\"test\":true", "\"test\":false")), None);
        assert_eq!(read("   Compiling"), None);
    }

    #[test]
    fn a_package_has_the_name_of_its_folder_or_its_own() {
        assert_eq!(package_name("path+file:///a/xtask#0.1.0"), "xtask");
        assert_eq!(package_name("path+file:///a/tests#covey-tests@0.1.0"), "covey-tests");
    }
}
