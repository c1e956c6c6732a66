//! Peers that nobody names to each other meet because a third one tells them (BEP 11).

use std::ffi::OsStr;
use std::net::SocketAddrV4;
use std::path::Path;

use anyhow::Result;
use covey_tests::wait::{TRANSFER, until};
use covey_tests::{NativePeer, OrdinaryTracker, Stage};
use tokio::process::Command;

use crate::torrents::{ALONE, Folder, download, local_address};

/// Whoever is named to the others. It wants a file of one byte, so that the rest cannot be had of it.
fn hub(stage: &Stage, folder: &Folder, at: SocketAddrV4) -> Result<NativePeer> {
    let into = stage.subfolder("Hub-files")?;
    let (torrent, at) = (folder.torrent.display().to_string(), at.to_string());
    download(stage, "Hub", &torrent, &into, &["--files", "one*", "--seed", "--listen", &at])
}

/// Has everything, and knows the hub only.
fn seeder(stage: &Stage, folder: &Folder, hub: SocketAddrV4) -> Result<NativePeer> {
    let (season, hub) = (folder.parent.join("season"), hub.to_string());
    let mut arguments = vec![OsStr::new("seed"), folder.torrent.as_os_str(), season.as_os_str()];
    arguments.extend(["--peer", &hub].map(OsStr::new));
    arguments.extend(ALONE.map(OsStr::new));
    NativePeer::start(stage, "Ana", &arguments)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_download_finds_the_seeder_by_way_of_a_peer_that_both_know() {
    Stage::play("a_download_finds_the_seeder_by_way_of_a_peer_that_both_know", async |stage| {
        let folder = Folder::make(stage, None).await?;
        let at = local_address()?;
        let _hub = hub(stage, &folder, at)?;
        let ana = seeder(stage, &folder, at)?;
        ana.ready().await?;
        let into = stage.subfolder("Ben-files")?;
        let torrent = folder.torrent.display().to_string();
        let mut ben = download(stage, "Ben", &torrent, &into, &["--peer", &at.to_string(), "--no-seed"])?;
        ben.done().await?;
        ben.succeeds().await?;
        folder.ensure_equal(&into.join("season"))
    })
    .await;
}

/// aria2 as it comes, which asks a tracker that knows one peer.
fn aria2(torrent: &Path, into: &Path) -> Command {
    let mut command = Command::new("aria2c");
    command
        .args(["--no-conf=true", "--enable-dht=false", "--enable-dht6=false", "--bt-enable-lpd=false"])
        .args(["--seed-time=0", "--summary-interval=0", "--console-log-level=notice"])
        .arg(format!("--dir={}", into.display()))
        .arg(torrent);
    command
}

#[tokio::test(flavor = "multi_thread")]
async fn aria2_is_told_of_a_seeder_that_its_tracker_does_not_know() {
    Stage::play("aria2_is_told_of_a_seeder_that_its_tracker_does_not_know", async |stage| {
        let at = local_address()?;
        let tracker = OrdinaryTracker::start(vec![at]).await?;
        let folder = Folder::make(stage, Some(tracker.announce())).await?;
        let _hub = hub(stage, &folder, at)?;
        let ana = seeder(stage, &folder, at)?;
        ana.ready().await?;
        let into = stage.subfolder("aria2-files")?;
        let _aria2 = stage.start("aria2", aria2(&folder.torrent, &into))?;
        until("aria2 downloads", TRANSFER, async || Ok(folder.ensure_equal(&into.join("season")).ok())).await
    })
    .await;
}
