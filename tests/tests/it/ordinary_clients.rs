//! Clients that know nothing of Covey.

use std::net::{Ipv4Addr, SocketAddrV4, TcpListener};

use anyhow::{Result, ensure};
use covey_tests::content::{self, MIB};
use covey_tests::wait::TRANSFER;
use covey_tests::{NativePeer, OrdinaryTracker, Stage, Tracker};
use tokio::process::Command;

/// A port that was free a moment ago.
pub fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

#[tokio::test(flavor = "multi_thread")]
async fn aria2_downloads_from_a_seeder_that_serves_ordinary_clients() {
    Stage::play("aria2_downloads_from_a_seeder_that_serves_ordinary_clients", async |stage| {
        let tracker = Tracker::start(stage).await?;
        let file = stage.file("ordinary.bin", 48 * MIB)?;
        let torrent = stage.folder().join("ordinary.torrent");
        let address = SocketAddrV4::new(Ipv4Addr::LOCALHOST, free_port()?);
        let listen = address.to_string();
        let torrent_text = torrent.display().to_string();
        let options = ["--ordinary-clients", "--torrent", &torrent_text, "--listen", &listen];
        let ana = NativePeer::share(stage, "Ana", &file, &tracker.url(), &options)?;
        ana.ready().await?;

        let announce = OrdinaryTracker::start(vec![address]).await?;
        let folder = stage.subfolder("aria2-files")?;
        let mut command = Command::new("aria2c");
        command
            .args(["--enable-dht=false", "--enable-dht6=false", "--bt-enable-lpd=false", "--seed-time=0"])
            .args(["--bt-exclude-tracker=*", &format!("--bt-tracker={}", announce.announce())])
            .args(["--no-conf=true", "--console-log-level=notice", "--summary-interval=0"])
            .arg(format!("--listen-port={}", free_port()?))
            .arg(format!("--dir={}", folder.display()))
            .arg(&torrent);
        let mut aria2 = stage.start("aria2c", command)?;
        let status = aria2.exit(TRANSFER).await?;
        ensure!(status.success(), "aria2c ended with {status}");
        content::ensure_equal(&folder.join("ordinary.bin"), &file)?;
        Ok(())
    })
    .await;
}
