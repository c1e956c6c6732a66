//! native-peer beside aria2c: the same torrent, from the same seeder, over TCP.

use std::ffi::OsStr;
use std::net::{Ipv4Addr, SocketAddrV4, TcpListener};
use std::path::Path;
use std::process::Command;

use anyhow::Result;
use covey_tests::{NativePeer, OrdinaryTracker, Stage, Tracker, content};

use crate::hashing::rate;
use crate::options::Options;
use crate::report::{Aim, Report, Row, median};
use crate::usage::{self, Usage};

/// Adds wall time and processor time to the report.
pub async fn measure(stage: &Stage, options: &Options, report: &mut Report) -> Result<()> {
    let len = options.native_len;
    eprintln!("==> Native download of {len} bytes, and aria2c");
    let tracker = Tracker::start(stage).await?;
    let file = stage.file("native.bin", len)?;
    let torrent = stage.folder().join("native.torrent");
    let address = SocketAddrV4::new(Ipv4Addr::LOCALHOST, free_port()?);
    let torrent_text = torrent.display().to_string();
    let listen = address.to_string();
    let serve = ["--ordinary-clients", "--torrent", &torrent_text, "--listen", &listen];
    let seeder = NativePeer::share(stage, "Seeder", &file, &tracker.url(), &serve)?;
    let invite = seeder.invite().await?;
    seeder.ready().await?;
    let announce = OrdinaryTracker::start(vec![address]).await?;

    let (mut covey, mut plain) = (Vec::new(), Vec::new());
    for round in 0..options.rounds {
        let folder = stage.subfolder(&format!("native-{round}"))?;
        covey.push(usage::of(native(stage, &invite, &folder)?).await?);
        content::ensure_equal(&folder.join("native.bin"), &file)?;
        std::fs::remove_dir_all(&folder)?;
        let folder = stage.subfolder(&format!("aria2-{round}"))?;
        plain.push(usage::of(aria2(announce.announce(), &torrent, &folder)?).await?);
        content::ensure_equal(&folder.join("native.bin"), &file)?;
        std::fs::remove_dir_all(&folder)?;
    }
    std::fs::remove_file(&file)?;
    let rates = |usages: &[Usage]| median(usages.iter().map(|usage| rate(len, usage.wall)).collect());
    report.add(Row {
        what: "native download, one seeder, TCP".to_owned(),
        covey: rates(&covey),
        yardstick: "aria2c, same torrent and seeder".to_owned(),
        plain: rates(&plain),
        unit: "MB/s",
        aim: Aim::Open,
    });
    let gib = len as f64 / f64::from(1 << 30);
    let seconds = |usages: &[Usage]| median(usages.iter().map(|usage| usage.cpu_seconds / gib).collect());
    report.add(Row {
        what: "its processor time".to_owned(),
        covey: seconds(&covey),
        yardstick: "aria2c's".to_owned(),
        plain: seconds(&plain),
        unit: "s/GiB",
        aim: Aim::Open,
    });
    Ok(())
}

fn native(stage: &Stage, invite: &str, folder: &Path) -> Result<Command> {
    let mut command = Command::new(&stage.programs().native_peer);
    command
        .args([OsStr::new("download"), OsStr::new(invite), OsStr::new("--no-seed"), OsStr::new("--quiet")])
        .arg("--output")
        .arg(folder)
        .arg("--data")
        .arg(stage.subfolder("Leecher-data")?);
    Ok(command)
}

fn aria2(announce: &str, torrent: &Path, folder: &Path) -> Result<Command> {
    let mut command = Command::new("aria2c");
    command
        .args(["--enable-dht=false", "--enable-dht6=false", "--bt-enable-lpd=false", "--seed-time=0"])
        .args(["--no-conf=true", "--quiet=true", "--file-allocation=none"])
        .arg("--bt-exclude-tracker=*")
        .arg(format!("--bt-tracker={announce}"))
        .arg(format!("--listen-port={}", free_port()?))
        .arg(format!("--dir={}", folder.display()))
        .arg(torrent);
    Ok(command)
}

/// A port that was free a moment ago.
fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}
