//! native-peer beside what others have written: aria2c from the same seeder, and libtorrent from a libtorrent
//! seeder. The same torrent for all, over TCP.

use std::net::{Ipv4Addr, SocketAddrV4, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use covey_tests::process::Stream;
use covey_tests::wait::SOON;
use covey_tests::{OrdinaryTracker, Process, Stage, content};

use crate::builds::{Build, Sharer};
use crate::hashing::rate;
use crate::options::Options;
use crate::report::{Aim, Report, Row, median};
use crate::usage::{self, Usage, cpu_seconds_of};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/libtorrent_peer.py");

/// What one kind of download took in each round.
#[derive(Default)]
struct Taken {
    leecher: Vec<Usage>,
    /// Processor seconds of the seeder.
    seeder: Vec<f64>,
}

/// Adds wall time and processor time beside the yardsticks to the report.
pub async fn measure(stage: &Stage, build: &Build, options: &Options, report: &mut Report) -> Result<()> {
    let len = options.native_len;
    eprintln!("==> Native download of {len} bytes, aria2c and libtorrent");
    let file = stage.file("yardstick.bin", len)?;
    let torrent = stage.folder().join("yardstick.torrent");
    let address = SocketAddrV4::new(Ipv4Addr::LOCALHOST, free_port()?);
    let server = build.serve(stage, "yardstick").await?;
    let (torrent_text, listen) = (torrent.display().to_string(), address.to_string());
    let serve = ["--unencrypted", "--torrent", &torrent_text, "--listen", &listen];
    let seeder = build.share(stage, "yardstick", &file, &server, &serve).await?;
    let races = Races { stage, build, file: &file, torrent: &torrent };
    // The first one waits until the file is hashed and the torrent written.
    races.native(&seeder).await?;
    let announce = OrdinaryTracker::start(vec![address]).await?;
    let libtorrent = Libtorrent::seed(stage, &torrent, &file, report).await?;

    let (mut covey, mut aria2, mut other) = (Taken::default(), Taken::default(), Taken::default());
    for _ in 0..options.rounds {
        covey.note(races.native(&seeder).await?);
        aria2.note((races.run(aria2_command(announce.announce(), &torrent, stage)?).await?, 0.0));
        if let Some(libtorrent) = &libtorrent {
            other.note(races.libtorrent(libtorrent).await?);
        }
    }
    std::fs::remove_file(&file)?;
    add_rows(report, len, "aria2c, same torrent and seeder", &covey, &aria2, (Aim::Open, Aim::Open));
    if libtorrent.is_some() {
        let aims = (Aim::AtLeast(1.0 / 0.6), Aim::AtMost(0.8));
        add_rows(report, len, "libtorrent from libtorrent", &covey, &other, aims);
        add_seeders(report, len, &covey, &other);
    }
    Ok(())
}

impl Taken {
    fn note(&mut self, (leecher, seeder): (Usage, f64)) {
        self.leecher.push(leecher);
        self.seeder.push(seeder);
    }

    fn rate(&self, len: u64) -> f64 {
        median(self.leecher.iter().map(|usage| rate(len, usage.wall)).collect())
    }

    fn leecher(&self, len: u64) -> f64 {
        median(self.leecher.iter().map(|usage| usage.cpu_seconds / gib(len)).collect())
    }

    fn seeder(&self, len: u64) -> f64 {
        median(self.seeder.iter().map(|seconds| seconds / gib(len)).collect())
    }
}

fn add_rows(report: &mut Report, len: u64, yardstick: &str, covey: &Taken, plain: &Taken, (wall, cpu): (Aim, Aim)) {
    report.add(Row {
        what: "native download, one seeder, TCP".to_owned(),
        covey: covey.rate(len),
        yardstick: yardstick.to_owned(),
        plain: plain.rate(len),
        unit: "MB/s",
        aim: wall,
    });
    report.add(Row {
        what: "its processor time".to_owned(),
        covey: covey.leecher(len),
        yardstick: "the same".to_owned(),
        plain: plain.leecher(len),
        unit: "s/GiB",
        aim: cpu,
    });
}

fn add_seeders(report: &mut Report, len: u64, covey: &Taken, plain: &Taken) {
    report.add(Row {
        what: "the seeder's processor time".to_owned(),
        covey: covey.seeder(len),
        yardstick: "libtorrent's seeder".to_owned(),
        plain: plain.seeder(len),
        unit: "s/GiB",
        aim: Aim::Open,
    });
}

/// What all downloads have in common.
struct Races<'a> {
    stage: &'a Stage,
    build: &'a Build,
    file: &'a Path,
    torrent: &'a Path,
}

