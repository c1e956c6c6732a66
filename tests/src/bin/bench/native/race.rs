//! One torrent, downloaded by one client after the other.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use covey_tests::{Stage, content};
use tokio::process::Command;

use super::clients::Client;
use crate::builds::Build;
use crate::report::{Aim, Report, Row, median};
use crate::usage::{self, Usage};

/// What is downloaded.
pub struct Race<'a> {
    stage: &'a Stage,
    /// The file or folder as it is to arrive.
    original: PathBuf,
    pub torrent: PathBuf,
    /// Bytes.
    len: u64,
}

/// What one client's downloads took, one for each round.
pub struct Runner<'a> {
    client: Client<'a>,
    taken: Vec<Usage>,
}

/// What native-peer's figures are to be of another's.
#[derive(Clone, Copy)]
pub struct Aims {
    /// Seconds from the program's start to its end.
    pub wall: Aim,
    /// Processor seconds.
    pub cpu: Aim,
    /// The most memory.
    pub memory: Aim,
}

impl Aims {
    pub const NONE: Self = Self { wall: Aim::Open, cpu: Aim::Open, memory: Aim::Open };
}

impl<'a> Race<'a> {
    /// Makes the torrent of a file or folder, with our own program.
    ///
    /// # Errors
    /// If it does not become one.
    pub async fn prepare(stage: &'a Stage, build: &Build, original: PathBuf, len: u64) -> Result<Self> {
        let name = original.file_name().context("what is shared has a name")?.display().to_string();
        let torrent = stage.folder().join(format!("{name}.torrent"));
        let mut create = Command::new(&build.native_peer);
        create.arg("create").arg(&original).arg("-o").arg(&torrent).arg("--quiet");
        create.arg("--data").arg(stage.subfolder("create-data")?).stdout(Stdio::null());
        ensure!(create.status().await?.success(), "native-peer makes no torrent of {name}");
        Ok(Self { stage, original, torrent, len })
    }

    /// Holds the original.
    pub fn folder(&self) -> &Path {
        self.original.parent().unwrap_or(&self.original)
    }

    /// native-peer first, then the others that are here.
    ///
    /// # Errors
    /// If one of them cannot be prepared.
    pub async fn runners(&self, build: &'a Build, ports: &[u16]) -> Result<Vec<Runner<'a>>> {
        let mut clients = vec![Client::Covey(build)];
        clients.extend(Client::others(ports).await?);
        Ok(clients.into_iter().map(|client| Runner { client, taken: Vec::new() }).collect())
    }

    /// Each of them in turn, so often.
    ///
    /// # Errors
    /// If one does not end well, or with other bytes.
    pub async fn run(&self, runners: &mut [Runner<'_>], ports: &[u16], rounds: usize) -> Result<()> {
        for _ in 0..rounds {
            for runner in &mut *runners {
                let usage = self.download(&runner.client, ports).await.context(runner.client.name())?;
                runner.taken.push(usage);
            }
        }
        Ok(())
    }

    async fn download(&self, client: &Client<'_>, ports: &[u16]) -> Result<Usage> {
        let folder = self.stage.subfolder("race")?;
        let usage = usage::of(client.command(self.stage, &self.torrent, &folder, ports)?).await?;
        ensure_equal(&arrived(&folder, &self.original)?, &self.original)?;
        std::fs::remove_dir_all(folder)?;
        Ok(usage)
    }

    /// Rows of native-peer beside each of the others; the aims are beside libtorrent.
    pub fn report(&self, what: &str, runners: &[Runner<'_>], aims: Aims, report: &mut Report) {
        let Some((covey, others)) = runners.split_first() else { return };
        for other in others {
            let aims = if matches!(other.client, Client::Libtorrent(_)) { aims } else { Aims::NONE };
            let mut row = |what: String, unit, pick: &dyn Fn(&Usage) -> f64, aim| {
                let of = |runner: &Runner<'_>| median(runner.taken.iter().map(pick).collect());
                let (covey, plain) = (of(covey), of(other));
                report.add(Row { what, covey, yardstick: other.client.name().to_owned(), plain, unit, aim });
            };
            let gib = self.len as f64 / f64::from(1 << 30);
            row(format!("{what}: wall"), "s", &|usage| usage.wall.as_secs_f64(), aims.wall);
            row("its processor time".to_owned(), "s/GiB", &|usage| usage.cpu_seconds / gib, aims.cpu);
            row("its memory".to_owned(), "MiB", &|usage| usage.memory_mib, aims.memory);
        }
    }
}

/// What a client made in its folder: rqbit leaves out the torrent's own name.
fn arrived(folder: &Path, original: &Path) -> Result<PathBuf> {
    let named = folder.join(original.file_name().context("what is shared has a name")?);
    Ok(if original.is_dir() && !named.is_dir() { folder.to_owned() } else { named })
}

fn ensure_equal(arrived: &Path, original: &Path) -> Result<()> {
    if !original.is_dir() {
        return content::ensure_equal(arrived, original);
    }
    for entry in std::fs::read_dir(original)? {
        let name = entry?.file_name();
        ensure_equal(&arrived.join(&name), &original.join(&name))?;
    }
    Ok(())
}
