//! What a tab of any browser has to do beside tabs of Chromium.

use anyhow::{Result, ensure};
use covey_tests::browser::PlayerView;
use covey_tests::content::{self, MIB};
use covey_tests::wait::{SOON, TRANSFER};
use covey_tests::{Browser, NativePeer, PageView, Stage};

use super::playing::{goes_on, medium, play_each};
use super::tab_shares::{download, until_shared, until_somebody};
use crate::sharing::{ANA, Sharing};
use crate::world::World;

pub const CLEO: &str = "Cleo";
const DAN: &str = "Dan";
const LEN: u64 = 32 * MIB;

/// Cleo downloads, and gives what she has to a tab of Chromium.
pub async fn downloads_and_gives(stage: &Stage, cleo: &Browser) -> Result<()> {
    let mut sharing = Sharing::start(stage, "handed on.bin", LEN).await?;
    cleo.join(&sharing.invite).await?;
    cleo.until_saved(&sharing.file, TRANSFER).await?;
    sharing.ana.interrupt().await?;
    let dan = stage.browser(DAN).await?;
    dan.join(&sharing.invite).await?;
    let given = dan.until_saved(&sharing.file, TRANSFER).await?;
    ensure!(given.givers() == [CLEO], "not from {CLEO} alone: {given:?}");
    Ok(())
}

/// She shares a file that she chooses.
pub async fn shares_what_is_chosen(stage: &Stage, cleo: &Browser) -> Result<()> {
    let world = World::start(stage).await?;
    let file = stage.file("chosen.mkv", LEN)?;
    cleo.open(&world.server).await?;
    until_somebody(cleo).await?;
    cleo.choose("share-file", &[&file]).await?;
    let link = until_shared(cleo, "chosen.mkv").await?;
    let into = download(stage, DAN, &link).await?;
    content::ensure_equal(&into.join("chosen.mkv"), &file)
}

/// She plays each of these while it comes.
pub async fn plays_what_comes(stage: &Stage, cleo: &Browser, media: &[&str]) -> Result<()> {
    let _sharing = find_shared(stage, cleo, media).await?;
    play_each(cleo, media).await
}

/// She begins to play each of these while it comes.
pub async fn begins_what_comes(stage: &Stage, cleo: &Browser, media: &[&str]) -> Result<()> {
    begins_unless(stage, cleo, media, &[""]).await
}

/// She begins to play each of these songs, or is told that this machine has no sound output.
pub async fn begins_or_says_that_there_is_no_sound(stage: &Stage, cleo: &Browser, songs: &[&str]) -> Result<()> {
    begins_unless(stage, cleo, songs, &["", "no-sound"]).await
}

/// `troubles`: those that may keep her from it.
async fn begins_unless(stage: &Stage, cleo: &Browser, media: &[&str], troubles: &[&str]) -> Result<()> {
    let _sharing = find_shared(stage, cleo, media).await?;
    for name in media {
        cleo.click_in("file-row", name, "play-now").await?;
        let is_settled = |player: &PlayerView| player.name == *name && (goes_on(player) || !player.trouble.is_empty());
        let player = cleo.until_player(&format!("{name} goes on or not"), TRANSFER, is_settled).await?;
        ensure!(troubles.contains(&player.trouble.as_str()), "{player:?}");
        cleo.click("close-player").await?;
    }
    Ok(())
}

/// Ana shares these, and she is in the group.
async fn find_shared<'a>(stage: &'a Stage, cleo: &Browser, media: &[&str]) -> Result<(World<'a>, Vec<NativePeer>)> {
    let world = World::start(stage).await?;
    let (slug, link) = world.create(ANA, "Films").await?;
    let mut sharing = Vec::new();
    for name in media {
        let ana = NativePeer::share(stage, ANA, &medium(name), &world.server, &["--group", &slug])?;
        ana.ready().await?;
        sharing.push(ana);
    }
    cleo.join(&link).await?;
    let all = |page: &PageView| (page.files.len() == media.len()).then_some(());
    cleo.until("the files", SOON, all).await?;
    Ok((world, sharing))
}
