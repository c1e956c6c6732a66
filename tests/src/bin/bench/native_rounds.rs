//! native-peer downloads from one seeder, over TCP and over the relay: both builds in turn.

use std::path::PathBuf;

use anyhow::Result;
use covey_tests::{Stage, content};

use crate::builds::{Build, Server, Sharer};
use crate::hashing::rate;
use crate::options::Options;
use crate::report::{Aim, Comparison, Report};
use crate::rounds::order;
use crate::usage;

/// How the bytes go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// From one peer to the other.
    Tcp,
    /// Both refuse TCP.
    Relay,
}

impl Way {
    fn words(self) -> &'static str {
        match self {
            Way::Tcp => "TCP",
            Way::Relay => "relay",
        }
    }

    fn flags(self) -> &'static [&'static str] {
        match self {
            Way::Tcp => &[],
            Way::Relay => &["--no-tcp"],
        }
    }
}

/// One build's server and seeder, and what its downloads took.
struct Contestant<'a> {
    build: &'a Build,
    server: Server,
    seeder: Sharer,
    figures: Vec<Figures>,
}

/// Of one download.
#[derive(Clone, Copy)]
struct Figures {
    /// Megabytes (10^6) per second, from the program's start to its end.
    rate: f64,
    /// Processor seconds per GiB.
    leecher: f64,
    seeder: f64,
    server: f64,
}

/// Adds wall time and processor time of both builds to the report.
pub async fn measure(stage: &Stage, builds: &[Build], options: &Options, report: &mut Report) -> Result<()> {
    let file = stage.file("native.bin", options.native_len)?;
    for way in [Way::Tcp, Way::Relay] {
        eprintln!("==> Native download of {} bytes over {}", options.native_len, way.words());
        let mut contestants = Vec::new();
        for build in builds {
            contestants.push(Contestant::enter(stage, build, way, &file).await?);
        }
        for round in 0..options.rounds {
            for turn in order(contestants.len(), round) {
                contestants[turn].download(stage, way, &file, options.native_len).await?;
            }
        }
        report_all(way, &contestants, options, report);
    }
    std::fs::remove_file(&file)?;
    Ok(())
}

fn report_all(way: Way, contestants: &[Contestant], options: &Options, report: &mut Report) {
    let [this, other] = contestants else { return };
    let way = way.words();
    let mut compare = |what: String, unit, pick: fn(&Figures) -> f64, aim| {
        let of = |contestant: &Contestant| contestant.figures.iter().map(pick).collect();
        report.compare(Comparison { what, unit, this: of(this), other: of(other), aim });
    };
    let no_more = options.time_aim();
    compare(format!("native download, {way}"), "MB/s", |figures| figures.rate, options.rate_aim(0.85));
    compare("processor time of both peers".to_owned(), "s/GiB", |figures| figures.leecher + figures.seeder, no_more);
    compare("of that the downloading one".to_owned(), "s/GiB", |figures| figures.leecher, Aim::Open);
    compare(format!("processor time of the server, {way}"), "s/GiB", |figures| figures.server, no_more);
}

impl<'a> Contestant<'a> {
    async fn enter(stage: &Stage, build: &'a Build, way: Way, file: &std::path::Path) -> Result<Self> {
        let purpose = way.words();
        let server = build.serve(stage, purpose).await?;
        let seeder = build.share(stage, purpose, file, &server, way.flags()).await?;
        let mut contestant = Self { build, server, seeder, figures: Vec::new() };
        // The first one waits until the file is hashed.
        contestant.download(stage, way, file, file.metadata()?.len()).await?;
        contestant.figures.clear();
        Ok(contestant)
    }

    async fn download(&mut self, stage: &Stage, way: Way, file: &std::path::Path, len: u64) -> Result<()> {
        let purpose = way.words();
        let folder: PathBuf = stage.subfolder(&self.build.folder(purpose, "downloads"))?;
        let mut command = self.build.download(stage, purpose, &self.seeder.invite, &folder)?.into_std();
        command.arg("--no-seed").args(way.flags());
        let before = (self.seeder.cpu_seconds()?, self.server.cpu_seconds()?);
        let leecher = usage::of(command).await?;
        let gib = len as f64 / f64::from(1 << 30);
        self.figures.push(Figures {
            rate: rate(len, leecher.wall),
            leecher: leecher.cpu_seconds / gib,
            seeder: (self.seeder.cpu_seconds()? - before.0) / gib,
            server: (self.server.cpu_seconds()? - before.1) / gib,
        });
        content::ensure_equal(&folder.join("native.bin"), file)?;
        Ok(std::fs::remove_dir_all(&folder)?)
    }
}
