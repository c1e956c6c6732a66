//! `cargo xtask bench --server`: tracker-relay under load, beside a bare tokio-tungstenite server that does the same
//! work in the same run.
//!
//! - [`servers`], [`observed`]: both servers, and what they use, read from outside.
//! - [`member`], [`group`], [`pairs`], [`flow`], [`conversing`]: what the load consists of.
//! - The others: the rows, one idea each. `--only NAME` picks them by the names below.

mod conversing;
mod costs;
mod crowds;
mod flow;
mod group;
mod idle;
mod member;
mod observed;
mod pairs;
mod relaying;
mod restarts;
mod servers;
mod silent;
mod stalled;
mod strangers;

use anyhow::{Context, Result};

use crate::options::Options;
use crate::report::Report;
use servers::Servers;

/// Measures every row that was asked for.
pub async fn measure(options: &Options, report: &mut Report) -> Result<()> {
    let servers = Servers::find()?;
    macro_rules! rows {
        ($($name:literal: $what:path)*) => {$(
            if options.wants($name) {
                eprintln!("==> {}", $name);
                $what(&servers, options, report).await.context($name)?;
            }
        )*};
    }
    rows! {
        "relaying": relaying::measure
        "idle": idle::measure
        "stalled-memory": stalled::measure_memory
        "stalled-others": stalled::measure_others
        "announces": crowds::measure_announces
        "return": crowds::measure_return
        "stranger": strangers::measure
        "silent": silent::measure
        "restarts": restarts::measure
        "costs": costs::measure
    }
    Ok(())
}
