//! Disks that are really full: of who downloads, and of the server.

use std::ffi::OsStr;
use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use covey_tests::content::MIB;
use covey_tests::ordinary_client::free_port;
use covey_tests::wait::{SOON, until};
use covey_tests::{NativePeer, SmallDisk, Stage};

use crate::sharing::Sharing;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_ends_a_download_with_exit_code_6_and_says_so() {
    Stage::play("a_full_disk_ends_a_download_with_exit_code_6_and_says_so", async |stage| {
        let sharing = Sharing::start(stage, "large.bin", 48 * MIB).await?;
        let folder = stage.subfolder("small-disk")?;
        let _disk = SmallDisk::mount(&folder, 16)?;
        let mut eve = NativePeer::download(stage, "Eve", &sharing.invite, &folder, &["--no-seed"])?;
        let sentence = eve.fails_with(6).await?;
        let words = sentence.to_lowercase();
        ensure!(words.contains("full") || words.contains("room") || words.contains("space"), "unclear: {sentence}");
        ensure!(!sharing.saved_in(&folder).exists(), "claims to have saved it");
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_fills_up_half_way_ends_a_download_with_exit_code_6() {
    Stage::play("a_disk_that_fills_up_half_way_ends_a_download_with_exit_code_6", async |stage| {
        let sharing = Sharing::start(stage, "large.bin", 48 * MIB).await?;
        let proxy = covey_tests::Proxy::start(sharing.tracker.address()).await?;
        proxy.limit_from_server(8_000_000);
        let folder = stage.subfolder("small-disk")?;
        let _disk = SmallDisk::mount(&folder, 64)?;
        let options = ["--no-seed", "--no-tcp"];
        let invite = proxy.invite(&sharing.invite);
        let mut eve = NativePeer::download(stage, "Eve", &invite, &folder, &options)?;
        let has_begun = |event: &serde_json::Value| event["done"].as_u64().is_some_and(|done| done >= MIB);
        eve.event("progress", covey_tests::wait::TRANSFER, has_begun).await?;
        // Somebody else's file takes the room.
        let filled = covey_tests::content::write(&folder.join("other"), 64 * MIB, 1);
        ensure!(filled.is_err(), "the disk is not small");
        proxy.unlimit();
        let sentence = eve.fails_with(6).await?;
        ensure!(sentence.to_lowercase().contains("full"), "unclear: {sentence}");
        Ok(())
    })
    .await;
}

/// A server with its data and its log on one small disk, as a service has them. Ends when dropped.
struct FullServer {
    server: Child,
    port: u16,
}

impl FullServer {
    async fn start(stage: &Stage, disk: &std::path::Path) -> Result<Self> {
        let port = free_port()?;
        let log = std::fs::File::create(disk.join("log"))?;
        let mut command = Command::new(&stage.programs().tracker_relay);
        command.args(["--listen", &port.to_string(), "--data"]).arg(disk.join("data"));
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).kill_on_drop(true);
        let server = Self { server: command.spawn()?, port };
        until("the server answers", SOON, async || Ok(server.readiness().await.ok())).await?;
        Ok(server)
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The status of `/readyz`.
    async fn readiness(&self) -> Result<u16> {
        let mut tcp = TcpStream::connect(("127.0.0.1", self.port)).await?;
        tcp.write_all(b"GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await?;
        let mut answer = String::new();
        tcp.read_to_string(&mut answer).await?;
        answer.split(' ').nth(1).and_then(|status| status.parse().ok()).context("a status")
    }

    async fn becomes(&self, status: u16) -> Result<()> {
        let is_it = async || Ok((self.readiness().await? == status).then_some(()));
        until(&format!("/readyz answers {status}"), SOON, is_it).await
    }
}

fn make_group(stage: &Stage, server: &FullServer, name: &str) -> Result<NativePeer> {
    let url = server.url();
    let arguments = ["group", "create", name, "--server", &url];
    NativePeer::start(stage, "Ana", &arguments.map(OsStr::new))
}

/// On a disk of so many MiB: a small one has no reserve, on a larger one that is what is left.
async fn goes_on_once_there_is_room(stage: &Stage, mib: u64) -> Result<()> {
    let folder = stage.subfolder("server-disk")?;
    let disk = SmallDisk::mount(&folder, mib)?;
    let mut server = FullServer::start(stage, &folder).await?;
    make_group(stage, &server, "before")?.succeeds().await?;
    server.becomes(200).await?;
    let other = disk.fill()?;
    let mut refused = None;
    // The database has some room of its own.
    for number in 0..60 {
        let mut making = make_group(stage, &server, &format!("meanwhile {number}"))?;
        if !making.process_mut().exit(SOON).await?.success() {
            refused = Some(making.fails_with(7).await?);
            break;
        }
    }
    let said = refused.context("the disk is not full")?;
    ensure!(said.contains("disk is full") && !said.contains("reach"), "{said}");
    server.becomes(503).await?;
    std::fs::remove_file(other)?;
    make_group(stage, &server, "after")?.succeeds().await?;
    server.becomes(200).await?;
    ensure!(server.server.try_wait()?.is_none(), "it was started again");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_whose_data_and_log_fill_a_small_disk_goes_on_once_there_is_room() {
    Stage::play("a_server_whose_data_and_log_fill_a_small_disk_goes_on_once_there_is_room", async |stage| {
        goes_on_once_there_is_room(stage, 4).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_keeps_a_reserve_is_not_ready_without_it_and_goes_on_once_there_is_room() {
    Stage::play(
        "a_server_that_keeps_a_reserve_is_not_ready_without_it_and_goes_on_once_there_is_room",
        async |stage| goes_on_once_there_is_room(stage, 100).await,
    )
    .await;
}
