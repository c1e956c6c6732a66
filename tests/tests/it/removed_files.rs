//! A file that somebody takes out of the group: whoever serves it stops, even for those who do not.

use std::ffi::OsStr;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use covey_tests::content::MIB;
use covey_tests::greedy_leecher::Leeching;
use covey_tests::wait::{SOON, TRANSFER};
use covey_tests::{GreedyLeecher, Member, NativePeer, Stage, member};
use membership::RemoveFile;
use tokio::time::Instant;

use crate::sharing::{ANA, BO, Sharing};

const CLEO: &str = "Cleo";
const LEN: u64 = 16 * MIB;
const NO_SOURCE: i32 = 3;
/// So that whoever serves is busy for the whole test, and the machine is not.
const PACE: [&str; 2] = ["--up", "8M"];
/// What is on its way may still arrive for so long.
const CARRIES_ON_MAX: Duration = Duration::from_secs(1);

/// Takes the file `name` out of its group, as Ana would on another device. Returns when it is out.
async fn remove(stage: &Stage, sharing: &Sharing, name: &str) -> Result<Instant> {
    let identity = member::identity_in(&stage.folder().join(format!("{ANA}-data")))?;
    let mut ana = Member::connect(&sharing.tracker.url(), identity, ANA).await?;
    let (swarm, _) = ana.find_file(name).await?;
    ana.ask(RemoveFile { group: swarm.group, file: swarm.file }).await?;
    Ok(Instant::now())
}

/// The link ends, and what it carried ended in time.
async fn ends(leeching: Leeching, removed: Instant) -> Result<()> {
    let closed = tokio::time::timeout(SOON, leeching.until_closed()).await;
    let last = closed.context("the link stays open")?.context("it was never served")?;
    let carried_on = last.saturating_duration_since(removed);
    ensure!(carried_on <= CARRIES_ON_MAX, "served for {carried_on:?} after the file was removed");
    Ok(())
}

