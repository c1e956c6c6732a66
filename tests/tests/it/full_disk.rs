//! Downloads onto a disk that is really full.

use anyhow::ensure;
use covey_tests::content::MIB;
use covey_tests::{NativePeer, SmallDisk, Stage};

use crate::sharing::Sharing;

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
        ensure!(std::fs::read_dir(&folder)?.count() == 0, "something is left of what there is no room for");
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
        std::fs::remove_file(folder.join("other"))?;
        let mut eve = NativePeer::download(stage, "Eve", &invite, &folder, &options)?;
        let done = eve.done().await?;
        eve.succeeds().await?;
        ensure!(done["fetched"].as_u64().is_some_and(|fetched| fetched < 48 * MIB), "it began anew: {done}");
        covey_tests::content::ensure_equal(&sharing.saved_in(&folder), &sharing.file)
    })
    .await;
}
