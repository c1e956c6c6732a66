//! A member's native-peer beside aria2c, from the same seeder and over TCP. (`bench --native` has native-peer as an ordinary
//! client, beside more of them.)

use std::net::{Ipv4Addr, SocketAddrV4};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;
use covey_tests::ordinary_client::free_port;
use covey_tests::{OrdinaryTracker, Stage, content};

use crate::builds::{Build, Sharer};
use crate::hashing::rate;
use crate::native;
use crate::options::Options;
use crate::report::{Aim, Report, Row, median};
use crate::usage::{self, Usage};

/// Adds wall time and processor time beside the yardsticks to the report.
pub async fn measure(stage: &Stage, build: &Build, options: &Options, report: &mut Report) -> Result<()> {
    let len = options.native_len;
    eprintln!("==> Native download of {len} bytes, and aria2c");
    let file = stage.file("yardstick.bin", len)?;
    let torrent = stage.folder().join("yardstick.torrent");
    let address = SocketAddrV4::new(Ipv4Addr::LOCALHOST, free_port()?);
    let server = build.serve(stage, "yardstick").await?;
    let (torrent_text, listen) = (torrent.display().to_string(), address.to_string());
    let serve = ["--unencrypted", "--torrent", &torrent_text, "--listen", &listen];
    let seeder = build.share(stage, "yardstick", &file, &server, &serve).await?;
    let races = Races { stage, build, file: &file };
    // The first one waits until the file is hashed and the torrent written.
    races.native(&seeder).await?;
    let announce = OrdinaryTracker::start(vec![address]).await?;

    let (mut covey, mut aria2) = (Vec::new(), Vec::new());
    for _ in 0..options.rounds {
        covey.push(races.native(&seeder).await?);
        aria2.push(races.run(native::aria2(&announce, &torrent, &downloads(stage)?)?).await?);
    }
    std::fs::remove_file(&file)?;
    add_rows(report, len, &covey, &aria2);
    Ok(())
}

fn add_rows(report: &mut Report, len: u64, covey: &[Usage], aria2: &[Usage]) {
    let mut row = |what: &str, unit, pick: &dyn Fn(&Usage) -> f64| {
        let of = |taken: &[Usage]| median(taken.iter().map(pick).collect());
        let (covey, plain) = (of(covey), of(aria2));
        let yardstick = "aria2c, same torrent and seeder".to_owned();
        report.add(Row { what: what.to_owned(), covey, yardstick, plain, unit, aim: Aim::Open });
    };
    row("native download, one seeder, TCP", "MB/s", &|usage| rate(len, usage.wall));
    row("its processor time", "s/GiB", &|usage| usage.cpu_seconds / (len as f64 / f64::from(1 << 30)));
}

/// What all downloads have in common.
struct Races<'a> {
    stage: &'a Stage,
    build: &'a Build,
    file: &'a Path,
}

impl Races<'_> {
    async fn native(&self, seeder: &Sharer) -> Result<Usage> {
        let mut command = self.build.download(self.stage, "yardstick", &seeder.invite, &downloads(self.stage)?)?;
        command.arg("--no-seed");
        self.run(command.into_std()).await
    }

    /// Runs a download to its end and looks at what came.
    async fn run(&self, command: Command) -> Result<Usage> {
        let usage = usage::of(command).await?;
        let folder = downloads(self.stage)?;
        content::ensure_equal(&folder.join("yardstick.bin"), self.file)?;
        std::fs::remove_dir_all(folder)?;
        Ok(usage)
    }
}

fn downloads(stage: &Stage) -> Result<PathBuf> {
    stage.subfolder("yardstick-downloads")
}
