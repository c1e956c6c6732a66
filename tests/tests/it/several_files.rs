//! Several files of a group in one command, and what they are called.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use covey_tests::content::{self, MIB};
use covey_tests::process::Stream;
use covey_tests::wait::{SOON, TRANSFER};
use covey_tests::{NativePeer, Stage, Tracker};

const NO_SOURCE: i32 = 3;
const LOCAL_FILES: i32 = 6;
const LEN: u64 = 2 * MIB;

/// A group in which people share files.
struct Group<'a> {
    stage: &'a Stage,
    tracker: Tracker,
    invite: String,
}

impl<'a> Group<'a> {
    async fn start(stage: &'a Stage) -> Result<Self> {
        let tracker = Tracker::start(stage).await?;
        let server = tracker.url();
        let create = ["group", "create", "Trip", "--server", &server].map(std::ffi::OsStr::new);
        let mut ana = NativePeer::start(stage, "Ana", &create)?;
        let invite = ana.invite().await?;
        ana.succeeds().await?;
        Ok(Self { stage, tracker, invite })
    }

    fn file(&self, folder: &str, name: &str, seed: u64) -> Result<PathBuf> {
        let path = self.stage.subfolder(folder)?.join(name);
        content::write(&path, LEN, seed)?;
        Ok(path)
    }

    async fn share(&self, file: &Path) -> Result<NativePeer> {
        let ana = NativePeer::share(self.stage, "Ana", file, &self.tracker.url(), &["--group", "Trip", "--no-tcp"])?;
        ana.ready().await?;
        Ok(ana)
    }

