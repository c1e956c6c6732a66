//! The same page in Firefox.

use anyhow::ensure;
use covey_tests::browser::PlayerView;
use covey_tests::content::MIB;
use covey_tests::wait::{SOON, TRANSFER};
use covey_tests::{NativePeer, Stage, content};

use super::kept_pieces::HalfWay;
use super::playing::{goes_on, medium};
use super::tab_shares::{download, until_shared};
use crate::sharing::{ANA, Sharing};
use crate::world::World;

const CLEO: &str = "Cleo";
const DAN: &str = "Dan";

#[tokio::test(flavor = "multi_thread")]
async fn firefox_downloads_and_gives_to_chromium() {
    Stage::play("firefox_downloads_and_gives_to_chromium", async |stage| {
        let mut sharing = Sharing::start(stage, "by fox.bin", 32 * MIB).await?;
        let cleo = stage.firefox(CLEO).await?;
        cleo.join(&sharing.invite).await?;
        cleo.until_saved(&sharing.file, TRANSFER).await?;
        sharing.ana.interrupt().await?;
        let dan = stage.browser(DAN).await?;
        dan.join(&sharing.invite).await?;
        let given = dan.until_saved(&sharing.file, TRANSFER).await?;
        ensure!(given.givers() == [CLEO], "not from {CLEO} alone: {given:?}");
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn firefox_goes_on_after_a_reload() {
    Stage::play("firefox_goes_on_after_a_reload", async |stage| {
        let half = HalfWay::reach_in(stage, "fox again.bin", stage.firefox(CLEO).await?).await?;
        half.cleo.client().refresh().await?;
        half.go_on(&half.cleo).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn firefox_shares_what_is_chosen_in_it() {
    Stage::play("firefox_shares_what_is_chosen_in_it", async |stage| {
        let world = World::start(stage).await?;
        let file = stage.file("of fox.mkv", 32 * MIB)?;
        let cleo = stage.firefox(CLEO).await?;
        cleo.open(&world.server).await?;
        cleo.until("who one is", SOON, |page| page.shows("you").then_some(())).await?;
        cleo.choose("share-file", &[&file]).await?;
        let link = until_shared(&cleo, "of fox.mkv").await?;
        let into = download(stage, DAN, &link).await?;
        content::ensure_equal(&into.join("of fox.mkv"), &file)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn firefox_plays_what_comes() {
    Stage::play("firefox_plays_what_comes", async |stage| {
        let world = World::start(stage).await?;
        let (slug, link) = world.create(ANA, "Films").await?;
        let names = ["index-first.mp4", "index-last.mp4", "film.webm"];
        let mut sharing = Vec::new();
        for name in names {
            let ana = NativePeer::share(stage, ANA, &medium(name), &world.server, &["--group", &slug])?;
            ana.ready().await?;
            sharing.push(ana);
        }
        let cleo = stage.firefox(CLEO).await?;
        cleo.join(&link).await?;
        cleo.until("the files", SOON, |page| (page.files.len() == names.len()).then_some(())).await?;
        for name in names {
            cleo.click_in("file-row", name, "play-now").await?;
            let player = cleo.until_player(&format!("{name} goes on"), TRANSFER, goes_on).await?;
            ensure!(player.trouble.is_empty(), "{player:?}");
            println!("{name}: first after {:?} ms", player.first_ms);
            let end = player.duration - 1.4;
            cleo.seek(player.duration - 1.5).await?;
            let is_there = |player: &PlayerView| player.time > end && player.trouble.is_empty();
            cleo.until_player("the end of it", SOON, is_there).await?;
            cleo.click("close-player").await?;
        }
        Ok(())
    })
    .await;
}
