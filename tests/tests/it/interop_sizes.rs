//! Pieces of all lengths, with the real clients, in both directions.

use std::net::SocketAddrV4;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use covey_tests::content::{self, MIB};
use covey_tests::wait::{TRANSFER, until};
use covey_tests::{CountingProxy, NativePeer, OrdinaryClient, OrdinaryTracker, Shape, SharedFile, Stage};
use futures_util::future::try_join_all;

use crate::torrents::{download, local_address};

const MANY_SMALL: Shape<'static> = Shape { len: 6 * MIB + 1, piece_len: 16 * 1024, tracker: None, is_private: false };
const FEW_LARGE: Shape<'static> =
    Shape { len: 32 * MIB + 1, piece_len: 16 * 1024 * 1024, tracker: None, is_private: false };
/// No power of two, and no whole blocks: Transmission asks for eighths of them.
const ODD: Shape<'static> = Shape { len: 3_050_001, piece_len: 100_000, tracker: None, is_private: false };

/// Each client serves, and somebody downloads from it alone.
async fn comes_from_every_client(shape: Shape<'static>, name: &str) {
    Stage::play(name, async |stage| {
        // rtorrent loads no torrent that names no tracker.
        let tracker = OrdinaryTracker::start(Vec::new()).await?;
        let shared = SharedFile::make(stage, "sized.bin", shape.tracker(tracker.announce()))?;
        try_join_all(OrdinaryClient::ALL.map(|client| fetch_from(stage, client, &shared))).await?;
        Ok(())
    })
    .await;
}

async fn fetch_from(stage: &Stage, client: OrdinaryClient, shared: &SharedFile) -> Result<()> {
    let seeder = client.seed(stage, client.name(), &shared.torrent, shared.folder()?).await?;
    let who = format!("from-{}", client.name());
    let into = stage.subfolder(&format!("{who}-files"))?;
    let (torrent, peer) = (shared.torrent.display().to_string(), seeder.address.to_string());
    let mut ben = download(stage, &who, &torrent, &into, &["--peer", &peer, "--no-seed"])?;
    ben.done().await.with_context(|| client.name())?;
    ben.succeeds().await?;
    content::ensure_equal(&into.join(shared.info.name()), &shared.file)
}

/// One seeder serves all clients at once.
async fn goes_to_every_client(shape: Shape<'static>, name: &str) {
    Stage::play(name, async |stage| {
        let ana = local_address()?;
        // It names the seeder only: clients that were linked with each other would refuse it.
        let tracker = OrdinaryTracker::start(vec![ana]).await?;
        let shared = SharedFile::make(stage, "sized.bin", shape.tracker(tracker.announce()))?;
        // Transmission dials nobody on loopback.
        let dialed = local_address()?;
        let start = |client, address| Leecher::start(stage, client, &shared, address);
        let mut leechers = vec![start(OrdinaryClient::Transmission, dialed)?];
        let peer = ["--peer", &dialed.to_string()];
        let _ana = NativePeer::seed(stage, "Ana", (&shared.torrent, &shared.file), ana, &peer).await?;
        for client in [OrdinaryClient::Aria2, OrdinaryClient::Qbittorrent, OrdinaryClient::Rtorrent] {
            leechers.push(start(client, local_address()?)?);
        }
        try_join_all(leechers.iter().map(|leecher| leecher.has(&shared))).await?;
        Ok(())
    })
    .await;
}

struct Leecher {
    client: OrdinaryClient,
    saved: PathBuf,
    _running: covey_tests::ordinary_client::Running,
}

impl Leecher {
    fn start(stage: &Stage, client: OrdinaryClient, shared: &SharedFile, address: SocketAddrV4) -> Result<Self> {
        let who = format!("to-{}", client.name());
        let into = stage.subfolder(&format!("{who}-files"))?;
        let _running = client.run_at(stage, &who, &shared.torrent, &into, address)?;
        Ok(Self { client, saved: into.join(shared.info.name()), _running })
    }

    async fn has(&self, shared: &SharedFile) -> Result<()> {
        let what = format!("{} downloads", self.client.name());
        until(&what, TRANSFER, async || Ok(content::ensure_equal(&self.saved, &shared.file).ok())).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_small_pieces_come_from_every_client() {
    comes_from_every_client(MANY_SMALL, "many_small_pieces_come_from_every_client").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_small_pieces_go_to_every_client() {
    goes_to_every_client(MANY_SMALL, "many_small_pieces_go_to_every_client").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pieces_of_16_mib_and_a_last_one_of_a_byte_come_from_every_client() {
    comes_from_every_client(FEW_LARGE, "pieces_of_16_mib_and_a_last_one_of_a_byte_come_from_every_client").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pieces_of_16_mib_and_a_last_one_of_a_byte_go_to_every_client() {
    goes_to_every_client(FEW_LARGE, "pieces_of_16_mib_and_a_last_one_of_a_byte_go_to_every_client").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pieces_of_100_000_bytes_come_from_every_client() {
    comes_from_every_client(ODD, "pieces_of_100_000_bytes_come_from_every_client").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pieces_of_100_000_bytes_go_to_every_client() {
    goes_to_every_client(ODD, "pieces_of_100_000_bytes_go_to_every_client").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_more_waits_at_transmission_and_qbittorrent_than_they_say_that_they_keep() {
    let name = "no_more_waits_at_transmission_and_qbittorrent_than_they_say_that_they_keep";
    Stage::play(name, async |stage| {
        // 4,096 blocks.
        let shared = SharedFile::make(stage, "queued.bin", Shape::new(64 * MIB, 256 * 1024))?;
        let clients = [OrdinaryClient::Transmission, OrdinaryClient::Qbittorrent];
        try_join_all(clients.map(|client| waits_at(stage, client, &shared))).await?;
        Ok(())
    })
    .await;
}

async fn waits_at(stage: &Stage, client: OrdinaryClient, shared: &SharedFile) -> Result<()> {
    let seeder = client.seed(stage, client.name(), &shared.torrent, shared.folder()?).await?;
    let proxy = CountingProxy::start(seeder.address, shared.info.layout().pieces()).await?;
    let who = format!("from-{}", client.name());
    let into = stage.subfolder(&format!("{who}-files"))?;
    let (torrent, peer) = (shared.torrent.display().to_string(), proxy.address().to_string());
    let mut ben = download(stage, &who, &torrent, &into, &["--peer", &peer, "--no-seed"])?;
    ben.done().await.with_context(|| client.name())?;
    ben.succeeds().await?;
    content::ensure_equal(&into.join(shared.info.name()), &shared.file)?;
    let books = proxy.books()?;
    let reqq = books.reqq.with_context(|| format!("{} does not say", client.name()))? as usize;
    let most = books.ledger.most;
    eprintln!("{}: {most} of {reqq} requests waited, {} rejects", client.name(), books.rejects);
    ensure!((251..=reqq).contains(&most), "{most} requests waited at {}, which keeps {reqq}", client.name());
    ensure!(books.rejects == 0, "{} rejected {}", client.name(), books.rejects);
    ensure!(books.ledger.faults.is_empty(), "{:?}", books.ledger.faults);
    Ok(())
}