impl Races<'_> {
    async fn native(&self, seeder: &Sharer) -> Result<(Usage, f64)> {
        let mut command = self.build.download(self.stage, "yardstick", &seeder.invite, &downloads(self.stage)?)?;
        command.arg("--no-seed");
        let before = seeder.cpu_seconds()?;
        let usage = self.run(command.into_std()).await?;
        Ok((usage, seeder.cpu_seconds()? - before))
    }

    async fn libtorrent(&self, libtorrent: &Libtorrent) -> Result<(Usage, f64)> {
        let mut command = libtorrent.command("download", self.torrent, &downloads(self.stage)?);
        command.arg(libtorrent.port.to_string());
        let before = libtorrent.cpu_seconds()?;
        let usage = self.run(command).await?;
        Ok((usage, libtorrent.cpu_seconds()? - before))
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

/// A libtorrent that seeds.
struct Libtorrent {
    python: PathBuf,
    seeder: Process,
    port: u16,
}

impl Libtorrent {
    /// `None`, with a note: there is no libtorrent here.
    async fn seed(stage: &Stage, torrent: &Path, file: &Path, report: &mut Report) -> Result<Option<Self>> {
        let Some(python) = std::env::var_os("COVEY_LIBTORRENT_PYTHON").map(PathBuf::from) else {
            report.note("libtorrent was not measured: it could not be installed (see above)".to_owned());
            return Ok(None);
        };
        let folder = file.parent().context("a file is in a folder")?;
        let mut command = command(&python, "seed", torrent, folder);
        command.arg("0");
        let seeder = stage.start("libtorrent", command.into())?;
        let ready = |stream, line: &str| {
            let port = line.strip_prefix("seeding on port ")?;
            (stream == Stream::Stdout).then(|| port.parse::<u16>().ok()).flatten()
        };
        let port = seeder.line("the port", SOON, ready).await?;
        let start = usage::of(command_for_nothing(&python)).await?;
        report.note(format!(
            "of libtorrent's time {:.2} s, of its processor time {:.2} s, are the start and end of its Python",
            start.wall.as_secs_f64(),
            start.cpu_seconds
        ));
        Ok(Some(Self { python, seeder, port }))
    }

    fn command(&self, what: &str, torrent: &Path, folder: &Path) -> Command {
        command(&self.python, what, torrent, folder)
    }

    fn cpu_seconds(&self) -> Result<f64> {
        cpu_seconds_of(self.seeder.id().context("libtorrent's seeder has ended")?)
    }
}

fn command(python: &Path, what: &str, torrent: &Path, folder: &Path) -> Command {
    let mut command = Command::new(python);
    command.args([SCRIPT, what]).arg(torrent).arg(folder);
    command
}

fn command_for_nothing(python: &Path) -> Command {
    let mut command = Command::new(python);
    command.args([SCRIPT, "nothing"]);
    command
}

fn aria2_command(announce: &str, torrent: &Path, stage: &Stage) -> Result<Command> {
    let mut command = Command::new("aria2c");
    command
        .args(["--enable-dht=false", "--enable-dht6=false", "--bt-enable-lpd=false", "--seed-time=0"])
        .args(["--no-conf=true", "--quiet=true", "--file-allocation=none"])
        .arg("--bt-exclude-tracker=*")
        .arg(format!("--bt-tracker={announce}"))
        .arg(format!("--listen-port={}", free_port()?))
        .arg(format!("--dir={}", downloads(stage)?.display()))
        .arg(torrent);
    Ok(command)
}

fn downloads(stage: &Stage) -> Result<PathBuf> {
    stage.subfolder("yardstick-downloads")
}

fn gib(len: u64) -> f64 {
    len as f64 / f64::from(1 << 30)
}

/// A port that was free a moment ago.
fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}
