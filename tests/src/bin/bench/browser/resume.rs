//! A tab is left at 71 % and opened again: how long after the press of "Continue" the first new piece begins to come. A request
//! cannot be seen in what is encrypted; the first block can, by its length, in the bytes that pass on their way to the tab.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use covey_tests::{Browser, Proxy};

use super::swarm::Swarm;
use super::tab::Tab;
use super::turns::take_turns;
use super::world::{World, forget};
use crate::report::{Aim, Report, Row};

const PURPOSE: &str = "resume";
const SHARE_DONE: f64 = 0.71;
const AIM_SECONDS: f64 = 1.0;
/// The whole would take so long until the tab is left: the page tells only now and then how far it is.
const SECONDS_UNTIL_LEFT: u64 = 12;
/// More than what is said about a group and for a handshake; two blocks.
const FIRST_BLOCK: u64 = 32 * 1024;
const LOOK_EVERY: Duration = Duration::from_millis(2);
/// Until the first block, however slow the machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// One tab that came back.
struct Return {
    /// From the press to the first block.
    pressed: f64,
    /// From opening the page to a button that can be pressed.
    opened: f64,
    /// How far it was when it was left.
    share_done: f64,
    /// Bytes that came after the press, of those that were missing.
    fetched: f64,
}

pub async fn measure(world: &World<'_>, report: &mut Report) -> Result<()> {
    let file = world.memory.file("resumed.bin", world.options.browser_len)?;
    let mut swarms = Vec::new();
    for build in world.builds {
        swarms.push(Swarm::of_one(&world.memory, build, PURPOSE, &file).await?);
    }
    let turns = take_turns(world, report, async |turn, round| {
        let browser = world.disk.browser(&world.builds[turn].folder("returning", &round.to_string())).await?;
        let came_back = leave_and_return(&browser, &swarms[turn], world.options.browser_len).await?;
        forget(&browser).await?;
        Ok(came_back)
    })
    .await?;
    report.add(Row {
        what: "a tab comes back: press of Continue to the first new block".to_owned(),
        covey: turns.median(|run| run.pressed),
        yardstick: "the bound".to_owned(),
        plain: AIM_SECONDS,
        unit: "s",
        aim: Aim::AtMost(1.0),
    });
    report.note(format!(
        "it was left at {:.0} %; Continue could be pressed {:.2} s after the page was opened; {:.2} times of what was missing came",
        100.0 * turns.median(|run| run.share_done),
        turns.median(|run| run.opened),
        turns.median(|run| run.fetched)
    ));
    let what = "press of Continue to the first new block";
    turns.compare(report, what, "s", Aim::Open, |run| run.pressed);
    Ok(std::fs::remove_file(file)?)
}

async fn leave_and_return(browser: &Browser, swarm: &Swarm, len: u64) -> Result<Return> {
    let address: SocketAddr = swarm.server.url.trim_start_matches("http://").parse().context("the server's address")?;
    let proxy = Proxy::start(address).await?;
    proxy.limit_from_server(len / SECONDS_UNTIL_LEFT);
    let mut tab = Tab::first(browser).await?;
    tab.go(&proxy.invite(&swarm.seeder.invite)).await?;
    tab.until_enabled("join").await?;
    let enough = len as f64 * SHARE_DONE;
    let until = format!("Number(by('progress')?.dataset.haveBytes) >= {enough} && by('progress').dataset.haveBytes");
    let had = tab.ask(&format!("by('join').click(); until(() => {until})")).await?;
    let mut next = Tab::beside(browser, false).await?;
    tab.close().await?;
    let had: u64 = had.as_str().and_then(|bytes| bytes.parse().ok()).context("how much it has")?;
    ensure!(had < len, "it was left too late");

    proxy.unlimit();
    let opening = Instant::now();
    next.go(&proxy.url()).await?;
    next.until_enabled("continue").await?;
    let opened = opening.elapsed().as_secs_f64();
    let before = proxy.bytes_from_server();
    let pressing = Instant::now();
    let (whole, pressed) = tokio::try_join!(next.ask(PRESS_AND_WAIT), first_block(&proxy, before))?;
    ensure!(whole == "done", "it did not go on: {whole}");
    let fetched = (proxy.bytes_from_server() - before) as f64 / (len - had) as f64;
    // Whatever was written and not yet noted is fetched anew; more is a download that began anew.
    ensure!(fetched < 0.5 * len as f64 / (len - had) as f64, "{fetched:.2} times of what was missing came");
    let pressed = pressed.duration_since(pressing).as_secs_f64();
    Ok(Return { pressed, opened, share_done: had as f64 / len as f64, fetched })
}

const PRESS_AND_WAIT: &str = "by('continue').click();
    until(() => ['done', 'failed'].find((end) => end === document.querySelector('[data-state]')?.dataset.state))";

async fn first_block(proxy: &Proxy, before: u64) -> Result<Instant> {
    let deadline = Instant::now() + PATIENCE;
    while proxy.bytes_from_server() < before + FIRST_BLOCK {
        ensure!(Instant::now() < deadline, "nothing came within {} s", PATIENCE.as_secs());
        tokio::time::sleep(LOOK_EVERY).await;
    }
    Ok(Instant::now())
}
