//! What the tracker has acknowledged, it knows after SIGKILL.

use anyhow::ensure;
use covey_tests::content::{self, MIB};
use covey_tests::{NativePeer, Stage, Tracker};

const NO_SOURCE: i32 = 3;

#[tokio::test(flavor = "multi_thread")]
async fn a_tracker_killed_right_after_the_link_was_printed_knows_group_invite_and_file() {
    Stage::play("a_tracker_killed_right_after_the_link_was_printed_knows_group_invite_and_file", async |stage| {
        let mut tracker = Tracker::start(stage).await?;
        let file = stage.file("promised.bin", 64 * MIB)?;
        let mut ana = NativePeer::share(stage, "Ana", &file, &tracker.url(), &[])?;
        let invite = ana.invite().await?;
        tracker.kill().await?;
        // So that nobody can tell the tracker again.
        ana.kill().await?;
        tracker.start_again(stage).await?;
        let folder = stage.subfolder("Eve-files")?;
        let options = ["--no-seed", "--timeout", "3s"];
        let mut eve = NativePeer::download(stage, "Eve", &invite, &folder, &options)?;
        let sentence = eve.fails_with(NO_SOURCE).await?;
        ensure!(sentence.contains("promised.bin"), "does not know the file: {sentence}");
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sharing_and_downloading_outlive_the_trackers_restart() {
    Stage::play("sharing_and_downloading_outlive_the_trackers_restart", async |stage| {
        let mut tracker = Tracker::start(stage).await?;
        let file = stage.file("patient.bin", 64 * MIB)?;
        let ana = NativePeer::share(stage, "Ana", &file, &tracker.url(), &[])?;
        let invite = ana.invite().await?;
        tracker.kill().await?;
        tracker.start_again(stage).await?;
        let folder = stage.subfolder("Eve-files")?;
        let mut eve = NativePeer::download(stage, "Eve", &invite, &folder, &["--no-seed"])?;
        eve.succeeds().await?;
        content::ensure_equal(&folder.join("patient.bin"), &file)?;
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_ends_the_tracker_cleanly() {
    Stage::play("a_signal_ends_the_tracker_cleanly", async |stage| {
        let mut tracker = Tracker::start(stage).await?;
        let status = tracker.process().interrupt().await?;
        ensure!(status.success(), "ended with {status}");
        Ok(())
    })
    .await;
}
