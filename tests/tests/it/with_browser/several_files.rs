//! What a tab and the command line call a file.

use covey_tests::content::{self, MIB};
use covey_tests::wait::{TRANSFER, until_file};
use covey_tests::{NativePeer, Stage};

use crate::sharing::Sharing;

#[tokio::test(flavor = "multi_thread")]
async fn a_tab_and_the_command_line_save_one_name() {
    Stage::play("a_tab_and_the_command_line_save_one_name", async |stage| {
        let own = [format!("{}.bin", "ж".repeat(125)), "می\u{200C}خواهم  ~x.bin~".to_owned()];
        let shown = [format!("{}.bin", "ж".repeat(118)), "میخواهم  ~x.bin_".to_owned()];
        for (number, (own, shown)) in (1..).zip(own.iter().zip(&shown)) {
            let sharing = Sharing::start(stage, own, MIB).await?;
            let cleo = stage.browser(&format!("Cleo-{number}")).await?;
            cleo.join(&sharing.invite).await?;
            let saved = cleo.downloads().join(shown);
            until_file(&saved, MIB, TRANSFER).await?;
            content::ensure_equal(&saved, &sharing.file)?;
            let into = stage.subfolder(&format!("Ben-{number}"))?;
            NativePeer::download(stage, "Ben", &sharing.invite, &into, &["--no-seed"])?.succeeds().await?;
            content::ensure_equal(&into.join(shown), &sharing.file)?;
            cleo.close().await?;
        }
        Ok(())
    })
    .await;
}
