//! The same download in a tab that nobody looks at: another one is in front.

use anyhow::{Result, ensure};
use covey_tests::Browser;

use super::downloading::{Downloaded, press_and_wait};
use super::swarm::Swarm;
use super::tab::Tab;
use super::turns::take_turns;
use super::world::{World, forget};
use crate::report::{Aim, Report, Row};

const PURPOSE: &str = "hidden";

/// One download of each kind.
struct Pair {
    hidden: Downloaded,
    visible: Downloaded,
}

pub async fn measure(world: &World<'_>, report: &mut Report) -> Result<()> {
    let file = world.memory.file("hidden.bin", world.options.browser_len)?;
    let mut swarms = Vec::new();
    for build in world.builds {
        swarms.push(Swarm::of_two(&world.memory, build, PURPOSE, &file).await?);
    }
    let turns = take_turns(world, report, async |turn, round| {
        let invite = &swarms[turn].seeder.invite;
        let who = |what: &str| world.builds[turn].folder(what, &round.to_string());
        let visible = download(world, &who("visible"), invite, false).await?;
        let hidden = download(world, &who("hidden"), invite, true).await?;
        Ok(Pair { hidden, visible })
    })
    .await?;
    report.add(Row {
        what: "browser download in a hidden tab".to_owned(),
        covey: turns.median(|pair| pair.hidden.rate),
        yardstick: "the same in front".to_owned(),
        plain: turns.median(|pair| pair.visible.rate),
        unit: "MB/s",
        aim: Aim::AtLeast(0.9),
    });
    turns.compare(report, "browser download in a hidden tab", "MB/s", Aim::Open, |pair| pair.hidden.rate);
    Ok(std::fs::remove_file(file)?)
}

async fn download(world: &World<'_>, who: &str, invite: &str, is_hidden: bool) -> Result<Downloaded> {
    let browser: Browser = world.disk.browser(who).await?;
    let mut tab = Tab::first(&browser).await?;
    tab.go(invite).await?;
    tab.until_enabled("join").await?;
    let in_front = if is_hidden { Some(Tab::beside(&browser, false).await?) } else { None };
    ensure_visibility(&mut tab, is_hidden).await?;
    let downloaded = press_and_wait(&browser, &mut tab, world.options.browser_len).await?;
    ensure_visibility(&mut tab, is_hidden).await?;
    drop(in_front);
    forget(&browser).await?;
    Ok(downloaded)
}

/// Otherwise nothing would be measured.
pub async fn ensure_visibility(tab: &mut Tab, is_hidden: bool) -> Result<()> {
    let state = tab.ask("document.visibilityState").await?;
    let expected = if is_hidden { "hidden" } else { "visible" };
    ensure!(state == expected, "the tab is {state}, not {expected}");
    Ok(())
}
