//! The page before joining.

use anyhow::{Result, ensure};
use covey_tests::content::MIB;
use covey_tests::wait::{SOON, TRANSFER, until};
use covey_tests::{Browser, PageView, Stage};
use wire_protocol::invite::Invite;

use crate::sharing::Sharing;

async fn text_of(browser: &Browser, expression: &str) -> Result<String> {
    let value = browser.client().execute(&format!("return {expression} ?? ''"), vec![]).await?;
    Ok(value.as_str().unwrap_or_default().to_owned())
}

async fn until_shown(browser: &Browser, text: &str) -> Result<()> {
    let look = async || {
        let shown = text_of(browser, r#"document.querySelector('[data-testid="offered-file"]')?.innerText"#).await?;
        Ok(shown.contains(text).then_some(()))
    };
    until(&format!("the landing page says `{text}`"), SOON, look).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_landing_page_keeps_up_with_who_has_the_file_and_keeps_what_was_typed() {
    Stage::play("the_landing_page_keeps_up_with_who_has_the_file_and_keeps_what_was_typed", async |stage| {
        let sharing = Sharing::start(stage, "wanted.bin", MIB).await?;
        let cleo = stage.browser("Cleo").await?;
        cleo.open(&sharing.invite).await?;
        until_shown(&cleo, "1 person has it now").await?;
        cleo.fill("display-name", "Cleopatra").await?;
        cleo.open_section("advanced").await?;
        let _bo = sharing.second_seeder(stage).await?;
        until_shown(&cleo, "2 people have it now").await?;
        let name = text_of(&cleo, r#"document.querySelector('[data-testid="display-name"]')?.value"#).await?;
        ensure!(name == "Cleopatra", "what was typed became `{name}`");
        let is_open = r#"document.querySelector('[data-testid="advanced"]')?.open ? 'open' : 'closed'"#;
        ensure!(text_of(&cleo, is_open).await? == "open", "the section was closed");
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_in_the_group_comes_into_it_with_the_link_and_finds_the_file_there() {
    Stage::play("who_is_in_the_group_comes_into_it_with_the_link_and_finds_the_file_there", async |stage| {
        let sharing = Sharing::start(stage, "mine.bin", MIB).await?;
        let cleo = stage.browser("Cleo").await?;
        cleo.join(&sharing.invite).await?;
        cleo.until_saved(&sharing.file, TRANSFER).await?;
        let is_in = |page: &PageView| {
            let is_there = page.shows("file-row") && page.shows("continue") && !page.can_join;
            is_there.then_some(())
        };
        cleo.client().refresh().await?;
        cleo.until("the group after a reload", SOON, is_in).await?;
        cleo.open_beside(&sharing.invite).await?;
        cleo.until("the group by its link", SOON, is_in).await
    })
    .await;
}

/// Only the secret differs, so the browser itself stays on the page.
#[tokio::test(flavor = "multi_thread")]
async fn a_link_pasted_over_a_wrong_one_of_the_same_group_is_opened() {
    Stage::play("a_link_pasted_over_a_wrong_one_of_the_same_group_is_opened", async |stage| {
        let sharing = Sharing::start(stage, "wanted.bin", MIB).await?;
        let right: Invite = sharing.invite.parse()?;
        let cleo = stage.browser("Cleo").await?;
        cleo.open(&Invite::new(right.server(), right.slug(), [7; 16])?.to_string()).await?;
        cleo.until("that it is wrong", SOON, |page| (!page.errors.is_empty()).then_some(())).await?;
        cleo.open(&sharing.invite).await?;
        until_shown(&cleo, "1 person has it now").await
    })
    .await;
}
