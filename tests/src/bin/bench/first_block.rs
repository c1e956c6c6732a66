//! How much longer the first block takes because both ends prove themselves first: the whole of a small download over
//! the relay, through a network that is far away.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use covey_tests::{Proxy, Stage};

use crate::builds::{Build, Server, Sharer};
use crate::options::Options;
use crate::report::{Aim, Comparison, Report, Row, median};
use crate::rounds::order;
use crate::usage;

/// One block.
const LEN: u64 = 16 * 1024;
const EACH_WAY: Duration = Duration::from_millis(150);
/// Downloads take a second or two, and differ by scheduling.
const ROUNDS_FOR_ONE: usize = 3;
/// One round trip, and what sealing a block and the machine add.
const AIM: Aim = Aim::AtMost(1.02);

/// One build's server and seeder, and how long its downloads took, seconds.
struct Contestant<'a> {
    build: &'a Build,
    #[expect(dead_code, reason = "ends with the contestant")]
    server: Server,
    seeder: Sharer,
    proxy: Proxy,
    seconds: Vec<f64>,
}

/// Adds what the handshake takes to the report. The aim: one round trip.
pub async fn measure(stage: &Stage, builds: &[Build], options: &Options, report: &mut Report) -> Result<()> {
    eprintln!("==> The first block over the relay, {} ms each way", EACH_WAY.as_millis());
    let file = stage.file("block.bin", LEN)?;
    let mut contestants = Vec::new();
    for build in builds {
        contestants.push(Contestant::enter(stage, build, &file).await?);
    }
    for round in 0..options.rounds * ROUNDS_FOR_ONE {
        for turn in order(contestants.len(), round) {
            contestants[turn].download(stage).await?;
        }
    }
    let [this, other] = &contestants[..] else { return Ok(()) };
    let what = || format!("a download of one block, {} ms each way", EACH_WAY.as_millis());
    let round_trip = 2.0 * EACH_WAY.as_secs_f64();
    report.add(Row {
        what: what(),
        covey: median(this.seconds.clone()),
        yardstick: "unencrypted and one round trip".to_owned(),
        plain: median(other.seconds.clone()) + round_trip,
        unit: "s",
        aim: AIM,
    });
    let (this, other) = (this.seconds.clone(), other.seconds.clone());
    report.compare(Comparison { what: what(), unit: "s", this, other, aim: Aim::Open });
    Ok(())
}

impl<'a> Contestant<'a> {
    async fn enter(stage: &Stage, build: &'a Build, file: &Path) -> Result<Self> {
        let server = build.serve(stage, "block").await?;
        let seeder = build.share(stage, "block", file, &server, &["--no-tcp"]).await?;
        let address = server.url.strip_prefix("http://").context("a server's URL")?.parse()?;
        let proxy = Proxy::start(address).await?;
        let mut contestant = Self { build, server, seeder, proxy, seconds: Vec::new() };
        // The first one waits until the file is hashed, and makes an identity.
        contestant.download(stage).await?;
        contestant.seconds.clear();
        contestant.proxy.delay(EACH_WAY);
        Ok(contestant)
    }

    async fn download(&mut self, stage: &Stage) -> Result<()> {
        let folder = stage.subfolder(&self.build.folder("block", "downloads"))?;
        let invite = self.proxy.invite(&self.seeder.invite);
        let mut command = self.build.download(stage, "block", &invite, &folder)?.into_std();
        command.args(["--no-seed", "--no-tcp"]);
        self.seconds.push(usage::of(command).await?.wall.as_secs_f64());
        Ok(std::fs::remove_dir_all(&folder)?)
    }
}
