//! One tab, two native seeders, the browser's profile on a disk and in memory; beside the other commit, and beside a bare worker
//! that decrypts, hashes and keeps the same bytes by the same means.

use anyhow::Result;
use covey_tests::Stage;

use super::downloading::{Downloaded, download};
use super::swarm::Swarm;
use super::turns::{Turns, take_turns};
use super::world::World;
use crate::bare_websocket::{BareServer, Receiver};
use crate::report::{Aim, Report, Row, median};

const PURPOSE: &str = "download";
const YARDSTICK: &str = "a bare worker that decrypts, hashes and writes to the same disk";

pub async fn measure(world: &World<'_>, report: &mut Report) -> Result<()> {
    let file = world.memory.file("film.bin", world.options.browser_len)?;
    let mut swarms = Vec::new();
    for build in world.builds {
        swarms.push(Swarm::of_two(&world.memory, build, PURPOSE, &file).await?);
    }
    for (place, stage) in [("disk", &world.disk), ("memory", &world.memory)] {
        measure_at(world, report, place, stage, &swarms).await?;
    }
    Ok(std::fs::remove_file(file)?)
}

async fn measure_at(
    world: &World<'_>,
    report: &mut Report,
    place: &str,
    stage: &Stage,
    swarms: &[Swarm],
) -> Result<()> {
    let len = world.options.browser_len;
    let mut bare = Vec::new();
    let turns = take_turns(world, report, async |turn, round| {
        if turn == 0 {
            let server = BareServer::start(Receiver::Opens, len).await?;
            bare.push(download(stage, &format!("bare-{place}-{round}"), &server.url(), len).await?);
        }
        let who = world.builds[turn].folder("tab", &format!("{place}-{round}"));
        download(stage, &who, &swarms[turn].seeder.invite, len).await
    })
    .await?;
    let what = format!("browser download, profile {}", if place == "disk" { "on a disk" } else { "in memory" });
    add_rows(report, &what, &turns, &bare);
    turns.compare(report, &what, "MB/s", Aim::AtLeast(2.0), |run| run.rate);
    turns.compare(report, "processor time of all of Chromium", "s", Aim::AtMost(0.6), Downloaded::cpu_seconds);
    turns.compare(report, "memory of all of Chromium at the end", "MiB", Aim::Open, Downloaded::memory_mib);
    for (title, run) in [("a tab", turns.this.last()), ("the bare worker", bare.last())] {
        report.note(format!("{what}, {title}: {}", run.map_or_else(String::new, |run| run.used.parts())));
    }
    Ok(())
}

fn add_rows(report: &mut Report, what: &str, turns: &Turns<Downloaded>, bare: &[Downloaded]) {
    let mut row = |what: &str, unit, aim, pick: fn(&Downloaded) -> f64| {
        let plain = median(bare.iter().map(pick).collect());
        let (what, yardstick) = (what.to_owned(), YARDSTICK.to_owned());
        report.add(Row { what, covey: turns.median(pick), yardstick, plain, unit, aim });
    };
    row(what, "MB/s", Aim::AtLeast(0.9), |run| run.rate);
    row("processor time of all of Chromium", "s", Aim::Open, Downloaded::cpu_seconds);
    row("memory of all of Chromium at the end", "MiB", Aim::Open, Downloaded::memory_mib);
}
