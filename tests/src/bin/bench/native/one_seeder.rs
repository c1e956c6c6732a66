//! One file from one libtorrent.

use anyhow::Result;
use covey_tests::Stage;

use super::race::{Aims, Race};
use super::seeders::Libtorrent;
use crate::builds::Build;
use crate::options::Options;
use crate::report::{Aim, Report};
use crate::usage;

pub async fn measure(stage: &Stage, build: &Build, options: &Options, report: &mut Report) -> Result<()> {
    let Some(libtorrent) = Libtorrent::find() else {
        report.note("one-seeder was not measured: libtorrent could not be installed".to_owned());
        return Ok(());
    };
    let file = stage.file("one.bin", options.native_len)?;
    let race = Race::prepare(stage, build, file.clone(), options.native_len).await?;
    let seeder = libtorrent.seed(stage, &race.torrent, race.folder()).await?;
    let ports = [seeder.port];
    let mut runners = race.runners(build, &ports).await?;
    race.run(&mut runners, &ports, options.rounds).await?;
    let aims = Aims { wall: Aim::AtMost(0.6), cpu: Aim::AtMost(0.8), memory: Aim::AtMost(0.5) };
    race.report("one libtorrent seeder", &runners, aims, report);
    let start = usage::of(libtorrent.nothing()).await?;
    report.note(format!(
        "of libtorrent's time {:.2} s, of its processor time {:.2} s, are the start and end of its Python",
        start.wall.as_secs_f64(),
        start.cpu_seconds
    ));
    let gib = options.native_len as f64 / f64::from(1 << 30);
    let downloads = (runners.len() * options.rounds) as f64;
    report.note(format!("the seeder took {:.2} s/GiB of each download", seeder.cpu_seconds()? / gib / downloads));
    Ok(std::fs::remove_file(file)?)
}
