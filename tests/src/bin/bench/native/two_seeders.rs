//! One file from two libtorrents, one of them behind a slow line.

use std::net::SocketAddr;

use anyhow::Result;
use covey_tests::{Proxy, Stage};

use super::race::{Aims, Race};
use super::seeders::Libtorrent;
use crate::builds::Build;
use crate::options::Options;
use crate::report::{Aim, Report};

/// Bytes per second of the slow one: some 80 Mbit/s.
const SLOW: u64 = 10_000_000;

pub async fn measure(stage: &Stage, build: &Build, options: &Options, report: &mut Report) -> Result<()> {
    let Some(libtorrent) = Libtorrent::find() else {
        report.note("two-seeders was not measured: libtorrent could not be installed".to_owned());
        return Ok(());
    };
    let file = stage.file("two.bin", options.native_len)?;
    let race = Race::prepare(stage, build, file.clone(), options.native_len).await?;
    let quick = libtorrent.seed(stage, &race.torrent, race.folder()).await?;
    let slow = libtorrent.seed(stage, &race.torrent, race.folder()).await?;
    let line = Proxy::start(SocketAddr::from(([127, 0, 0, 1], slow.port))).await?;
    line.limit_from_server(SLOW);
    let ports = [quick.port, line.port()];
    let mut runners = race.runners(build, &ports).await?;
    race.run(&mut runners, &ports, options.rounds).await?;
    let aims = Aims { wall: Aim::AtMost(0.6), ..Aims::NONE };
    race.report("two seeders, one of 10 MB/s", &runners, aims, report);
    Ok(std::fs::remove_file(file)?)
}
