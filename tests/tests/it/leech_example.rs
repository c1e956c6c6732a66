//! The engine's example `leech` against clients that it was not written beside.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use anyhow::Result;
use covey_tests::content::{self, MIB};
use covey_tests::ordinary_client::free_port;
use covey_tests::wait::{SOON, TRANSFER, until};
use covey_tests::{NativePeer, Stage};
use tokio::process::Command;

/// The last piece and its last block are short.
const LEN: u64 = 6 * MIB + 12_345;

/// A file and its torrent.
async fn torrent_of(stage: &Stage, file: &Path) -> Result<PathBuf> {
    let torrent = stage.folder().join("x.torrent");
    let arguments = [OsStr::new("create"), file.as_os_str(), OsStr::new("--output"), torrent.as_os_str()];
    NativePeer::start(stage, "Ana", &arguments)?.succeeds().await?;
    Ok(torrent)
}

/// Runs the example as a person does. `false`: the peer went before everything was there.
async fn leech(stage: &Stage, torrent: &Path, port: u16, saved: &Path) -> Result<bool> {
    let mut command = Command::new(stage.programs().example("leech")?);
    command.arg(torrent).arg(format!("127.0.0.1:{port}")).arg(saved);
    Ok(stage.start("leech", command)?.exit(TRANSFER).await?.success())
}

/// Leeches until all is there: just after it has checked its file it may close for a moment.
async fn leeches_all(stage: &Stage, torrent: &Path, port: u16, original: &Path) -> Result<()> {
    let saved = stage.folder().join("leeched.bin");
    let look = async || Ok(leech(stage, torrent, port, &saved).await?.then_some(()));
    until("everything is leeched", SOON, look).await?;
    content::ensure_equal(&saved, original)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_leech_of_the_example_gets_a_file_from_aria2() {
    Stage::play("the_leech_of_the_example_gets_a_file_from_aria2", async |stage| {
        let file = stage.file("plain.bin", LEN)?;
        let torrent = torrent_of(stage, &file).await?;
        let port = free_port()?;
        let mut command = Command::new("aria2c");
        command
            .args(["--enable-dht=false", "--enable-dht6=false", "--bt-enable-lpd=false", "--no-conf=true"])
            .args(["--check-integrity=true", "--seed-ratio=0.0", "--console-log-level=notice", "--summary-interval=0"])
            .arg(format!("--listen-port={port}"))
            .arg(format!("--dir={}", stage.subfolder("originals")?.display()))
            .arg(&torrent);
        let aria2 = stage.start("aria2c", command)?;
        let listens = |_, line: &str| line.contains("listening on TCP port").then_some(());
        aria2.line("it seeds", SOON, listens).await?;
        leeches_all(stage, &torrent, port, &file).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_leech_of_the_example_gets_a_file_from_transmission() {
    Stage::play("the_leech_of_the_example_gets_a_file_from_transmission", async |stage| {
        let file = stage.file("plain.bin", LEN)?;
        let torrent = torrent_of(stage, &file).await?;
        std::fs::copy(&torrent, stage.subfolder("watched")?.join("x.torrent"))?;
        let port = free_port()?;
        let mut command = Command::new("transmission-daemon");
        command
            .args(["--foreground", "--no-dht", "--no-lpd", "--no-utp", "--no-portmap", "--log-debug"])
            .args(["--peerport", &port.to_string(), "--port", &free_port()?.to_string()])
            .arg("--config-dir")
            .arg(stage.subfolder("transmission")?)
            .arg("--download-dir")
            .arg(stage.subfolder("originals")?)
            .arg("--watch-dir")
            .arg(stage.subfolder("watched")?);
        let transmission = stage.start("transmission-daemon", command)?;
        let is_checked = |_, line: &str| line.contains("Verification is done").then_some(());
        transmission.line("it seeds", SOON, is_checked).await?;
        leeches_all(stage, &torrent, port, &file).await
    })
    .await;
}
