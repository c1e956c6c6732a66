//! An invite opened in a browser that has never seen the page: how long until its button can be pressed; and how much the page
//! and its worker are, as servers send them.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use super::swarm::Swarm;
use super::tab::Tab;
use super::turns::take_turns;
use super::world::{World, forget};
use crate::report::{Aim, Comparison, Report, Row, median};

const PURPOSE: &str = "page";
const AIM_SECONDS: f64 = 1.0;
const AIM_KB: f64 = 400.0;
/// Fresh browsers in each round.
const OPENED: usize = 5;
/// Nearly nothing: only the invite matters.
const FILE_LEN: u64 = 1 << 20;

/// Milliseconds from the beginning of the navigation.
const WATCH: &str = "window.interactive = until(() => by('join') && !by('join').disabled && performance.now());";

pub async fn measure(world: &World<'_>, report: &mut Report) -> Result<()> {
    let file = world.memory.file("invited.bin", FILE_LEN)?;
    let mut swarms = Vec::new();
    for build in world.builds {
        swarms.push(Swarm::of_one(&world.memory, build, PURPOSE, &file).await?);
    }
    let turns = take_turns(world, report, async |turn, round| {
        let mut opened = Vec::new();
        for number in 0..OPENED {
            let who = world.builds[turn].folder("first-visit", &format!("{round}-{number}"));
            opened.push(open(world, &who, &swarms[turn].seeder.invite).await?);
        }
        Ok(median(opened))
    })
    .await?;
    report.add(Row {
        what: "an invite opened for the first time: navigation to a button that can be pressed".to_owned(),
        covey: turns.median(|seconds| *seconds),
        yardstick: "the bound".to_owned(),
        plain: AIM_SECONDS,
        unit: "s",
        aim: Aim::AtMost(1.0),
    });
    turns.compare(report, "an invite opened for the first time", "s", Aim::Open, |seconds| *seconds);
    add_sizes(world, report)
}

async fn open(world: &World<'_>, who: &str, invite: &str) -> Result<f64> {
    let browser = world.disk.browser(who).await?;
    let mut tab = Tab::first(&browser).await?;
    tab.prepare(WATCH).await?;
    tab.go(invite).await?;
    let milliseconds = tab.number("interactive").await?;
    forget(&browser).await?;
    Ok(milliseconds / 1000.0)
}

fn add_sizes(world: &World<'_>, report: &mut Report) -> Result<()> {
    let mut sizes = Vec::new();
    for build in world.builds {
        sizes.push(wasm_kb(&build.page)?);
    }
    report.add(Row {
        what: "WASM of page and worker, gzipped".to_owned(),
        covey: sizes[0],
        yardstick: "the bound".to_owned(),
        plain: AIM_KB,
        unit: "kB",
        aim: Aim::AtMost(1.0),
    });
    if let [this, other] = sizes[..] {
        let what = "WASM of page and worker, gzipped".to_owned();
        report.compare(Comparison { what, unit: "kB", this: vec![this], other: vec![other], aim: Aim::Open });
    }
    Ok(())
}

/// All WASM in a folder, each file compressed by itself.
fn wasm_kb(folder: &Path) -> Result<f64> {
    let mut bytes = 0;
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "wasm") {
            bytes += gzipped_len(&path)?;
        }
    }
    ensure!(bytes > 0, "{} holds no WASM", folder.display());
    Ok(bytes as f64 / 1000.0)
}

fn gzipped_len(path: &Path) -> Result<usize> {
    let output = Command::new("gzip").args(["-9", "-c"]).arg(path).stdin(Stdio::null()).output();
    let output = output.context("cannot run gzip")?;
    ensure!(output.status.success(), "gzip ended with {}", output.status);
    Ok(output.stdout.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_wasm_counts_and_as_it_is_sent() {
        let folder = tempfile::tempdir().unwrap();
        assert!(wasm_kb(folder.path()).is_err());
        for name in ["page_bg.wasm", "worker_bg.wasm", "page.js"] {
            std::fs::write(folder.path().join(name), [0; 100_000]).unwrap();
        }
        let kb = wasm_kb(folder.path()).unwrap();
        assert!((0.2..1.0).contains(&kb), "{kb}");
    }
}
