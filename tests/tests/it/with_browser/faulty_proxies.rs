//! A tab behind a reverse proxy as people write it at first.

use anyhow::ensure;
use covey_tests::wait::SOON;
use covey_tests::{NativePeer, PageView, Stage, Tracker};
use fantoccini::Locator;

use crate::faulty_proxies::{share_fails, warnings};
use crate::reverse_proxy::{HOST, ReverseProxy, UPGRADE};

#[tokio::test(flavor = "multi_thread")]
async fn nginx_that_passes_no_host_on_is_told_to_and_no_inner_address_is_shown() {
    Stage::play("nginx_that_passes_no_host_on_is_told_to_and_no_inner_address_is_shown", async |stage| {
        let mut tracker = Tracker::start(stage).await?;
        let proxy = ReverseProxy::nginx_with(stage, tracker.address(), UPGRADE).await?;
        for _ in 0..2 {
            let said = share_fails(stage, &proxy.url, 7, &[]).await?;
            ensure!(said.contains("header Host") && said.contains(&format!("--public-url {}", proxy.url)), "{said}");
            ensure!(!said.contains(&tracker.address().to_string()), "an inner address: {said}");
        }
        let cleo = stage.browser("Cleo").await?;
        cleo.open(&proxy.url).await?;
        let warned = warnings(&mut tracker, "header Host").await?;
        ensure!(warned == 1, "{warned} warnings");
        // What is advised helps.
        let _named = Tracker::start_at(stage, tracker.address(), &["--public-url", &proxy.url]).await?;
        let ben = NativePeer::share(stage, "Ben", &stage.file("shared.bin", 1000)?, &proxy.url, &[])?;
        ben.ready().await?;
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tab_says_what_the_proxy_does_not_pass_on() {
    Stage::play("a_tab_says_what_the_proxy_does_not_pass_on", async |stage| {
        let tracker = Tracker::start(stage).await?;
        let cleo = stage.browser("Cleo").await?;
        for (settings, words) in [(HOST, "Upgrade and Connection"), (UPGRADE, "header Host"), ("", "header Host")] {
            let proxy = ReverseProxy::nginx_with(stage, tracker.address(), settings).await?;
            cleo.open(&format!("{}/j/lively-otter#AAAAAAAAAAAAAAAAAAAAAA", proxy.url)).await?;
            let is_said = |page: &PageView| {
                page.errors.iter().chain(&page.notices).any(|said| said.contains(words)).then_some(())
            };
            cleo.until(words, SOON, is_said).await?;
        }
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_path_below_which_a_server_is_to_be_is_refused_where_it_is_given() {
    Stage::play("a_path_below_which_a_server_is_to_be_is_refused_where_it_is_given", async |stage| {
        let tracker = Tracker::start(stage).await?;
        let location = format!("location /covey/ {{ proxy_pass http://{}/; {UPGRADE} {HOST} }}", tracker.address());
        let proxy = ReverseProxy::nginx_serving(stage, &location).await?;
        let said = share_fails(stage, &format!("{}/covey/", proxy.url), 2, &[]).await?;
        ensure!(said.contains("no path") && said.contains("/covey"), "{said}");
        let cleo = stage.browser("Cleo").await?;
        cleo.open(&format!("{}/covey/", proxy.url)).await?;
        let shown = cleo.client().find(Locator::Css("body")).await?.text().await?;
        ensure!(shown.contains("cannot be below a path"), "{shown}");
        Ok(())
    })
    .await;
}
