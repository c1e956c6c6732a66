//! `tracker-relay check` from outside, through each thing that may stand in front of a server.

use std::ffi::OsStr;
use std::path::Path;

use anyhow::{Result, ensure};
use covey_tests::process::Stream;
use covey_tests::wait::SOON;
use covey_tests::{Stage, Tracker};
use tokio::net::TcpListener;
use tokio::process::Command;

use crate::certificate::Certificate;
use crate::reverse_proxy::{ADDRESS, HOST, Place, ReverseProxy, UPGRADE};

/// Exit code, and all that was said.
async fn check(stage: &Stage, url: &str, environment: &[(&str, &OsStr)]) -> Result<(i32, String)> {
    let mut command = Command::new(&stage.programs().tracker_relay);
    command.args(["check", url]).envs(environment.iter().copied());
    let mut checking = stage.start("tracker-relay check", command)?;
    let code = checking.exit(SOON).await?.code().unwrap_or(-1);
    let said = checking.transcript();
    Ok((code, format!("{}\n{}", said.of(Stream::Stdout), said.of(Stream::Stderr))))
}

/// It is wrong, with these words.
async fn finds(stage: &Stage, url: &str, words: &[&str]) -> Result<()> {
    let (code, said) = check(stage, url, &[]).await?;
    ensure!(code == 1, "exit code {code}: {said}");
    for word in words {
        ensure!(said.contains(word), "`{word}` is not in {said}");
    }
    Ok(())
}

