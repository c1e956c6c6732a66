//! The same page in WebKit, in a private window: that is what its driver opens. It has no disk for pages.

use anyhow::ensure;
use covey_tests::browser::PlayerView;
use covey_tests::content::MIB;
use covey_tests::wait::{SOON, TRANSFER};
use covey_tests::{NativePeer, Stage, content};

use super::playing::medium;
use super::tab_shares::{download, until_shared};
use crate::sharing::{ANA, Sharing};
use crate::world::World;

const CLEO: &str = "Cleo";
const DAN: &str = "Dan";

#[tokio::test(flavor = "multi_thread")]
async fn webkit_downloads_and_gives_to_chromium() {
    Stage::play("webkit_downloads_and_gives_to_chromium", async |stage| {
        let mut sharing = Sharing::start(stage, "by kit.bin", 32 * MIB).await?;
        let cleo = stage.webkit(CLEO).await?;
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
async fn webkit_shares_what_is_chosen_in_it() {
    Stage::play("webkit_shares_what_is_chosen_in_it", async |stage| {
        let world = World::start(stage).await?;
        let file = stage.file("of kit.mkv", 32 * MIB)?;
        let cleo = stage.webkit(CLEO).await?;
        cleo.open(&world.server).await?;
        cleo.until("who one is", SOON, |page| page.shows("you").then_some(())).await?;
        cleo.choose("share-file", &[&file]).await?;
        let link = until_shared(&cleo, "of kit.mkv").await?;
        let into = download(stage, DAN, &link).await?;
        content::ensure_equal(&into.join("of kit.mkv"), &file)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn webkit_plays_what_comes() {
    Stage::play("webkit_plays_what_comes", async |stage| {
        let world = World::start(stage).await?;
        let (slug, link) = world.create(ANA, "Films").await?;
        let played = ["index-last.mp4", "song.mp3"];
        let mut sharing = Vec::new();
        for name in played {
            let ana = NativePeer::share(stage, ANA, &medium(name), &world.server, &["--group", &slug])?;
            ana.ready().await?;
            sharing.push(ana);
        }
        let cleo = stage.webkit(CLEO).await?;
        cleo.join(&link).await?;
        cleo.until("the files", SOON, |page| (page.files.len() == played.len()).then_some(())).await?;
        for name in played {
            cleo.click_in("file-row", name, "play-now").await?;
            let goes_on = |player: &PlayerView| player.is_playing && player.time > 0.3 && player.name == name;
            let player = cleo.until_player(&format!("{name} goes on"), TRANSFER, goes_on).await?;
            ensure!(player.trouble.is_empty(), "{player:?}");
            cleo.click("close-player").await?;
        }
        Ok(())
    })
    .await;
}
