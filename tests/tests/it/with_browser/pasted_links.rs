//! Links as people paste them, in the address bar and in the page's field.

use anyhow::{Result, ensure};
use covey_tests::content::MIB;
use covey_tests::wait::SOON;
use covey_tests::{Browser, PageView, Stage};
use wire_protocol::invite::Invite;

use crate::sharing::Sharing;

const CLEO: &str = "Cleo";

async fn text(browser: &Browser, expression: &str) -> Result<String> {
    let value = browser.client().execute(&format!("return String({expression})"), vec![]).await?;
    Ok(value.as_str().unwrap_or_default().to_owned())
}

/// Opens an address in a page of its own: from another of the same page, a browser would not load it anew.
async fn open(browser: &Browser, url: &str) -> Result<()> {
    browser.open("about:blank").await?;
    browser.open(url).await
}

async fn until_offered(browser: &Browser, what: &str) -> Result<()> {
    browser.until(what, SOON, |page| (page.can_join && page.shows("offered-file")).then_some(())).await
}

/// In the address bar there is the group, and no secret any more.
async fn until_hidden(browser: &Browser, invite: &Invite) -> Result<()> {
    let expected = format!("{}/j/{}", invite.server(), invite.slug());
    let look = async || {
        let shown = text(browser, "location.href.split('?')[0]").await?;
        Ok((shown == expected).then_some(()))
    };
    covey_tests::wait::until(&format!("{expected} in the address bar"), SOON, look).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_address_bar_takes_a_link_as_programs_hand_it_on() {
    Stage::play("the_address_bar_takes_a_link_as_programs_hand_it_on", async |stage| {
        let sharing = Sharing::start(stage, "wanted.bin", MIB).await?;
        let (link, invite) = (sharing.invite.as_str(), sharing.invite.parse::<Invite>()?);
        let cleo = stage.browser(CLEO).await?;
        for mangled in [
            format!("{link})."),
            format!("{link}**"),
            format!("{link}>"),
            format!("{link}&fbclid=abc"),
            link.replace('#', "?fbclid=abc#"),
            link.replace('#', "%23"),
            link.replace('#', ".#"),
            link.replace("http", "HTTP"),
            format!("{link}\u{200b}"),
        ] {
            open(&cleo, &mangled).await?;
            until_offered(&cleo, &format!("the offer behind {mangled}")).await?;
            until_hidden(&cleo, &invite).await?;
        }
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_field_takes_a_link_with_whatever_is_around_it_and_says_what_it_does_not_find() {
    let name = "the_field_takes_a_link_with_whatever_is_around_it_and_says_what_it_does_not_find";
    Stage::play(name, async |stage| {
        let sharing = Sharing::start(stage, "wanted.bin", MIB).await?;
        let (link, invite) = (sharing.invite.as_str(), sharing.invite.parse::<Invite>()?);
        let cleo = stage.browser(CLEO).await?;
        for pasted in [
            format!("Look: **{link}**, for you"),
            format!("[{link}]({link})"),
            format!("native-peer download '{link}'"),
            format!("<{}>", link.replace("http", "HTTP")),
            link.replace("http://", ""),
            format!(
                "https://slack-redir.net/link?url={}",
                link.replace(':', "%3A").replace('/', "%2F").replace('#', "%23")
            ),
        ] {
            open(&cleo, &sharing.tracker.url()).await?;
            paste(&cleo, &pasted).await?;
            until_offered(&cleo, &format!("the offer behind {pasted}")).await?;
            until_hidden(&cleo, &invite).await?;
        }
        open(&cleo, &sharing.tracker.url()).await?;
        for (pasted, said) in [
            (
                "https://example.com/film",
                "The link https://example.com/film is no invite. An invite looks like https://",
            ),
            ("see you at the cabin tomorrow", "There is no link in it. An invite looks like https://"),
            (&link[..link.len() - 2], "The link is not whole: behind the # it has 20 characters and should have 22."),
            (&format!("{link} or {}", link.replace("/j/", "/j/x-")), "There are two different invites in it"),
        ] {
            paste(&cleo, pasted).await?;
            let says = |page: &PageView| page.errors.iter().any(|error| error.starts_with(said)).then_some(());
            cleo.until(said, SOON, says).await?;
        }
        Ok(())
    })
    .await;
}

/// A letter has lines, which a field runs into each other.
#[tokio::test(flavor = "multi_thread")]
async fn the_field_takes_a_letter_with_the_link_broken_into_its_lines() {
    Stage::play("the_field_takes_a_letter_with_the_link_broken_into_its_lines", async |stage| {
        let sharing = Sharing::start(stage, "wanted.bin", MIB).await?;
        let (begin, end) = sharing.invite.split_at(sharing.invite.len() - 9);
        let cleo = stage.browser(CLEO).await?;
        for letter in [
            format!("Hello Cleo,\nhere is the film:\n{begin}{end}\nAna"),
            format!("> Look:\r\n> {begin}\r\n> {end}\r\n> Ana"),
            format!("Look:\r\n{begin}=\r\n{end}\r\nAna"),
        ] {
            open(&cleo, &sharing.tracker.url()).await?;
            cleo.until("the field", SOON, |page| page.shows("invite-input").then_some(())).await?;
            let pasting = "const clipboardData = new DataTransfer(); clipboardData.setData('text/plain', arguments[0]); \
                           const pasted = new ClipboardEvent('paste', {clipboardData, bubbles: true, cancelable: true}); \
                           document.querySelector('[data-testid=\"invite-input\"]').dispatchEvent(pasted)";
            cleo.client().execute(pasting, vec![letter.into()]).await?;
            cleo.click("open-invite").await?;
            until_offered(&cleo, "the offer behind a letter").await?;
        }
        Ok(())
    })
    .await;
}

async fn paste(browser: &Browser, text: &str) -> Result<()> {
    browser.until("the field", SOON, |page| page.shows("invite-input").then_some(())).await?;
    browser.fill("invite-input", text).await?;
    browser.click("open-invite").await
}

#[tokio::test(flavor = "multi_thread")]
async fn below_j_everything_is_explained_by_the_page() {
    Stage::play("below_j_everything_is_explained_by_the_page", async |stage| {
        let sharing = Sharing::start(stage, "wanted.bin", MIB).await?;
        let (link, server) = (sharing.invite.as_str(), sharing.tracker.url());
        let cleo = stage.browser(CLEO).await?;
        for (address, said) in [
            (format!("{server}/j"), "is no invite. An invite looks like https://"),
            (format!("{server}/j/"), "is no invite. An invite looks like https://"),
            (format!("{server}/j/lively%20otter"), "has characters that no group has"),
            (format!("{server}/j/lively-otter/more#x"), "has characters that no group has"),
            (link[..link.len() - 1].to_owned(), "behind the # it has 21 characters and should have 22"),
            (format!("{link}x"), "behind the # it has 23 characters and should have 22"),
        ] {
            open(&cleo, &address).await?;
            let says = |page: &PageView| page.errors.iter().any(|error| error.contains(said)).then_some(());
            cleo.until(&format!("of {address}: {said}"), SOON, says).await?;
        }
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_groups_address_from_somebodys_address_bar_is_said_to_be_none_that_invites() {
    Stage::play("a_groups_address_from_somebodys_address_bar_is_said_to_be_none_that_invites", async |stage| {
        let sharing = Sharing::start(stage, "wanted.bin", MIB).await?;
        let ana = stage.browser("Ana's tab").await?;
        ana.open(&sharing.invite).await?;
        until_offered(&ana, "the offer").await?;
        until_hidden(&ana, &sharing.invite.parse()?).await?;
        let sent = text(&ana, "location.href").await?;
        let cleo = stage.browser(CLEO).await?;
        for address in [sent.clone(), format!("{sent}.")] {
            open(&cleo, &address).await?;
            cleo.until("that she is not in it", SOON, |page| page.shows("stranger").then_some(())).await?;
            let shown = text(&cleo, "document.querySelector('main').innerText").await?;
            ensure!(shown.contains("This is a group's address, not an invite"), "says: {shown}");
            ensure!(shown.contains("Invite others") && !shown.contains("shell"), "does not say what to do: {shown}");
        }
        // Whoever has opened the invite in a tab goes on in it.
        ana.client().refresh().await?;
        until_offered(&ana, "the offer again").await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_is_pasted_over_another_is_opened_without_loading_the_page_anew() {
    Stage::play("a_link_that_is_pasted_over_another_is_opened_without_loading_the_page_anew", async |stage| {
        let sharing = Sharing::start(stage, "wanted.bin", MIB).await?;
        let invite = sharing.invite.parse::<Invite>()?;
        let cleo = stage.browser(CLEO).await?;
        cleo.open(&format!("{}/j/{}#short", invite.server(), invite.slug())).await?;
        cleo.until("that it is not whole", SOON, |page| (!page.errors.is_empty()).then_some(())).await?;
        text(&cleo, "window.isTheSamePage = true").await?;
        cleo.open(&sharing.invite).await?;
        until_offered(&cleo, "the offer").await?;
        ensure!(text(&cleo, "window.isTheSamePage").await? == "true", "the page was loaded anew");
        until_hidden(&cleo, &invite).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_keeps_nothing_keeps_the_secret_in_its_address_bar_and_says_what_that_means() {
    let name = "a_browser_that_keeps_nothing_keeps_the_secret_in_its_address_bar_and_says_what_that_means";
    Stage::play(name, async |stage| {
        let sharing = Sharing::start(stage, "wanted.bin", MIB).await?;
        let cleo = stage.forgetful_browser(CLEO).await?;
        cleo.open(&sharing.invite).await?;
        until_offered(&cleo, "the offer").await?;
        cleo.until("what it means", SOON, |page| page.shows("forgetful").then_some(())).await?;
        ensure!(text(&cleo, "location.href").await? == sharing.invite, "the secret is gone");
        cleo.client().refresh().await?;
        until_offered(&cleo, "the offer again").await?;
        // Pasted into the field, it is in the bar for the next time.
        open(&cleo, &sharing.tracker.url()).await?;
        paste(&cleo, &sharing.invite).await?;
        until_offered(&cleo, "the offer of what was pasted").await?;
        ensure!(text(&cleo, "location.href").await? == sharing.invite, "the pasted secret is kept nowhere");
        Ok(())
    })
    .await;
}
