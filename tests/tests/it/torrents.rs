//! native-peer as one BitTorrent client among others, with the real ones: torrent files, magnet links, folders.

use std::ffi::OsStr;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use covey_tests::content::{self, MIB};
use covey_tests::ordinary_client::free_port;
use covey_tests::wait::{TRANSFER, until};
use covey_tests::{NativePeer, OrdinaryClient, OrdinaryTracker, Stage};
use metainfo::Metainfo;

/// No test meets others on the local network or in the DHT.
pub const ALONE: [&str; 2] = ["--no-dht", "--no-lan"];
/// What the folder holds: names of several alphabets, one without a byte, one that begins within a piece.
const FILES: [(&str, u64); 5] = [
    ("Film.mkv", 5 * MIB + 1234),
    ("Untertitel/Österreich 字幕.srt", 40_000),
    ("empty", 0),
    ("one byte", 1),
    ("zz/last.bin", 700_001),
];

/// A folder of several files, and its torrent.
pub struct Folder {
    /// Holds it.
    pub parent: PathBuf,
    pub torrent: PathBuf,
}

impl Folder {
    pub async fn make(stage: &Stage, tracker: Option<&str>) -> Result<Self> {
        let parent = stage.subfolder("shared")?;
        for (seed, (name, len)) in (7..).zip(FILES) {
            let path = parent.join("season").join(name);
            std::fs::create_dir_all(path.parent().context("a file in a folder")?)?;
            content::write(&path, len, seed)?;
        }
        let torrent = stage.folder().join("season.torrent");
        let season = parent.join("season");
        let mut arguments = vec![OsStr::new("create"), season.as_os_str(), OsStr::new("-o"), torrent.as_os_str()];
        arguments.extend(["--piece-size", "64Ki"].map(OsStr::new));
        arguments.extend(tracker.iter().flat_map(|url| [OsStr::new("--tracker"), OsStr::new(*url)]));
        // `create` opens no port.
        NativePeer::start(stage, "Maker", &arguments)?.succeeds().await?;
        Ok(Self { parent, torrent })
    }

    pub fn metainfo(&self) -> Result<Metainfo> {
        Ok(Metainfo::parse(&std::fs::read(&self.torrent)?)?)
    }

    pub fn ensure_equal(&self, downloaded: &Path) -> Result<()> {
        self.ensure_equal_from(0, downloaded)
    }

    /// Of files of so many bytes and more.
    pub fn ensure_equal_from(&self, len_min: u64, downloaded: &Path) -> Result<()> {
        for (name, _) in FILES.into_iter().filter(|(_, len)| *len >= len_min) {
            content::ensure_equal(&downloaded.join(name), &self.parent.join("season").join(name))?;
        }
        Ok(())
    }
}

pub fn download(stage: &Stage, who: &str, target: &str, folder: &Path, more: &[&str]) -> Result<NativePeer> {
    let more = [more, &ALONE].concat();
    NativePeer::download(stage, who, target, folder, &more)
}

/// Serves the folder; says where.
pub async fn seed(stage: &Stage, who: &str, folder: &Folder, listen: SocketAddrV4) -> Result<NativePeer> {
    NativePeer::seed(stage, who, (&folder.torrent, &folder.parent.join("season")), listen, &[]).await
}

pub fn local_address() -> Result<SocketAddrV4> {
    Ok(SocketAddrV4::new(Ipv4Addr::LOCALHOST, free_port()?))
}

