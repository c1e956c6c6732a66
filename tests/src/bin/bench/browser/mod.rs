//! `cargo xtask bench --browser`: a tab, beside another commit's and beside plain yardsticks in the same browser and run. Whatever
//! is downloaded comes from memory; where the browser keeps its profile, a row says.
//!
//! - [`world`], [`turns`], [`swarm`]: who takes part, whose turn it is, and what is downloaded from whom.
//! - [`tab`], [`family`], [`downloading`]: a tab driven from outside, what all processes of its browser use, and one download
//!   with both.
//! - The others: the rows, one idea each. `--only NAME` picks them by the names below.

mod download;
mod downloading;
mod family;
mod hidden;
mod long_hidden;
mod memory;
mod page;
mod playing;
mod resume;
mod sharing;
mod swarm;
mod tab;
mod tabs;
mod turns;
mod webtorrent;
mod world;

use anyhow::{Context, Result};

use crate::builds::Build;
use crate::options::Options;
use crate::report::Report;
use world::World;

/// Measures every row that was asked for.
///
/// # Errors
/// If one cannot be measured.
pub async fn measure(builds: &[Build], options: &Options, report: &mut Report) -> Result<()> {
    let world = World::open(builds, options)?;
    let measured = measure_rows(&world, report).await;
    if measured.is_err() {
        world.show_all().await;
    }
    measured
}

async fn measure_rows(world: &World<'_>, report: &mut Report) -> Result<()> {
    macro_rules! rows {
        ($($name:literal: $what:path)*) => {$(
            if world.options.wants($name) {
                eprintln!("==> {}", $name);
                $what(world, report).await.context($name)?;
            }
        )*};
    }
    rows! {
        "download": download::measure
        "memory": memory::measure
        "resume": resume::measure
        "sharing": sharing::measure
        "tabs": tabs::measure
        "hidden": hidden::measure
        "page": page::measure
        "play": playing::measure
    }
    // A quarter of an hour, for those who ask for it.
    if world.options.only.as_deref() == Some("long-hidden") {
        long_hidden::measure(world, report).await.context("long-hidden")?;
    }
    Ok(())
}
