//! Processor time of what is done often, beside a bare server that sends and receives as many messages.

use std::time::Duration;

use anyhow::Result;
use futures_util::{SinkExt, StreamExt};
use tokio::task::JoinSet;
use tokio::time::interval;
use tokio_tungstenite::tungstenite::Message;
use wire_protocol::control::{MemberToTracker, Progress, SwarmName};

use super::group::{Group, announce, settle};
use super::idle::log_in_range;
use super::member::{Member, Socket, open};
use super::observed::Observed;
use super::pairs::{Dialing, bare_pairs};
use super::servers::Servers;
use crate::options::Options;
use crate::report::{Aim, Report, Row};

/// Members of the group in which everybody announces.
const CROWD: usize = 100;
/// Of one member.
const ANNOUNCE_EVERY: Duration = Duration::from_millis(100);

/// Logins, links, announces.
pub async fn measure(servers: &Servers, options: &Options, report: &mut Report) -> Result<()> {
    let (covey, bare) = (servers.covey("costs").await?, servers.bare().await?);
    let logins = if options.quick { 1_000 } else { 6_000 };
    let ours = each(&covey, logins, log_in_range(&covey, 0..logins)).await?;
    let plain = each(&bare, logins, log_in_bare(&bare, logins)).await?;
    add(report, "a login: processor", "an upgrade and three messages", ours, plain);

    let covey = servers.covey("costs-links").await?;
    let mut dialing = Dialing::new(&covey, 12).await?;
    let rounds = if options.quick { 2 } else { 8 };
    let links = rounds * dialing.room();
    let ours = each(&covey, links, link_often(&mut dialing, rounds)).await?;
    let room = dialing.room();
    let plain = each(&bare, links, async {
        for _ in 0..rounds {
            drop(bare_pairs(&bare, room).await?);
        }
        Ok::<_, anyhow::Error>(())
    });
    add(report, "a link: processor", "two upgrades, one byte to both", ours, plain.await?);
    measure_announces(servers, options, report).await
}

fn add(report: &mut Report, what: &str, yardstick: &str, covey: f64, plain: f64) {
    let (what, yardstick) = (what.to_owned(), yardstick.to_owned());
    report.add(Row { what, covey, yardstick, plain, unit: "ms", aim: Aim::AtMost(2.0) });
}

/// Processor milliseconds of the server for each of `count` things that are done.
async fn each<T>(server: &Observed, count: usize, done: impl Future<Output = Result<T>>) -> Result<f64> {
    let before = server.cpu_seconds()?;
    let done = done.await?;
    let each = (server.cpu_seconds()? - before) * 1e3 / count as f64;
    drop(done);
    Ok(each)
}

async fn log_in_bare(server: &Observed, count: usize) -> Result<Vec<Socket>> {
    let mut sockets = Vec::new();
    let mut entering = JoinSet::new();
    for _ in 0..count {
        if entering.len() >= 64
            && let Some(entered) = entering.join_next().await
        {
            sockets.push(entered??);
        }
        let host = server.host.clone();
        entering.spawn(async move {
            let mut socket = open(&host, "/login", None).await?;
            let _hello = socket.next().await;
            // As long as a login.
            socket.send(Message::binary(vec![3; 200])).await?;
            let _welcome = socket.next().await;
            Ok::<_, anyhow::Error>(socket)
        });
    }
    while let Some(entered) = entering.join_next().await {
        sockets.push(entered??);
    }
    Ok(sockets)
}

async fn link_often(dialing: &mut Dialing, rounds: usize) -> Result<()> {
    for _ in 0..rounds {
        for pair in dialing.pairs(dialing.room()).await? {
            pair.close().await?;
        }
    }
    Ok(())
}

/// What the members of one swarm sent and got.
#[derive(Debug, Clone, Copy, Default)]
struct Traffic {
    sent: u64,
    received: u64,
    received_bytes: u64,
}

