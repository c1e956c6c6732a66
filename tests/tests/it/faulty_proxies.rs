//! Reverse proxies as people write them at first: whoever comes through one is told what it does not pass on, and so is the log, once.

use std::ffi::OsStr;
use std::net::SocketAddr;

use anyhow::{Result, ensure};
use covey_tests::process::Stream;
use covey_tests::wait::SOON;
use covey_tests::{NativePeer, Stage, Tracker};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::certificate::Certificate;
use crate::reverse_proxy::{HOST, ReverseProxy, UPGRADE};

/// The server's warnings that have these words.
pub async fn warnings(tracker: &mut Tracker, words: &str) -> Result<usize> {
    // What it has logged is on its way through a pipe: after its end all of it is there.
    tracker.process().interrupt().await?;
    let said = tracker.process().transcript().of(Stream::Stderr);
    Ok(said.lines().filter(|line| line.contains("WARN") && line.contains(words)).count())
}

/// What sharing over `server` fails with.
pub async fn share_fails(stage: &Stage, server: &str, code: i32, environment: &[(&str, &OsStr)]) -> Result<String> {
    let file = stage.file("unshared.bin", 1000)?;
    let arguments = [OsStr::new("share"), file.as_os_str(), OsStr::new("--server"), OsStr::new(server)];
    NativePeer::start_with(stage, "Ana", &arguments, environment)?.fails_with(code).await
}

#[tokio::test(flavor = "multi_thread")]
async fn nginx_with_a_bare_proxy_pass_is_told_to_pass_on_upgrade_and_the_log_says_so_once() {
    Stage::play("nginx_with_a_bare_proxy_pass_is_told_to_pass_on_upgrade_and_the_log_says_so_once", async |stage| {
        let mut tracker = Tracker::start(stage).await?;
        let proxy = ReverseProxy::nginx_with(stage, tracker.address(), "").await?;
        for _ in 0..2 {
            let said = share_fails(stage, &proxy.url, 7, &[]).await?;
            ensure!(said.contains("Upgrade") && said.contains("proxy_set_header"), "{said}");
        }
        let warned = warnings(&mut tracker, "Upgrade").await?;
        ensure!(warned == 1, "{warned} warnings");
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_loses_the_subprotocol_is_named() {
    Stage::play("a_proxy_that_loses_the_subprotocol_is_named", async |stage| {
        let mut tracker = Tracker::start(stage).await?;
        let lost = format!("{UPGRADE} {HOST} proxy_set_header Sec-WebSocket-Protocol \"\";");
        let proxy = ReverseProxy::nginx_with(stage, tracker.address(), &lost).await?;
        let said = share_fails(stage, &proxy.url, 7, &[]).await?;
        ensure!(said.contains("Sec-WebSocket-Protocol"), "{said}");
        ensure!(warnings(&mut tracker, "Sec-WebSocket-Protocol").await? == 1, "no warning");
        let tracker = Tracker::start(stage).await?;
        let lost = format!("{UPGRADE} {HOST} proxy_hide_header Sec-WebSocket-Protocol;");
        let proxy = ReverseProxy::nginx_with(stage, tracker.address(), &lost).await?;
        let said = share_fails(stage, &proxy.url, 7, &[]).await?;
        ensure!(said.contains("Sec-WebSocket-Protocol"), "on the way back: {said}");
        Ok(())
    })
    .await;
}

/// Answers everybody with the same bytes.
async fn server_of(answer: &'static [u8]) -> Result<SocketAddr> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut request = [0; 4096];
                let _ = stream.read(&mut request).await;
                let _ = stream.write_all(answer).await;
                let _ = stream.shutdown().await;
            });
        }
    });
    Ok(address)
}

