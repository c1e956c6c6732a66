//! What becomes of a file while it is shared: it is gone, has another name, another date or other content, and each is
//! told apart.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result, ensure};
use covey_tests::content::{self, MIB};
use covey_tests::process::Stream;
use covey_tests::wait::SOON;
use covey_tests::{NativePeer, Stage, Tracker};
use wire_protocol::invite::Invite;

use crate::sharing::ANA;

pub const EVE: &str = "Eve";
const LEN: u64 = 3 * MIB;
const NO_SOURCE: i32 = 3;
const LOCAL_FILES: i32 = 6;

/// Ana shares a file, or a folder with it.
pub struct Shared {
    pub tracker: Tracker,
    /// What is shared.
    pub path: PathBuf,
    /// What happens to a file happens to this one.
    pub file: PathBuf,
    /// As it was.
    pub original: PathBuf,
    pub link: String,
    pub ana: NativePeer,
}

impl Shared {
    pub async fn file(stage: &Stage) -> Result<Self> {
        let file = stage.file("film.bin", LEN)?;
        Self::start(stage, file.clone(), file).await
    }

    async fn folder(stage: &Stage) -> Result<Self> {
        let folder = stage.subfolder("originals/season")?;
        content::write(&folder.join("other.bin"), MIB, 5)?;
        content::write(&folder.join("film.bin"), LEN, 6)?;
        Self::start(stage, folder.clone(), folder.join("film.bin")).await
    }

    async fn start(stage: &Stage, path: PathBuf, file: PathBuf) -> Result<Self> {
        let tracker = Tracker::start(stage).await?;
        let original = stage.folder().join("original");
        fs::copy(&file, &original)?;
        let ana = NativePeer::share(stage, ANA, &path, &tracker.url(), &["--piece-size", "64Ki"])?;
        let link = ana.invite().await?;
        ana.ready().await?;
        Ok(Self { tracker, path, file, original, link, ana })
    }

    /// What Ana reads.
    async fn says(&self, words: &str) -> Result<()> {
        self.says_after(0, words).await
    }

    /// What she reads after so many lines.
    async fn says_after(&self, seen: usize, words: &str) -> Result<()> {
        let said = |stream, line: &str| (stream == Stream::Stderr && line.contains(words)).then_some(());
        self.ana.process().line_after(seen, words, SOON, said).await
    }

    /// Somebody who comes now gets what was shared.
    pub async fn goes_on(&self, stage: &Stage) -> Result<()> {
        let folder = stage.subfolder("Eve-files")?;
        let mut eve = NativePeer::download(stage, EVE, &self.link, &folder, &["--no-seed"])?;
        eve.succeeds().await?;
        let saved = match self.path == self.file {
            true => folder.join("film.bin"),
            false => folder.join("season/film.bin"),
        };
        content::ensure_equal(&saved, &self.original)
    }

    /// Ana puts a good copy there and shares again: it is the same link.
    pub async fn is_put_back(&self, stage: &Stage) -> Result<()> {
        fs::copy(&self.original, &self.file)?;
        let again = NativePeer::share(stage, ANA, &self.path, &self.tracker.url(), &["--piece-size", "64Ki"])?;
        ensure!(again.invite().await? == self.link, "another link");
        again.ready().await?;
        self.goes_on(stage).await
    }

    /// It ends as an error of local files, and with these words.
    pub async fn ends(&mut self, words: &[&str]) -> Result<()> {
        let said = self.ana.fails_with(LOCAL_FILES).await?;
        for word in words {
            ensure!(said.contains(word), "not `{word}`: {said}");
        }
        Ok(())
    }
}

/// As `touch` does.
fn touch(file: &Path) -> Result<()> {
    Ok(File::options().append(true).open(file)?.set_modified(SystemTime::now() + Duration::from_secs(1))?)
}

