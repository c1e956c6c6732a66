//! A server behind a reverse proxy that is set up as the docs say.

use std::path::PathBuf;

use anyhow::{Result, ensure};
use covey_tests::content::{self, MIB};
use covey_tests::{NativePeer, Stage, Tracker};
use wire_protocol::invite::Invite;

use crate::reverse_proxy::{ADDRESS, HOST, Place, ReverseProxy, UPGRADE};

pub fn trusting(url: &str) -> [&str; 4] {
    ["--public-url", url, "--trusted-proxy", "127.0.0.1"]
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invite_with_http_is_followed_to_https_and_keeps_its_secret() {
    Stage::play("an_invite_with_http_is_followed_to_https_and_keeps_its_secret", async |stage| {
        let place = Place::find()?;
        let tracker = Tracker::start_with(stage, &trusting(&place.url())).await?;
        let mut proxy = ReverseProxy::nginx(stage, place, tracker.address()).await?;
        let file = stage.file("moved.bin", MIB)?;
        // The server's address as typed, and an invite as somebody wrote it down.
        let secure = std::mem::replace(&mut proxy.url, place.plain_url());
        let ana = proxy.share(stage, "Ana", &file, &[])?;
        let invite = ana.invite().await?;
        ensure!(invite.starts_with(&secure), "prints the address that redirects: {invite}");
        let written_down = invite.replace(&secure, &place.plain_url());
        let folder = stage.subfolder("Bo-files")?;
        let mut bo = proxy.download(stage, "Bo", &written_down, &folder)?;
        bo.succeeds().await?;
        content::ensure_equal(&folder.join("moved.bin"), &file)?;
        let secret = invite.split_once('#').expect("an invite has a secret").1;
        for process in [bo.process(), &proxy.process] {
            let said = process.transcript().of(covey_tests::process::Stream::Stderr);
            ensure!(!said.contains(secret), "the secret is in {said}");
        }
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_to_another_host_or_away_from_tls_is_not_followed_and_is_named() {
    Stage::play("a_redirect_to_another_host_or_away_from_tls_is_not_followed_and_is_named", async |stage| {
        let tracker = Tracker::start(stage).await?;
        for to in [tracker.url().replace("127.0.0.1", "localhost"), "/covey$request_uri".to_owned()] {
            let proxy = ReverseProxy::nginx_serving(stage, &format!("return 301 {to};")).await?;
            let file = stage.file("not moved.bin", 1000)?;
            let said = proxy.share(stage, "Ana", &file, &[])?.fails_with(7).await?;
            ensure!(said.contains("redirects to") && said.contains("301"), "{said}");
        }
        // In a circle.
        let proxy = ReverseProxy::nginx_serving(stage, "return 308 http://127.0.0.1:$server_port$request_uri;").await?;
        let said = proxy.share(stage, "Ana", &stage.file("circle.bin", 1000)?, &[])?.fails_with(7).await?;
        ensure!(said.contains("redirects"), "{said}");
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_cuts_what_is_silent_for_two_seconds_cuts_no_sharing_off() {
    Stage::play("a_proxy_that_cuts_what_is_silent_for_two_seconds_cuts_no_sharing_off", async |stage| {
        let tracker = Tracker::start(stage).await?;
        let settings = format!("{UPGRADE} {HOST} {ADDRESS} proxy_read_timeout 2s; proxy_send_timeout 2s;");
        let proxy = ReverseProxy::nginx_with(stage, tracker.address(), &settings).await?;
        let file = stage.file("patient.bin", 4 * MIB)?;
        let ana = proxy.share(stage, "Ana", &file, &["--no-tcp"])?;
        let invite = ana.invite().await?;
        ana.ready().await?;
        let cut = |_, line: &str| line.contains("offline").then_some(());
        ana.process().line("that it is cut off", covey_tests::wait::SOON, cut).await?;
        let folder = stage.subfolder("Bo-files")?;
        let mut bo = proxy.download(stage, "Bo", &invite, &folder)?;
        bo.succeeds().await?;
        content::ensure_equal(&folder.join("patient.bin"), &file)
    })
    .await;
}

/// Whoever guesses sends ten wrong invites, each time as the same person; others come through the same proxy.
async fn only_the_guesser_is_blocked(stage: &Stage, url: &str) -> Result<()> {
    let file = stage.file("guarded.bin", MIB)?;
    let ana = NativePeer::share(stage, "Ana", &file, url, &[])?;
    let invite: Invite = ana.invite().await?.parse()?;
    ana.ready().await?;
    let wrong = Invite::new(url, invite.slug(), [7; 16])?.to_string();
    let folder: PathBuf = stage.subfolder("Eve-files")?;
    for _ in 0..10 {
        NativePeer::download(stage, "Eve", &wrong, &folder, &["--no-seed"])?.fails_with(5).await?;
    }
    let blocked =
        NativePeer::download(stage, "Eve", &invite.to_string(), &folder, &["--no-seed"])?.fails_with(7).await?;
    ensure!(blocked.contains("minute"), "{blocked}");
    let folder = stage.subfolder("Bo-files")?;
    let mut bo = NativePeer::download(stage, "Bo", &invite.to_string(), &folder, &["--no-seed"])?;
    bo.succeeds().await?;
    content::ensure_equal(&folder.join("guarded.bin"), &file)
}

#[tokio::test(flavor = "multi_thread")]
async fn of_those_behind_a_proxy_that_tells_no_addresses_only_who_guesses_is_blocked() {
    Stage::play("of_those_behind_a_proxy_that_tells_no_addresses_only_who_guesses_is_blocked", async |stage| {
        let tracker = Tracker::start(stage).await?;
        let proxy = ReverseProxy::nginx_with(stage, tracker.address(), &format!("{UPGRADE} {HOST}")).await?;
        only_the_guesser_is_blocked(stage, &proxy.url).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_those_behind_a_trusted_proxy_at_one_address_only_who_guesses_is_blocked() {
    Stage::play("of_those_behind_a_trusted_proxy_at_one_address_only_who_guesses_is_blocked", async |stage| {
        let tracker = Tracker::start_with(stage, &["--trusted-proxy", "127.0.0.1"]).await?;
        let elsewhere = "proxy_set_header X-Forwarded-For 203.0.113.7;";
        let proxy =
            ReverseProxy::nginx_with(stage, tracker.address(), &format!("{UPGRADE} {HOST} {elsewhere}")).await?;
        only_the_guesser_is_blocked(stage, &proxy.url).await
    })
    .await;
}
