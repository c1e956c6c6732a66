//! Groups that are made in the page, and asked for there.

use anyhow::{Result, ensure};
use covey_tests::wait::SOON;
use covey_tests::{Browser, Stage};

use super::tab_shares::until_somebody;
use crate::world::{World, only, text};

const ANA: &str = "Ana";
const BO: &str = "Bo";
const GROUP: &str = "Cabin trip";
const PASSWORD: &str = "a long password";

/// Opens the server's own page, and asks for a group of this name.
async fn make(browser: &Browser, server: &str, group: &str) -> Result<()> {
    browser.open(server).await?;
    // The person has a name as soon as the program runs.
    until_somebody(browser).await?;
    browser.fill("new-group-name", group).await?;
    browser.fill("display-name", browser.who()).await?;
    browser.click("make").await
}

/// Waits for the group's page; its first invite.
async fn made(browser: &Browser, group: &str) -> Result<String> {
    let has_link = |page: &covey_tests::PageView| {
        let link = page.invites.first().filter(|_| page.group == group && page.members == [ANA]);
        link.cloned()
    };
    browser.until("the group with an invite", SOON, has_link).await
}

async fn complains(browser: &Browser, words: &str) -> Result<()> {
    let says = |page: &covey_tests::PageView| page.errors.iter().any(|error| error.contains(words)).then_some(());
    browser.until(words, SOON, says).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_is_made_in_the_page_and_its_invite_lets_a_command_line_in() {
    Stage::play("a_group_is_made_in_the_page_and_its_invite_lets_a_command_line_in", async |stage| {
        let world = World::start(stage).await?;
        let ana = stage.browser(ANA).await?;
        make(&ana, &world.server, "  ").await?;
        complains(&ana, "Give the group a name").await?;
        make(&ana, &world.server, GROUP).await?;
        let link = made(&ana, GROUP).await?;
        let address = ana.client().current_url().await?;
        ensure!(link.starts_with(&format!("{address}#")), "the address is {address}, the link {link}");

        only(&world.group(BO, &["join", &link]).await?, "joined")?;
        ensure!(world.members(BO, GROUP).await?.contains(&(ANA.to_owned(), "admin".to_owned())), "Ana is no admin");
        ana.until("that Bo is there", SOON, |page| (page.members == [ANA, BO]).then_some(())).await?;

        // The group and its link are there after a reload.
        ana.open(address.as_str()).await?;
        let again = ana.until("the link", SOON, |page| page.invites.first().cloned()).await?;
        ensure!(again == link, "another link: {again}");
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_takes_a_password_for_groups_asks_until_it_is_right_and_then_never_again() {
    let name = "a_server_that_takes_a_password_for_groups_asks_until_it_is_right_and_then_never_again";
    Stage::play(name, async |stage| {
        let file = stage.folder().join("password");
        std::fs::write(&file, PASSWORD)?;
        let file = file.to_string_lossy();
        let world = World::start_with(stage, &["--groups", "password", "--groups-password-file", &file]).await?;
        let ana = stage.browser(ANA).await?;
        make(&ana, &world.server, GROUP).await?;
        let page = ana
            .until("the field for the password", SOON, |page| page.shows("server-password").then(|| page.clone()))
            .await?;
        ensure!(page.shows("password-why") && page.errors.is_empty(), "it is not said why: {page:?}");

        ana.fill("server-password", "another password").await?;
        ana.click("make").await?;
        complains(&ana, "not the server's password").await?;
        ensure!(ana.focus().await?.id == "server-password", "the focus is elsewhere");
        ana.fill("server-password", PASSWORD).await?;
        ana.click("make").await?;
        made(&ana, GROUP).await?;

        make(&ana, &world.server, "Band").await?;
        made(&ana, "Band").await?;
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_only_members_make_groups_the_page_says_so() {
    Stage::play("where_only_members_make_groups_the_page_says_so", async |stage| {
        let world = World::start_with(stage, &["--groups", "members-only"]).await?;
        let ana = stage.browser(ANA).await?;
        make(&ana, &world.server, GROUP).await?;
        complains(&ana, "Only people who are in a group on this server").await?;
        ensure!(!ana.page().await?.shows("server-password"), "it asks for a password that there is not");
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_is_asked_for_by_its_two_words_and_an_admin_lets_one_in() {
    Stage::play("a_group_is_asked_for_by_its_two_words_and_an_admin_lets_one_in", async |stage| {
        let world = World::start(stage).await?;
        let (slug, _) = world.create(BO, GROUP).await?;
        let ana = stage.browser(ANA).await?;
        ana.open(&world.server).await?;
        until_somebody(&ana).await?;
        // As somebody says them.
        ana.fill("invite-input", &slug.replace('-', " ")).await?;
        ana.click("open-invite").await?;
        ana.until("how to ask", SOON, |page| (page.shows("stranger") && page.can_join).then_some(())).await?;
        ana.fill("display-name", ANA).await?;
        ana.fill("join-message", "It is me, from the cabin").await?;
        ana.click("join").await?;
        ana.until("that she waits", SOON, |page| page.shows("waiting").then_some(())).await?;

        let asking = world.group(BO, &["requests", GROUP]).await?;
        ensure!(text(only(&asking, "request")?, "message")? == "It is me, from the cabin", "{asking:?}");
        world.group(BO, &["accept", GROUP, ANA]).await?;
        let is_in = |page: &covey_tests::PageView| (page.group == GROUP && page.members == [BO, ANA]).then_some(());
        ana.until("that she is in", SOON, is_in).await
    })
    .await;
}
