//! The server goes and comes back: how long until everybody has everything again.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use covey_tests::wait::SOON;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::conversing::{Conversing, Tally};
use super::group::Group;
use super::member::Member;
use super::observed::Observed;
use super::servers::Servers;
use crate::options::Options;
use crate::report::{Aim, Report, Row};

/// Members of one group.
const GROUP: usize = 100;
/// For all to be complete.
const PATIENCE: Duration = Duration::from_secs(120);

/// SIGTERM, then SIGKILL.
pub async fn measure(servers: &Servers, options: &Options, report: &mut Report) -> Result<()> {
    let groups = if options.quick { 4 } else { 20 };
    let covey = servers.covey("restart").await?;
    let host = covey.host.clone();
    let (tally, mut told) = watch::channel(Tally::default());
    let tally = Arc::new(tally);
    let mut members = JoinSet::new();
    for group in 0..groups {
        found(&covey, group, &tally, &mut members).await?;
    }
    let all = groups * GROUP;
    until_complete(&mut told, all).await.context("at the beginning")?;
    let mut covey = covey;
    for (how, bound) in [("SIGTERM", 4.6), ("SIGKILL", 2.7)] {
        let before = *told.borrow();
        let began = Instant::now();
        if how == "SIGTERM" {
            let id = covey.process.id().context("the server has ended")?;
            kill(Pid::from_raw(id.cast_signed()), Signal::SIGTERM)?;
            ensure!(covey.process.exit(SOON).await?.success(), "tracker-relay did not end well");
        } else {
            covey.process.kill().await?;
        }
        // What they knew before does not count.
        timeout(PATIENCE, told.wait_for(|tally| tally.online == 0)).await.context("somebody stays online")??;
        covey = servers.covey_at("restart", &host).await?;
        let listens = began.elapsed().as_secs_f64();
        until_complete(&mut told, all).await.context(how)?;
        let seconds = began.elapsed().as_secs_f64();
        let (what, yardstick) = (format!("{all} members complete again after {how}"), "the bound".to_owned());
        report.add(Row { what, covey: seconds, yardstick, plain: bound, unit: "s", aim: Aim::AtMost(1.0) });
        let after = *told.borrow();
        report.note(format!(
            "after {how} the server listened again after {listens:.2} s; {} refused, {} attempts came too early",
            after.refused - before.refused,
            after.unreachable - before.unreachable
        ));
    }
    Ok(())
}

async fn until_complete(told: &mut watch::Receiver<Tally>, all: usize) -> Result<()> {
    let is_told = timeout(PATIENCE, told.wait_for(|tally| tally.complete >= all)).await.map(|told| told.is_ok());
    match is_told {
        Ok(true) => Ok(()),
        Ok(false) => bail!("the members are gone"),
        Err(_) => bail!("of {all} members after {} s: {:?}", PATIENCE.as_secs(), *told.borrow()),
    }
}

/// A group whose members go on as real clients.
async fn found(
    server: &Observed,
    number: usize,
    tally: &Arc<watch::Sender<Tally>>,
    members: &mut JoinSet<Result<()>>,
) -> Result<()> {
    let first = number * GROUP;
    let mut admin = Member::log_in(&server.host, first).await?;
    let group = Group::create(&mut admin, number).await?;
    let swarm = group.swarm(group.add_file(&mut admin, number).await?);
    for number in first + 1..first + GROUP {
        group.join(&mut Member::log_in(&server.host, number).await?).await?;
    }
    for number in first..first + GROUP {
        let (host, tally) = (server.host.clone(), tally.clone());
        members.spawn(Conversing { host, number, swarm, swarm_len: GROUP, tally }.run());
    }
    Ok(())
}
