//! A server that speaks TLS itself.

use std::ffi::OsStr;

use anyhow::{Result, ensure};
use covey_tests::process::Stream;
use covey_tests::wait::SOON;
use covey_tests::{NativePeer, Stage, Tracker};
use tokio::process::Command;
use wire_protocol::invite::Invite;

use crate::certificate::Certificate;

/// A server with this certificate.
pub async fn start(stage: &Stage, certificate: &Certificate, more: &[&str]) -> Result<Tracker> {
    let (cert, key) = (certificate.certificate.display().to_string(), certificate.key.display().to_string());
    Tracker::start_with(stage, &[&["--tls-cert", &cert, "--tls-key", &key], more].concat()).await
}

pub fn peer(stage: &Stage, who: &str, arguments: &[&str], certificate: &Certificate) -> Result<NativePeer> {
    let arguments: Vec<&OsStr> = arguments.iter().map(OsStr::new).collect();
    NativePeer::start_with(stage, who, &arguments, &[("SSL_CERT_FILE", certificate.certificate.as_os_str())])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_certificate_is_taken_without_a_restart_and_a_bad_one_leaves_the_old_in_use() {
    Stage::play("a_new_certificate_is_taken_without_a_restart_and_a_bad_one_leaves_the_old_in_use", async |stage| {
        let certificate = Certificate::local(stage)?;
        let mut tracker = start(stage, &certificate, &[]).await?;
        let server = format!("https://{}", tracker.address());
        let believed = Certificate::make(stage, "believed", &["127.0.0.1"])?;
        let list = ["group", "list", "--server", &server];
        peer(stage, "Ana", &list, &certificate)?.succeeds().await?;
        peer(stage, "Ana", &list, &believed)?.fails_with(7).await?;

        let from = tracker.process().transcript().len();
        std::fs::write(&certificate.certificate, "not a certificate")?;
        let warned = |_, line: &str| (line.contains("WARN") && line.contains("stays in use")).then(|| line.to_owned());
        let warning = tracker.process().line_after(from, "a warning", SOON, warned).await?;
        ensure!(warning.contains("--tls-cert") && warning.contains("BEGIN CERTIFICATE"), "{warning}");
        std::fs::remove_file(&certificate.certificate)?;
        let from = tracker.process().transcript().len();
        tracker.process().line_after(from, "another warning", SOON, warned).await?;

        believed.replace(&certificate)?;
        let read = |_, line: &str| line.contains("read anew").then_some(());
        tracker.process().line("the new certificate", SOON, read).await?;
        peer(stage, "Ana", &list, &believed)?.succeeds().await?;
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_are_no_certificate_and_key_are_explained() {
    Stage::play("files_that_are_no_certificate_and_key_are_explained", async |stage| {
        let (own, other) = (Certificate::local(stage)?, Certificate::make(stage, "other", &["localhost"])?);
        let (cert, key) = (own.certificate.display().to_string(), own.key.display().to_string());
        let other_key = other.key.display().to_string();
        let text = stage.folder().join("text");
        std::fs::write(&text, "hello")?;
        let encrypted = stage.folder().join("encrypted.key");
        std::fs::write(
            &encrypted,
            "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n",
        )?;
        let (text, encrypted) = (text.display().to_string(), encrypted.display().to_string());
        for (arguments, words) in [
            (vec!["--tls-cert", "absent.pem", "--tls-key", &key], "--tls-cert absent.pem: there is no such file"),
            (vec!["--tls-cert", &cert, "--tls-key", "absent.key"], "--tls-key absent.key: there is no such file"),
            (vec!["--tls-cert", &key, "--tls-key", &cert], "swapped"),
            (vec!["--tls-cert", &text, "--tls-key", &key], "BEGIN CERTIFICATE"),
            (vec!["--tls-cert", &cert, "--tls-key", &text], "BEGIN PRIVATE KEY"),
            (vec!["--tls-cert", &cert, "--tls-key", &cert], "swapped"),
            (vec!["--tls-cert", &cert, "--tls-key", &other_key], "is not the key of the certificate"),
            (vec!["--tls-cert", &cert, "--tls-key", &encrypted], "password"),
            (vec!["--tls-cert", &cert], "--tls-key"),
            (vec!["--tls-key", &key], "--tls-cert"),
            (vec!["--tls-cert", &cert, "--tls-key", &key, "--public-url", "http://localhost:1"], "https://localhost:1"),
        ] {
            let mut command = Command::new(&stage.programs().tracker_relay);
            command.args(["--listen", "127.0.0.1:0", "--data"]).arg(stage.folder().join("data")).args(&arguments);
            let mut server = stage.start("tracker-relay", command)?;
            let status = server.exit(SOON).await?;
            let said = server.transcript().of(Stream::Stderr);
            ensure!(!status.success() && said.contains(words), "{arguments:?}: `{words}` is not in {said}");
        }
        Ok(())
    })
    .await;
}

/// What the server says when it cannot start with these arguments.
async fn cannot_start(stage: &Stage, arguments: &[&str]) -> Result<String> {
    let mut command = Command::new(&stage.programs().tracker_relay);
    command.args(arguments).current_dir(stage.folder());
    let mut server = stage.start("tracker-relay", command)?;
    let status = server.exit(SOON).await?;
    ensure!(!status.success(), "{arguments:?}: it started");
    Ok(server.transcript().of(Stream::Stderr))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_to_listen_on_is_taken_as_people_write_it_or_explained_with_its_option() {
    Stage::play("an_address_to_listen_on_is_taken_as_people_write_it_or_explained_with_its_option", async |stage| {
        let data = stage.folder().join("data").display().to_string();
        for (listen, begin) in [
            ("localhost:0", "listening on http://127.0.0.1:"),
            // By whatever address others reach.
            (":0", "listening on http://"),
            ("0", "listening on http://127.0.0.1:"),
            ("[::1]:0", "listening on http://[::1]:"),
        ] {
            let mut command = Command::new(&stage.programs().tracker_relay);
            command.args(["--listen", listen, "--data", &data]);
            let mut server = stage.start("tracker-relay", command)?;
            let is_ready = |_, line: &str| line.starts_with("listening on").then(|| line.to_owned());
            let line = server.line("the ready line", SOON, is_ready).await?;
            ensure!(line.starts_with(begin), "{listen}: {line}");
            server.interrupt().await?;
        }
        let taken = std::net::TcpListener::bind("127.0.0.1:0")?;
        let address = taken.local_addr()?.to_string();
        for (listen, words) in [
            (&*address, &["another program listens there", "--listen"][..]),
            ("192.0.2.1:8080", &["no such address", "--listen"]),
            ("::1:8080", &["--listen", "[::1]:8080"]),
            ("localhost", &["--listen", "localhost:8080"]),
            ("http://localhost:8080", &["--listen", "without http://"]),
        ] {
            let said = cannot_start(stage, &["--listen", listen, "--data", &data]).await?;
            ensure!(words.iter().all(|word| said.contains(word)), "{listen}: {words:?} are not in {said}");
        }
        let said = cannot_start(stage, &["--listen", "0", "--admin-listen", &address, "--data", &data]).await?;
        ensure!(said.contains("--admin-listen"), "{said}");
        let disk = stage.subfolder("small-disk")?;
        let small = covey_tests::SmallDisk::mount(&disk, 1)?;
        small.fill()?;
        let full = disk.join("data").display().to_string();
        let said = cannot_start(stage, &["--listen", "0", "--data", &full]).await?;
        ensure!(said.contains("disk is full") && said.contains("--data"), "{said}");
        std::fs::write(stage.folder().join("file"), "")?;
        let said = cannot_start(stage, &["--listen", "0", "--data", "file/data"]).await?;
        ensure!(said.contains("a file is in its place") && said.contains("--data"), "{said}");
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_is_not_in_the_certificate_is_not_this_servers() {
    Stage::play("a_name_that_is_not_in_the_certificate_is_not_this_servers", async |stage| {
        let certificate = Certificate::local(stage)?;
        let tracker = start(stage, &certificate, &["--public-url", "https://share.example"]).await?;
        let server = format!("https://{}", tracker.address());
        let said = peer(stage, "Ana", &["group", "list", "--server", &server], &certificate)?.fails_with(7).await?;
        ensure!(said.contains("This server is https://share.example"), "{said}");
        let wrong = Invite::new(&server, "lively-otter", [7; 16])?.to_string();
        peer(stage, "Ana", &["download", &wrong], &certificate)?.fails_with(7).await?;
        Ok(())
    })
    .await;
}
