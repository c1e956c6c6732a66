//! What a person sees while something takes long.

use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail};

/// Announces what is done now; stderr, because results go to stdout.
pub fn say(what: &str) {
    eprintln!("\n==> {what}");
}

/// Runs a command to its end, its output passed on to stderr.
pub fn run(what: &str, command: &mut Command) -> Result<()> {
    say(what);
    let started = Instant::now();
    let status = command
        .stdin(Stdio::null())
        .stdout(Stdio::from(std::io::stderr()))
        .status()
        .with_context(|| format!("cannot run {}", command.get_program().to_string_lossy()))?;
    if !status.success() {
        bail!("{what}: failed ({status})");
    }
    eprintln!("    done in {} s", started.elapsed().as_secs());
    Ok(())
}

/// Runs a command that speaks for itself; its exit code is ours.
pub fn hand_over(command: &mut Command) -> Result<ExitCode> {
    let status = command.status().with_context(|| format!("cannot run {}", command.get_program().to_string_lossy()))?;
    // Without a code a signal has ended it.
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}
