//! A tab over the server's own TLS.

use anyhow::ensure;
use covey_tests::Stage;
use covey_tests::content::{self, MIB};
use covey_tests::wait::TRANSFER;

use crate::certificate::Certificate;
use crate::server_tls::{peer, start};

#[tokio::test(flavor = "multi_thread")]
async fn a_file_goes_over_tls_to_a_tab_and_a_command_line_by_the_certificates_names() {
    Stage::play("a_file_goes_over_tls_to_a_tab_and_a_command_line_by_the_certificates_names", async |stage| {
        let certificate = Certificate::local(stage)?;
        let tracker = start(stage, &certificate, &[]).await?;
        let server = format!("https://localhost:{}", tracker.address().port());
        let file = stage.file("sealed.bin", 48 * MIB)?;
        let path = file.display().to_string();
        let ana = peer(stage, "Ana", &["share", &path, "--server", &server, "--no-tcp"], &certificate)?;
        let invite = ana.invite().await?;
        ensure!(invite.starts_with(&server), "another address: {invite}");
        ana.ready().await?;
        let folder = stage.subfolder("Bo-files")?;
        let into = folder.display().to_string();
        // Who writes http:// is sent to https:// at the same port.
        let plain = invite.replace("https://", "http://");
        let download = ["download", &plain, "--output", &into, "--no-seed", "--no-tcp"];
        let mut bo = peer(stage, "Bo", &download, &certificate)?;
        bo.succeeds().await?;
        content::ensure_equal(&folder.join("sealed.bin"), &file)?;
        let cleo = stage.browser("Cleo").await?;
        cleo.join(&plain).await?;
        cleo.until_saved(&file, TRANSFER).await?;
        Ok(())
    })
    .await;
}