#[tokio::test(flavor = "multi_thread")]
async fn tls_where_there_is_none_and_none_where_there_is_are_told_apart() {
    Stage::play("tls_where_there_is_none_and_none_where_there_is_are_told_apart", async |stage| {
        let tracker = Tracker::start(stage).await?;
        let said = share_fails(stage, &tracker.url().replace("http", "https"), 7, &[]).await?;
        ensure!(said.contains("speaks no TLS") && said.contains("use http://"), "{said}");
        // A server that hangs up on TLS, after a look.
        let silent = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = silent.local_addr()?;
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = silent.accept().await {
                let mut first = [0];
                let answer: &[u8] = b"HTTP/1.1 204 No Content\r\n\r\n";
                if stream.read_exact(&mut first).await.is_ok() && first[0] != 0x16 {
                    let mut rest = [0; 4096];
                    let _ = stream.read(&mut rest).await;
                    let _ = stream.write_all(answer).await;
                }
            }
        });
        let said = share_fails(stage, &format!("https://{address}"), 7, &[]).await?;
        ensure!(said.contains("speaks no TLS"), "{said}");

        let certificate = Certificate::local(stage)?;
        let server = format!(
            "listen 127.0.0.1:{{port}} ssl; ssl_certificate {}; ssl_certificate_key {};",
            certificate.certificate.display(),
            certificate.key.display()
        );
        let port = covey_tests::ordinary_client::free_port()?;
        let _nginx = ReverseProxy::nginx_serving(stage, &server.replace("{port}", &port.to_string())).await?;
        let said = share_fails(stage, &format!("http://127.0.0.1:{port}"), 7, &[]).await?;
        ensure!(said.contains("speaks TLS") && said.contains("use https://"), "{said}");
        let alert = server_of(b"\x15\x03\x01\x00\x02\x02\x46").await?;
        let said = share_fails(stage, &format!("http://{alert}"), 7, &[]).await?;
        ensure!(said.contains("speaks TLS") || said.contains("no web server"), "{said}");
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_is_not_believed_is_explained_and_ssl_cert_file_helps() {
    Stage::play("a_certificate_that_is_not_believed_is_explained_and_ssl_cert_file_helps", async |stage| {
        let certificate = Certificate::local(stage)?;
        let (cert, key) = (certificate.certificate.display().to_string(), certificate.key.display().to_string());
        let tracker = Tracker::start_with(stage, &["--tls-cert", &cert, "--tls-key", &key]).await?;
        let server = format!("https://{}", tracker.address());
        let said = share_fails(stage, &server, 7, &[]).await?;
        ensure!(said.contains("authority") && said.contains("SSL_CERT_FILE"), "{said}");
        ensure!(!said.contains("UnknownIssuer"), "{said}");
        let other = Certificate::make(stage, "other", &["share.example"])?;
        let believed = [("SSL_CERT_FILE", other.certificate.as_os_str())];
        other.replace(&certificate)?;
        let line = |_, line: &str| line.contains("read anew").then_some(());
        let mut tracker = tracker;
        tracker.process().line("the new certificate", SOON, line).await?;
        let said = share_fails(stage, &server, 7, &believed).await?;
        ensure!(said.contains("for other names"), "{said}");
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_web_server_an_empty_proxy_and_what_is_no_web_server_are_told_apart() {
    Stage::play("another_web_server_an_empty_proxy_and_what_is_no_web_server_are_told_apart", async |stage| {
        let not_found =
            b"HTTP/1.1 404 Not Found\r\nServer: Apache\r\nContent-Type: text/html\r\nContent-Length: 4\r\n\r\nnope";
        let old = b"HTTP/1.0 200 OK\r\nServer: SimpleHTTP\r\nContent-Type: text/html\r\n\r\n<html>";
        for (answer, words) in [
            (&not_found[..], "another web server answers there, not tracker-relay (http 404, apache)"),
            (&old[..], "another web server answers there, not tracker-relay (http 200, simplehttp)"),
            (b"SSH-2.0-OpenSSH_9.2\r\n", "no web server"),
            (b"", "closes the connection"),
        ] {
            let address = server_of(answer).await?;
            let said = share_fails(stage, &format!("http://{address}"), 7, &[]).await?;
            ensure!(said.to_lowercase().contains(words), "`{words}` is not in {said}");
        }
        let empty = TcpListener::bind(("127.0.0.1", 0)).await?;
        let nobody = empty.local_addr()?;
        drop(empty);
        ensure!(TcpStream::connect(nobody).await.is_err(), "somebody listens there");
        let proxy = ReverseProxy::nginx_with(stage, nobody, UPGRADE).await?;
        let said = share_fails(stage, &proxy.url, 7, &[]).await?;
        ensure!(said.contains("cannot reach the server behind it (HTTP 502)"), "{said}");
        let said = share_fails(stage, "http://no-such-host.invalid", 7, &[]).await?;
        ensure!(said.contains("no server of this name"), "{said}");
        Ok(())
    })
    .await;
}
