//! The page with the keyboard alone.

use anyhow::{Result, ensure};
use covey_tests::wait::SOON;
use covey_tests::{Browser, Stage};
use fantoccini::key::Key;

use super::tab_shares::until_somebody;
use crate::world::World;

const ANA: &str = "Ana";
const GROUP: &str = "Cabin trip";

/// Tabs to a button and presses it.
async fn press(browser: &Browser, id: &str) -> Result<Vec<String>> {
    let stops = browser.tab_to(id).await?;
    browser.press(Key::Enter).await?;
    Ok(stops)
}

async fn focus_is_at(browser: &Browser, id: &str) -> Result<()> {
    let focus = browser.focus().await?;
    ensure!(focus.id == id, "the focus is at {focus:?}, not at `{id}`");
    Ok(())
}

/// Waits until something that was lost has led the focus to a heading with these words.
async fn focus_comes_to(browser: &Browser, heading: &str) -> Result<()> {
    let found = async || Ok((browser.focus().await?.name == heading).then_some(()));
    covey_tests::wait::until(&format!("the focus at `{heading}`"), SOON, found).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_is_made_and_its_links_are_made_and_revoked_with_the_keyboard_alone() {
    Stage::play("a_group_is_made_and_its_links_are_made_and_revoked_with_the_keyboard_alone", async |stage| {
        let world = World::start(stage).await?;
        let ana = stage.browser(ANA).await?;
        ana.open(&world.server).await?;
        until_somebody(&ana).await?;
        let stops = ana.tab_to("new-group-name").await?;
        ensure!(stops.iter().position(|stop| stop == "you") < stops.iter().position(|stop| stop == "invite-input"));
        ana.type_keys(GROUP).await?;
        ana.press(Key::Enter).await?;
        ana.until("the group", SOON, |page| (page.group == GROUP && page.invites.len() == 1).then_some(())).await?;
        // What was pressed is gone: one goes on at what came in its place.
        focus_comes_to(&ana, GROUP).await?;

        press(&ana, "invite-form-title").await?;
        press(&ana, "new-invite").await?;
        ana.until("a second link", SOON, |page| (page.invites.len() == 2).then_some(())).await?;
        ana.until("that it is said", SOON, |page| page.spoken.contains("2 links are open").then_some(())).await?;
        focus_is_at(&ana, "new-invite").await?;

        // It goes round, from the page's end to its beginning.
        press(&ana, "revoke-invite").await?;
        ana.until("one link", SOON, |page| (page.invites.len() == 1).then_some(())).await?;
        ana.until("that it is said", SOON, |page| page.spoken.contains("1 link is open").then_some(())).await?;
        focus_comes_to(&ana, "Invite others").await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dialog_takes_the_focus_closes_with_escape_and_gives_the_focus_back() {
    Stage::play("a_dialog_takes_the_focus_closes_with_escape_and_gives_the_focus_back", async |stage| {
        let world = World::start(stage).await?;
        let (_, link) = world.create("Bo", GROUP).await?;
        let ana = stage.browser(ANA).await?;
        ana.join(&link).await?;
        ana.until("the group", SOON, |page| page.shows("leave-group").then_some(())).await?;
        press(&ana, "leave-group").await?;
        ana.until("the question", SOON, |page| page.shows("confirm").then_some(())).await?;
        focus_comes_to(&ana, "Leave Cabin trip?").await?;
        let stops = ana.tab_to("confirm").await?;
        ensure!(stops == ["cancel", "confirm"], "other stops in the dialog: {stops:?}");
        ana.press(Key::Escape).await?;
        ana.until("no question", SOON, |page| (!page.shows("confirm")).then_some(())).await?;
        focus_is_at(&ana, "leave-group").await?;

        press(&ana, "you").await?;
        ana.until("the dialog", SOON, |page| page.shows("show-identity").then_some(())).await?;
        press(&ana, "show-identity").await?;
        ana.until("the link", SOON, |page| page.shows("identity-link").then_some(())).await?;
        focus_comes_to(&ana, "You").await?;
        press(&ana, "close-you").await?;
        ana.until("no dialog", SOON, |page| (!page.shows("close-you")).then_some(())).await?;
        focus_is_at(&ana, "you").await?;

        press(&ana, "leave-group").await?;
        ana.until("the question", SOON, |page| page.shows("confirm").then_some(())).await?;
        press(&ana, "confirm").await?;
        ana.until("that she is out", SOON, |page| page.shows("make").then_some(())).await?;
        focus_comes_to(&ana, "Big files, from friend to friend").await
    })
    .await;
}
