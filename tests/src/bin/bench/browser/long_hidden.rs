//! A tab that nobody looks at for eleven minutes, while a slow download goes on in it: browsers take more and more from such a tab, the last
//! of it after ten.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result};
use covey_tests::Proxy;

use super::hidden::ensure_visibility;
use super::swarm::Swarm;
use super::tab::Tab;
use super::world::{World, forget};
use crate::report::{Aim, Report, Row};

const PURPOSE: &str = "long-hidden";
const BYTES_PER_SECOND: u64 = 1_000_000;
/// Each is one figure.
const SPAN: Duration = Duration::from_secs(60);
const SPANS_HIDDEN: u32 = 11;
/// Until it goes evenly.
const BEGINNING: Duration = Duration::from_secs(10);

pub async fn measure(world: &World<'_>, report: &mut Report) -> Result<()> {
    let seconds = BEGINNING + SPAN * (SPANS_HIDDEN + 2);
    let file = world.memory.file("slow.bin", BYTES_PER_SECOND * seconds.as_secs())?;
    let build = &world.builds[0];
    let swarm = Swarm::of_one(&world.memory, build, PURPOSE, &file).await?;
    let address: SocketAddr = swarm.server.url.trim_start_matches("http://").parse().context("the server's address")?;
    let proxy = Proxy::start(address).await?;
    let browser = world.disk.browser(&build.folder(PURPOSE, "once")).await?;
    let mut tab = Tab::first(&browser).await?;
    tab.go(&proxy.invite(&swarm.seeder.invite)).await?;
    tab.until_enabled("join").await?;
    proxy.limit_from_server(BYTES_PER_SECOND);
    tab.ask("by('join').click()").await?;
    tokio::time::sleep(BEGINNING).await;
    let before = rate(&proxy).await;

    let in_front = Tab::beside(&browser, false).await?;
    ensure_visibility(&mut tab, true).await?;
    let mut hidden = Vec::new();
    for _ in 0..SPANS_HIDDEN {
        hidden.push(rate(&proxy).await);
        eprintln!("    {:.3} MB/s, {before:.3} before", hidden[hidden.len() - 1]);
    }
    ensure_visibility(&mut tab, true).await?;
    drop(in_front);
    forget(&browser).await?;
    report.add(Row {
        what: format!("browser download in a tab that is hidden for {SPANS_HIDDEN} minutes: the slowest of them"),
        covey: hidden.into_iter().fold(f64::INFINITY, f64::min),
        yardstick: "the minute before".to_owned(),
        plain: before,
        unit: "MB/s",
        aim: Aim::AtLeast(0.9),
    });
    Ok(std::fs::remove_file(file)?)
}

/// Megabytes (10^6) per second, in one span from now on, as they pass on their way: the tab is not asked.
async fn rate(proxy: &Proxy) -> f64 {
    let before = proxy.bytes_from_server();
    tokio::time::sleep(SPAN).await;
    (proxy.bytes_from_server() - before) as f64 / SPAN.as_secs_f64() / 1e6
}
