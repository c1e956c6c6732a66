//! A private torrent (BEP 27) is told to its trackers only.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use covey_tests::content::MIB;
use covey_tests::process::{Process, Stream};
use covey_tests::wait::{SOON, until};
use covey_tests::{Shape, SharedFile, Stage};
use tokio::process::Command;

/// Serves a torrent with everything on that finds peers, in a network of its own that leads nowhere: whatever it sends
/// reaches nobody, and all sockets of that network are its own. Takes root.
fn seed_alone(stage: &Stage, who: &str, shared: &SharedFile) -> Result<Process> {
    let mut command = Command::new("unshare");
    command
        .arg("--net")
        .arg(&stage.programs().native_peer)
        .arg("seed")
        .args([&shared.torrent, &shared.file])
        .arg("--data")
        .arg(stage.subfolder(&format!("{who}-data"))?)
        .args(["--name", who, "--json", "--listen", "0.0.0.0:0"]);
    stage.start(who, command)
}

/// Sockets that speak UDP. Where there is no network to speak to, only the hash table has one.
fn udp_sockets(process: &Process) -> Result<usize> {
    let network = Path::new("/proc").join(process.id().context("it has ended")?.to_string()).join("net");
    let count = |name: &str| -> Result<usize> {
        let table = std::fs::read_to_string(network.join(name)).with_context(|| format!("cannot read {name}"))?;
        Ok(table.lines().skip(1).count())
    };
    Ok(count("udp")? + count("udp6")?)
}

#[tokio::test(flavor = "multi_thread")]
async fn who_serves_a_private_torrent_has_no_socket_for_the_hash_table() {
    let name = "who_serves_a_private_torrent_has_no_socket_for_the_hash_table";
    Stage::play(name, async |stage| {
        let nobody = "http://127.0.0.1:1/announce";
        let shape = || Shape::new(MIB, 64 * 1024).tracker(nobody);
        let public = SharedFile::make(stage, "public.bin", shape())?;
        let private = SharedFile::make(stage, "private.bin", shape().private())?;
        let (open, silent) = (seed_alone(stage, "open", &public)?, seed_alone(stage, "silent", &private)?);
        until("a socket for the hash table", SOON, async || Ok((udp_sockets(&open)? > 0).then_some(()))).await?;
        let ready = |stream, line: &str| (stream == Stream::Stdout && line.contains("\"ready\"")).then_some(());
        for seeder in [&open, &silent] {
            seeder.line("ready", SOON, ready).await?;
        }
        let sockets = udp_sockets(&silent)?;
        ensure!(sockets == 0, "a private torrent's seeder has {sockets} sockets that speak UDP");
        Ok(())
    })
    .await;
}
