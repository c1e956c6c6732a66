//! A shared file whose bytes are not what they were, though nothing but reading it tells.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

use anyhow::{Result, ensure};
use covey_tests::wait::SOON;
use covey_tests::{NativePeer, Stage, content};
use nix::sys::signal::Signal;

use crate::changing_files::{EVE, Shared};
use crate::sharing::ANA;

const BAD_DATA: i32 = 4;

/// Changes a byte of a file, and nothing that anybody would see without reading it.
fn damage(file: &Path) -> Result<()> {
    let modified = fs::metadata(file)?.modified()?;
    let mut bytes = fs::read(file)?;
    bytes.iter_mut().for_each(|byte| *byte ^= 1);
    // In place: it stays the same file.
    File::options().write(true).open(file)?.write_all(&bytes)?;
    Ok(File::options().append(true).open(file)?.set_modified(modified)?)
}

/// The receiver used to hear that the sharer was not reached yet, for ever, and the sharer nothing at all.
#[tokio::test(flavor = "multi_thread")]
async fn of_damaged_data_from_the_only_source_both_sides_are_told() {
    Stage::play("of_damaged_data_from_the_only_source_both_sides_are_told", async |stage| {
        let mut shared = Shared::file(stage).await?;
        // Nobody sees it happen.
        shared.ana.process().signal(Signal::SIGSTOP)?;
        damage(&shared.file)?;
        shared.ana.process().signal(Signal::SIGCONT)?;
        let folder = stage.subfolder("Eve-files")?;
        let mut eve = NativePeer::download(stage, EVE, &shared.link, &folder, &["--no-seed", "--timeout", "6s"])?;
        let said = eve.fails_with(BAD_DATA).await?;
        ensure!(said.contains("damaged") && said.contains(ANA), "{said}");
        shared.ends(&["is damaged", "Put a good copy"]).await?;
        let remembered = fs::read_dir(stage.folder().join("Ana-data/hashes"))?.count();
        ensure!(remembered == 0, "{remembered} hashes are still remembered");

        // With a good copy it is the same link, and the download goes on.
        shared.is_put_back(stage).await
    })
    .await;
}

/// Whoever leaves makes a sharer look at what it sent, and nothing else.
#[tokio::test(flavor = "multi_thread")]
async fn a_sharer_whose_data_is_good_goes_on_however_often_others_leave() {
    Stage::play("a_sharer_whose_data_is_good_goes_on_however_often_others_leave", async |stage| {
        let shared = Shared::file(stage).await?;
        for who in ["Eve", "Dan", "Cleo"] {
            let folder = stage.subfolder(&format!("{who}-files"))?;
            let options = ["--no-seed", "--down", "300K"];
            let mut peer = NativePeer::download(stage, who, &shared.link, &folder, &options)?;
            let begun = |event: &serde_json::Value| event["verified"].as_u64() > Some(100_000);
            peer.event("progress", SOON, begun).await?;
            peer.kill().await?;
        }
        shared.goes_on(stage).await
    })
    .await;
}

/// Remembered hashes are not believed of a file that was written to, whatever its date says.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_was_changed_under_its_old_date_is_hashed_again() {
    Stage::play("a_file_that_was_changed_under_its_old_date_is_hashed_again", async |stage| {
        let mut shared = Shared::file(stage).await?;
        ensure!(shared.ana.interrupt().await?.success(), "no success");
        damage(&shared.file)?;
        let again = NativePeer::share(stage, ANA, &shared.path, &shared.tracker.url(), &["--piece-size", "64Ki"])?;
        let link = again.invite().await?;
        again.ready().await?;
        let folder = stage.subfolder("Eve-files")?;
        let mut eve = NativePeer::download(stage, EVE, &link, &folder, &["--no-seed"])?;
        eve.succeeds().await?;
        content::ensure_equal(&folder.join("film.bin"), &shared.file)
    })
    .await;
}
