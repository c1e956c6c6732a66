//! The whole life of a group: two people in browsers, two at command lines.

use std::path::Path;
use std::time::Duration;

use anyhow::{Result, ensure};
use covey_tests::content::{self, MIB};
use covey_tests::wait::{SOON, TRANSFER};
use covey_tests::{Browser, NativePeer, Proxy, Stage};

use crate::world::{World, only, text};

const ANA: &str = "Ana";
const CLEO: &str = "Cleo";
const BO: &str = "Bo";
const DAN: &str = "Dan";
const NO_SOURCE: i32 = 3;
const GROUP: &str = "Cabin trip";
/// A removed member is served no longer than this.
const CARRIES_ON_MAX: Duration = Duration::from_secs(1);
/// So slow that the download of the film is in its middle when it has begun.
const PACE: [&str; 2] = ["--up", "4M"];

/// Waits until a browser shows these members, in any order.
async fn shows_members(browser: &Browser, expected: &[&str]) -> Result<()> {
    let what = format!("the members {expected:?}");
    let as_expected = |page: &covey_tests::PageView| {
        let mut members: Vec<&str> = page.members.iter().map(String::as_str).collect();
        members.sort_unstable();
        (members == expected).then_some(())
    };
    browser.until(&what, SOON, as_expected).await
}

async fn shows_activity(browser: &Browser, line: &str) -> Result<()> {
    let says = |page: &covey_tests::PageView| page.activity.iter().any(|said| said.contains(line)).then_some(());
    browser.until(line, SOON, says).await
}

/// Opens the part of a member's row where an admin decides about them, and takes one of the choices.
async fn manage(browser: &Browser, member: &str, choice: &str) -> Result<()> {
    browser.click_in("member-row", member, "manage").await?;
    browser.click_in("member-row", member, choice).await
}

/// Ana makes the group at the command line; Bo asks in his browser, and is let in.
async fn create_ask_accept(world: &World<'_>, bo: &Browser) -> Result<String> {
    let made = world.group(ANA, &["create", GROUP, "--ask"]).await?;
    let (slug, link) = (text(only(&made, "group")?, "slug")?, text(only(&made, "invite")?, "link")?);
    bo.open(&link).await?;
    bo.until("a `join` button", SOON, |page| page.can_join.then_some(())).await?;
    bo.fill("display-name", BO).await?;
    bo.fill("join-message", "It is me, from the cabin").await?;
    bo.click("join").await?;
    bo.until("that he waits", SOON, |page| page.shows("waiting").then_some(())).await?;
    let asking = world.group(ANA, &["requests", GROUP]).await?;
    ensure!(only(&asking, "request")?["message"] == "It is me, from the cabin", "{asking:?}");
    world.group(ANA, &["accept", GROUP, BO]).await?;
    shows_members(bo, &[ANA, BO]).await?;
    Ok(slug)
}

/// Ana shares; Bo, whose page is open, sees the file and downloads it.
async fn share_and_download(world: &World<'_>, bo: &Browser, file: &Path) -> Result<NativePeer> {
    let ana = NativePeer::share(world.stage, ANA, file, &world.server, &["--group", GROUP])?;
    ana.ready().await?;
    bo.until("the file", SOON, |page| (page.files == ["song.bin"] && page.shows("download")).then_some(())).await?;
    bo.click_in("file-row", "song.bin", "download").await?;
    bo.until_saved(file, TRANSFER).await?;
    Ok(ana)
}

/// Ana makes Bo an admin; now Cleo, who asks at the command line, is let in by him.
async fn promote_and_accept_in_the_page(world: &World<'_>, bo: &Browser, slug: &str) -> Result<()> {
    let page = bo.page().await?;
    ensure!(!page.shows("manage") && !page.shows("close-group"), "an ordinary member can do too much: {page:?}");
    world.group(ANA, &["promote", GROUP, BO]).await?;
    bo.until("what an admin can do", SOON, |page| page.shows("close-group").then_some(())).await?;
    only(&world.group(CLEO, &["join", slug]).await?, "asked")?;
    bo.until("Cleo's request", SOON, |page| (page.requests == [CLEO]).then_some(())).await?;
    bo.click_in("request-row", CLEO, "accept").await?;
    shows_members(bo, &[ANA, BO, CLEO]).await?;
    only(&world.group(CLEO, &["list"]).await?, "group")?;
    Ok(())
}

/// Bo makes a link in the page; Dan comes by it, and downloads.
async fn invite_in_the_page(bo: &Browser, dan: &Browser) -> Result<()> {
    bo.open_section("invite-form").await?;
    bo.click_once_shown("new-invite").await?;
    let link = bo.until("the link", SOON, |page| page.invites.get(1).cloned()).await?;
    dan.join(&link).await?;
    shows_members(dan, &[ANA, BO, CLEO, DAN]).await
}

