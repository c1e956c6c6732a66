//! Real BitTorrent clients that know nothing of Covey: each serves or downloads one torrent, alone, on loopback, without
//! DHT, peer exchange and local discovery, so that it meets whom the test's tracker names and nobody else.

use std::net::{Ipv4Addr, SocketAddrV4};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::{Result, bail};
use peer_wire::{InfoHash, Message, Reserved};
use tokio::process::Command;

use crate::probe::{Greeting, Probe};
use crate::process::Process;
use crate::stage::Stage;
use crate::wait::{SOON, TRANSFER, until};

/// A client, as Debian packages it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrdinaryClient {
    /// `aria2c`.
    Aria2,
    /// `transmission-daemon`. It never dials loopback.
    Transmission,
    /// `qbittorrent-nox`: libtorrent.
    Qbittorrent,
    /// `rtorrent`: another libTorrent.
    Rtorrent,
}

/// What a client takes connections over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wire {
    /// As the client comes, over TCP.
    Usual,
    /// Nothing that is not encrypted from end to end (RC4), where the client can be told so.
    Encrypted,
}

/// Runs until it is dropped.
pub struct Running {
    process: Process,
    /// Where it accepts connections.
    pub address: SocketAddrV4,
}

impl OrdinaryClient {
    pub const ALL: [Self; 4] = [Self::Aria2, Self::Transmission, Self::Qbittorrent, Self::Rtorrent];

    pub fn name(self) -> &'static str {
        match self {
            Self::Aria2 => "aria2",
            Self::Transmission => "transmission",
            Self::Qbittorrent => "qbittorrent",
            Self::Rtorrent => "rtorrent",
        }
    }

    /// Serves what is in `folder`, once it has checked it.
    ///
    /// # Errors
    /// If it cannot be started, or does not serve.
    pub async fn seed(self, stage: &Stage, who: &str, torrent: &Path, folder: &Path) -> Result<Running> {
        let torrent_file = metainfo::Metainfo::parse(&std::fs::read(torrent)?)?;
        let (info_hash, pieces) = (torrent_file.info.info_hash(), torrent_file.info.layout().pieces());
        let running = self.run(stage, who, torrent, folder)?;
        running.until_it_has(info_hash, pieces).await?;
        Ok(running)
    }

    /// Downloads into `folder`.
    ///
    /// # Errors
    /// If it cannot be started.
    pub fn run(self, stage: &Stage, who: &str, torrent: &Path, folder: &Path) -> Result<Running> {
        self.run_at(stage, who, torrent, folder, SocketAddrV4::new(Ipv4Addr::LOCALHOST, free_port()?))
    }

    /// The same; it accepts connections there.
    ///
    /// # Errors
    /// If it cannot be started.
    pub fn run_at(
        self,
        stage: &Stage,
        who: &str,
        torrent: &Path,
        folder: &Path,
        address: SocketAddrV4,
    ) -> Result<Running> {
        self.run_over(Wire::Usual, stage, who, torrent, folder, address)
    }

    /// The same, over nothing else than that.
    ///
    /// # Errors
    /// If it cannot be started.
    pub fn run_over(
        self,
        wire: Wire,
        stage: &Stage,
        who: &str,
        torrent: &Path,
        folder: &Path,
        address: SocketAddrV4,
    ) -> Result<Running> {
        let home = stage.subfolder(&format!("{who}-home"))?;
        let place = Place { wire, torrent, folder, home, port: address.port() };
        let mut command = match self {
            Self::Aria2 => place.aria2(),
            Self::Transmission => place.transmission()?,
            Self::Qbittorrent => place.qbittorrent()?,
            Self::Rtorrent => place.rtorrent()?,
        };
        command.env("HOME", &place.home).current_dir(&place.home);
        Ok(Running { process: stage.start(who, command)?, address })
    }
}

impl Running {
    /// Whether it says a word to who speaks in the clear. Asked while nobody else is connected from here.
    ///
    /// # Errors
    /// If it does not close the connection in time.
    pub async fn answers_in_the_clear(&self, info_hash: InfoHash, pieces: u32) -> Result<bool> {
        Ok(tokio::time::timeout(SOON, pieces_of(self.address, info_hash, pieces)).await?.is_ok())
    }

    /// Waits until it tells whoever connects that it has every piece.
    ///
    /// # Errors
    /// If it does not, in time.
    pub async fn until_it_has(&self, info_hash: InfoHash, pieces: u32) -> Result<()> {
        until("a client with every piece", TRANSFER, async || {
            let has = tokio::time::timeout(SOON, pieces_of(self.address, info_hash, pieces)).await;
            Ok((has.ok().and_then(Result::ok) == Some(pieces)).then_some(()))
        })
        .await
    }

    /// SIGKILL.
    ///
    /// # Errors
    /// If it cannot be waited for.
    pub async fn kill(&mut self) -> Result<()> {
        self.process.kill().await
    }

    pub fn process(&self) -> &Process {
        &self.process
    }
}

/// What a client is started with.
struct Place<'a> {
    wire: Wire,
    torrent: &'a Path,
    /// Holds the torrent's file or folder, or will.
    folder: &'a Path,
    /// For all that it keeps beside.
    home: PathBuf,
    port: u16,
}

