//! What becomes of a file while a tab shares it.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};
use covey_tests::content::{self, MIB};
use covey_tests::process::Stream;
use covey_tests::wait::{SOON, TRANSFER};
use covey_tests::{Browser, NativePeer, PageView, Proxy, Stage};

use super::tab_shares::{at_home, until_shared};
use crate::world::World;

const BO: &str = "Bo";
const NAME: &str = "film.bin";
const LEN: u64 = 24 * MIB;
/// Slow enough to step in half way.
const SLOW: u64 = 4_000_000;

/// Ana's tab shares a file, and Bo is half way.
struct HalfWay {
    file: PathBuf,
    ana: Browser,
    bo: NativePeer,
    into: PathBuf,
    proxy: Proxy,
    link: String,
}

impl HalfWay {
    async fn start(stage: &Stage, world: &World<'_>) -> Result<Self> {
        let file = stage.file(NAME, LEN)?;
        fs::copy(&file, stage.folder().join("original"))?;
        let ana = at_home(stage, &world.server).await?;
        ana.choose("share-file", &[&file]).await?;
        let link = until_shared(&ana, NAME).await?;
        let proxy = Proxy::start(world.tracker.address()).await?;
        proxy.limit_from_server(SLOW);
        let into = stage.subfolder("Bo-files")?;
        let bo = NativePeer::download(stage, BO, &proxy.invite(&link), &into, &["--no-seed"])?;
        let begun = |event: &serde_json::Value| event["verified"].as_u64().is_some_and(|bytes| bytes > 2 * MIB);
        bo.event("progress", TRANSFER, begun).await?;
        Ok(Self { file, ana, bo, into, proxy, link })
    }

    /// Waits until the tab says why it shares no more.
    async fn until_ended(&self, words: &str) -> Result<()> {
        let ended = |page: &PageView| (page.share_state(NAME) == "ended").then(|| page.shares[0].line.clone());
        let said = self.ana.until("that the share ended", SOON, ended).await?;
        ensure!(said.contains(words), "it says: {said}");
        Ok(())
    }

    /// Bo was sent no wrong byte.
    fn ensure_nothing_wrong_came(&self) -> Result<()> {
        let printed = self.bo.process().transcript().of(Stream::Stdout);
        ensure!(!printed.contains("piece_failed") && !printed.contains("peer_banned"), "{printed}");
        Ok(())
    }

    /// The file is what it was, and is shared again: Bo has it.
    async fn goes_on(&self, original: &Path) -> Result<()> {
        fs::copy(original, &self.file)?;
        self.ana.drop_on_page(&[&self.file]).await?;
        until_shared(&self.ana, NAME).await?;
        self.proxy.unlimit();
        self.bo.done().await?;
        content::ensure_equal(&self.into.join(NAME), original)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_written_to_ends_its_share_and_goes_on_when_it_is_what_it_was() {
    Stage::play("a_file_that_is_written_to_ends_its_share_and_goes_on_when_it_is_what_it_was", async |stage| {
        let world = World::start(stage).await?;
        let shared = HalfWay::start(stage, &world).await?;
        content::write(&shared.file, LEN, 99)?;
        shared.until_ended("has changed on disk").await?;
        shared.ensure_nothing_wrong_came()?;
        shared.goes_on(&stage.folder().join("original")).await?;
        ensure!(!shared.link.is_empty() && shared.ana.page().await?.files == [NAME], "another card");
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_deleted_ends_its_share_and_goes_on_when_it_is_back() {
    Stage::play("a_file_that_is_deleted_ends_its_share_and_goes_on_when_it_is_back", async |stage| {
        let world = World::start(stage).await?;
        let shared = HalfWay::start(stage, &world).await?;
        fs::remove_file(&shared.file)?;
        shared.until_ended("is gone").await?;
        shared.goes_on(&stage.folder().join("original")).await
    })
    .await;
}

/// A browser reads such a file without a word.
#[tokio::test(flavor = "multi_thread")]
async fn other_bytes_under_the_same_date_are_sent_to_nobody() {
    Stage::play("other_bytes_under_the_same_date_are_sent_to_nobody", async |stage| {
        let world = World::start(stage).await?;
        let shared = HalfWay::start(stage, &world).await?;
        let other = stage.folder().join("other");
        content::write(&other, LEN, 99)?;
        File::options().write(true).open(&other)?.set_modified(fs::metadata(&shared.file)?.modified()?)?;
        fs::rename(&other, &shared.file)?;
        shared.until_ended("though its date is the same").await?;
        shared.ensure_nothing_wrong_came()?;
        shared.goes_on(&stage.folder().join("original")).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_nobody_got_anything_of_takes_its_card_along_when_it_changes() {
    Stage::play("a_file_that_nobody_got_anything_of_takes_its_card_along_when_it_changes", async |stage| {
        let world = World::start(stage).await?;
        let file = stage.file(NAME, MIB)?;
        let ana = at_home(stage, &world.server).await?;
        ana.choose("share-file", &[&file]).await?;
        until_shared(&ana, NAME).await?;
        content::write(&file, MIB, 99)?;
        let ended = |page: &PageView| (page.share_state(NAME) == "ended" && page.files.is_empty()).then_some(());
        ana.until("that the card is gone", SOON, ended).await?;
        // What it is now is another file.
        ana.drop_on_page(&[&file]).await?;
        until_shared(&ana, NAME).await?;
        Ok(())
    })
    .await;
}
