//! `cargo xtask fuzz`: builds the targets of `fuzz/` with coverage on stable Rust and runs each for a while.
//!
//! The flags are those that cargo-fuzz passes, without its sanitizer, which stable Rust lacks; our own code
//! has no `unsafe` to be sanitized.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result, bail};

use crate::arguments::FuzzOptions;
use crate::step;
use crate::workspace::{Workspace, executable};

/// A target, and the longest input that is tried, bytes.
struct Target {
    name: &'static str,
    len_max: u32,
}

const TARGETS: [Target; 8] = [
    Target { name: "peer_wire_decoder", len_max: 4096 },
    Target { name: "bencode", len_max: 4096 },
    Target { name: "trackers", len_max: 2048 },
    Target { name: "control_messages", len_max: 4096 },
    Target { name: "engine_operations", len_max: 2048 },
    Target { name: "local_peer_operations", len_max: 2048 },
    Target { name: "secure_handshake", len_max: 2048 },
    Target { name: "secure_records", len_max: 512 },
];
/// One input, seconds: far above what the slowest takes.
const INPUT_TIMEOUT_S: u32 = 20;
const MEMORY_MAX_MB: u32 = 1024;

const COVERAGE: &str = "-Cpasses=sancov-module \
    -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares \
    -Cllvm-args=-simplifycfg-branch-fold-threshold=0 \
    --cfg fuzzing -Ccodegen-units=1";