/// Everybody in one swarm announces ten times a second, and is told of all others.
async fn measure_announces(servers: &Servers, options: &Options, report: &mut Report) -> Result<()> {
    let covey = servers.covey("costs-announces").await?;
    let mut admin = Member::log_in(&covey.host, 0).await?;
    let group = Group::create(&mut admin, 0).await?;
    let swarm = group.swarm(group.add_file(&mut admin, 0).await?);
    let mut members = vec![admin];
    for number in 1..CROWD {
        let mut member = Member::log_in(&covey.host, number).await?;
        group.join(&mut member).await?;
        members.push(member);
    }
    for member in &mut members {
        let announce = announce(member, swarm);
        member.send(&MemberToTracker::Announce(announce)).await?;
        settle(member).await?;
    }
    let times = if options.quick { 30 } else { 200 };
    let before = covey.cpu_seconds()?;
    let mut announcing = JoinSet::new();
    for member in members {
        announcing.spawn(announce_often(member, swarm, times));
    }
    let mut traffic = Traffic::default();
    while let Some(of_one) = announcing.join_next().await {
        let of_one = of_one??;
        traffic.sent += of_one.sent;
        traffic.received += of_one.received;
        traffic.received_bytes += of_one.received_bytes;
    }
    let ours = covey.cpu_seconds()? - before;
    let bare = servers.bare().await?;
    let plain = as_much_in_a_room(&bare, traffic).await?;
    let messages = (traffic.sent + traffic.received) as f64;
    let per_message = 1e3 / messages;
    add(report, "announces in a swarm of 100: processor", "a room, as many", ours * per_message, plain * per_message);
    report.note(format!(
        "{} announces became {} messages of {} bytes on average",
        traffic.sent,
        traffic.received,
        traffic.received_bytes / traffic.received.max(1)
    ));
    Ok(())
}

async fn announce_often(mut member: Member, swarm: SwarmName, times: usize) -> Result<Traffic> {
    let (messages, bytes) = (member.messages, member.bytes);
    let mut pace = interval(ANNOUNCE_EVERY);
    let mut sent = 0;
    while sent < times {
        tokio::select! {
            _ = pace.tick() => {
                let mut announce = announce(&member, swarm);
                // Otherwise there would be nothing to tell.
                announce.progress = Progress::Pieces { have: sent as u32 % 2, total: 1 };
                member.send(&MemberToTracker::Announce(announce)).await?;
                sent += 1;
            }
            received = member.receive() => drop(received?),
        }
    }
    settle(&mut member).await?;
    let (received, received_bytes) = (member.messages - messages, member.bytes - bytes);
    Ok(Traffic { sent: sent as u64, received, received_bytes })
}

/// Processor seconds of the bare server: as many messages from its members, and as many and as long ones to them.
async fn as_much_in_a_room(server: &Observed, traffic: Traffic) -> Result<f64> {
    let message = vec![5; (traffic.received_bytes / traffic.received.max(1)) as usize];
    let rounds = traffic.received / CROWD as u64;
    let mut speaker = open(&server.host, "/room/crowd", None).await?;
    let mut members = Vec::new();
    for _ in 0..CROWD {
        members.push(open(&server.host, "/room/crowd", None).await?);
    }
    // Says nothing in the room, and is heard all the same.
    let mut silent = open(&server.host, "/login", None).await?;
    let before = server.cpu_seconds()?;
    let mut reading = JoinSet::new();
    for mut member in members {
        reading.spawn(async move {
            for _ in 0..rounds {
                let _ = member.next().await;
            }
        });
    }
    let said = async {
        for _ in 0..rounds {
            speaker.send(Message::binary(message.clone())).await?;
            // Its own comes back to it, too.
            let _ = speaker.next().await;
        }
        for _ in 0..traffic.sent {
            silent.send(Message::binary(vec![4; 100])).await?;
        }
        Ok::<_, anyhow::Error>(())
    };
    said.await?;
    while reading.join_next().await.is_some() {}
    Ok(server.cpu_seconds()? - before)
}
