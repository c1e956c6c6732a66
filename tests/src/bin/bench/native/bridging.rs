//! A member, or a tab, that downloads what only libtorrent has, by way of a bridge, beside the same download from a native
//! seeder; all over the relay. The bridge is a new one each time, so that nothing is in its cache.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use covey_tests::{Stage, content};

use super::race::Race;
use super::seeders::{Libtorrent, Seeder};
use super::splice::{self, Cipher};
use crate::browser_rounds;
use crate::builds::{Build, Server, Sharer};
use crate::hashing::rate;
use crate::options::Options;
use crate::report::{Aim, Report, Row, median};
use crate::usage;

const RELAY_ONLY: [&str; 1] = ["--no-tcp"];

/// A member with native-peer.
pub async fn measure(stage: &Stage, build: &Build, options: &Options, report: &mut Report) -> Result<()> {
    let member = async |round: usize, invite: &str, file: &Path| {
        let folder = stage.subfolder(&format!("bridged-{round}"))?;
        let mut command = build.download(stage, "bridged", invite, &folder)?.into_std();
        command.arg("--no-seed").args(RELAY_ONLY);
        let took = usage::of(command).await?.wall;
        content::ensure_equal(&folder.join(file.file_name().context("a file has a name")?), file)?;
        std::fs::remove_dir_all(folder)?;
        Ok(took)
    };
    let world = World { stage, build, name: "bridged.bin", len: options.native_len };
    world.measure("a member", member, options.rounds, Cipher::Aes, Aim::Open, report).await
}

/// A tab.
pub async fn measure_tab(stage: &Stage, build: &Build, options: &Options, report: &mut Report) -> Result<()> {
    let tab = async |round: usize, invite: &str, file: &Path| {
        let who = format!("tab-{round}-{}", invite.len());
        Ok(browser_rounds::download(stage, &who, invite, file).await?.0)
    };
    let world = World { stage, build, name: "bridged-film.bin", len: options.browser_len };
    world.measure("a tab", tab, options.rounds, Cipher::Chacha, Aim::AtLeast(0.9), report).await
}

struct World<'a> {
    stage: &'a Stage,
    build: &'a Build,
    /// Of the file.
    name: &'a str,
    /// Bytes.
    len: u64,
}

/// Of each round.
#[derive(Default)]
struct Figures {
    /// MB/s.
    bridged: Vec<f64>,
    direct: Vec<f64>,
    /// Processor seconds per GiB.
    bridge: Vec<f64>,
    seeder: Vec<f64>,
    splice: Vec<f64>,
}

impl World<'_> {
    async fn measure(
        &self,
        who: &str,
        download: impl AsyncFn(usize, &str, &Path) -> Result<Duration>,
        rounds: usize,
        cipher: Cipher,
        aim: Aim,
        report: &mut Report,
    ) -> Result<()> {
        let Some(libtorrent) = Libtorrent::find() else {
            report.note(format!("{who} through a bridge was not measured: libtorrent could not be installed"));
            return Ok(());
        };
        let file = self.stage.file(self.name, self.len)?;
        let race = Race::prepare(self.stage, self.build, file.clone(), self.len).await?;
        let behind = libtorrent.seed(self.stage, &race.torrent, race.folder()).await?;
        let purpose = who.replace(' ', "-");
        let server = self.build.serve(self.stage, &purpose).await?;
        let seeder = self.build.share(self.stage, &purpose, &file, &server, &RELAY_ONLY).await?;
        // The first one waits until the file is hashed.
        download(0, &seeder.invite, &file).await?;
        let mut figures = Figures::default();
        let gib = self.len as f64 / f64::from(1 << 30);
        for round in 1..=rounds {
            figures.splice.push(splice::cpu_seconds(self.stage, cipher, self.len).await? / gib);
            let before = seeder.cpu_seconds()?;
            figures.direct.push(rate(self.len, download(round, &seeder.invite, &file).await?));
            figures.seeder.push((seeder.cpu_seconds()? - before) / gib);
            let bridge = self.bridge(&format!("{purpose}-{round}"), &server, &race.torrent, &behind).await?;
            let before = bridge.cpu_seconds()?;
            figures.bridged.push(rate(self.len, download(round, &bridge.invite, &file).await?));
            figures.bridge.push((bridge.cpu_seconds()? - before) / gib);
        }
        figures.report(who, aim, report);
        Ok(std::fs::remove_file(file)?)
    }

    async fn bridge(&self, purpose: &str, server: &Server, torrent: &Path, behind: &Seeder) -> Result<Sharer> {
        let seeder = format!("127.0.0.1:{}", behind.port);
        let more = ["--seeder", &seeder, "--group", purpose, "--no-dht", "--no-lan", "--no-tcp"];
        self.build.bridge(self.stage, purpose, torrent, server, &more).await
    }
}

impl Figures {
    fn report(self, who: &str, aim: Aim, report: &mut Report) {
        let bridge = median(self.bridge);
        let mut row = |what: String, covey, yardstick: &str, plain, unit, aim| {
            report.add(Row { what, covey, yardstick: yardstick.to_owned(), plain: median(plain), unit, aim });
        };
        let what = format!("{who} through a bridge, over the relay");
        row(what, median(self.bridged), "from a native seeder", self.direct, "MB/s", aim);
        let what = "the bridge's processor time".to_owned();
        row(what.clone(), bridge, "a bare encrypted splice's", self.splice, "s/GiB", Aim::AtMost(1.5));
        row(what, bridge, "a native seeder's", self.seeder, "s/GiB", Aim::Open);
    }
}
