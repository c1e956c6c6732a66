//! A server behind a reverse proxy that is set up as the docs say, and a tab.

use std::ffi::OsStr;
use std::net::SocketAddr;

use anyhow::{Result, ensure};
use covey_tests::content::{self, MIB};
use covey_tests::ordinary_client::free_port;
use covey_tests::wait::TRANSFER;
use covey_tests::{NativePeer, Stage, Tracker};

use crate::behind_proxies::trusting;
use crate::reverse_proxy::{Place, ReverseProxy};

const LEN: u64 = 24 * MIB;

/// Ana shares through a proxy, Bo on a command line and Cleo in a browser download.
async fn carries_a_file(stage: &Stage, proxy: &ReverseProxy) -> Result<()> {
    let file = stage.file("carried.bin", LEN)?;
    let ana = proxy.share(stage, "Ana", &file, &["--no-tcp"])?;
    let invite = ana.invite().await?;
    ensure!(invite.starts_with(&proxy.url), "another address: {invite}");
    ana.ready().await?;
    let folder = stage.subfolder("Bo-files")?;
    let mut bo = proxy.download(stage, "Bo", &invite, &folder)?;
    bo.succeeds().await?;
    content::ensure_equal(&folder.join("carried.bin"), &file)?;
    let cleo = stage.browser("Cleo").await?;
    cleo.join(&invite).await?;
    cleo.until_saved(&file, TRANSFER).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn nginx_as_the_docs_have_it_carries_a_file_to_a_tab_and_a_command_line() {
    Stage::play("nginx_as_the_docs_have_it_carries_a_file_to_a_tab_and_a_command_line", async |stage| {
        let place = Place::find()?;
        let tracker = Tracker::start_with(stage, &trusting(&place.url())).await?;
        let proxy = ReverseProxy::nginx(stage, place, tracker.address()).await?;
        carries_a_file(stage, &proxy).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn caddy_as_the_docs_have_it_carries_a_file_to_a_tab_and_a_command_line() {
    Stage::play("caddy_as_the_docs_have_it_carries_a_file_to_a_tab_and_a_command_line", async |stage| {
        let place = Place::find()?;
        let tracker = Tracker::start_with(stage, &trusting(&place.url())).await?;
        let proxy = ReverseProxy::caddy(stage, place, tracker.address()).await?;
        carries_a_file(stage, &proxy).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_home_server_without_tls_works_by_its_name_in_a_browser() {
    Stage::play("a_home_server_without_tls_works_by_its_name_in_a_browser", async |stage| {
        let port = free_port()?;
        let named = format!("http://some.lan:{port}");
        let listen = SocketAddr::from(([127, 0, 0, 1], port));
        let _tracker = Tracker::start_at(stage, listen, &["--public-url", &named]).await?;
        let hosts = stage.folder().join("hosts");
        std::fs::write(&hosts, "127.0.0.1 localhost some.lan\n")?;
        let file = stage.file("at home.bin", 8 * MIB)?;
        let arguments = [OsStr::new("share"), file.as_os_str(), OsStr::new("--server"), OsStr::new(&named)];
        let ana = NativePeer::start_knowing(stage, "Ana", &hosts, &arguments)?;
        let invite = ana.invite().await?;
        let cleo = stage.browser("Cleo").await?;
        cleo.join(&invite).await?;
        let is_secure = cleo.client().execute("return window.isSecureContext", vec![]).await?;
        ensure!(is_secure == false, "this tests nothing: {is_secure}");
        cleo.until_saved(&file, TRANSFER).await?;
        Ok(())
    })
    .await;
}