impl Place<'_> {
    fn is_encrypted(&self) -> bool {
        self.wire == Wire::Encrypted
    }

    fn aria2(&self) -> Command {
        let mut command = Command::new("aria2c");
        command
            .args(["--no-conf=true", "--enable-dht=false", "--enable-dht6=false", "--bt-enable-lpd=false"])
            .args([
                "--enable-peer-exchange=false",
                "--seed-ratio=0.0",
                "--check-integrity=true",
                "--summary-interval=0",
            ])
            .args(["--allow-overwrite=true", "--console-log-level=notice", "--bt-tracker-interval=5"])
            .arg(format!("--listen-port={}", self.port))
            .arg(format!("--dir={}", self.folder.display()))
            .arg(self.torrent);
        if self.is_encrypted() {
            command.args(["--bt-require-crypto=true", "--bt-min-crypto-level=arc4"]);
        }
        command
    }

    /// Takes its torrents out of a folder that it watches.
    fn transmission(&self) -> Result<Command> {
        let watched = self.home.join("watched");
        std::fs::create_dir_all(&watched)?;
        std::fs::copy(self.torrent, watched.join("it.torrent"))?;
        let settings = serde_json::json!({
            "bind-address-ipv4": "127.0.0.1", "dht-enabled": false, "lpd-enabled": false, "pex-enabled": false,
            "utp-enabled": false, "port-forwarding-enabled": false, "peer-port": self.port, "rpc-enabled": false,
            "download-dir": self.folder, "incomplete-dir-enabled": false, "watch-dir": watched,
            "watch-dir-enabled": true, "rename-partial-files": false, "preallocation": 0, "cache-size-mb": 1,
            // Required, or preferred.
            "encryption": if self.is_encrypted() { 2 } else { 1 },
        });
        std::fs::write(self.home.join("settings.json"), settings.to_string())?;
        let mut command = Command::new("transmission-daemon");
        command.args(["--foreground", "--config-dir"]).arg(&self.home);
        Ok(command)
    }

    fn qbittorrent(&self) -> Result<Command> {
        let settings = self.home.join("qBittorrent/config");
        std::fs::create_dir_all(&settings)?;
        // Required, or allowed.
        let encryption = u8::from(self.is_encrypted());
        let lines = [
            "[LegalNotice]".to_owned(),
            "Accepted=true".to_owned(),
            "[BitTorrent]".to_owned(),
            format!("Session\\Port={}", self.port),
            "Session\\DHTEnabled=false".to_owned(),
            "Session\\LSDEnabled=false".to_owned(),
            "Session\\PeXEnabled=false".to_owned(),
            format!("Session\\Encryption={encryption}"),
            format!("Session\\DefaultSavePath={}", self.folder.display()),
            "Session\\TempPathEnabled=false".to_owned(),
            "[Preferences]".to_owned(),
            "Connection\\UPnP=false".to_owned(),
            "WebUI\\Address=127.0.0.1".to_owned(),
            format!("WebUI\\Port={}", free_port()?),
            "WebUI\\UseUPnP=false".to_owned(),
        ];
        std::fs::write(settings.join("qBittorrent.conf"), lines.join("\n"))?;
        let mut command = Command::new("qbittorrent-nox");
        command
            .arg(format!("--profile={}", self.home.display()))
            .arg(format!("--save-path={}", self.folder.display()))
            .args(["--add-paused=false", "--skip-dialog=true"])
            .arg(self.torrent);
        Ok(command)
    }

    fn rtorrent(&self) -> Result<Command> {
        let session = self.home.join("session");
        std::fs::create_dir_all(&session)?;
        let encryption = match self.wire {
            Wire::Usual => "none",
            Wire::Encrypted => "allow_incoming,try_outgoing,require,require_RC4",
        };
        let lines = [
            format!("protocol.encryption.set = {encryption}"),
            "system.daemon.set = true".to_owned(),
            format!("session.path.set = {}", session.display()),
            format!("directory.default.set = {}", self.folder.display()),
            format!("network.port_range.set = {0}-{0}", self.port),
            "network.port_random.set = no".to_owned(),
            "network.bind_address.set = 127.0.0.1".to_owned(),
            "dht.mode.set = disable".to_owned(),
            "protocol.pex.set = no".to_owned(),
            "trackers.use_udp.set = no".to_owned(),
        ];
        let settings = self.home.join("rtorrent.rc");
        std::fs::write(&settings, lines.join("\n"))?;
        let mut command = Command::new("rtorrent");
        command.arg("-n").arg("-o").arg(format!("import={}", settings.display())).arg(self.torrent);
        Ok(command)
    }
}

/// How many pieces it says that it has. Most clients take one connection from an address, so nobody else may be connected
/// from here meanwhile.
async fn pieces_of(address: SocketAddrV4, info_hash: InfoHash, pieces: u32) -> Result<u32> {
    let reserved = Reserved { fast: true, extensions: false };
    let mut probe = Probe::dial(address.into(), Greeting { info_hash, pieces, reserved }).await?;
    let count = |message: &Message| match message {
        Message::HaveAll => Some(pieces),
        Message::Bitfield(bits) => Some(bits.iter().map(|byte| byte.count_ones()).sum()),
        Message::HaveNone => Some(0),
        _ => None,
    };
    probe.until("what it has", count).await
}

/// Ports that no system gives to whoever asks for any: between the asking and a program's listening, another program
/// would get it.
const PORTS: std::ops::Range<u16> = 10_000..30_000;
/// Between the first ports of two processes of tests that run side by side.
const PORTS_APART: u32 = 257;

/// A port that was free a moment ago, another one each time.
///
/// # Errors
/// If there is none.
pub fn free_port() -> Result<u16> {
    static TAKEN: AtomicU32 = AtomicU32::new(0);
    let count = u32::from(PORTS.end - PORTS.start);
    for _ in 0..count {
        let at =
            std::process::id().wrapping_mul(PORTS_APART).wrapping_add(TAKEN.fetch_add(1, Ordering::Relaxed)) % count;
        let port = PORTS.start + at as u16;
        if std::net::TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return Ok(port);
        }
    }
    bail!("no port is free")
}