    fn download(&self, into: &Path, more: &[&str]) -> Result<NativePeer> {
        NativePeer::download(self.stage, "Ben", &self.invite, into, &[&["--no-seed"], more].concat())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_serves_comes_and_what_nobody_serves_is_named_at_the_end() {
    Stage::play("what_somebody_serves_comes_and_what_nobody_serves_is_named_at_the_end", async |stage| {
        let group = Group::start(stage).await?;
        for name in ["dead one.bin", "dead two.bin"] {
            group.share(&group.file("originals", name, 1)?).await?.interrupt().await?;
        }
        let alive = group.file("originals", "alive.bin", 3)?;
        let _ana = group.share(&alive).await?;
        let into = stage.subfolder("Ben-files")?;
        let mut ben = group.download(&into, &["--timeout", "6s"])?;
        ben.done().await?;
        content::ensure_equal(&into.join("alive.bin"), &alive)?;
        let said = ben.fails_with(NO_SOURCE).await?;
        ensure!(said.contains("dead one.bin, dead two.bin") && !said.contains("alive.bin"), "{said}");
        ensure!(std::fs::read_dir(&into)?.count() == 1, "something was left for what nobody serves");
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_whose_source_leaves_gives_way_and_is_gone_on_with_later() {
    Stage::play("a_file_whose_source_leaves_gives_way_and_is_gone_on_with_later", async |stage| {
        let group = Group::start(stage).await?;
        let (first, second) = (group.file("originals", "first.bin", 1)?, group.file("originals", "second.bin", 2)?);
        let (mut ana, mut also_ana) = (group.share(&first).await?, group.share(&second).await?);
        let of_bo = stage.subfolder("Bo-files")?;
        let second_of_bo = ["--file", "second.bin", "--no-tcp"];
        let bo = |more: &str| {
            NativePeer::download(stage, "Bo", &group.invite, &of_bo, &[&second_of_bo[..], &[more]].concat())
        };
        bo("--no-seed")?.succeeds().await?;
        also_ana.interrupt().await?;

        let into = stage.subfolder("Ben-files")?;
        let mut ben = group.download(&into, &["--down", "200K"])?;
        let has_begun = |event: &serde_json::Value| event["verified"].as_u64().is_some_and(|bytes| bytes > 0);
        ben.event("progress", TRANSFER, has_begun).await?;
        ana.interrupt().await?;
        // No rate and no time left where nothing comes, and whom one waits for.
        let waits = |event: &serde_json::Value| event["waits"] == "waiting for Ana";
        let waiting = ben.event("progress", SOON, waits).await?;
        ensure!(waiting["down_bps"] == 0 && waiting["eta_s"].is_null(), "{waiting}");
        let _bo = bo("--seed")?;
        ben.done().await?;
        content::ensure_equal(&into.join("second.bin"), &second)?;
        ensure!(into.join("first.bin.part").exists(), "what was there is not kept");
        let status = ben.interrupt().await?;
        ensure!(status.code() == Some(130), "ended with {status}");
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn files_of_one_name_go_to_two_and_every_place_is_looked_at_before_anything_is_fetched() {
    Stage::play("files_of_one_name_go_to_two_and_every_place_is_looked_at_before_anything_is_fetched", async |stage| {
        let group = Group::start(stage).await?;
        let files = [("one", "same.bin", 1), ("two", "Same.bin", 2), ("one", "other.bin", 3)];
        let mut shared = Vec::new();
        for (folder, name, seed) in files {
            let file = group.file(folder, name, seed)?;
            shared.push((group.share(&file).await?, file));
        }
        let into = stage.subfolder("Ben-files")?;
        std::os::unix::fs::symlink("nowhere", into.join("other.bin"))?;
        let said = group.download(&into, &["--overwrite"])?.fails_with(LOCAL_FILES).await?;
        ensure!(said.contains("other.bin") && said.contains("link"), "{said}");
        ensure!(std::fs::read_dir(&into)?.count() == 1, "something was fetched");
        std::fs::remove_file(into.join("other.bin"))?;
        group.download(&into, &[])?.succeeds().await?;
        for ((_, file), name) in shared.iter().zip(["same.bin", "Same (2).bin", "other.bin"]) {
            content::ensure_equal(&into.join(name), file)?;
        }
        // All of it is there.
        group.download(&into, &[])?.succeeds().await?;
        ensure!(std::fs::read_dir(&into)?.count() == 3, "it was fetched again");
        Ok(())
    })
    .await;
}

/// Names as they are, and as others get them.
fn names() -> Vec<(String, String)> {
    vec![
        (format!("{}.bin", "n".repeat(251)), format!("{}.bin", "n".repeat(236))),
        ("n".repeat(240), "n".repeat(240)),
        (format!("{}.bin", "ж".repeat(125)), format!("{}.bin", "ж".repeat(118))),
        ("می\u{200C}خواهم.bin".to_owned(), "میخواهم.bin".to_owned()),
        ("two  blanks.bin".to_owned(), "two  blanks.bin".to_owned()),
        ("-rf ~".to_owned(), "_rf _".to_owned()),
        ("aux.bin. ".to_owned(), "_aux.bin".to_owned()),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_found_by_its_own_name_and_by_the_one_that_is_shown_and_a_change_is_said() {
    Stage::play("a_file_is_found_by_its_own_name_and_by_the_one_that_is_shown_and_a_change_is_said", async |stage| {
        let group = Group::start(stage).await?;
        for (number, (own, shown)) in (1..).zip(names()) {
            let file = group.file(&format!("originals-{number}"), &own, number)?;
            let mut ana = group.share(&file).await?;
            let said = ana.process().transcript().of(Stream::Stderr);
            ensure!(said.contains("Others get") == (own != shown), "{own}: {said}");
            for typed in [&own, &shown] {
                let into = stage.subfolder(&format!("Ben-{number}-{}", typed == &own))?;
                group.download(&into, &[&format!("--file={typed}")])?.succeeds().await.with_context(|| own.clone())?;
                content::ensure_equal(&into.join(&shown), &file)?;
            }
            ana.interrupt().await?;
        }
        // Blanks as a page shows them.
        let shown = ["--file", "two blanks.bin", "--timeout", "1s"];
        let said = group.download(stage.folder(), &shown)?.fails_with(NO_SOURCE).await?;
        ensure!(said.contains("two  blanks.bin"), "{said}");
        Ok(())
    })
    .await;
}