/// As editors do: written beside it, and renamed over it.
fn replace(file: &Path, with: &[u8]) -> Result<()> {
    let beside = file.with_extension("new");
    fs::write(&beside, with)?;
    Ok(fs::rename(&beside, file)?)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_with_another_date_is_hashed_again_and_goes_on() {
    Stage::play("a_file_with_another_date_is_hashed_again_and_goes_on", async |stage| {
        let shared = Shared::file(stage).await?;
        touch(&shared.file)?;
        shared.says("is what it was").await?;
        shared.goes_on(stage).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renamed_file_goes_on_and_so_does_one_that_an_equal_one_takes_the_place_of() {
    let name = "a_renamed_file_goes_on_and_so_does_one_that_an_equal_one_takes_the_place_of";
    Stage::play(name, async |stage| {
        let shared = Shared::file(stage).await?;
        let away = stage.subfolder("elsewhere")?.join("better name.bin");
        fs::rename(&shared.file, &away)?;
        shared.says("has another name").await?;
        shared.goes_on(stage).await?;
        fs::rename(&away, &shared.file)?;
        replace(&shared.file, &fs::read(&shared.original)?)?;
        shared.says("was replaced").await?;
        shared.says("is what it was").await?;
        fs::remove_dir_all(stage.folder().join("Eve-files"))?;
        shared.goes_on(stage).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_whose_folder_is_replaced_is_the_same_one_under_another_name() {
    Stage::play("a_file_whose_folder_is_replaced_is_the_same_one_under_another_name", async |stage| {
        let shared = Shared::file(stage).await?;
        let parent = shared.file.parent().context("a file in a folder")?;
        fs::rename(parent, stage.folder().join("aside"))?;
        fs::create_dir(parent)?;
        fs::write(&shared.file, "something else")?;
        shared.says("has another name").await?;
        shared.goes_on(stage).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_ends_a_sharing_is_told_apart() {
    Stage::play("what_ends_a_sharing_is_told_apart", async |stage| {
        type Change = fn(&Path) -> Result<()>;
        let append: Change = |file| Ok(File::options().append(true).open(file)?.write_all(b"more")?);
        let truncate: Change = |file| Ok(File::options().write(true).open(file)?.set_len(LEN - 5)?);
        let overwrite: Change = |file| content::write(file, LEN, 99);
        let remove: Change = |file| Ok(fs::remove_file(file)?);
        let replace_other: Change = |file| replace(file, &vec![7; LEN as usize]);
        let replace_short: Change = |file| replace(file, b"short");
        for (change, words) in [
            (append, ["has changed", "grew by 4 B"]),
            (truncate, ["has changed", "5 B shorter"]),
            (overwrite, ["has changed", "Run the same command again"]),
            (remove, ["is gone", "Put it back"]),
            (replace_other, ["has changed", "Run the same command again"]),
            (replace_short, ["has changed", "replaced by another file"]),
        ] {
            let mut shared = Shared::file(stage).await?;
            change(&shared.file)?;
            shared.ends(&words).await?;
        }
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_was_deleted_and_put_back_is_shared_by_the_same_link() {
    Stage::play("a_file_that_was_deleted_and_put_back_is_shared_by_the_same_link", async |stage| {
        let mut shared = Shared::file(stage).await?;
        fs::remove_file(&shared.file)?;
        shared.ends(&["is gone"]).await?;
        shared.is_put_back(stage).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_shared_folder_what_is_still_there_goes_on_whatever_it_is_called() {
    Stage::play("of_a_shared_folder_what_is_still_there_goes_on_whatever_it_is_called", async |stage| {
        let shared = Shared::folder(stage).await?;
        touch(&shared.file)?;
        shared.says("is what it was").await?;
        let seen = shared.ana.process().transcript().len();
        fs::rename(&shared.file, shared.file.with_file_name("renamed.bin"))?;
        shared.says("is called renamed.bin now").await?;
        shared.says_after(seen, "is what it was").await?;
        fs::rename(&shared.path, stage.folder().join("moved"))?;
        shared.says("It is the same folder").await?;
        shared.goes_on(stage).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_a_shared_folder_that_is_gone_or_changed_is_named() {
    Stage::play("a_file_of_a_shared_folder_that_is_gone_or_changed_is_named", async |stage| {
        type Change = fn(&Path) -> Result<()>;
        let remove: Change = |file| Ok(fs::remove_file(file)?);
        let replace_other: Change = |file| replace(file, &vec![7; LEN as usize]);
        let append: Change = |file| Ok(File::options().append(true).open(file)?.write_all(b"more")?);
        for (change, words) in [
            (remove, ["film.bin is gone", "Put it back"]),
            (replace_other, ["has changed", "Run the same command again"]),
            (append, ["film.bin has changed", "grew by 4 B"]),
        ] {
            let mut shared = Shared::folder(stage).await?;
            change(&shared.file)?;
            shared.ends(&words).await?;
            fs::remove_dir_all(&shared.path)?;
        }
        Ok(())
    })
    .await;
}

/// The card used to stay, "being prepared" for ever.
#[tokio::test(flavor = "multi_thread")]
async fn what_changes_while_it_is_hashed_leaves_no_card_behind() {
    Stage::play("what_changes_while_it_is_hashed_leaves_no_card_behind", async |stage| {
        let tracker = Tracker::start(stage).await?;
        type Change = fn(&Path) -> Result<()>;
        let remove: Change = |file| Ok(fs::remove_file(file)?);
        let append: Change = |file| Ok(File::options().append(true).open(file)?.write_all(b"more")?);
        let truncate: Change = |file| Ok(File::options().write(true).open(file)?.set_len(MIB)?);
        for (change, words) in [(remove, "is gone"), (append, "is still being written"), (truncate, "shorter")] {
            let file = stage.subfolder("originals")?.join("long.bin");
            // Without data on the disk, so that only hashing it takes its time.
            File::create(&file)?.set_len(1024 * MIB)?;
            let mut ana = NativePeer::share(stage, ANA, &file, &tracker.url(), &["--group", "films"])?;
            let link: Invite = ana.invite().await?.parse()?;
            ana.event("hash", SOON, |_| true).await?;
            change(&file)?;
            let said = ana.fails_with(LOCAL_FILES).await?;
            ensure!(said.contains(words), "not `{words}`: {said}");
            let arguments = ["group", "files", link.slug(), "--server", &tracker.url()];
            let mut list = NativePeer::start(stage, ANA, &arguments.map(std::ffi::OsStr::new))?;
            list.succeeds().await?;
            let listed = list.process().transcript().of(Stream::Stdout);
            ensure!(!listed.contains("long.bin"), "{words}: {listed}");
        }
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_with_another_date_or_name_while_it_is_hashed_is_shared_all_the_same() {
    Stage::play("a_file_with_another_date_or_name_while_it_is_hashed_is_shared_all_the_same", async |stage| {
        let tracker = Tracker::start(stage).await?;
        let file = stage.subfolder("originals")?.join("long.bin");
        File::create(&file)?.set_len(512 * MIB)?;
        let ana = NativePeer::share(stage, ANA, &file, &tracker.url(), &[])?;
        ana.event("hash", SOON, |_| true).await?;
        touch(&file)?;
        let again = |stream, line: &str| (stream == Stream::Stderr && line.contains("has another date")).then_some(());
        ana.process().line("that it looks again", SOON, again).await?;
        fs::rename(&file, file.with_file_name("better name.bin"))?;
        ana.ready().await?;
        Ok(())
    })
    .await;
}

/// A pause of the writer looks like its end. The link was out then, and its card stayed for ever.
#[tokio::test(flavor = "multi_thread")]
async fn a_card_that_nobody_got_anything_of_goes_with_the_content_that_it_was_made_of() {
    Stage::play("a_card_that_nobody_got_anything_of_goes_with_the_content_that_it_was_made_of", async |stage| {
        let mut shared = Shared::file(stage).await?;
        File::options().append(true).open(&shared.file)?.write_all(b"more")?;
        shared.ends(&["grew by 4 B"]).await?;
        let mut eve = NativePeer::download(stage, EVE, &shared.link, &stage.subfolder("Eve-files")?, &["--no-seed"])?;
        let said = eve.fails_with(NO_SOURCE).await?;
        ensure!(said.contains("has no files"), "{said}");
        Ok(())
    })
    .await;
}

/// Writes to a file until it is dropped.
struct Writer {
    is_over: Arc<AtomicBool>,
    thread: Option<std::thread::JoinHandle<std::io::Result<()>>>,
}

impl Writer {
    fn start(path: &Path) -> Result<Self> {
        let mut file = File::create(path)?;
        file.write_all(&vec![1; MIB as usize])?;
        let is_over = Arc::new(AtomicBool::new(false));
        let ends = is_over.clone();
        let thread = std::thread::spawn(move || {
            while !ends.load(Ordering::Relaxed) {
                file.write_all(&[2; 1000])?;
                std::thread::sleep(Duration::from_millis(200));
            }
            Ok(())
        });
        Ok(Self { is_over, thread: Some(thread) })
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
        let _ = self.thread.take().map(std::thread::JoinHandle::join);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_still_being_written_has_no_link_before_its_end() {
    Stage::play("a_file_that_is_still_being_written_has_no_link_before_its_end", async |stage| {
        let tracker = Tracker::start(stage).await?;
        for folder in [false, true] {
            let within = stage.subfolder(&format!("recordings-{folder}"))?;
            let file = within.join("talk.bin");
            let path = if folder { within } else { file.clone() };
            let writer = Writer::start(&file)?;
            let mut early = NativePeer::share(stage, ANA, &path, &tracker.url(), &["--settle", "3s"])?;
            let said = early.fails_with(LOCAL_FILES).await?;
            ensure!(said.contains("is still being written") && said.contains("--settle"), "{said}");
            let printed = early.process().transcript().of(Stream::Stdout);
            ensure!(!printed.contains("\"invite\""), "a link came first: {printed}");

            let ana = NativePeer::share(stage, ANA, &path, &tracker.url(), &[])?;
            let waits = |stream, line: &str| {
                (stream == Stream::Stderr && line.contains("is still being written: it grew by")).then_some(())
            };
            ana.process().line("that it waits", SOON, waits).await?;
            drop(writer);
            let link = ana.invite().await?;
            ana.ready().await?;
            let into = stage.subfolder(&format!("Eve-files-{folder}"))?;
            let mut eve = NativePeer::download(stage, EVE, &link, &into, &["--no-seed"])?;
            eve.succeeds().await?;
            let saved = if folder { into.join("recordings-true/talk.bin") } else { into.join("talk.bin") };
            content::ensure_equal(&saved, &file)?;
        }
        Ok(())
    })
    .await;
}
