//! A person at a tab who has a BitTorrent client of their own, and who wants to know whether they may go.

use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use covey_tests::content::{self, MIB};
use covey_tests::process::Stream;
use covey_tests::wait::{SOON, TRANSFER, until};
use covey_tests::{Browser, NativePeer, OrdinaryClient, Stage};
use fantoccini::key::Key;
use metainfo::Metainfo;

use crate::world::World;

const ANA: &str = "Ana";
const BO: &str = "Bo";
const CLEO: &str = "Cleo";
const NAME: &str = "ordinary.bin";

/// Presses the buttons of the dialog, with the keyboard alone, and takes the file out of the browser's downloads.
async fn torrent_of(browser: &Browser) -> Result<PathBuf> {
    browser.until("what is offered", SOON, |page| page.shows("own-client").then_some(())).await?;
    for id in ["own-client", "own-client-download"] {
        browser.tab_to(id).await?;
        browser.press(Key::Enter).await?;
    }
    let path = browser.downloads().join(format!("{NAME}.torrent"));
    until("the torrent file", SOON, async || Ok(path.exists().then_some(()))).await?;
    browser
        .until("what to do with it", SOON, |page| page.complaints().contains("give it to nobody").then_some(()))
        .await?;
    let focus = browser.focus().await?;
    ensure!(focus.id == "own-client", "the focus is at {focus:?} after the dialog");
    Ok(path)
}

/// The passkey is in the file and nowhere else.
async fn ensure_secret(browser: &Browser, passkey: &str) -> Result<()> {
    let page = browser.client().execute("return document.documentElement.outerHTML", vec![]).await?;
    ensure!(!page.as_str().context("a page is text")?.contains(passkey), "the passkey is in the page");
    let console = browser.console().await?;
    ensure!(!console.contains(passkey), "the passkey is in the console: {console}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_torrent_file_of_a_tab_lets_transmission_download_until_the_tab_makes_it_invalid() {
    let name = "the_torrent_file_of_a_tab_lets_transmission_download_until_the_tab_makes_it_invalid";
    Stage::play(name, async |stage| {
        let world = World::start(stage).await?;
        let (slug, invite) = world.create(ANA, "films").await?;
        let cleo = stage.browser(CLEO).await?;
        cleo.join(&invite).await?;
        cleo.until("the group", SOON, |page| page.shows("group-name").then_some(())).await?;
        let file = stage.file(NAME, 12 * MIB)?;
        let sharing = ["--group", &slug, "--allow-bittorrent"];
        let ana = NativePeer::share(stage, ANA, &file, &world.server, &sharing)?;
        ana.ready().await?;

        let torrent = torrent_of(&cleo).await?;
        let read = Metainfo::parse(&std::fs::read(&torrent)?)?;
        ensure!(read.info.is_private(), "clients would tell strangers of it");
        let announce = read.trackers.concat().pop().context("it names no tracker")?;
        let passkey = announce.strip_prefix(&format!("{}/announce/", world.server)).context("another tracker")?;
        ensure_secret(&cleo, passkey).await?;

        let into = stage.subfolder("transmission-files")?;
        let _client = OrdinaryClient::Transmission.run(stage, "transmission", &torrent, &into)?;
        let saved = into.join(NAME);
        until("Transmission downloads", TRANSFER, async || Ok(content::ensure_equal(&saved, &file).ok())).await?;

        cleo.click("own-client").await?;
        cleo.click_once_shown("own-client-revoke").await?;
        cleo.until("that it is done", SOON, |page| page.complaints().contains("are invalid").then_some(())).await?;
        let into = stage.subfolder("revoked-files")?;
        let refused = OrdinaryClient::Aria2.run(stage, "revoked", &torrent, &into)?;
        let says = |_: Stream, line: &str| line.contains("passkey").then_some(());
        refused.process().line("the tracker's refusal", SOON, says).await?;
        ensure!(content::ensure_equal(&into.join(NAME), &file).is_err());
        ensure_secret(&cleo, passkey).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tab_and_a_sharer_are_told_how_many_full_copies_there_are_without_them() {
    let name = "a_tab_and_a_sharer_are_told_how_many_full_copies_there_are_without_them";
    Stage::play(name, async |stage| {
        let world = World::start(stage).await?;
        let (slug, invite) = world.create(ANA, "films").await?;
        let file = stage.file(NAME, 12 * MIB)?;
        let mut ana = NativePeer::share(stage, ANA, &file, &world.server, &["--group", &slug])?;
        ana.ready().await?;
        let without_ana = async |copies: u64| {
            let counted = |event: &serde_json::Value| event["full_copies_without_you"] == copies;
            ana.event("progress", SOON, counted).await
        };
        without_ana(0).await?;

        let cleo = stage.browser(CLEO).await?;
        let says =
            async |words: &str| cleo.until(words, TRANSFER, |page| page.status.ends_with(words).then_some(())).await;
        cleo.join(&invite).await?;
        cleo.until_saved(&file, TRANSFER).await?;
        says("1 full copy without you. You can close this tab.").await?;
        without_ana(1).await?;

        world.group(BO, &["join", &invite]).await?;
        let kept = stage.folder().join("kept");
        let mut keeper = world.begin(BO, &["keep", &slug, "-o", &kept.display().to_string()])?;
        says("2 full copies without you. You can close this tab.").await?;
        without_ana(2).await?;

        ana.interrupt().await?;
        says("1 full copy without you. You can close this tab.").await?;
        keeper.interrupt().await?;
        says("Nobody else has all of it yet: keep this tab open to help.").await
    })
    .await;
}
