//! A tab and a folder that is shared in a group.

use covey_tests::Stage;
use covey_tests::wait::SOON;

use crate::shared_folders::Shared;

#[tokio::test(flavor = "multi_thread")]
async fn a_tab_says_that_a_folder_is_for_the_command_line() {
    Stage::play("a_tab_says_that_a_folder_is_for_the_command_line", async |stage| {
        let shared = Shared::start(stage, &[]).await?;
        let cleo = stage.browser("Cleo").await?;
        cleo.join(&shared.invite).await?;
        let said = |page: &covey_tests::PageView| page.complaints().contains("native-peer download").then_some(());
        cleo.until("the tab says what to do", SOON, said).await?;
        drop(shared.tracker);
        Ok(())
    })
    .await;
}
