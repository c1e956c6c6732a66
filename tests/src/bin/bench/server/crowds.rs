//! Crowded groups: everybody announces at once, and somebody comes back.

use std::time::Instant;

use anyhow::{Context, Result};
use tokio::task::JoinSet;
use wire_protocol::control::MemberToTracker;
use wire_protocol::ids::FileId;

use super::group::{Group, announce, settle};
use super::member::Member;
use super::observed::Observed;
use super::servers::Servers;
use crate::options::Options;
use crate::report::{Aim, Report, Row};

/// Files that one member adds: three messages each, within what the server allows in a burst.
const FILES_EACH: usize = 30;

/// Everybody announces many files at once: nobody may be cut for that.
pub async fn measure_announces(servers: &Servers, _: &Options, report: &mut Report) -> Result<()> {
    const MEMBERS: usize = 100;
    let covey = servers.covey("announces").await?;
    let (group, files, members) = gather(&covey, MEMBERS, 30).await?;
    let began = Instant::now();
    let connected = announce_all(members, &group, &files).await?;
    report.add(Row {
        what: "members left after 100 announced 30 times each at once".to_owned(),
        covey: connected.len() as f64,
        yardstick: "all".to_owned(),
        plain: MEMBERS as f64,
        unit: "members",
        aim: Aim::AtLeast(1.0),
    });
    report.note(format!("they were all answered after {:.2} s", began.elapsed().as_secs_f64()));
    Ok(())
}

/// The last member comes back when all the others are in every swarm.
pub async fn measure_return(servers: &Servers, _: &Options, report: &mut Report) -> Result<()> {
    const MEMBERS: usize = 20;
    const FILES: usize = 256;
    let covey = servers.covey("return").await?;
    let (group, files, mut members) = gather(&covey, MEMBERS + 1, FILES).await?;
    members.pop().context("there are some")?;
    let connected = announce_all(members, &group, &files).await?;
    let began = Instant::now();
    let mut back = Member::log_in(&covey.host, MEMBERS).await?;
    settle(&mut back).await?;
    let seconds = began.elapsed().as_secs_f64();
    let mut add = |what: &str, covey, plain, unit| {
        let (what, yardstick) = (what.to_owned(), "the bound".to_owned());
        report.add(Row { what, covey, yardstick, plain, unit, aim: Aim::AtMost(1.0) });
    };
    add("coming back into a group of 20 × 256 entries", seconds, 1.0, "s");
    add("the same", back.bytes as f64 / 1024.0, 64.0, "KiB");
    report.note(format!("{} of {MEMBERS} members were in the swarms by then", connected.len()));
    Ok(())
}

/// A group with so many members, all online, and so many files.
async fn gather(server: &Observed, members: usize, files: usize) -> Result<(Group, Vec<FileId>, Vec<Member>)> {
    let mut admin = Member::log_in(&server.host, 0).await?;
    let group = Group::create(&mut admin, 0).await?;
    let mut crowd = vec![admin];
    for number in 1..members {
        let mut member = Member::log_in(&server.host, number).await?;
        group.join(&mut member).await?;
        crowd.push(member);
    }
    let mut added = Vec::new();
    for number in 0..files {
        added.push(group.add_file(&mut crowd[number / FILES_EACH], number).await?);
    }
    Ok((group, added, crowd))
}

/// Everybody joins every swarm as fast as they can. Those who are still connected when all have been answered read on
/// until they are dropped.
async fn announce_all(members: Vec<Member>, group: &Group, files: &[FileId]) -> Result<JoinSet<()>> {
    let mut announcing = JoinSet::new();
    for mut member in members {
        let (group, files) = (group.clone(), files.to_vec());
        announcing.spawn(async move {
            for file in files {
                let announce = announce(&member, group.swarm(file));
                member.feed(&MemberToTracker::Announce(announce)).await.ok()?;
            }
            member.flush().await.ok()?;
            settle(&mut member).await.ok()?;
            Some(member)
        });
    }
    let mut connected = JoinSet::new();
    while let Some(announced) = announcing.join_next().await {
        if let Some(member) = announced? {
            connected.spawn(member.stay());
        }
    }
    while connected.try_join_next().is_some() {}
    Ok(connected)
}