/// Bo removes Dan while Ana serves both him and Cleo: he gets nothing more, she gets it all.
async fn remove_in_the_middle(world: &World<'_>, bo: &Browser, dan: &Browser, film: &Path) -> Result<()> {
    let ana = NativePeer::share(world.stage, ANA, film, &world.server, &[&["--group", GROUP], &PACE[..]].concat())?;
    ana.ready().await?;
    dan.until("the film", SOON, |page| page.files.iter().any(|name| name == "film.bin").then_some(())).await?;
    dan.click_in("file-row", "film.bin", "download").await?;
    dan.until_has(MIB, TRANSFER).await?;
    manage(bo, DAN, "remove-member").await?;
    bo.click_once_shown("confirm").await?;
    dan.until("that he was removed", SOON, |page| page.complaints().contains("removed from").then_some(())).await?;
    let page = dan.page().await?;
    ensure!(page.have_bytes < std::fs::metadata(film)?.len(), "he had everything before: {page:?}");
    ensure!(page.members.is_empty(), "a removed member sees who is there: {page:?}");
    let gone = |event: &serde_json::Value| event["event"] == "leave" && event["name"] == DAN;
    ana.event("peer", CARRIES_ON_MAX, gone).await?;
    shows_members(bo, &[ANA, BO, CLEO]).await?;

    let folder = world.stage.subfolder("Cleo-files")?;
    let invite =
        only(&world.group(ANA, &["invite", GROUP]).await?, "invite")?["link"].as_str().unwrap_or_default().to_owned();
    let mut cleo = NativePeer::download(world.stage, CLEO, &invite, &folder, &["--no-seed", "--file", "film.bin"])?;
    cleo.succeeds().await?;
    content::ensure_equal(&folder.join("film.bin"), film)
}

#[tokio::test(flavor = "multi_thread")]
async fn two_browsers_and_two_command_lines_go_through_the_whole_life_of_a_group() {
    let name = "two_browsers_and_two_command_lines_go_through_the_whole_life_of_a_group";
    Stage::play(name, async |stage| {
        let world = World::start(stage).await?;
        let (song, film) = (stage.file("song.bin", 2 * MIB)?, stage.file("film.bin", 24 * MIB)?);
        let bo = stage.browser(BO).await?;
        let slug = create_ask_accept(&world, &bo).await?;
        let mut ana = share_and_download(&world, &bo, &song).await?;
        promote_and_accept_in_the_page(&world, &bo, &slug).await?;

        bo.click_in("file-row", "song.bin", "remove-file").await?;
        bo.click_once_shown("confirm").await?;
        shows_activity(&bo, "You removed song.bin").await?;
        ana.fails_with(NO_SOURCE).await?;

        let dan = stage.browser(DAN).await?;
        invite_in_the_page(&bo, &dan).await?;
        remove_in_the_middle(&world, &bo, &dan, &film).await?;

        world.group(CLEO, &["leave", GROUP]).await?;
        shows_activity(&bo, "Cleo left").await?;
        bo.click("leave-group").await?;
        bo.click_once_shown("confirm").await?;
        bo.until("that he is out", SOON, |page| (page.group.is_empty() && !page.shows("member-row")).then_some(()))
            .await?;
        ensure!(world.members(ANA, GROUP).await? == [(ANA.to_owned(), "admin".to_owned())], "somebody stayed");
        Ok(())
    })
    .await;
}

/// What is asked of a group's old key, because the word of a removal is still on its way, is done with the new one.
#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_is_made_while_somebody_is_removed_is_made_with_the_new_key() {
    Stage::play("a_link_that_is_made_while_somebody_is_removed_is_made_with_the_new_key", async |stage| {
        let world = World::start(stage).await?;
        let (_, link) = world.create(ANA, GROUP).await?;
        only(&world.group(CLEO, &["join", &link]).await?, "joined")?;
        let proxy = Proxy::start(world.tracker.address()).await?;
        let bo = stage.browser(BO).await?;
        bo.join(&proxy.invite(&link)).await?;
        shows_members(&bo, &[ANA, BO, CLEO]).await?;
        bo.open_section("invite-form").await?;

        proxy.delay(Duration::from_secs(1));
        world.group(ANA, &["remove", GROUP, CLEO]).await?;
        bo.click("new-invite").await?;
        let link = bo.until("the new link", SOON, |page| page.invites.get(1).cloned()).await?;
        let complaints = bo.page().await?.complaints();
        ensure!(complaints.is_empty(), "he hears of it: {complaints}");
        let of_the_server = format!("{}{}", world.server, &link[link.find("/j/").unwrap_or_default()..]);
        only(&world.group(DAN, &["join", &of_the_server]).await?, "joined")?;
        Ok(())
    })
    .await;
}
