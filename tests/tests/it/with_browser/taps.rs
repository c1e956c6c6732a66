//! Whoever listens on a tab's path learns nothing of what is shared.

use covey_tests::wait::TRANSFER;
use covey_tests::{Stage, Tap};

use crate::sharing::Sharing;
use crate::taps::{LEN, ensure_silent, secrets};

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_to_and_from_a_tab_cannot_be_read_either() {
    Stage::play("what_goes_to_and_from_a_tab_cannot_be_read_either", async |stage| {
        let sharing = Sharing::start(stage, "a private film.bin", LEN).await?;
        let cleo = stage.browser("Cleo").await?;
        let port = sharing.tracker.address().port();
        let tap = Tap::start(port)?;
        cleo.join(&sharing.invite).await?;
        cleo.until_saved(&sharing.file, TRANSFER).await?;
        let streams = tap.streams()?;
        let relayed = streams.answers(port, b"GET /link");
        ensure_silent(relayed, &secrets(&sharing)?)
    })
    .await;
}
