//! A receiver that takes nothing: what its pair holds at the server, and what it costs others.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use super::flow::{Flow, Flowing, send};
use super::observed::{Observed, SocketMemory};
use super::pairs::{Dialing, Pair, bare_pairs, masked_message};
use super::servers::Servers;
use crate::options::Options;
use crate::report::{Aim, Report, Row, median};

/// Pairs that stall, so that one page more or less does not matter.
const STALLED: usize = 9;
/// Members on each side: 100 pairs and a stalled one.
const SIDE: usize = 11;
const ACTIVE: usize = 100;

/// The relay's memory and the kernel's.
pub async fn measure_memory(servers: &Servers, _: &Options, report: &mut Report) -> Result<()> {
    for len in [64 * 1024, 256 * 1024] {
        let covey = servers.covey(&format!("stalled-{len}")).await?;
        let mut dialing = Dialing::new(&covey, 3).await?;
        let pairs = dialing.pairs(STALLED).await?;
        let relay = stall(&covey, pairs, len).await?;
        let bare = servers.bare().await?;
        let splice = stall(&bare, bare_pairs(&bare, STALLED).await?, len).await?;
        add(report, &format!("a stalled pair, {} KiB: the relay's memory", len / 1024), relay.own, 256.0);
        add(report, "the kernel's at the server's two ends", relay.kernel.server / 1024.0, 1024.0);
        report.note(format!(
            "a stalled pair, {} KiB: {:.0} KiB in the kernel at the clients' ends; the bare splice holds {:.0} KiB, \
             the kernel {:.0} KiB for it",
            len / 1024,
            relay.kernel.clients / 1024.0,
            splice.own,
            splice.kernel.server / 1024.0
        ));
    }
    Ok(())
}

fn add(report: &mut Report, what: &str, covey: f64, bound: f64) {
    let (what, yardstick) = (what.to_owned(), "the bound".to_owned());
    report.add(Row { what, covey, yardstick, plain: bound, unit: "KiB", aim: Aim::AtMost(1.0) });
}

/// What one stalled pair holds: KiB of the process, bytes of the kernel.
struct Held {
    own: f64,
    kernel: SocketMemory,
}

/// Each pair moves bytes for a while, so that every buffer has grown that grows; then its receiver stops.
async fn stall(server: &Observed, pairs: Vec<Pair>, len: usize) -> Result<Held> {
    let before = server.pss_kib()?;
    let message: Arc<[u8]> = masked_message(len).into();
    let (mut senders, mut receivers) = (JoinSet::new(), Vec::new());
    for Pair { sender, receiver } in pairs {
        senders.spawn(send(sender, message.clone()));
        read_some(&receiver, 64 << 20).await?;
        receivers.push(receiver);
    }
    // Until nothing moves any more: twice the same.
    let mut kernel = SocketMemory::default();
    loop {
        tokio::time::sleep(Duration::from_millis(500)).await;
        let now = server.socket_memory()?;
        if now.server == kernel.server {
            break;
        }
        kernel = now;
    }
    let count = receivers.len() as f64;
    kernel = SocketMemory { server: kernel.server / count, clients: kernel.clients / count };
    Ok(Held { own: (server.pss_kib()? - before) / count, kernel })
}

async fn read_some(receiver: &TcpStream, bytes: usize) -> Result<()> {
    let mut buffer = vec![0; 256 * 1024];
    let mut left = bytes;
    while left > 0 {
        receiver.readable().await?;
        match receiver.try_read(&mut buffer) {
            Ok(0) => anyhow::bail!("the pair has ended"),
            Ok(count) => left = left.saturating_sub(count),
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// 100 pairs with and without a stalled one beside them.
pub async fn measure_others(servers: &Servers, options: &Options, report: &mut Report) -> Result<()> {
    let covey = servers.covey("stalled-others").await?;
    let mut dialing = Dialing::new(&covey, SIDE).await?;
    let flowing = Flowing::start(dialing.pairs(ACTIVE).await?, 64 * 1024);
    let time = Duration::from_secs(if options.quick { 1 } else { 3 });
    let message: Arc<[u8]> = masked_message(64 * 1024).into();
    let (mut without, mut beside): (Vec<Flow>, Vec<Flow>) = Default::default();
    for turn in 0..2 * options.rounds {
        without.push(flowing.observe(&covey, time).await?);
        let Pair { sender, receiver } = dialing.pair(ACTIVE + turn).await?;
        let stalled = tokio::spawn(send(sender, message.clone()));
        beside.push(flowing.observe(&covey, time).await?);
        stalled.abort();
        drop(receiver);
    }
    report.add(Row {
        what: "100 pairs beside a stalled one".to_owned(),
        covey: median(beside.iter().map(|flow| flow.rate / 1e6).collect()),
        yardstick: "without it".to_owned(),
        plain: median(without.iter().map(|flow| flow.rate / 1e6).collect()),
        unit: "MB/s",
        aim: Aim::AtLeast(0.95),
    });
    Ok(())
}
