//! Torrents that mean the same to everybody: private ones, hybrid ones, and what each program reads out of a file.

use std::ffi::OsStr;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use covey_tests::content::{self, MIB};
use covey_tests::hybrid;
use covey_tests::process::Stream;
use covey_tests::wait::SOON;
use covey_tests::{NativePeer, OrdinaryClient, OrdinaryTracker, Shape, SharedFile, Stage};
use futures_util::future::try_join_all;
use metainfo::Metainfo;
use serde_json::Value;
use tokio::process::Command;

use crate::torrents::{Folder, download, local_address};

/// Each client serves a private torrent, and somebody finds it by nothing but the torrent's tracker.
async fn is_found_by_its_tracker(stage: &Stage, client: OrdinaryClient) -> Result<()> {
    let name = client.name();
    // The client's tracker names nobody: qBittorrent whose tracker named itself let nobody in within a minute.
    let quiet = OrdinaryTracker::start(Vec::new()).await?;
    let shape = Shape::new(3 * MIB + 1, 64 * 1024).tracker(quiet.announce()).private();
    let shared = SharedFile::make(stage, &format!("private-{name}.bin"), shape)?;
    let seeder = client.seed(stage, name, &shared.torrent, shared.folder()?).await?;
    let tracker = OrdinaryTracker::start(vec![seeder.address]).await?;
    let ours = stage.folder().join(format!("ours-{name}.torrent"));
    let trackers = vec![vec![tracker.announce().to_owned()]];
    std::fs::write(&ours, Metainfo { trackers, ..Metainfo::from(shared.info.clone()) }.encode())?;
    let into = stage.subfolder(&format!("from-{name}-files"))?;
    let torrent = ours.display().to_string();
    // Nothing is said of the hash table and the local network: a private torrent is told to neither.
    let arguments = ["--no-seed"];
    let mut ben = NativePeer::download(stage, &format!("from-{name}"), &torrent, &into, &arguments)?;
    ben.done().await.with_context(|| name)?;
    ben.succeeds().await?;
    content::ensure_equal(&into.join(shared.info.name()), &shared.file)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_private_torrent_is_downloaded_from_every_client_through_its_tracker_alone() {
    Stage::play("a_private_torrent_is_downloaded_from_every_client_through_its_tracker_alone", async |stage| {
        try_join_all(OrdinaryClient::ALL.map(|client| is_found_by_its_tracker(stage, client))).await?;
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hybrid_torrent_is_downloaded_from_qbittorrent_and_rtorrent_by_its_older_half() {
    Stage::play("a_hybrid_torrent_is_downloaded_from_qbittorrent_and_rtorrent_by_its_older_half", async |stage| {
        let tracker = OrdinaryTracker::start(Vec::new()).await?;
        let file = stage.file("hybrid.bin", 3 * MIB + 4_321)?;
        let torrent = stage.folder().join("hybrid.torrent");
        std::fs::write(
            &torrent,
            hybrid::torrent("hybrid.bin", &std::fs::read(&file)?, 256 * 1024, tracker.announce()),
        )?;
        let shown = info(stage, &torrent).await?;
        ensure!(shown["hybrid"] == true, "{shown}");
        for client in [OrdinaryClient::Qbittorrent, OrdinaryClient::Rtorrent] {
            let folder = file.parent().context("a file in a folder")?;
            let seeder = client.seed(stage, client.name(), &torrent, folder).await?;
            let who = format!("from-{}", client.name());
            let into = stage.subfolder(&format!("{who}-files"))?;
            let (torrent, peer) = (torrent.display().to_string(), seeder.address.to_string());
            let mut ben = download(stage, &who, &torrent, &into, &["--peer", &peer, "--no-seed"])?;
            ben.done().await.with_context(|| client.name())?;
            ben.succeeds().await?;
            content::ensure_equal(&into.join("hybrid.bin"), &file)?;
        }
        Ok(())
    })
    .await;
}

/// What `native-peer info` reads.
async fn info(stage: &Stage, torrent: &Path) -> Result<Value> {
    let mut reader = NativePeer::start(stage, "Reader", &[OsStr::new("info"), torrent.as_os_str()])?;
    reader.succeeds().await?;
    reader.event("info", SOON, |_| true).await
}

/// What a program prints of a torrent.
async fn printed(program: &str, arguments: &[&OsStr]) -> Result<String> {
    let output = Command::new(program).args(arguments).output().await.with_context(|| format!("no {program}"))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    ensure!(output.status.success(), "{program}: {text} {}", String::from_utf8_lossy(&output.stderr));
    Ok(text)
}

/// The rest of the line that begins so.
fn after<'t>(text: &'t str, what: &str) -> Result<&'t str> {
    let line = text.lines().find_map(|line| line.trim().strip_prefix(what));
    Ok(line.with_context(|| format!("no `{what}` in {text}"))?.trim())
}

#[tokio::test(flavor = "multi_thread")]
async fn transmission_and_aria2_read_the_same_info_hash_out_of_a_made_torrent() {
    Stage::play("transmission_and_aria2_read_the_same_info_hash_out_of_a_made_torrent", async |stage| {
        let folder = Folder::make(stage, Some("http://127.0.0.1:9/announce")).await?;
        let odd = SharedFile::make(stage, "odd.bin", Shape::new(1_234_567, 100_000).private())?;
        for (torrent, files) in [(&folder.torrent, 5), (&odd.torrent, 1)] {
            let ours = info(stage, torrent).await?;
            let hash = ours["info_hash"].as_str().context("no info-hash")?;
            let shown = printed("transmission-show", &[torrent.as_os_str()]).await?;
            ensure!(after(&shown, "Hash:")? == hash, "{hash}: {shown}");
            let shown = printed("aria2c", &[OsStr::new("-S"), torrent.as_os_str()]).await?;
            ensure!(after(&shown, "Info Hash:")? == hash, "{hash}: {shown}");
            ensure!(ours["files"].as_array().map(Vec::len) == Some(files), "{ours}");
        }
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_torrent_that_transmission_makes_is_read_and_served() {
    Stage::play("a_torrent_that_transmission_makes_is_read_and_served", async |stage| {
        let folder = Folder::make(stage, None).await?;
        let (season, torrent) = (folder.parent.join("season"), stage.folder().join("theirs.torrent"));
        let tracker = "http://127.0.0.1:9/announce";
        let arguments =
            [OsStr::new("-o"), torrent.as_os_str(), OsStr::new("-t"), OsStr::new(tracker), season.as_os_str()];
        printed("transmission-create", &arguments).await?;
        let (ours, shown) = (info(stage, &torrent).await?, printed("transmission-show", &[torrent.as_os_str()]).await?);
        ensure!(ours["info_hash"] == after(&shown, "Hash:")?, "{ours}: {shown}");
        ensure!(ours["private"] == false && ours["trackers"][0][0] == tracker, "{ours}");
        // It leaves the empty file out.
        ensure!(ours["files"].as_array().map(Vec::len) == Some(4), "{ours}");
        let address = local_address()?;
        let ana = NativePeer::seed(stage, "Ana", (&torrent, &season), address, &[]).await?;
        let said = ana.process().transcript().of(Stream::Stdout);
        ensure!(said.contains(after(&shown, "Hash:")?), "{said}");
        Ok(())
    })
    .await;
}
