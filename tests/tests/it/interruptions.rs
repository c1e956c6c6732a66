//! Programs that sleep for a while or are ended by a signal: what they were at goes on.

use anyhow::{Context, Result, ensure};
use covey_tests::content::{self, MIB};
use covey_tests::process::Stream;
use covey_tests::wait::{SOON, TRANSFER};
use covey_tests::{NativePeer, Stage};
use nix::sys::signal::Signal;
use serde_json::Value;

use crate::sharing::Sharing;

const EVE: &str = "Eve";
const LEN: u64 = 12 * MIB;
const PACE: [&str; 2] = ["--up", "2M"];
const INTERRUPTED: i32 = 130;

/// Eve downloads, and has begun.
async fn download(stage: &Stage, sharing: &Sharing) -> Result<NativePeer> {
    let eve = NativePeer::download(stage, EVE, &sharing.invite, &stage.subfolder("Eve-files")?, &["--no-seed"])?;
    let begun = |event: &Value| event["verified"].as_u64() > Some(MIB);
    eve.event("progress", TRANSFER, begun).await?;
    Ok(eve)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transfer_goes_on_when_either_side_wakes_up_again() {
    Stage::play("a_transfer_goes_on_when_either_side_wakes_up_again", async |stage| {
        let sharing = Sharing::start_with(stage, "film.bin", LEN, &PACE).await?;
        let mut eve = download(stage, &sharing).await?;
        let ana = sharing.ana.process();
        ana.signal(Signal::SIGSTOP)?;
        let waits = |stream, line: &str| (stream == Stream::Stderr && line.contains("is missing")).then_some(());
        eve.process().line("that nothing comes", SOON, waits).await?;
        ana.signal(Signal::SIGCONT)?;
        let seen = ana.transcript().len();
        eve.process().signal(Signal::SIGSTOP)?;
        let quiet = |stream, line: &str| {
            let event: Value = serde_json::from_str(line).ok().filter(|_| stream == Stream::Stdout)?;
            // The rate is that of the last seconds.
            event["up_bps"].as_u64().is_some_and(|rate| rate < 100_000).then_some(())
        };
        ana.line_after(seen, "that hardly anything is taken", SOON, quiet).await?;
        eve.process().signal(Signal::SIGCONT)?;
        eve.succeeds().await?;
        content::ensure_equal(&sharing.saved_in(&stage.folder().join("Eve-files")), &sharing.file)
    })
    .await;
}

/// Programs inherit what is ignored, as under `nohup`.
fn is_ignored(signal: Signal) -> Result<bool> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).context("no signals in the status")?;
    Ok(u64::from_str_radix(ignored.trim(), 16)? >> (signal as i32 - 1) & 1 == 1)
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_signal_ends_a_program_the_same_command_goes_on() {
    Stage::play("whatever_signal_ends_a_program_the_same_command_goes_on", async |stage| {
        let mut sharing = Sharing::start_with(stage, "film.bin", LEN, &PACE).await?;
        let server = sharing.tracker.url();
        let signals =
            [(Signal::SIGINT, Some(0)), (Signal::SIGTERM, Some(0)), (Signal::SIGHUP, None), (Signal::SIGKILL, None)];
        let hangs_up = !is_ignored(Signal::SIGHUP)?;
        let signals = signals.into_iter().filter(|(signal, _)| hangs_up || *signal != Signal::SIGHUP);
        for (signal, code) in signals.clone() {
            sharing.ana.process().signal(signal)?;
            let status = sharing.ana.ended().await?;
            ensure!(status.code() == code, "{signal}: {status}");
            sharing.ana = NativePeer::share(stage, "Ana", &sharing.file, &server, &PACE)?;
            let again = sharing.ana.invite().await?;
            ensure!(again == sharing.invite, "{signal}: {again} is not {}", sharing.invite);
            sharing.ana.ready().await?;
        }
        let folder = stage.subfolder("Eve-files")?;
        for (signal, code) in signals {
            let mut eve = download(stage, &sharing).await?;
            eve.process().signal(signal)?;
            let status = eve.ended().await?;
            ensure!(status.code() == code.map(|_| INTERRUPTED), "{signal}: {status}");
        }
        let mut eve = NativePeer::download(stage, EVE, &sharing.invite, &folder, &["--no-seed"])?;
        let done = eve.done().await?;
        ensure!(done["fetched"].as_u64().is_some_and(|fetched| fetched < LEN - MIB), "it began anew: {done}");
        eve.succeeds().await?;
        content::ensure_equal(&sharing.saved_in(&folder), &sharing.file)
    })
    .await;
}
