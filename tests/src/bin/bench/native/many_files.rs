//! A folder of 10,000 files of 10 KiB.

use anyhow::Result;
use covey_tests::{Stage, content};

use super::race::{Aims, Race};
use super::seeders::Libtorrent;
use crate::builds::Build;
use crate::options::Options;
use crate::report::{Aim, Report};

const FILES: u64 = 10_000;
const FILE_LEN: u64 = 10 * 1024;

pub async fn measure(stage: &Stage, build: &Build, options: &Options, report: &mut Report) -> Result<()> {
    let Some(libtorrent) = Libtorrent::find() else {
        report.note("many-files was not measured: libtorrent could not be installed".to_owned());
        return Ok(());
    };
    let folder = stage.subfolder("originals/many")?;
    for number in 0..FILES {
        content::write(&folder.join(format!("{number:05}.bin")), FILE_LEN, number)?;
    }
    let race = Race::prepare(stage, build, folder.clone(), FILES * FILE_LEN).await?;
    let seeder = libtorrent.seed(stage, &race.torrent, race.folder()).await?;
    let ports = [seeder.port];
    let mut runners = race.runners(build, &ports).await?;
    race.run(&mut runners, &ports, options.rounds).await?;
    let aims = Aims { wall: Aim::AtMost(1.0), ..Aims::NONE };
    race.report("10,000 files of 10 KiB", &runners, aims, report);
    Ok(std::fs::remove_dir_all(folder)?)
}