/// Runs the targets; the exit code is a failure if one of them failed.
pub fn perform(workspace: &Workspace, options: &FuzzOptions) -> Result<ExitCode> {
    let is_chosen = |name: &str| options.target.as_deref().is_none_or(|target| target == name);
    let ran = run_chosen(workspace, is_chosen, options.seconds)?;
    if ran.is_empty() {
        let names = TARGETS.map(|target| target.name).join(", ");
        bail!("there is no such fuzz target; there are {names}");
    }
    Ok(if ran.iter().all(|passed| *passed) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Builds and runs the targets of these names; one answer for each: it passed.
pub fn run_chosen(workspace: &Workspace, is_chosen: impl Fn(&str) -> bool, seconds: u32) -> Result<Vec<bool>> {
    let chosen: Vec<&Target> = TARGETS.iter().filter(|target| is_chosen(target.name)).collect();
    if chosen.is_empty() {
        return Ok(Vec::new());
    }
    let programs = build(workspace)?;
    chosen.into_iter().map(|target| run(workspace, target, &programs, seconds)).collect()
}

/// Builds what [`run_chosen`] runs, and the targets' own tests.
pub fn build_all(workspace: &Workspace) -> Result<()> {
    build(workspace)?;
    step::run("Building the fuzz targets' own tests", cargo(workspace).args(["test", "--locked", "--no-run"]))
}

/// `cargo` in the workspace of the targets, which builds into a folder of its own within ours.
pub fn cargo(workspace: &Workspace) -> Command {
    let mut cargo = workspace.cargo();
    cargo.current_dir(workspace.root.join("fuzz")).env("CARGO_TARGET_DIR", folder_of_builds(workspace));
    cargo
}

fn folder_of_builds(workspace: &Workspace) -> PathBuf {
    workspace.target.join("fuzz")
}

/// Returns the folder with the programs. The target is named, so that the flags do not reach build scripts.
fn build(workspace: &Workspace) -> Result<PathBuf> {
    let host = host()?;
    let mut cargo = cargo(workspace);
    cargo
        .args(["build", "--locked", "--release", "--bins", "--target", &host])
        .env("RUSTFLAGS", COVERAGE)
        .env_remove("CARGO_ENCODED_RUSTFLAGS");
    step::run("Building the fuzz targets (the first time about 2 minutes)", &mut cargo)
        .context("the fuzz targets need a C++ compiler for libFuzzer")?;
    Ok(folder_of_builds(workspace).join(host).join("release"))
}

fn host() -> Result<String> {
    let output = Command::new("rustc").arg("-vV").output().context("cannot run rustc")?;
    let text = String::from_utf8_lossy(&output.stdout);
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("rustc -vV names no host")?.to_owned())
}

/// `false`: the target failed, and said with which input.
fn run(workspace: &Workspace, target: &Target, programs: &Path, seconds: u32) -> Result<bool> {
    let name = target.name;
    let found = folder(workspace, "fuzz-corpus", name)?;
    let artifacts = folder(workspace, "fuzz-artifacts", name)?;
    let log = artifacts.join("log.txt");
    step::say(&format!("Fuzzing {name} for {seconds} s"));
    let written = fs::File::create(&log).with_context(|| format!("cannot create {}", log.display()))?;
    // libFuzzer wants a separator at the end.
    let mut prefix = OsString::from("-artifact_prefix=");
    prefix.push(artifacts.join(""));
    let status = Command::new(programs.join(executable(name)))
        .arg(format!("-max_total_time={seconds}"))
        .arg(format!("-max_len={}", target.len_max))
        .arg(format!("-timeout={INPUT_TIMEOUT_S}"))
        .arg(format!("-rss_limit_mb={MEMORY_MAX_MB}"))
        .args(["-print_final_stats=1", "-reload=0"])
        .arg(prefix)
        // What is found goes into the first folder, the seeds are only read.
        .arg(&found)
        .arg(workspace.root.join("fuzz/corpus").join(name))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(written)
        .status()
        .with_context(|| format!("cannot run {name}"))?;
    let text = fs::read(&log).map(|text| String::from_utf8_lossy(&text).into_owned()).unwrap_or_default();
    if status.success() {
        eprintln!("    {}", summary(&text));
        return Ok(true);
    }
    report_failure(workspace, name, &text, &log);
    Ok(false)
}

fn report_failure(workspace: &Workspace, name: &str, text: &str, log: &Path) {
    text.lines().skip_while(|line| !line.contains("panicked at")).take(2).for_each(|line| eprintln!("    {line}"));
    match reproducer(text) {
        Some(file) => eprintln!(
            "error: {name} failed with the input {file}\n    again: cargo run --manifest-path {} --example replay {name} {file}",
            workspace.root.join("fuzz/Cargo.toml").display()
        ),
        None => eprintln!("error: {name} failed without an input, see {}", log.display()),
    }
}

fn folder(workspace: &Workspace, kind: &str, name: &str) -> Result<PathBuf> {
    let folder = workspace.target.join(kind).join(name);
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    Ok(folder)
}

/// `artifact_prefix='…'; Test unit written to FILE`
fn reproducer(log: &str) -> Option<&str> {
    log.lines().find_map(|line| line.split_once("Test unit written to ").map(|(_, file)| file.trim()))
}

/// Runs and coverage, out of libFuzzer's last lines.
fn summary(log: &str) -> String {
    let last = |what: &str| log.lines().rev().find_map(|line| line.split_once(what).map(|(_, rest)| rest.trim()));
    let runs = last("stat::number_of_executed_units:").unwrap_or("?");
    let coverage = last(" cov: ").and_then(|rest| rest.split_whitespace().next()).unwrap_or("?");
    format!("{runs} inputs, {coverage} edges")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reproducer_is_read_from_libfuzzers_words() {
        let log = "==1== ERROR: libFuzzer: deadly signal\n\
                   artifact_prefix='/a/'; Test unit written to /a/crash-01\nBase64: AA==\n";
        assert_eq!(reproducer(log), Some("/a/crash-01"));
        assert_eq!(reproducer("Done 10 runs in 1 second(s)\n"), None);
    }

    #[test]
    fn the_summary_has_runs_and_coverage() {
        let log = "#10\tINITED cov: 100 ft: 200\n#20\tDONE   cov: 120 ft: 260 corp: 3/30b\n\
                   stat::number_of_executed_units: 20\n";
        assert_eq!(summary(log), "20 inputs, 120 edges");
    }
}
