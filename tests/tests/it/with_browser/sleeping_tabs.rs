//! A tab that its browser freezes, as browsers do with hidden ones.

use anyhow::ensure;
use covey_tests::Stage;
use covey_tests::content::MIB;
use covey_tests::wait::{SOON, TRANSFER};
use serde_json::json;

use crate::sharing::Sharing;

const CLEO: &str = "Cleo";
const LEN: u64 = 64 * MIB;
/// Slow enough to step in half way.
const SLOW: u64 = 12_000_000;

#[tokio::test(flavor = "multi_thread")]
async fn a_tab_that_was_frozen_in_the_middle_goes_on_and_says_how_long_it_slept() {
    Stage::play("a_tab_that_was_frozen_in_the_middle_goes_on_and_says_how_long_it_slept", async |stage| {
        let sharing = Sharing::start(stage, "interrupted film.bin", LEN).await?;
        let (proxy, invite) = sharing.slowed(SLOW).await?;
        let cleo = stage.browser(CLEO).await?;
        cleo.join(&invite).await?;
        let before = cleo.until_has(LEN / 4, TRANSFER).await?;
        cleo.devtools("Page.setWebLifecycleState", json!({"state": "frozen"})).await?;
        // The server gives up on it.
        let leaves = |event: &serde_json::Value| event["event"] == "leave" && event["name"] == CLEO;
        sharing.ana.event("peer", TRANSFER, leaves).await?;
        cleo.devtools("Page.setWebLifecycleState", json!({"state": "active"})).await?;
        let asleep = |page: &covey_tests::PageView| {
            page.notices.iter().any(|said| said.contains("was asleep for")).then(|| page.clone())
        };
        let woken = cleo.until("that it was asleep", SOON, asleep).await?;
        ensure!(woken.have_bytes >= before.have_bytes, "something was lost: {woken:?}");
        proxy.unlimit();
        cleo.until_saved(&sharing.file, TRANSFER).await?;
        Ok(())
    })
    .await;
}