async fn is_right(stage: &Stage, url: &str, environment: &[(&str, &OsStr)]) -> Result<()> {
    let (code, said) = check(stage, url, environment).await?;
    ensure!(code == 0 && !said.contains("wrong"), "exit code {code}: {said}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_set_up_as_the_docs_say_is_right() {
    Stage::play("what_is_set_up_as_the_docs_say_is_right", async |stage| {
        let tracker = Tracker::start(stage).await?;
        is_right(stage, &tracker.url(), &[]).await?;
        drop(tracker);
        let place = Place::find()?;
        let options = ["--public-url", &place.url(), "--trusted-proxy", "127.0.0.1"];
        let tracker = Tracker::start_with(stage, &options).await?;
        let nginx = ReverseProxy::nginx(stage, place, tracker.address()).await?;
        is_right(stage, &nginx.url, &nginx.believed()).await?;
        // The address that redirects is not the one to give to people.
        finds(stage, &nginx.plain_url, &["redirects to https://localhost", "check that one"]).await?;
        drop((nginx, tracker));
        let place = Place::find()?;
        let options = ["--public-url", &place.url(), "--trusted-proxy", "127.0.0.1"];
        let tracker = Tracker::start_with(stage, &options).await?;
        let caddy = ReverseProxy::caddy(stage, place, tracker.address()).await?;
        is_right(stage, &caddy.url, &caddy.believed()).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_proxy_does_not_pass_on_is_named_with_the_setting_that_mends_it() {
    Stage::play("what_a_proxy_does_not_pass_on_is_named_with_the_setting_that_mends_it", async |stage| {
        let tracker = Tracker::start(stage).await?;
        let server = tracker.address();
        for (settings, words) in [
            (String::new(), &["/control does not open", "/link does not open", "proxy_set_header Upgrade"][..]),
            (format!("{UPGRADE} {ADDRESS}"), &["logins are refused", "header Host", "--public-url http://127.0.0.1"]),
            (format!("{UPGRADE} {HOST}"), &["share one address", "X-Forwarded-For", "proxy_add_x_forwarded_for"]),
            (format!("{UPGRADE} {HOST} {ADDRESS}"), &["share one address", "--trusted-proxy 127.0.0.1"]),
            (
                format!("{UPGRADE} {HOST} {ADDRESS} proxy_set_header Sec-WebSocket-Protocol \"\";"),
                &["Sec-WebSocket-Protocol"],
            ),
            (
                format!("{UPGRADE} {HOST} {ADDRESS} proxy_hide_header Sec-WebSocket-Protocol;"),
                &["Sec-WebSocket-Protocol"],
            ),
        ] {
            let proxy = ReverseProxy::nginx_with(stage, server, &settings).await?;
            finds(stage, &proxy.url, words).await?;
        }
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn paths_that_are_missing_and_a_server_below_a_path_are_named() {
    Stage::play("paths_that_are_missing_and_a_server_below_a_path_are_named", async |stage| {
        let tracker = Tracker::start_with(stage, &["--trusted-proxy", "127.0.0.1"]).await?;
        let pass = format!("proxy_pass http://{}; {UPGRADE} {HOST} {ADDRESS}", tracker.address());
        let only = |paths: &[&str]| {
            let locations: Vec<String> = paths.iter().map(|path| format!("location {path} {{ {pass} }}")).collect();
            format!("{} location / {{ return 404; }}", locations.join(" "))
        };
        let proxy = ReverseProxy::nginx_serving(stage, &only(&["= /seen", "= /control", "= /link"])).await?;
        finds(stage, &proxy.url, &["the page is missing (HTTP 404)", "every path"]).await?;
        let proxy = ReverseProxy::nginx_serving(stage, &only(&["= /seen", "= /control", "= /link", "= /"])).await?;
        finds(stage, &proxy.url, &["the page's files are missing"]).await?;
        let below = format!("{} location /covey/ {{ proxy_pass http://{}/; }}", only(&[]), tracker.address());
        let proxy = ReverseProxy::nginx_serving(stage, &below).await?;
        finds(stage, &format!("{}/covey/", proxy.url), &["cannot be below a path (/covey)", "name of its own"]).await?;
        finds(stage, &proxy.url, &["another web server answers there", "nginx"]).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_server_at_all_is_told_apart() {
    Stage::play("what_is_no_server_at_all_is_told_apart", async |stage| {
        let closed = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = closed.local_addr()?;
        drop(closed);
        finds(stage, &format!("http://{address}"), &["nothing listens there"]).await?;
        let proxy = ReverseProxy::nginx_with(stage, address, UPGRADE).await?;
        finds(stage, &proxy.url, &["cannot reach the server behind it", "tracker-relay runs"]).await?;
        let moved = ReverseProxy::nginx_serving(stage, "return 302 https://other.example$request_uri;").await?;
        finds(stage, &moved.url, &["redirects to https://other.example"]).await?;
        let html = "default_type text/html; return 200 '<html>It works</html>';";
        let other = ReverseProxy::nginx_serving(stage, html).await?;
        finds(stage, &other.url, &["another web server", "HTTP 200"]).await?;
        finds(stage, "share.example", &["an origin looks like https://share.example"]).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tls_on_the_wrong_port_a_wrong_name_and_a_wrong_public_url_are_told_apart() {
    Stage::play("tls_on_the_wrong_port_a_wrong_name_and_a_wrong_public_url_are_told_apart", async |stage| {
        let tracker = Tracker::start_with(stage, &["--public-url", "https://share.example"]).await?;
        finds(stage, &tracker.url().replace("http", "https"), &["speaks no TLS"]).await?;
        finds(stage, &tracker.url(), &["logins are refused", "This server is https://share.example"]).await?;
        drop(tracker);
        let certificate = Certificate::make(stage, "named", &["localhost"])?;
        let options = [Path::new("--tls-cert"), &certificate.certificate, Path::new("--tls-key"), &certificate.key];
        let options = options.map(|option| option.display().to_string());
        let tracker = Tracker::start_with(stage, &options.each_ref().map(String::as_str)).await?;
        let (port, believed) = (tracker.address().port(), [("SSL_CERT_FILE", certificate.certificate.as_os_str())]);
        is_right(stage, &format!("https://localhost:{port}"), &believed).await?;
        let (code, said) = check(stage, &format!("https://127.0.0.1:{port}"), &believed).await?;
        ensure!(code == 1 && said.contains("for other names"), "{said}");
        finds(stage, &format!("https://localhost:{port}"), &["authority", "SSL_CERT_FILE"]).await?;
        finds(stage, &format!("http://localhost:{port}"), &["redirects to https://localhost"]).await
    })
    .await;
}
