//! A tab on a connection that costs by the byte.

use anyhow::ensure;
use covey_tests::content::MIB;
use covey_tests::wait::{SOON, TRANSFER};
use covey_tests::{PageView, Stage};
use serde_json::json;

use crate::sharing::Sharing;

const CLEO: &str = "Cleo";
const DAN: &str = "Dan";

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_saves_data_downloads_and_gives_nothing_until_its_person_says_so() {
    Stage::play("a_browser_that_saves_data_downloads_and_gives_nothing_until_its_person_says_so", async |stage| {
        let mut sharing = Sharing::start(stage, "costly.bin", 8 * MIB).await?;
        let cleo = stage.browser(CLEO).await?;
        cleo.devtools("Emulation.setDataSaverOverride", json!({"dataSaverEnabled": true})).await?;
        cleo.join(&sharing.invite).await?;
        cleo.until_saved(&sharing.file, TRANSFER).await?;
        let asks = |page: &PageView| page.shown.iter().any(|shown| shown == "metered").then_some(());
        cleo.until("it asks before it gives", SOON, asks).await?;
        sharing.ana.interrupt().await?;

        let dan = stage.browser(DAN).await?;
        dan.join(&sharing.invite).await?;
        let waits = |page: &PageView| (page.state == "waiting" && !page.peers.is_empty()).then_some(page.have_bytes);
        let have = dan.until("it waits for a peer that gives nothing", SOON, waits).await?;
        ensure!(have == 0, "it got {have} bytes");
        cleo.click("give-anyway").await?;
        let given = dan.until_saved(&sharing.file, TRANSFER).await?;
        ensure!(given.givers() == [CLEO], "not from {CLEO} alone: {given:?}");
        let page = cleo.page().await?;
        ensure!(!page.shown.iter().any(|shown| shown == "metered"), "it still asks");
        Ok(())
    })
    .await;
}
