//! What the page says when an invite leads nowhere.

use covey_tests::content::MIB;
use covey_tests::wait::SOON;
use covey_tests::{Browser, Stage};
use wire_protocol::invite::Invite;

use crate::sharing::Sharing;

/// Opens `invite`, which leads nowhere, and returns what the page says about it.
async fn complaint(browser: &Browser, invite: &str) -> anyhow::Result<String> {
    browser.open(invite).await?;
    let look = |page: &covey_tests::PageView| (!page.errors.is_empty()).then(|| page.clone());
    let page = browser.until("an error", SOON, look).await?;
    anyhow::ensure!(!page.can_join, "offers to join all the same: {page:?}");
    Ok(page.errors.join("\n"))
}

#[tokio::test(flavor = "multi_thread")]
async fn each_useless_invite_has_a_sentence_of_its_own() {
    Stage::play("each_useless_invite_has_a_sentence_of_its_own", async |stage| {
        let mut sharing = Sharing::start(stage, "wanted.bin", MIB).await?;
        let cleo = stage.browser("Cleo").await?;
        let right: Invite = sharing.invite.parse()?;

        let wrong_secret = Invite::new(right.server(), right.slug(), [7; 16])?.to_string();
        let wrong_secret = complaint(&cleo, &wrong_secret).await?;
        let unknown_group = Invite::new(right.server(), "no-such-group", [7; 16])?.to_string();
        let unknown_group = complaint(&cleo, &unknown_group).await?;

        cleo.open(&sharing.invite).await?;
        cleo.until("a `join` button", SOON, |page| page.can_join.then_some(())).await?;
        sharing.tracker.kill().await?;
        let look = |page: &covey_tests::PageView| (!page.errors.is_empty()).then(|| page.errors.join("\n"));
        let dead_server = cleo.until("it says that the server is gone", SOON, look).await?;

        let all = [&wrong_secret, &unknown_group, &dead_server];
        anyhow::ensure!(all[0] != all[1] && all[1] != all[2] && all[0] != all[2], "not different: {all:?}");
        anyhow::ensure!(wrong_secret.to_lowercase().contains("link"), "does not say what to do: {wrong_secret}");
        anyhow::ensure!(dead_server.to_lowercase().contains("server"), "does not say who is gone: {dead_server}");
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_an_invite_that_opens_nothing_may_ask_to_be_let_in_instead() {
    let name = "whoever_has_an_invite_that_opens_nothing_may_ask_to_be_let_in_instead";
    Stage::play(name, async |stage| {
        let sharing = Sharing::start(stage, "asked for.bin", MIB).await?;
        let right: Invite = sharing.invite.parse()?;
        let dead = Invite::new(right.server(), right.slug(), [7; 16])?.to_string();
        let cleo = stage.browser("Cleo").await?;
        complaint(&cleo, &dead).await?;
        cleo.click("ask-instead").await?;
        let may_ask = |page: &covey_tests::PageView| (page.shows("stranger") && page.can_join).then_some(());
        cleo.until("that she may ask", SOON, may_ask).await?;
        // The dead secret is not what this tab goes by any more.
        cleo.client().refresh().await?;
        cleo.until("that she may ask again", SOON, may_ask).await?;
        cleo.click("join").await?;
        cleo.until("that she waits", SOON, |page| page.shows("waiting").then_some(())).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_too_big_for_this_browser_is_refused_before_joining_with_the_command_instead() {
    let name = "a_file_too_big_for_this_browser_is_refused_before_joining_with_the_command_instead";
    Stage::play(name, async |stage| {
        let sharing = Sharing::start(stage, "huge.bin", 3 * MIB).await?;
        let cleo = stage.browser("Cleo").await?;
        // The page takes the person's word for how much memory there is.
        let small = sharing.invite.replacen("#", "?memory_mb=2#", 1);
        cleo.open(&small).await?;
        let shown = "return document.body.innerText.includes('native-peer download')";
        let look = async || Ok(cleo.client().execute(shown, vec![]).await?.as_bool().filter(|shown| *shown));
        covey_tests::wait::until("the command to run instead", SOON, look).await?;
        let page = cleo.page().await?;
        anyhow::ensure!(!page.can_join, "offers to join all the same: {page:?}");
        anyhow::ensure!(page.state.is_empty(), "has begun to download: {page:?}");
        Ok(())
    })
    .await;
}
