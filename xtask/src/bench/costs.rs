//! The peer engine's benches, as a program that can be run again and again.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::step;

/// What `cargo bench` is told.
pub const BENCH: [&str; 7] = ["--locked", "--package", "peer-engine", "--features", "internals", "--bench", "costs"];

/// Builds it with this `cargo`, and returns where it is.
pub fn build(mut cargo: Command) -> Result<PathBuf> {
    step::say("Building the engine's benches");
    cargo.arg("bench").args(BENCH).args(["--no-run", "--message-format", "json"]);
    let output = cargo.stdin(Stdio::null()).stderr(Stdio::inherit()).output().context("cannot run cargo")?;
    if !output.status.success() {
        bail!("the engine's benches do not build ({})", output.status);
    }
    executable(&String::from_utf8_lossy(&output.stdout)).context("cargo names no program")
}

/// The program, out of cargo's messages, which are JSON objects, one a line.
fn executable(messages: &str) -> Option<PathBuf> {
    let messages = messages.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let mut built = messages.filter(|message| message["target"]["name"] == "costs");
    built.find_map(|message| message["executable"].as_str().map(PathBuf::from))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_is_read_from_cargos_messages() {
        let messages = r#"{"reason":"compiler-artifact","target":{"name":"peer-engine"},"executable":null}
{"reason":"compiler-artifact","target":{"name":"costs"},"executable":"/t/release/deps/costs-01"}
{"reason":"build-finished","success":true}"#;
        assert_eq!(executable(messages), Some("/t/release/deps/costs-01".into()));
        assert_eq!(executable("Finished"), None);
    }
}
