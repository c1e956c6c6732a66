//! `cargo xtask bench --native`: native-peer as one BitTorrent client among others and as a bridge, beside other clients
//! that do the same work in the same run. Files are in memory.
//!
//! - [`seeders`], [`race`], [`clients`]: who serves, what is downloaded, and who downloads it.
//! - The others: the rows, one idea each. `--only NAME` picks them by the names below.

mod bridging;
mod clients;
mod many_files;
mod one_seeder;
mod race;
mod seeders;
mod sparse;
mod splice;
mod two_seeders;

use anyhow::{Context, Result};
use covey_tests::Stage;

use crate::builds::Build;
use crate::options::Options;
use crate::report::Report;
pub use clients::aria2;

/// Measures every row that was asked for.
pub async fn measure(stage: &Stage, build: &Build, options: &Options, report: &mut Report) -> Result<()> {
    macro_rules! rows {
        ($($name:literal: $what:path)*) => {$(
            if options.wants($name) {
                eprintln!("==> {}", $name);
                $what(stage, build, options, report).await.context($name)?;
            }
        )*};
    }
    rows! {
        "one-seeder": one_seeder::measure
        "two-seeders": two_seeders::measure
        "many-files": many_files::measure
        "sparse": sparse::measure
        "bridging": bridging::measure
        "bridge-tab": bridging::measure_tab
    }
    Ok(())
}
