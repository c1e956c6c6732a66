//! Back and Forward, leaving the page, and what the page says of finished files.

use anyhow::{Result, ensure};
use covey_tests::content::MIB;
use covey_tests::wait::{SOON, TRANSFER, until, until_file};
use covey_tests::{Browser, NativePeer, PageView, Stage};

use crate::sharing::Sharing;

const CLEO: &str = "Cleo";

async fn ask(browser: &Browser, expression: &str) -> Result<String> {
    let value = browser.client().execute(&format!("return String({expression})"), vec![]).await?;
    Ok(value.as_str().unwrap_or_default().to_owned())
}

/// Whether the page would keep the browser from leaving it without a question.
pub async fn asks_before_leaving(browser: &Browser) -> Result<bool> {
    let question = "const leaving = new Event('beforeunload', {cancelable: true}); window.dispatchEvent(leaving); \
                    return leaving.defaultPrevented";
    Ok(browser.client().execute(question, vec![]).await? == true)
}

fn is_home(page: &PageView) -> Option<()> {
    page.shows("group-row").then_some(())
}

fn is_group(page: &PageView) -> Option<()> {
    page.shows("member-row").then_some(())
}

#[tokio::test(flavor = "multi_thread")]
async fn back_and_forward_go_from_view_to_view_and_the_download_goes_on() {
    Stage::play("back_and_forward_go_from_view_to_view_and_the_download_goes_on", async |stage| {
        let sharing = Sharing::start(stage, "wanted.bin", MIB).await?;
        let cleo = stage.browser(CLEO).await?;
        cleo.join(&sharing.invite).await?;
        cleo.until_saved(&sharing.file, TRANSFER).await?;
        ask(&cleo, "window.isTheSamePage = true").await?;
        cleo.click("home").await?;
        cleo.until("her groups", SOON, is_home).await?;
        cleo.click("group-row").await?;
        cleo.until("the group", SOON, is_group).await?;
        let group = ask(&cleo, "location.pathname").await?;
        for (step, shown, path) in [
            ("back", is_home as fn(&PageView) -> Option<()>, "/"),
            ("back", is_group, &group),
            ("forward", is_home, "/"),
            ("forward", is_group, &group),
            ("back", is_home, "/"),
        ] {
            ask(&cleo, &format!("history.{step}()")).await?;
            cleo.until(&format!("{step} to {path}"), SOON, shown).await?;
            ensure!(ask(&cleo, "location.pathname").await? == path, "{step} shows another address");
        }
        ensure!(ask(&cleo, "window.isTheSamePage").await? == "true", "the site was left");
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tab_that_has_the_only_other_copy_asks_before_it_is_left() {
    Stage::play("a_tab_that_has_the_only_other_copy_asks_before_it_is_left", async |stage| {
        let mut sharing = Sharing::start(stage, "wanted.bin", MIB).await?;
        let cleo = stage.browser(CLEO).await?;
        cleo.join(&sharing.invite).await?;
        cleo.until_saved(&sharing.file, TRANSFER).await?;
        let may_leave = async || Ok((!asks_before_leaving(&cleo).await?).then_some(()));
        until("that it may be left while Ana is there", SOON, may_leave).await?;
        sharing.ana.interrupt().await?;
        let asks = async || Ok(asks_before_leaving(&cleo).await?.then_some(()));
        until("that it asks once Ana is gone", SOON, asks).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_finished_file_keeps_a_way_to_save_it_and_none_is_said_to_be_saved() {
    Stage::play("each_finished_file_keeps_a_way_to_save_it_and_none_is_said_to_be_saved", async |stage| {
        let sharing = Sharing::start(stage, "first.bin", MIB).await?;
        let second = stage.file("second.bin", MIB)?;
        let slug = sharing.invite.rsplit_once("/j/").and_then(|(_, slug)| slug.split('#').next()).unwrap_or_default();
        let more = ["share", &second.display().to_string(), "--server", &sharing.tracker.url(), "--group", slug];
        let more: Vec<_> = more.iter().map(std::ffi::OsStr::new).collect();
        let ana = NativePeer::start(stage, "Ana", &more)?;
        ana.ready().await?;
        let cleo = stage.browser(CLEO).await?;
        cleo.join(&sharing.invite).await?;
        cleo.until("both files", SOON, |page| (page.files.len() == 2).then_some(())).await?;
        for name in ["first.bin", "second.bin"] {
            cleo.click_in("file-row", name, "download").await?;
        }
        let saves = "document.querySelectorAll('[data-testid=\"save-file\"]').length";
        let look = async || Ok((ask(&cleo, saves).await? == "2").then_some(()));
        until("a Save in both rows", TRANSFER, look).await?;
        let shown = ask(&cleo, "document.body.innerText").await?.to_lowercase();
        ensure!(!shown.contains(" saved"), "claims to know: {shown}");
        // The browser was given it, and lost it.
        let kept = cleo.downloads().join("first.bin");
        until_file(&kept, MIB, SOON).await?;
        std::fs::remove_file(&kept)?;
        cleo.click_in("file-row", "first.bin", "save-file").await?;
        until_file(&kept, MIB, SOON).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_foretold_of_a_download_whose_only_source_has_left() {
    Stage::play("nothing_is_foretold_of_a_download_whose_only_source_has_left", async |stage| {
        let mut sharing = Sharing::start(stage, "half.bin", 32 * MIB).await?;
        let (_proxy, invite) = sharing.slowed(4_000_000).await?;
        let cleo = stage.browser(CLEO).await?;
        cleo.join(&invite).await?;
        cleo.until_has(4 * MIB, TRANSFER).await?;
        sharing.ana.kill().await?;
        let figures = "['rate-down', 'eta'].map((id) => document.querySelector(`[data-testid=\"${id}\"]`)?.innerText)";
        let look = async || Ok((ask(&cleo, figures).await? == "–,–").then_some(()));
        until("neither a rate nor a time", SOON, look).await
    })
    .await;
}
