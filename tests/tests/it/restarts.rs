//! What the tracker has acknowledged, it knows after SIGKILL.

use std::path::Path;

use anyhow::{Result, ensure};
use covey_tests::content::{self, MIB};
use covey_tests::{NativePeer, Stage, Tracker};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};

use crate::sharing::Sharing;

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

/// Makes a database what it was before the last event, which gave a file its torrent.
async fn lose_the_torrent(data: &Path) -> Result<()> {
    let mut db = SqliteConnectOptions::new().filename(data.join("covey.db")).connect().await?;
    for change in [
        "UPDATE files SET info_hash = NULL, info_len = NULL, pieces = NULL",
        "DELETE FROM file_infos",
        "UPDATE totals SET info_bytes = 0",
        "DELETE FROM group_events WHERE seq = (SELECT max(seq) FROM group_events)",
        "UPDATE groups SET head_seq = head_seq - 1",
    ] {
        sqlx::query(change).execute(&mut db).await?;
    }
    Ok(db.close().await?)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_comes_back_without_a_files_torrent_is_given_it_again() {
    Stage::play("a_server_that_comes_back_without_a_files_torrent_is_given_it_again", async |stage| {
        let mut sharing = Sharing::start(stage, "restored.bin", 4 * MIB).await?;
        sharing.tracker.kill().await?;
        lose_the_torrent(sharing.tracker.data()).await?;
        sharing.tracker.start_again(stage).await?;
        // Before anybody else does something there: with events of the same numbers it would have to be --new-history.
        let given = |_, line: &str| line.contains("it is given again").then_some(());
        sharing.ana.process().line("that the torrent is given again", covey_tests::wait::SOON, given).await?;
        let folder = stage.subfolder("Eve-files")?;
        let mut eve = NativePeer::download(stage, "Eve", &sharing.invite, &folder, &["--no-seed"])?;
        eve.succeeds().await?;
        content::ensure_equal(&sharing.saved_in(&folder), &sharing.file)
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
