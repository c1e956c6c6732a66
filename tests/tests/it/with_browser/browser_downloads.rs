//! A tab downloads, and serves.

use covey_tests::content::MIB;
use covey_tests::wait::{SOON, TRANSFER};
use covey_tests::{CorruptSeeder, Stage};
use secure_link::has_aes_instructions;

use crate::sharing::{ANA, BO, Sharing};

const CLEO: &str = "Cleo";
const DAN: &str = "Dan";
const LEN: u64 = 64 * MIB;
/// Slow enough to step in half way.
const SLOW: u64 = 12_000_000;

#[tokio::test(flavor = "multi_thread")]
async fn two_seeders_each_give_a_quarter_or_more() {
    Stage::play("two_seeders_each_give_a_quarter_or_more", async |stage| {
        let sharing = Sharing::start(stage, "two seeders.bin", LEN).await?;
        let _bo = sharing.second_seeder(stage).await?;
        // So that the last look at the page is close to the end.
        let (_proxy, invite) = sharing.slowed(SLOW).await?;
        let cleo = stage.browser(CLEO).await?;
        cleo.join(&invite).await?;
        let given = cleo.until_saved(&sharing.file, TRANSFER).await?;
        for seeder in [ANA, BO] {
            let bytes = given.of(seeder);
            anyhow::ensure!(bytes >= LEN / 4, "{seeder} gave only {bytes} bytes: {given:?}");
        }
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tab_serves_everything_to_the_next_tab_when_the_seeders_are_gone() {
    Stage::play("a_tab_serves_everything_to_the_next_tab_when_the_seeders_are_gone", async |stage| {
        let mut sharing = Sharing::start(stage, "handed on.bin", LEN).await?;
        let mut bo = sharing.second_seeder(stage).await?;
        let cleo = stage.browser(CLEO).await?;
        cleo.join(&sharing.invite).await?;
        cleo.until_saved(&sharing.file, TRANSFER).await?;
        sharing.ana.interrupt().await?;
        bo.interrupt().await?;
        let dan = stage.browser(DAN).await?;
        dan.join(&sharing.invite).await?;
        let given = dan.until_saved(&sharing.file, TRANSFER).await?;
        anyhow::ensure!(given.givers() == [CLEO], "not from {CLEO} alone: {given:?}");
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_download_goes_on_when_one_of_two_seeders_is_killed_half_way() {
    Stage::play("a_download_goes_on_when_one_of_two_seeders_is_killed_half_way", async |stage| {
        let sharing = Sharing::start(stage, "half way.bin", LEN).await?;
        let mut bo = sharing.second_seeder(stage).await?;
        let (proxy, invite) = sharing.slowed(SLOW).await?;
        let cleo = stage.browser(CLEO).await?;
        cleo.join(&invite).await?;
        let page = cleo.until_has(LEN / 2, TRANSFER).await?;
        anyhow::ensure!(page.have_bytes < LEN, "too late: {page:?}");
        bo.kill().await?;
        proxy.unlimit();
        cleo.until_saved(&sharing.file, TRANSFER).await?;
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_corrupt_seeder_is_closed_and_named_and_the_file_is_right() {
    Stage::play("a_corrupt_seeder_is_closed_and_named_and_the_file_is_right", async |stage| {
        let crook = "Crooked Heron";
        let sharing = Sharing::start(stage, "trusted.bin", LEN).await?;
        let corrupt = CorruptSeeder::start(&sharing.invite, crook).await?;
        let (proxy, invite) = sharing.slowed(SLOW).await?;
        let cleo = stage.browser(CLEO).await?;
        cleo.join(&invite).await?;
        let named = |page: &covey_tests::PageView| page.complaints().contains(crook).then_some(());
        cleo.until("the corrupt seeder is named", TRANSFER, named).await?;
        proxy.unlimit();
        cleo.until_saved(&sharing.file, TRANSFER).await?;
        anyhow::ensure!(corrupt.bytes_served() > 0, "it was never asked");
        let (opened, closed) = (corrupt.links_opened(), corrupt.links_closed());
        anyhow::ensure!((opened, closed) == (1, 1), "{opened} links to it opened, {closed} were closed");
        let console = cleo.console().await?;
        anyhow::ensure!(console.contains(crook), "not in the log: {console}");
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_whose_records_the_browser_cannot_open_is_closed_and_the_others_go_on() {
    Stage::play("a_link_whose_records_the_browser_cannot_open_is_closed_and_the_others_go_on", async |stage| {
        let sharing = Sharing::start(stage, "damaged.bin", 16 * MIB).await?;
        let damaging = CorruptSeeder::start_with_damaged_records(&sharing.invite, "Noisy Heron").await?;
        let (_proxy, invite) = sharing.slowed(SLOW).await?;
        let cleo = stage.browser(CLEO).await?;
        cleo.join(&invite).await?;
        cleo.until_saved(&sharing.file, TRANSFER).await?;
        let (opened, with_aes) = (damaging.links_opened(), damaging.links_with_aes());
        let expected = if has_aes_instructions() { opened } else { 0 };
        anyhow::ensure!(opened > 0 && with_aes == expected, "{with_aes} of {opened} links have AES");
        anyhow::ensure!(damaging.links_closed() == opened, "a link stays open");
        let console = cleo.console().await?;
        anyhow::ensure!(console.contains("a link is broken"), "not in the log: {console}");
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_download_goes_on_when_the_server_is_killed_and_started_again() {
    Stage::play("a_download_goes_on_when_the_server_is_killed_and_started_again", async |stage| {
        let mut sharing = Sharing::start(stage, "interrupted.bin", LEN).await?;
        let (proxy, invite) = sharing.slowed(SLOW).await?;
        let cleo = stage.browser(CLEO).await?;
        cleo.join(&invite).await?;
        cleo.until_has(LEN / 2, TRANSFER).await?;
        sharing.tracker.kill().await?;
        let troubled = |page: &covey_tests::PageView| (!page.complaints().is_empty()).then_some(page.have_bytes);
        let kept = cleo.until("it says that the server is gone", SOON, troubled).await?;
        anyhow::ensure!((LEN / 2..LEN).contains(&kept), "{kept} bytes are kept");
        sharing.tracker.start_again(stage).await?;
        proxy.unlimit();
        cleo.until_saved(&sharing.file, TRANSFER).await?;
        let page = cleo.page().await?;
        anyhow::ensure!(page.errors.is_empty(), "still complains: {page:?}");
        Ok(())
    })
    .await;
}
