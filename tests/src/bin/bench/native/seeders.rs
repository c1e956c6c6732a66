//! libtorrent as the seeder of every race: the yardstick is fastest from its own kind.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use covey_tests::process::Stream;
use covey_tests::wait::TRANSFER;
use covey_tests::{Process, Stage};

use crate::usage::cpu_seconds_of;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/libtorrent_peer.py");

/// A Python that has it, from `COVEY_LIBTORRENT_PYTHON`.
#[derive(Clone)]
pub struct Libtorrent(PathBuf);

impl Libtorrent {
    /// `None`: it could not be installed.
    pub fn find() -> Option<Self> {
        std::env::var_os("COVEY_LIBTORRENT_PYTHON").map(PathBuf::from).map(Self)
    }

    /// Serves what is in `folder`, once it has checked it.
    ///
    /// # Errors
    /// If it does not.
    pub async fn seed(&self, stage: &Stage, torrent: &Path, folder: &Path) -> Result<Seeder> {
        let process = stage.start("libtorrent", self.command("seed", torrent, folder).into())?;
        let ready = |stream, line: &str| {
            let port = line.strip_prefix("seeding on port ")?;
            (stream == Stream::Stdout).then(|| port.parse::<u16>().ok()).flatten()
        };
        let port = process.line("the port", TRANSFER, ready).await?;
        Ok(Seeder { process, port })
    }

    /// Downloads into `folder` from these ports.
    pub fn download(&self, torrent: &Path, folder: &Path, ports: &[u16]) -> Command {
        let mut command = self.command("download", torrent, folder);
        command.args(ports.iter().map(u16::to_string));
        command
    }

    /// Starts and ends.
    pub fn nothing(&self) -> Command {
        let mut command = Command::new(&self.0);
        command.args([SCRIPT, "nothing"]);
        command
    }

    fn command(&self, what: &str, torrent: &Path, folder: &Path) -> Command {
        let mut command = Command::new(&self.0);
        command.args([SCRIPT, what]).arg(torrent).arg(folder);
        command
    }
}

/// Ends when dropped.
pub struct Seeder {
    process: Process,
    /// Of 127.0.0.1, where it accepts connections.
    pub port: u16,
}

impl Seeder {
    /// User and system seconds so far.
    ///
    /// # Errors
    /// If it has ended.
    pub fn cpu_seconds(&self) -> Result<f64> {
        cpu_seconds_of(self.process.id().context("libtorrent's seeder has ended")?)
    }
}
