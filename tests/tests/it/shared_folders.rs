//! A folder is shared in a group, and downloaded whole, in part, and after a break.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use covey_tests::content::{self, MIB};
use covey_tests::wait::TRANSFER;
use covey_tests::{NativePeer, Stage, Tracker};

/// Names of several alphabets, one file without a byte, one hidden, and one whose name is not for every system.
const FILES: [(&str, u64); 6] = [
    ("Film.mkv", 9 * MIB + 1234),
    ("Untertitel/Österreich 字幕.srt", 40_000),
    ("empty", 0),
    ("one byte", 1),
    ("part 1: the end.txt", 5_000),
    ("zz/last.bin", 700_001),
];

pub struct Shared {
    pub tracker: Tracker,
    folder: PathBuf,
    pub invite: String,
    ana: NativePeer,
}

impl Shared {
    pub async fn start(stage: &Stage, more: &[&str]) -> Result<Self> {
        let tracker = Tracker::start(stage).await?;
        let folder = stage.subfolder("shared")?.join("season");
        for (seed, (name, len)) in (7..).zip(FILES) {
            let path = folder.join(name);
            std::fs::create_dir_all(path.parent().context("a file in a folder")?)?;
            content::write(&path, len, seed)?;
        }
        content::write(&folder.join(".hidden"), 10, 1)?;
        let ana = NativePeer::share(stage, "Ana", &folder, &tracker.url(), more)?;
        let invite = ana.invite().await?;
        ana.ready().await?;
        Ok(Self { tracker, folder, invite, ana })
    }

    /// Paths below the folder and lengths of everything but what is hidden.
    pub fn files() -> [(&'static str, u64); 6] {
        FILES
    }

    /// What is not for every system is written under a name that is.
    pub fn saved_name(name: &str) -> String {
        name.replace(':', "_")
    }

    pub fn original(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    pub fn ensure_equal(&self, downloaded: &Path) -> Result<()> {
        FILES.iter().try_for_each(|(name, _)| {
            content::ensure_equal(&downloaded.join(Self::saved_name(name)), &self.original(name))
        })
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_is_shared_in_a_group_is_downloaded_by_a_member() {
    Stage::play("a_folder_that_is_shared_in_a_group_is_downloaded_by_a_member", async |stage| {
        let shared = Shared::start(stage, &["--piece-size", "64Ki"]).await?;
        let into = stage.subfolder("Ben-files")?;
        let mut ben = NativePeer::download(stage, "Ben", &shared.invite, &into, &["--no-seed"])?;
        ben.done().await?;
        ben.succeeds().await?;
        let season = into.join("season");
        shared.ensure_equal(&season)?;
        ensure!(!season.join(".hidden").exists(), "what is hidden was not to be shared");
        // It is there already.
        let mut again = NativePeer::download(stage, "Ben", &shared.invite, &into, &["--no-seed"])?;
        let done = again.done().await?;
        ensure!(done["fetched"] == 0, "{done}");
        again.succeeds().await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn chosen_files_of_a_shared_folder_come_alone_and_the_rest_after_a_break() {
    Stage::play("chosen_files_of_a_shared_folder_come_alone_and_the_rest_after_a_break", async |stage| {
        let shared = Shared::start(stage, &["--piece-size", "64Ki", "--up", "3M"]).await?;
        let into = stage.subfolder("Ben-files")?;
        let season = into.join("season");
        let chosen = ["--no-seed", "--files", "*.srt,one*"];
        let mut ben = NativePeer::download(stage, "Ben", &shared.invite, &into, &chosen)?;
        ben.done().await?;
        ben.succeeds().await?;
        content::ensure_equal(&season.join(FILES[1].0), &shared.folder.join(FILES[1].0))?;
        ensure!(!season.join("Film.mkv").exists(), "it was not chosen");

        let whole = ["--no-seed", "--overwrite"];
        let mut broken = NativePeer::download(stage, "Ben", &shared.invite, &into, &whole)?;
        let begun = |event: &serde_json::Value| event["verified"].as_u64().is_some_and(|bytes| bytes > 2 * MIB);
        broken.event("progress", TRANSFER, begun).await?;
        broken.kill().await?;
        let mut whole = NativePeer::download(stage, "Ben", &shared.invite, &into, &whole)?;
        let done = whole.done().await?;
        ensure!(done["fetched"].as_u64().is_some_and(|bytes| bytes < 9 * MIB), "it began anew: {done}");
        whole.succeeds().await?;
        shared.ensure_equal(&season)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_a_shared_folder_that_changes_ends_the_sharing_and_is_named() {
    Stage::play("a_file_of_a_shared_folder_that_changes_ends_the_sharing_and_is_named", async |stage| {
        let mut shared = Shared::start(stage, &[]).await?;
        content::write(&shared.folder.join("zz/last.bin"), 600_000, 99)?;
        let said = shared.ana.fails_with(6).await?;
        ensure!(said.contains("last.bin has changed"), "{said}");
        Ok(())
    })
    .await;
}
