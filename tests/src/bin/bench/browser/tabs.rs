//! From one tab to another; beside WebTorrent, which does that without a server in between.

use std::path::Path;

use anyhow::{Context, Result};
use covey_tests::Browser;

use super::downloading::{Downloaded, press_and_wait};
use super::tab::Tab;
use super::turns::take_turns;
use super::webtorrent::{VERSION, WebTorrent};
use super::world::{World, forget};
use crate::report::{Aim, Report, Row, median};

const PURPOSE: &str = "tabs";

/// Covey's page, and WebTorrent's that has the same chooser and the same link.
const LINK: &str = "until(() => by('share-card')?.dataset.state === 'sharing' && by('share-link')?.innerText.trim())";

pub async fn measure(world: &World<'_>, report: &mut Report) -> Result<()> {
    let len: u64 = if world.options.quick { 32 << 20 } else { 256 << 20 };
    let file = world.memory.file("handed on.bin", len)?;
    let mut servers = Vec::new();
    for build in world.builds {
        servers.push(build.serve(&world.memory, PURPOSE).await?);
    }
    let webtorrent = WebTorrent::start(&world.memory).await;
    let mut plain = Vec::new();
    let turns = take_turns(world, report, async |turn, round| {
        if turn == 0
            && let Ok(webtorrent) = &webtorrent
        {
            let who = format!("webtorrent-{round}");
            plain.push(by_webtorrent(world, &who, webtorrent, &file, len).await.context("WebTorrent")?);
        }
        let who = |what: &str| world.builds[turn].folder(what, &round.to_string());
        // Two browsers: in one, both tabs would be the same person.
        let (one, other) = (world.disk.browser(&who("giving")).await?, world.disk.browser(&who("taking")).await?);
        let (mut from, mut to) = (Tab::first(&one).await?, Tab::first(&other).await?);
        let run = hand_on(&servers[turn].url, &file, len, &mut from, (&other, &mut to)).await?;
        forget(&one).await?;
        forget(&other).await?;
        Ok(run)
    })
    .await?;
    let (what, covey) = (format!("{} MiB from tab to tab", len >> 20), turns.median(|run| run.rate));
    match webtorrent {
        Err(error) => report.note(format!("{what}: {covey:.1} MB/s; WebTorrent was not measured: {error:#}")),
        Ok(_) => report.add(Row {
            what,
            covey,
            yardstick: format!("WebTorrent {VERSION}"),
            plain: median(plain),
            unit: "MB/s",
            aim: Aim::AtLeast(8.0),
        }),
    }
    turns.compare(report, "from tab to tab", "MB/s", Aim::Open, |run| run.rate);
    Ok(std::fs::remove_file(file)?)
}

/// Two windows of one browser, both to be seen.
async fn by_webtorrent(world: &World<'_>, who: &str, webtorrent: &WebTorrent, file: &Path, len: u64) -> Result<f64> {
    let browser = world.disk.browser(who).await?;
    let (mut from, mut to) = (Tab::first(&browser).await?, Tab::beside(&browser, true).await?);
    let run = hand_on(&webtorrent.url(), file, len, &mut from, (&browser, &mut to)).await?;
    forget(&browser).await?;
    Ok(run.rate)
}

/// From the press of the button in the second tab to the last verified piece.
async fn hand_on(
    home: &str,
    file: &Path,
    len: u64,
    from: &mut Tab,
    (browser, to): (&Browser, &mut Tab),
) -> Result<Downloaded> {
    from.go(home).await?;
    from.until_connected().await?;
    from.choose("share-file", file).await?;
    let link = from.ask(LINK).await?;
    to.go(link.as_str().context("a link is a text")?).await?;
    to.until_enabled("join").await?;
    to.until_connected().await?;
    press_and_wait(browser, to, len).await
}
