//! Each trouble has an exit code and a sentence that says what to do.

use std::ffi::OsStr;

use anyhow::{Result, ensure};
use covey_tests::content::{self, MIB};
use covey_tests::wait::TRANSFER;
use covey_tests::{NativePeer, Stage};
use wire_protocol::invite::Invite;

use crate::sharing::Sharing;

const EVE: &str = "Eve";
const NOT_ALLOWED: i32 = 5;
const BAD_DATA: i32 = 4;
const LOCAL_FILES: i32 = 6;
const SERVER_UNREACHABLE: i32 = 7;

async fn download_fails(stage: &Stage, invite: &str, code: i32) -> Result<String> {
    let folder = stage.subfolder("Eve-files")?;
    let mut eve = NativePeer::download(stage, EVE, invite, &folder, &["--no-seed"])?;
    let sentence = eve.fails_with(code).await?;
    ensure!(sentence.split_whitespace().count() >= 4, "not a sentence: {sentence}");
    Ok(sentence)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_secret_and_an_unknown_group_are_not_allowed_each_in_its_words() {
    Stage::play("a_wrong_secret_and_an_unknown_group_are_not_allowed_each_in_its_words", async |stage| {
        let sharing = Sharing::start(stage, "secret.bin", MIB).await?;
        let right: Invite = sharing.invite.parse()?;
        let wrong_secret = Invite::new(right.server(), right.slug(), [7; 16])?.to_string();
        let wrong_secret = download_fails(stage, &wrong_secret, NOT_ALLOWED).await?;
        let unknown_group = Invite::new(right.server(), "no-such-group", [7; 16])?.to_string();
        let unknown_group = download_fails(stage, &unknown_group, NOT_ALLOWED).await?;
        ensure!(wrong_secret != unknown_group, "the same words for both: {wrong_secret}");
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_server_is_unreachable() {
    Stage::play("a_dead_server_is_unreachable", async |stage| {
        // A port that was free a moment ago.
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0))?;
        let server = format!("http://{}", listener.local_addr()?);
        drop(listener);
        let invite = Invite::new(&server, "lively-otter", [7; 16])?.to_string();
        let sentence = download_fails(stage, &invite, SERVER_UNREACHABLE).await?;
        ensure!(sentence.contains(&server[7..]), "does not name the server: {sentence}");
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_no_torrent_is_bad_data() {
    Stage::play("a_file_that_is_no_torrent_is_bad_data", async |stage| {
        let file = stage.file("holiday.torrent", 10_000)?;
        let mut peer = NativePeer::start(stage, EVE, &[OsStr::new("info"), file.as_os_str()])?;
        let sentence = peer.fails_with(BAD_DATA).await?;
        ensure!(sentence.contains("holiday.torrent"), "does not name the file: {sentence}");
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_different_existing_file_is_kept() {
    Stage::play("a_different_existing_file_is_kept", async |stage| {
        let sharing = Sharing::start(stage, "diary.bin", 2 * MIB).await?;
        let existing = sharing.saved_in(&stage.subfolder("Eve-files")?);
        content::write(&existing, 2 * MIB, 99)?;
        let before = std::fs::read(&existing)?;
        let sentence = download_fails(stage, &sharing.invite, LOCAL_FILES).await?;
        ensure!(sentence.contains("--overwrite") || sentence.contains("--rename"), "no way out: {sentence}");
        ensure!(std::fs::read(&existing)? == before, "the existing file was changed");
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_equal_existing_file_is_fetched_no_more() {
    Stage::play("an_equal_existing_file_is_fetched_no_more", async |stage| {
        let sharing = Sharing::start(stage, "diary.bin", 2 * MIB).await?;
        let folder = stage.subfolder("Eve-files")?;
        std::fs::copy(&sharing.file, sharing.saved_in(&folder))?;
        let mut eve = NativePeer::download(stage, EVE, &sharing.invite, &folder, &["--no-seed"])?;
        eve.succeeds().await?;
        content::ensure_equal(&sharing.saved_in(&folder), &sharing.file)?;
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_download_ends_at_once_when_its_group_is_gone() {
    Stage::play("a_download_ends_at_once_when_its_group_is_gone", async |stage| {
        let mut sharing = Sharing::start(stage, "closed.bin", 64 * MIB).await?;
        let folder = stage.subfolder("Eve-files")?;
        let options = ["--no-seed", "--down", "200K"];
        let mut eve = NativePeer::download(stage, EVE, &sharing.invite, &folder, &options)?;
        let has_begun = |event: &serde_json::Value| event["done"].as_u64().is_some_and(|done| done > 0);
        eve.event("progress", TRANSFER, has_begun).await?;
        sharing.tracker.kill().await?;
        sharing.tracker.forget_everything()?;
        sharing.tracker.start_again(stage).await?;
        let sentence = eve.fails_with(NOT_ALLOWED).await?;
        ensure!(sentence.contains("closed.bin") && sentence.contains("invite"), "no way out: {sentence}");
        Ok(())
    })
    .await;
}
