//! Connections that never log in, or would take for ever to: what they hold, and what a login beside them notices.

use std::time::{Duration, Instant};

use anyhow::Result;
use futures_util::StreamExt;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use wire_protocol::control::SUBPROTOCOL;

use super::member::{Member, open};
use super::servers::Servers;
use crate::options::Options;
use crate::report::{Aim, Report, Row, median};

/// Half of them only open TCP, half a WebSocket.
const SILENT: usize = 2_000;
/// Half of them send an HTTP head byte by byte, half a login.
const DRIBBLING: usize = 500;
const LOGIN_EVERY: Duration = Duration::from_millis(250);

/// Logins before and beside them, and the memory that they hold.
pub async fn measure(servers: &Servers, options: &Options, report: &mut Report) -> Result<()> {
    let covey = servers.covey("silent").await?;
    let logins = if options.quick { 20 } else { 80 };
    let before = log_in_often(&covey.host, logins).await;
    let pss = covey.pss_kib()?;
    let mut attackers = JoinSet::new();
    for number in 0..SILENT + DRIBBLING {
        attackers.spawn(come_again(covey.host.clone(), number));
        if number % 64 == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
    tokio::time::sleep(Duration::from_secs(2)).await;
    let beside = log_in_often(&covey.host, logins).await;
    let held = (covey.pss_kib()? - pss) / 1024.0;
    let mut add = |what: &str, covey, yardstick: &str, plain, unit, aim| {
        let (what, yardstick) = (what.to_owned(), yardstick.to_owned());
        report.add(Row { what, covey, yardstick, plain, unit, aim });
    };
    let (count, yardstick) = (beside.len() as f64, "all of them");
    add("logins beside 2000 silent and 500 dribbling", count, yardstick, logins as f64, "logins", Aim::AtLeast(1.0));
    add("the time of one", median(beside), "before", median(before), "ms", Aim::Open);
    add("memory that they hold", held, "the bound", 32.0, "MiB", Aim::AtMost(1.0));
    Ok(())
}

/// Milliseconds of those that succeed.
async fn log_in_often(host: &str, count: usize) -> Vec<f64> {
    let mut times = Vec::new();
    for number in 0..count {
        let began = Instant::now();
        if Member::log_in(host, number).await.is_ok() {
            times.push(began.elapsed().as_secs_f64() * 1e3);
        }
        tokio::time::sleep(LOGIN_EVERY).await;
    }
    times
}

/// Opens again whenever the server has had enough.
async fn come_again(host: String, number: usize) {
    loop {
        // Whatever comes of it.
        let _ = match number {
            ..SILENT => be_silent(&host, number.is_multiple_of(2)).await,
            _ => dribble(&host, number.is_multiple_of(2)).await,
        };
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

async fn be_silent(host: &str, has_upgraded: bool) -> Result<()> {
    if has_upgraded {
        let mut socket = open(host, "/control", Some(SUBPROTOCOL)).await?;
        while let Some(Ok(_)) = socket.next().await {}
    } else {
        let mut stream = TcpStream::connect(host).await?;
        stream.read_to_end(&mut Vec::new()).await?;
    }
    Ok(())
}

async fn dribble(host: &str, has_upgraded: bool) -> Result<()> {
    let mut stream = if has_upgraded {
        open(host, "/control", Some(SUBPROTOCOL)).await?.into_inner()
    } else {
        TcpStream::connect(host).await?
    };
    // A head that never ends, or a binary message of 125 bytes that comes byte by byte.
    let first: &[u8] = if has_upgraded { &[0x82, 0x80 | 125, 0, 0, 0, 0] } else { b"GET / HTTP/1.1\r\nX: " };
    stream.write_all(first).await?;
    loop {
        tokio::time::sleep(Duration::from_secs(1)).await;
        stream.write_all(b"x").await?;
    }
}
