//! A tab while the server comes back with other data.

use anyhow::ensure;
use covey_tests::content::MIB;
use covey_tests::{NativePeer, Stage};

use crate::sharing::Sharing;

#[tokio::test(flavor = "multi_thread")]
async fn whoever_shares_or_waits_is_told_when_the_server_comes_back_with_other_data() {
    Stage::play("whoever_shares_or_waits_is_told_when_the_server_comes_back_with_other_data", async |stage| {
        let mut sharing = Sharing::start(stage, "forgotten.bin", 8 * MIB).await?;
        // Somebody waits for a file that nobody serves any more, in a group of its own.
        let other = stage.file("absent.bin", MIB)?;
        let mut ben = NativePeer::share(stage, "Ben", &other, &sharing.tracker.url(), &[])?;
        let absent = ben.invite().await?;
        ben.ready().await?;
        ben.interrupt().await?;
        let mut eve = NativePeer::download(stage, "Eve", &absent, &stage.subfolder("Eve-files")?, &[])?;
        let waits = |_, line: &str| line.contains("no one is serving").then_some(());
        eve.process().line("that nobody serves it", covey_tests::wait::SOON, waits).await?;
        let cleo = stage.browser("Cleo").await?;
        cleo.join(&absent).await?;
        cleo.until("the group", covey_tests::wait::SOON, |page| (!page.group.is_empty()).then_some(())).await?;
        sharing.tracker.kill().await?;
        sharing.tracker.forget_everything()?;
        sharing.tracker.start_again(stage).await?;
        let said = sharing.ana.fails_with(5).await?;
        ensure!(said.contains("the server forgot it"), "{said}");
        let said = eve.fails_with(5).await?;
        ensure!(said.contains("the server forgot it"), "{said}");
        let told = |page: &covey_tests::PageView| (!page.complaints().is_empty()).then(|| page.complaints());
        let complaint = cleo.until("that the group is gone", covey_tests::wait::SOON, told).await?;
        ensure!(!complaint.is_empty(), "nothing is said");
        Ok(())
    })
    .await;
}
