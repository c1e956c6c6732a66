//! A tab by an address that only this computer reaches.

use anyhow::ensure;
use covey_tests::Stage;
use covey_tests::content::MIB;
use covey_tests::process::Stream;
use covey_tests::wait::SOON;

use crate::reached_servers::{ELSEWHERE, ONLY_HERE};
use crate::sharing::Sharing;

#[tokio::test(flavor = "multi_thread")]
async fn of_a_link_to_loopback_it_is_said_that_it_works_on_this_computer_only() {
    Stage::play("of_a_link_to_loopback_it_is_said_that_it_works_on_this_computer_only", async |stage| {
        let sharing = Sharing::start(stage, "wanted.bin", MIB).await?;
        let said = sharing.ana.process().transcript().of(Stream::Stderr);
        ensure!(said.contains(ONLY_HERE) && !said.contains(ELSEWHERE), "says: {said}");
        let event = sharing.ana.event("invite", SOON, |_| true).await?;
        ensure!(event["only_here"] == true, "{event}");
        let cleo = stage.browser("Cleo").await?;
        cleo.join(&sharing.invite).await?;
        cleo.until("that its links work here only", SOON, |page| page.shows("only-here").then_some(())).await
    })
    .await;
}
