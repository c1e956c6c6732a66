//! What a browser holds after a long download, beside a tenth of it. The files have no content, so that their length costs
//! only what the browser writes; its profile is on a disk.

use std::fs::File;

use anyhow::Result;
use covey_tests::Stage;
use covey_tests::devtools::{js_heap, tab_memory};

use super::downloading::{Downloaded, press_and_wait};
use super::swarm::Swarm;
use super::tab::Tab;
use super::turns::take_turns;
use super::world::{World, forget};
use crate::report::{Aim, Report, Row};

const PURPOSE: &str = "memory";
const HEAP_AIM_MIB: f64 = 128.0;
/// At so many tenths of a download the heap is looked at, too.
const LOOKS: [u64; 3] = [3, 6, 9];

/// One download of each length.
struct Held {
    short: Holding,
    long: Holding,
}

/// MiB of one download.
struct Holding {
    /// All processes of the browser, at its end.
    all: f64,
    /// The most that the JavaScript heap had, and WASM.
    heap: f64,
}

pub async fn measure(world: &World<'_>, report: &mut Report) -> Result<()> {
    let short: u64 = if world.options.quick { 50_000_000 } else { 500_000_000 };
    let long = 10 * short;
    let turns = take_turns(world, report, async |turn, round| {
        let mut holdings = Vec::new();
        for len in [short, long] {
            holdings.push(hold(world, turn, round, len).await?);
        }
        let [short, long] = <[Holding; 2]>::try_from(holdings).map_err(|_| anyhow::anyhow!("two downloads"))?;
        Ok(Held { short, long })
    })
    .await?;
    let megabytes = |len: u64| len / 1_000_000;
    let (after_long, after_short) = (megabytes(long), megabytes(short));
    report.add(Row {
        what: format!("memory of all of Chromium after {after_long} MB"),
        covey: turns.median(|run| run.long.all),
        yardstick: format!("after {after_short} MB"),
        plain: turns.median(|run| run.short.all),
        unit: "MiB",
        aim: Aim::AtMost(1.1),
    });
    report.add(Row {
        what: format!("JavaScript heap and WASM while {after_long} MB come, the most"),
        covey: turns.median(|run| run.long.heap),
        yardstick: "the bound".to_owned(),
        plain: HEAP_AIM_MIB,
        unit: "MiB",
        aim: Aim::AtMost(1.0),
    });
    let what = format!("memory of all of Chromium after {after_long} MB");
    turns.compare(report, &what, "MiB", Aim::Open, |run| run.long.all);
    Ok(())
}

async fn hold(world: &World<'_>, turn: usize, round: usize, len: u64) -> Result<Holding> {
    let (stage, build): (&Stage, _) = (&world.disk, &world.builds[turn]);
    let purpose = format!("{PURPOSE}-{len}-{round}");
    let file = stage.subfolder("originals")?.join(format!("{purpose}.bin"));
    File::create(&file)?.set_len(len)?;
    let swarm = Swarm::of_one(stage, build, &purpose, &file).await?;
    let browser = stage.browser(&build.folder("tab", &purpose)).await?;
    let mut tab = Tab::first(&browser).await?;
    tab.go(&swarm.seeder.invite).await?;
    tab.until_enabled("join").await?;
    let (downloaded, mut heap) = tokio::try_join!(press_and_wait(&browser, &mut tab, len), most_heap(&browser, len))?;
    let at_the_end = tab_memory(&browser).await?;
    heap = heap.max(at_the_end.js_heap);
    forget(&browser).await?;
    std::fs::remove_file(file)?;
    Ok(Holding { all: Downloaded::memory_mib(&downloaded), heap: (heap + at_the_end.wasm) as f64 / f64::from(1 << 20) })
}

/// The most of the JavaScript heap of some looks, bytes; WASM only grows, so its end is enough.
async fn most_heap(browser: &covey_tests::Browser, len: u64) -> Result<u64> {
    let mut tab = Tab::first(browser).await?;
    let mut most = 0;
    for tenths in LOOKS {
        let enough = len * tenths / 10;
        let arrived = format!(
            "until(() => Number(by('progress')?.dataset.haveBytes) >= {enough} || document.querySelector('[data-state=done]') !== null)"
        );
        tab.ask(&arrived).await?;
        most = most.max(js_heap(browser).await?);
    }
    Ok(most)
}
