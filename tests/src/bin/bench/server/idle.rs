//! What somebody who is logged in and does nothing costs in memory.

use anyhow::{Context, Result};
use tokio::task::JoinSet;

use super::group::{Group, announce, settle};
use super::member::{Member, open};
use super::observed::Observed;
use super::servers::Servers;
use crate::options::Options;
use crate::report::{Aim, Report, Row};
use wire_protocol::control::MemberToTracker;

/// Logins under way at once.
const AT_ONCE: usize = 64;
/// Members of one group, all in one swarm.
const GROUP: usize = 20;

/// Alone, and in groups and swarms.
pub async fn measure(servers: &Servers, options: &Options, report: &mut Report) -> Result<()> {
    let count = if options.quick { 1_000 } else { 10_000 };
    let covey = servers.covey("idle").await?;
    let each = of_each(&covey, count, log_in_range(&covey, 0..count)).await?;
    add(report, &format!("memory of an idle connection, {count} logged in"), each, Aim::AtMost(1.0));
    let bare = servers.bare().await?;
    let each = of_each(&bare, 1_000, connect_bare(&bare, 1_000)).await?;
    report.note(format!("an idle connection of the bare server takes {each:.1} KiB"));
    let covey = servers.covey("idle-groups").await?;
    let each = of_each(&covey, 1_000, gather(&covey, 1_000)).await?;
    add(report, "the same, 1000 in groups of 20, each in one swarm", each, Aim::AtMost(32.0 / 24.0));
    Ok(())
}

fn add(report: &mut Report, what: &str, each: f64, aim: Aim) {
    let yardstick = "the bound".to_owned();
    report.add(Row { what: what.to_owned(), covey: each, yardstick, plain: 24.0, unit: "KiB", aim });
}

/// KiB by which each connection makes the server larger.
async fn of_each<T>(server: &Observed, count: usize, connect: impl Future<Output = Result<T>>) -> Result<f64> {
    let before = server.pss_kib()?;
    let connected = connect.await?;
    let each = (server.pss_kib()? - before) / count as f64;
    drop(connected);
    Ok(each)
}

/// Logs these in; they stay until dropped.
pub async fn log_in_range(server: &Observed, numbers: std::ops::Range<usize>) -> Result<JoinSet<()>> {
    let (mut entering, mut inside) = (JoinSet::new(), JoinSet::new());
    for number in numbers {
        if entering.len() >= AT_ONCE {
            let entered: Result<Member> = entering.join_next().await.context("some enter")??;
            inside.spawn(entered?.stay());
        }
        let host = server.host.clone();
        entering.spawn(async move { Member::log_in(&host, number).await });
    }
    while let Some(entered) = entering.join_next().await {
        inside.spawn(entered??.stay());
    }
    Ok(inside)
}

async fn connect_bare(server: &Observed, count: usize) -> Result<Vec<super::member::Socket>> {
    let mut sockets = Vec::new();
    for _ in 0..count {
        sockets.push(open(&server.host, "/login", None).await?);
    }
    Ok(sockets)
}

async fn gather(server: &Observed, count: usize) -> Result<JoinSet<()>> {
    let mut inside = JoinSet::new();
    for first in (0..count).step_by(GROUP) {
        let mut admin = Member::log_in(&server.host, first).await?;
        let group = Group::create(&mut admin, first).await?;
        let swarm = group.swarm(group.add_file(&mut admin, first).await?);
        let mut members = vec![admin];
        for number in first + 1..first + GROUP {
            let mut member = Member::log_in(&server.host, number).await?;
            group.join(&mut member).await?;
            members.push(member);
        }
        for mut member in members {
            let announce = announce(&member, swarm);
            member.send(&MemberToTracker::Announce(announce)).await?;
            settle(&mut member).await?;
            inside.spawn(member.stay());
        }
    }
    Ok(inside)
}
