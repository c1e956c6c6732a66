//! Somebody who does the worst that the limits allow, and what a bystander notices of it.

use std::time::{Duration, Instant};

use anyhow::Result;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};
use wire_protocol::control::{MemberToTracker, Request};
use wire_protocol::ids::RequestId;

use super::group::{Group, create_request};
use super::member::Member;
use super::servers::Servers;
use crate::options::Options;
use crate::report::{Aim, Report, Row, median};

const SOCKETS: usize = 8;
/// Requests of one socket, which the server allows for long: 50 a second.
const EVERY: Duration = Duration::from_millis(20);
/// Of the bystander.
const OWN_EVERY: Duration = Duration::from_millis(50);

/// A request that is stored, alone and beside the stranger.
pub async fn measure(servers: &Servers, options: &Options, report: &mut Report) -> Result<()> {
    let covey = servers.covey("stranger").await?;
    let mut bystander = Member::log_in(&covey.host, 0).await?;
    let group = Group::create(&mut bystander, 0).await?;
    let count = if options.quick { 40 } else { 200 };
    let alone = request_times(&mut bystander, count).await?;
    let mut sockets = JoinSet::new();
    for socket in 0..SOCKETS {
        let stranger = Member::log_in(&covey.host, 1).await?;
        sockets.spawn(do_the_worst(stranger, group.clone(), socket));
    }
    // Their bursts, which are over in a moment, are part of it.
    let beside = request_times(&mut bystander, count).await?;
    report.add(Row {
        what: "a request beside a stranger's worst on 8 sockets".to_owned(),
        covey: median(beside.clone()),
        yardstick: "alone".to_owned(),
        plain: median(alone),
        unit: "ms",
        aim: Aim::AtMost(2.0),
    });
    let longest = beside.into_iter().fold(0.0, f64::max);
    report.note(format!("the longest of {count} requests beside the stranger took {longest:.1} ms"));
    Ok(())
}

/// Milliseconds that each of some requests takes until it is answered.
async fn request_times(member: &mut Member, count: usize) -> Result<Vec<f64>> {
    let mut pace = interval(OWN_EVERY);
    pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut times = Vec::new();
    for number in 0..count {
        pace.tick().await;
        let began = Instant::now();
        member.ask(Request::SetDisplayName { name: format!("Bystander {number}") }).await?;
        times.push(began.elapsed().as_secs_f64() * 1e3);
    }
    Ok(times)
}

/// Asks for what costs the server most, each socket beginning with another thing, and reads the answers.
async fn do_the_worst(mut stranger: Member, group: Group, socket: usize) -> Result<()> {
    let mut pace = interval(EVERY);
    let mut number = socket;
    loop {
        tokio::select! {
            _ = pace.tick() => {
                let request = match number % 4 {
                    0 => Request::SetDisplayName { name: format!("Stranger {number}") },
                    1 => group.join_request(),
                    2 => group.preview_request(),
                    _ => create_request(),
                };
                number += 1;
                let id = RequestId(fastrand::u128(..).to_be_bytes());
                stranger.send(&MemberToTracker::Request { id, request }).await?;
            }
            received = stranger.receive() => drop(received?),
        }
    }
}
