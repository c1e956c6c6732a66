//! `native-peer download`.

use covey_tests::content::{self, MIB};
use covey_tests::wait::TRANSFER;
use covey_tests::{CorruptSeeder, NativePeer, Proxy, Stage};

use crate::sharing::Sharing;

const EVE: &str = "Eve";
const LEN: u64 = 48 * MIB;
const SLOW: u64 = 8_000_000;

#[tokio::test(flavor = "multi_thread")]
async fn two_native_peers_use_a_direct_connection() {
    Stage::play("two_native_peers_use_a_direct_connection", async |stage| {
        let sharing = Sharing::start(stage, "direct.bin", LEN).await?;
        let proxy = Proxy::start(sharing.tracker.address()).await?;
        let folder = stage.subfolder("Eve-files")?;
        let invite = proxy.invite(&sharing.invite);
        let mut eve = NativePeer::download(stage, EVE, &invite, &folder, &["--no-seed"])?;
        eve.succeeds().await?;
        content::ensure_equal(&sharing.saved_in(&folder), &sharing.file)?;
        let relayed = proxy.bytes_from_server();
        anyhow::ensure!(relayed < MIB, "{relayed} bytes came through the server");
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_direct_connections_everything_goes_over_the_relay() {
    Stage::play("without_direct_connections_everything_goes_over_the_relay", async |stage| {
        let sharing = Sharing::start(stage, "relayed.bin", LEN).await?;
        let proxy = Proxy::start(sharing.tracker.address()).await?;
        let folder = stage.subfolder("Eve-files")?;
        let invite = proxy.invite(&sharing.invite);
        let mut eve = NativePeer::download(stage, EVE, &invite, &folder, &["--no-seed", "--no-tcp"])?;
        eve.succeeds().await?;
        content::ensure_equal(&sharing.saved_in(&folder), &sharing.file)?;
        let relayed = proxy.bytes_from_server();
        anyhow::ensure!(relayed >= LEN, "only {relayed} bytes came through the server");
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_download_killed_at_70_percent_fetches_only_the_rest() {
    Stage::play("a_download_killed_at_70_percent_fetches_only_the_rest", async |stage| {
        let sharing = Sharing::start(stage, "killed.bin", LEN).await?;
        let folder = stage.subfolder("Eve-files")?;
        // Over the relay, where a proxy counts the bytes.
        let options = ["--no-seed", "--no-tcp"];
        let first = Proxy::start(sharing.tracker.address()).await?;
        first.limit_from_server(SLOW);
        let mut eve = NativePeer::download(stage, EVE, &first.invite(&sharing.invite), &folder, &options)?;
        let is_70_percent = |event: &serde_json::Value| event["done"].as_u64().is_some_and(|done| done >= LEN * 7 / 10);
        let progress = eve.event("progress", TRANSFER, is_70_percent).await?;
        eve.kill().await?;
        anyhow::ensure!(!sharing.saved_in(&folder).exists(), "killed too late: {progress}");

        let rest = Proxy::start(sharing.tracker.address()).await?;
        let mut eve = NativePeer::download(stage, EVE, &rest.invite(&sharing.invite), &folder, &options)?;
        eve.succeeds().await?;
        content::ensure_equal(&sharing.saved_in(&folder), &sharing.file)?;
        let fetched = rest.bytes_from_server();
        anyhow::ensure!(fetched <= LEN * 4 / 10, "{fetched} bytes were fetched again of {LEN}");
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_download_ends_with_130_and_goes_on_later() {
    Stage::play("an_interrupted_download_ends_with_130_and_goes_on_later", async |stage| {
        let sharing = Sharing::start(stage, "paused.bin", LEN).await?;
        let folder = stage.subfolder("Eve-files")?;
        let (proxy, invite) = sharing.slowed(SLOW).await?;
        let options = ["--no-seed", "--no-tcp"];
        let mut eve = NativePeer::download(stage, EVE, &invite, &folder, &options)?;
        let has_begun = |event: &serde_json::Value| event["done"].as_u64().is_some_and(|done| done >= LEN / 4);
        eve.event("progress", TRANSFER, has_begun).await?;
        let status = eve.interrupt().await?;
        anyhow::ensure!(status.code() == Some(130), "ended with {status}");

        proxy.unlimit();
        let before = proxy.bytes_from_server();
        let mut eve = NativePeer::download(stage, EVE, &invite, &folder, &options)?;
        eve.succeeds().await?;
        content::ensure_equal(&sharing.saved_in(&folder), &sharing.file)?;
        let fetched = proxy.bytes_from_server() - before;
        anyhow::ensure!(fetched <= LEN * 8 / 10, "{fetched} bytes were fetched again of {LEN}");
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_corrupt_seeder_is_named_in_the_log_of_native_peer() {
    Stage::play("a_corrupt_seeder_is_named_in_the_log_of_native_peer", async |stage| {
        let sharing = Sharing::start(stage, "checked.bin", LEN).await?;
        let corrupt = CorruptSeeder::start(&sharing.invite, "Crooked Heron").await?;
        let (proxy, invite) = sharing.slowed(SLOW).await?;
        let folder = stage.subfolder("Eve-files")?;
        let mut eve = NativePeer::download(stage, EVE, &invite, &folder, &["--no-seed", "--no-tcp"])?;
        eve.event("piece_failed", TRANSFER, |_| true).await?;
        let named = |stream, line: &str| {
            (stream == covey_tests::process::Stream::Stderr && line.contains("Crooked Heron")).then_some(())
        };
        eve.process().line("its name in the log", TRANSFER, named).await?;
        proxy.unlimit();
        eve.succeeds().await?;
        content::ensure_equal(&sharing.saved_in(&folder), &sharing.file)?;
        anyhow::ensure!(corrupt.links_opened() == 1, "{} links to it opened", corrupt.links_opened());
        Ok(())
    })
    .await;
}
