//! What the browser tells of a tab that is not in front.

use anyhow::{Result, ensure};
use covey_tests::content::MIB;
use covey_tests::wait::{TRANSFER, until};
use covey_tests::{Browser, Stage};
use serde_json::json;

use crate::sharing::Sharing;

const LEN: u64 = 32 * MIB;
/// Slow enough to press a button meanwhile.
const SLOW: u64 = 12_000_000;
/// Keeps the titles of the notifications that the browser is asked for.
const RECORD: &str = "window.shownTitles = []; \
    const Real = window.Notification; \
    window.Notification = class extends Real { constructor(title, options) { super(title, options); window.shownTitles.push(title); } };";

async fn titles(browser: &Browser) -> Result<Vec<String>> {
    let titles = browser.client().execute("return window.shownTitles", vec![]).await?;
    Ok(serde_json::from_value(titles)?)
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_asked_for_it_is_notified_of_the_end_of_a_download_in_a_tab_behind_another() {
    let name = "whoever_asked_for_it_is_notified_of_the_end_of_a_download_in_a_tab_behind_another";
    Stage::play(name, async |stage| {
        let sharing = Sharing::start(stage, "awaited film.bin", LEN).await?;
        let (proxy, invite) = sharing.slowed(SLOW).await?;
        let cleo = stage.browser("Cleo").await?;
        cleo.devtools("Page.addScriptToEvaluateOnNewDocument", json!({"source": RECORD})).await?;
        cleo.join(&invite).await?;
        let button = cleo.until("a button", TRANSFER, |page| page.shows("notify-me").then(|| page.clone())).await?;
        ensure!(button.state != "done", "too late: {button:?}");
        // What the person answers to the browser's own question.
        cleo.devtools("Browser.grantPermissions", json!({"permissions": ["notifications"]})).await?;
        cleo.click("notify-me").await?;
        cleo.until("that it was understood", TRANSFER, |page| (!page.shows("notify-me")).then_some(())).await?;
        ensure!(titles(&cleo).await?.is_empty(), "told of something already");
        let own = cleo.client().window().await?;
        let other = cleo.client().new_window(true).await?;
        cleo.client().switch_to_window(other.handle).await?;
        proxy.unlimit();
        cleo.saved(&sharing.file).await?;
        cleo.client().switch_to_window(own).await?;
        let told = until("a notification", TRANSFER, async || {
            let titles = titles(&cleo).await?;
            Ok((!titles.is_empty()).then_some(titles))
        });
        let told = told.await?;
        ensure!(told == ["awaited film.bin is complete."], "{told:?}");
        Ok(())
    })
    .await;
}