async fn downloads_from(client: OrdinaryClient, name: &str) {
    Stage::play(name, async |stage| {
        // rtorrent loads no torrent that names no tracker.
        let tracker = OrdinaryTracker::start(Vec::new()).await?;
        let folder = Folder::make(stage, Some(tracker.announce())).await?;
        let seeder = client.seed(stage, client.name(), &folder.torrent, &folder.parent).await?;
        let into = stage.subfolder("Ben-files")?;
        let torrent = folder.torrent.display().to_string();
        let peer = seeder.address.to_string();
        let mut ben = download(stage, "Ben", &torrent, &into, &["--peer", &peer, "--no-seed"])?;
        ben.done().await?;
        ben.succeeds().await?;
        folder.ensure_equal(&into.join("season"))
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_is_downloaded_from_aria2() {
    downloads_from(OrdinaryClient::Aria2, "a_folder_is_downloaded_from_aria2").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_is_downloaded_from_transmission() {
    downloads_from(OrdinaryClient::Transmission, "a_folder_is_downloaded_from_transmission").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_is_downloaded_from_qbittorrent() {
    downloads_from(OrdinaryClient::Qbittorrent, "a_folder_is_downloaded_from_qbittorrent").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_is_downloaded_from_rtorrent() {
    downloads_from(OrdinaryClient::Rtorrent, "a_folder_is_downloaded_from_rtorrent").await;
}

/// All at once from one seeder. Transmission dials nobody on loopback: the seeder dials it, whom the tracker names.
#[tokio::test(flavor = "multi_thread")]
async fn every_client_downloads_a_folder_from_a_seeder() {
    Stage::play("every_client_downloads_a_folder_from_a_seeder", async |stage| {
        let address = local_address()?;
        let mut leechers = Vec::new();
        for client in OrdinaryClient::ALL {
            leechers.push((client, local_address()?));
        }
        let everybody = leechers.iter().map(|(_, address)| *address).chain([address]).collect();
        let tracker = OrdinaryTracker::start(everybody).await?;
        let folder = Folder::make(stage, Some(tracker.announce())).await?;
        let _seeder = seed(stage, "Ana", &folder, address).await?;
        for (client, address) in leechers {
            let into = stage.subfolder(&format!("{}-files", client.name()))?;
            let _leecher = client.run_at(stage, client.name(), &folder.torrent, &into, address)?;
            // Not asked over its port: most take one connection from an address, which is the seeder's.
            let what = format!("{} downloads", client.name());
            // Transmission 3.00 is complete without the empty file.
            let len_min = u64::from(client == OrdinaryClient::Transmission);
            until(&what, TRANSFER, async || Ok(folder.ensure_equal_from(len_min, &into.join("season")).ok())).await?;
        }
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_magnet_link_gets_its_torrent_from_transmission_and_qbittorrent_and_us() {
    Stage::play("a_magnet_link_gets_its_torrent_from_transmission_and_qbittorrent_and_us", async |stage| {
        let folder = Folder::make(stage, None).await?;
        let magnet = folder.metainfo()?.magnet().to_string();
        for client in [OrdinaryClient::Transmission, OrdinaryClient::Qbittorrent] {
            let seeder = client.seed(stage, client.name(), &folder.torrent, &folder.parent).await?;
            let into = stage.subfolder(&format!("from-{}", client.name()))?;
            let peer = seeder.address.to_string();
            let mut ben = download(stage, "Ben", &magnet, &into, &["--peer", &peer, "--no-seed"])?;
            ben.done().await.with_context(|| client.name())?;
            ben.succeeds().await?;
            folder.ensure_equal(&into.join("season"))?;
        }
        let address = local_address()?;
        let _ana = seed(stage, "Ana", &folder, address).await?;
        let into = stage.subfolder("from-us")?;
        let mut ben = download(stage, "Cem", &magnet, &into, &["--peer", &address.to_string(), "--no-seed"])?;
        ben.done().await?;
        ben.succeeds().await?;
        folder.ensure_equal(&into.join("season"))
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn chosen_files_are_all_that_is_saved_and_the_rest_comes_later() {
    Stage::play("chosen_files_are_all_that_is_saved_and_the_rest_comes_later", async |stage| {
        let folder = Folder::make(stage, None).await?;
        let address = local_address()?;
        let _ana = seed(stage, "Ana", &folder, address).await?;
        let into = stage.subfolder("Ben-files")?;
        let (torrent, peer) = (folder.torrent.display().to_string(), address.to_string());
        let more = ["--peer", &peer, "--no-seed"];
        let mut ben = download(stage, "Ben", &torrent, &into, &[&more[..], &["--files", "*.srt,one*"]].concat())?;
        ben.done().await?;
        ben.succeeds().await?;
        let season = into.join("season");
        for (name, _) in [FILES[1], FILES[3]] {
            content::ensure_equal(&season.join(name), &folder.parent.join("season").join(name))?;
        }
        ensure!(!season.join("Film.mkv").exists() && !season.join("zz").exists());
        // The same again is there already; all of it is another download.
        let mut again = download(stage, "Ben", &torrent, &into, &[&more[..], &["--files", "*.srt"]].concat())?;
        let done = again.done().await?;
        ensure!(done["fetched"] == 0, "{done}");
        again.succeeds().await?;
        let mut all = download(stage, "Ben", &torrent, &into, &[&more[..], &["--overwrite"]].concat())?;
        all.done().await?;
        all.succeeds().await?;
        folder.ensure_equal(&season)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_goes_on_where_it_was_stopped() {
    Stage::play("a_folder_goes_on_where_it_was_stopped", async |stage| {
        let folder = Folder::make(stage, None).await?;
        let address = local_address()?;
        let _ana = seed(stage, "Ana", &folder, address).await?;
        let into = stage.subfolder("Ben-files")?;
        let (torrent, peer) = (folder.torrent.display().to_string(), address.to_string());
        let mut ben = download(stage, "Ben", &torrent, &into, &["--peer", &peer, "--down", "1M"])?;
        let half = |event: &serde_json::Value| event["verified"].as_u64().is_some_and(|verified| verified > 2 * MIB);
        ben.event("progress", TRANSFER, half).await?;
        ben.kill().await?;
        let mut again = download(stage, "Ben", &torrent, &into, &["--peer", &peer, "--no-seed"])?;
        let done = again.done().await?;
        again.succeeds().await?;
        let fetched = done["fetched"].as_u64().context("bytes that were fetched")?;
        ensure!(fetched < 5 * MIB, "{fetched} bytes came again");
        folder.ensure_equal(&into.join("season"))
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_torrent_and_what_nobody_has_is_said() {
    Stage::play("what_is_no_torrent_and_what_nobody_has_is_said", async |stage| {
        let into = stage.subfolder("Ben-files")?;
        let no_torrent = stage.folder().join("movie.torrent");
        std::fs::write(&no_torrent, b"a film")?;
        let said = download(stage, "Ben", &no_torrent.display().to_string(), &into, &[])?.fails_with(4).await?;
        ensure!(said.contains("movie.torrent is not a torrent"), "{said}");
        let magnet = "magnet:?xt=urn:btih:0123456789abcdef0123456789abcdef01234567&dn=A+film";
        let said = download(stage, "Ben", magnet, &into, &["--timeout", "1s"])?.fails_with(3).await?;
        ensure!(said.contains("the torrent of A film was not found"), "{said}");
        let folder = Folder::make(stage, None).await?;
        let torrent = folder.torrent.display().to_string();
        let said = download(stage, "Ben", &torrent, &into, &["--timeout", "1s"])?.fails_with(3).await?;
        ensure!(said.contains("no peer was found"), "{said}");
        Ok(())
    })
    .await;
}

/// Another process reads what native-peer writes to its stdout, through a pipe.
async fn piped(stage: &Stage, target: &str, more: &[&str], reader: &str) -> Result<String> {
    let program = stage.programs().native_peer.display();
    let data = stage.subfolder("Ben-data")?;
    let flags = [more, &ALONE].concat().join(" ");
    let line = format!("'{program}' download '{target}' -o - --data '{}' {flags} | {reader}", data.display());
    let mut command = tokio::process::Command::new("bash");
    command.args(["-o", "pipefail", "-c", &line]);
    let output = tokio::time::timeout(TRANSFER, command.output()).await.context("it takes too long")??;
    let (said, read) = (String::from_utf8_lossy(&output.stderr), String::from_utf8_lossy(&output.stdout));
    ensure!(output.status.success(), "{line}: {}: {said}", output.status);
    Ok(read.into_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chosen_file_goes_to_stdout_in_order_and_a_reader_that_leaves_early_is_no_failure() {
    Stage::play("a_chosen_file_goes_to_stdout_in_order_and_a_reader_that_leaves_early_is_no_failure", async |stage| {
        let folder = Folder::make(stage, None).await?;
        let address = local_address()?;
        let _ana = seed(stage, "Ana", &folder, address).await?;
        let (torrent, peer) = (folder.torrent.display().to_string(), address.to_string());
        let film = folder.parent.join("season/Film.mkv");
        let whole = ["--peer", &peer, "--files", "Film.mkv"];
        let compared = format!("cmp - '{}' && echo same", film.display());
        ensure!(piped(stage, &torrent, &whole, &compared).await?.contains("same"));
        ensure!(piped(stage, &torrent, &whole, "head -c 100000 | wc -c").await?.trim() == "100000");
        let many = piped(stage, &torrent, &["--peer", &peer], "cat").await;
        ensure!(format!("{many:?}").contains("only one file can go to stdout"), "{many:?}");
        Ok(())
    })
    .await;
}