/// A new link to it does not open, or carries nothing.
async fn is_refused(dialed: Result<Leeching>) -> Result<()> {
    let Ok(leeching) = dialed else { return Ok(()) };
    let closed = tokio::time::timeout(SOON, leeching.until_closed()).await.context("the new link stays open")?;
    ensure!(closed.is_none(), "a new link is served");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_share_over_tcp_ends_with_its_links_when_its_file_is_removed() {
    Stage::play("a_share_over_tcp_ends_with_its_links_when_its_file_is_removed", async |stage| {
        let mut sharing = Sharing::start_with(stage, "taken.bin", LEN, &PACE).await?;
        let mut cleo = GreedyLeecher::start(&sharing.invite, CLEO, "taken.bin").await?;
        let ana = cleo.find(ANA).await?;
        let mut leeching = cleo.connect_soon(&ana).await?;
        leeching.until_served().await?;
        let removed = remove(stage, &sharing, "taken.bin").await?;
        ends(leeching, removed).await?;
        is_refused(cleo.connect(&ana).await).await?;
        let sentence = sharing.ana.fails_with(NO_SOURCE).await?;
        ensure!(sentence.contains("taken.bin") && sentence.contains("removed"), "unclear: {sentence}");
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_share_over_the_relay_ends_with_its_links_when_its_file_is_removed() {
    Stage::play("a_share_over_the_relay_ends_with_its_links_when_its_file_is_removed", async |stage| {
        let options = [&PACE[..], &["--no-tcp"]].concat();
        let mut sharing = Sharing::start_with(stage, "taken.bin", LEN, &options).await?;
        let mut cleo = GreedyLeecher::start(&sharing.invite, CLEO, "taken.bin").await?;
        let ana = cleo.find(ANA).await?;
        ensure!(ana.tcp.is_empty(), "it accepts TCP at {:?}", ana.tcp);
        let mut leeching = cleo.dial_soon(&ana).await?;
        leeching.until_served().await?;
        let removed = remove(stage, &sharing, "taken.bin").await?;
        ends(leeching, removed).await?;
        is_refused(cleo.dial(&ana).await).await?;
        sharing.ana.fails_with(NO_SOURCE).await?;
        Ok(())
    })
    .await;
}

/// Two files of one group, `a.bin` and `b.bin`; the second is sent at this pace.
async fn two_files(stage: &Stage, pace: &str) -> Result<(Sharing, NativePeer)> {
    let sharing = Sharing::start_with(stage, "a.bin", LEN, &["--group", "Holiday", "--up", "8M"]).await?;
    let file = stage.file("b.bin", LEN)?;
    let options = ["--group", "Holiday", "--up", pace];
    let second = NativePeer::share(stage, ANA, &file, &sharing.tracker.url(), &options)?;
    second.ready().await?;
    Ok((sharing, second))
}

async fn is_saved(bo: &NativePeer, name: &str) -> Result<()> {
    let ends_so = |event: &serde_json::Value| {
        event["path"].as_str().is_some_and(|path| Path::new(path).file_name() == Some(OsStr::new(name)))
    };
    bo.event("done", TRANSFER, ends_so).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seeding_download_stops_serving_a_removed_file_and_goes_on_with_the_others() {
    let name = "a_seeding_download_stops_serving_a_removed_file_and_goes_on_with_the_others";
    Stage::play(name, async |stage| {
        let (sharing, _second) = two_files(stage, "8M").await?;
        let folder = stage.subfolder("Bo-files")?;
        let options = [&PACE[..], &["--seed"]].concat();
        let bo = NativePeer::download(stage, BO, &sharing.invite, &folder, &options)?;
        is_saved(&bo, "b.bin").await?;
        let mut of_a = GreedyLeecher::start(&sharing.invite, CLEO, "a.bin").await?;
        let bo_with_a = of_a.find(BO).await?;
        let mut direct = of_a.connect_soon(&bo_with_a).await?;
        direct.until_served().await?;
        let mut of_b = GreedyLeecher::start(&sharing.invite, "Dan", "b.bin").await?;
        let bo_with_b = of_b.find(BO).await?;
        let mut other = of_b.connect_soon(&bo_with_b).await?;
        other.until_served().await?;

        let removed = remove(stage, &sharing, "a.bin").await?;
        ends(direct, removed).await?;
        is_refused(of_a.connect(&bo_with_a).await).await?;
        is_refused(of_a.dial(&bo_with_a).await).await?;
        other.until_served().await?;
        Ok(())
    })
    .await;
}

/// A download of several files used to look after those that it had already only when it had all.
#[tokio::test(flavor = "multi_thread")]
async fn a_download_of_several_files_stops_serving_a_removed_one_while_it_fetches_the_next() {
    let name = "a_download_of_several_files_stops_serving_a_removed_one_while_it_fetches_the_next";
    Stage::play(name, async |stage| {
        let (sharing, _second) = two_files(stage, "1M").await?;
        let folder = stage.subfolder("Bo-files")?;
        let options = [&PACE[..], &["--seed"]].concat();
        let bo = NativePeer::download(stage, BO, &sharing.invite, &folder, &options)?;
        is_saved(&bo, "a.bin").await?;
        let mut cleo = GreedyLeecher::start(&sharing.invite, CLEO, "a.bin").await?;
        let bo_with_a = cleo.find(BO).await?;
        let mut leeching = cleo.connect_soon(&bo_with_a).await?;
        leeching.until_served().await?;

        let removed = remove(stage, &sharing, "a.bin").await?;
        ends(leeching, removed).await?;
        is_refused(cleo.connect(&bo_with_a).await).await?;
        ensure!(!folder.join("b.bin").exists(), "too late: both files are there");
        is_saved(&bo, "b.bin").await?;
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_download_ends_when_its_file_is_removed_half_way() {
    Stage::play("a_download_ends_when_its_file_is_removed_half_way", async |stage| {
        let sharing = Sharing::start_with(stage, "taken.bin", LEN, &["--up", "1M"]).await?;
        let folder = stage.subfolder("Bo-files")?;
        let mut bo = NativePeer::download(stage, BO, &sharing.invite, &folder, &["--seed"])?;
        let has_begun = |event: &serde_json::Value| event["done"].as_u64().is_some_and(|done| done > 0);
        bo.event("progress", TRANSFER, has_begun).await?;
        remove(stage, &sharing, "taken.bin").await?;
        let sentence = bo.fails_with(NO_SOURCE).await?;
        ensure!(sentence.contains("taken.bin") && sentence.contains("removed"), "unclear: {sentence}");
        Ok(())
    })
    .await;
}
