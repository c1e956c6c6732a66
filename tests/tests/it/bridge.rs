//! Tabs and members download what only ordinary BitTorrent clients have, by way of a member's bridge.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use covey_tests::content::{self, MIB};
use covey_tests::ordinary_client::Running;
use covey_tests::wait::{SOON, TRANSFER};
use covey_tests::{NativePeer, OrdinaryClient, OrdinaryTracker, Stage, Tracker};
use metainfo::Metainfo;

pub const ANA: &str = "Ana";
pub const LEN: u64 = 48 * MIB;

/// Ordinary clients that have a file, and Ana, who has nothing but the torrent.
pub struct Bridged {
    pub file: PathBuf,
    pub torrent: PathBuf,
    pub invite: String,
    pub seeders: Vec<Running>,
    ana: NativePeer,
    _trackers: (Tracker, OrdinaryTracker),
}

impl Bridged {
    /// Ana names the clients.
    pub async fn start(stage: &Stage, clients: &[OrdinaryClient], more: &[&str]) -> Result<Self> {
        Self::by(stage, clients, more, file_of).await
    }

    /// She knows what `target` makes of the torrent file.
    async fn by(
        stage: &Stage,
        clients: &[OrdinaryClient],
        more: &[&str],
        target: fn(&Path) -> Result<String>,
    ) -> Result<Self> {
        let tracker = Tracker::start(stage).await?;
        let file = stage.file("film.mkv", LEN + 4321)?;
        // It names nobody: two clients that are linked take no connection from the same address, which is the bridge's.
        let announce = OrdinaryTracker::start(Vec::new()).await?;
        let torrent = stage.folder().join("film.torrent");
        let arguments = [OsStr::new("create"), file.as_os_str(), OsStr::new("-o"), torrent.as_os_str()];
        let arguments = [&arguments[..], &[OsStr::new("--tracker"), OsStr::new(announce.announce())]].concat();
        NativePeer::start(stage, "Maker", &arguments)?.succeeds().await?;
        let (mut seeders, mut addresses) = (Vec::new(), Vec::new());
        for client in clients {
            let folder = file.parent().context("a file in a folder")?;
            let seeder = client.seed(stage, client.name(), &torrent, folder).await?;
            addresses.push(seeder.address.to_string());
            seeders.push(seeder);
        }
        let (server, addresses) = (tracker.url(), addresses.join(","));
        let target = target(&torrent)?;
        let mut arguments = ["bridge", &target, "--server", &server].map(OsStr::new).to_vec();
        arguments.extend(["--seeder", &addresses].map(OsStr::new));
        arguments.extend(["--group", "films", "--no-dht", "--no-lan"].map(OsStr::new));
        arguments.extend(more.iter().map(OsStr::new));
        let ana = NativePeer::start(stage, ANA, &arguments)?;
        let invite = ana.invite().await?;
        let all = |event: &serde_json::Value| event["clients"].as_array().is_some_and(|all| all.len() == clients.len());
        ana.event("behind", TRANSFER, all).await?;
        Ok(Self { file, torrent, invite, seeders, ana, _trackers: (tracker, announce) })
    }

    /// Ana ends; bytes that she fetched.
    pub async fn fetched(&mut self) -> Result<u64> {
        self.ana.interrupt().await?;
        let bridged = self.ana.event("bridged", SOON, |_| true).await?;
        bridged["fetched"].as_u64().context("a number")
    }
}

fn magnet_of(torrent: &Path) -> Result<String> {
    Ok(Metainfo::parse(&std::fs::read(torrent)?)?.magnet().to_string())
}

fn file_of(torrent: &Path) -> Result<String> {
    Ok(torrent.display().to_string())
}

async fn member_downloads_from(client: OrdinaryClient, name: &str, more: &[&str], target: fn(&Path) -> Result<String>) {
    Stage::play(name, async |stage| {
        let mut bridged = Bridged::by(stage, &[client], more, target).await?;
        let into = stage.subfolder("Ben-files")?;
        let mut ben = NativePeer::download(stage, "Ben", &bridged.invite, &into, &["--no-seed"])?;
        ben.done().await?;
        ben.succeeds().await?;
        content::ensure_equal(&saved_in(&into, &bridged.file), &bridged.file)?;
        let fetched = bridged.fetched().await?;
        ensure!(fetched >= LEN, "{fetched} bytes were fetched");
        Ok(())
    })
    .await;
}

fn saved_in(folder: &Path, file: &Path) -> PathBuf {
    folder.join(file.file_name().expect("a file has a name"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_downloads_from_aria2_through_a_bridge() {
    member_downloads_from(OrdinaryClient::Aria2, "a_member_downloads_from_aria2_through_a_bridge", &[], file_of).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bridge_dials_a_seeder_again_that_closed_on_it_because_nobody_wanted_anything() {
    let name = "a_bridge_dials_a_seeder_again_that_closed_on_it_because_nobody_wanted_anything";
    Stage::play(name, async |stage| {
        let bridged = Bridged::start(stage, &[OrdinaryClient::Aria2], &[]).await?;
        // aria2 closes on who asks for nothing after half a minute.
        bridged.ana.event("peer", TRANSFER, |event| event["event"] == "leave").await?;
        let into = stage.subfolder("Ben-files")?;
        let mut ben = NativePeer::download(stage, "Ben", &bridged.invite, &into, &["--no-seed"])?;
        ben.done().await?;
        ben.succeeds().await?;
        content::ensure_equal(&saved_in(&into, &bridged.file), &bridged.file)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_downloads_from_rtorrent_through_a_bridge_with_a_small_cache_on_disk() {
    let name = "a_member_downloads_from_rtorrent_through_a_bridge_with_a_small_cache_on_disk";
    member_downloads_from(OrdinaryClient::Rtorrent, name, &["--cache", "4Mi", "--cache-folder", "cache"], file_of)
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_magnet_link_is_bridged_and_its_torrent_comes_from_the_client_that_has_it() {
    let name = "a_magnet_link_is_bridged_and_its_torrent_comes_from_the_client_that_has_it";
    member_downloads_from(OrdinaryClient::Qbittorrent, name, &[], magnet_of).await;
}
