//! Who downloads.

use std::net::{Ipv4Addr, SocketAddrV4};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;
use covey_tests::ordinary_client::free_port;
use covey_tests::{OrdinaryTracker, Stage};

use super::seeders::Libtorrent;
use crate::builds::Build;

/// One that downloads a torrent from given ports of 127.0.0.1 and ends.
pub enum Client<'a> {
    Covey(&'a Build),
    Libtorrent(Libtorrent),
    /// Finds the ports through a tracker, as it cannot be told.
    Aria2(OrdinaryTracker),
    Rqbit(PathBuf),
}

impl Client<'_> {
    /// The others that are here.
    ///
    /// # Errors
    /// If the tracker that aria2 needs cannot be started.
    pub async fn others(ports: &[u16]) -> Result<Vec<Self>> {
        let peers = ports.iter().map(|port| SocketAddrV4::new(Ipv4Addr::LOCALHOST, *port)).collect();
        let aria2 = Client::Aria2(OrdinaryTracker::start(peers).await?);
        let rqbit = std::env::var_os("COVEY_RQBIT").map(PathBuf::from).map(Client::Rqbit);
        Ok([Libtorrent::find().map(Client::Libtorrent), rqbit, Some(aria2)].into_iter().flatten().collect())
    }

    pub fn name(&self) -> &'static str {
        match self {
            Self::Covey(_) => "native-peer",
            Self::Libtorrent(_) => "libtorrent",
            Self::Aria2(_) => "aria2",
            Self::Rqbit(_) => "rqbit",
        }
    }

    /// Downloads into `folder`.
    ///
    /// # Errors
    /// If there is no room for its data.
    pub fn command(&self, stage: &Stage, torrent: &Path, folder: &Path, ports: &[u16]) -> Result<Command> {
        Ok(match self {
            Self::Covey(build) => covey(build, stage, torrent, folder, ports)?,
            Self::Libtorrent(libtorrent) => libtorrent.download(torrent, folder, ports),
            Self::Aria2(tracker) => aria2(tracker, torrent, folder)?,
            Self::Rqbit(program) => rqbit(program, torrent, folder, ports),
        })
    }
}

fn covey(build: &Build, stage: &Stage, torrent: &Path, folder: &Path, ports: &[u16]) -> Result<Command> {
    let mut command = build.download(stage, "native", &torrent.display().to_string(), folder)?.into_std();
    command.args(["--no-seed", "--no-dht", "--no-lan"]);
    command.args(ports.iter().flat_map(|port| ["--peer".to_owned(), format!("127.0.0.1:{port}")]));
    Ok(command)
}

/// aria2's command; it finds whom the tracker names.
pub fn aria2(tracker: &OrdinaryTracker, torrent: &Path, folder: &Path) -> Result<Command> {
    let mut command = Command::new("aria2c");
    command
        .args(["--enable-dht=false", "--enable-dht6=false", "--bt-enable-lpd=false", "--seed-time=0"])
        .args(["--no-conf=true", "--quiet=true", "--file-allocation=none"])
        .arg("--bt-exclude-tracker=*")
        .arg(format!("--bt-tracker={}", tracker.announce()))
        .arg(format!("--listen-port={}", free_port()?))
        .arg(format!("--dir={}", folder.display()))
        .arg(torrent);
    Ok(command)
}

fn rqbit(program: &Path, torrent: &Path, folder: &Path, ports: &[u16]) -> Command {
    let peers: Vec<String> = ports.iter().map(|port| format!("127.0.0.1:{port}")).collect();
    let mut command = Command::new(program);
    command
        .args(["--disable-dht", "--disable-lsd", "--disable-upnp-port-forward", "-v", "error"])
        .args(["download", "--disable-http-api", "--exit-on-finish", "--initial-peers"])
        .arg(peers.join(","))
        .arg("--output-folder")
        .arg(folder)
        .arg(torrent);
    command
}
