//! Relayed bytes beside the bare splice: rate and processor time, by message length.

use std::time::Duration;

use anyhow::Result;

use super::flow::{Flow, Flowing};
use super::observed::Observed;
use super::pairs::{Dialing, Pair, bare_pair};
use super::servers::Servers;
use crate::options::Options;
use crate::report::{Aim, Report, Row, median};
use crate::rounds::order;

const KIB: usize = 1024;
/// What Covey's own clients send at once: 239 KiB.
const OWN_LEN: usize = 244_736;
/// 60 and 240 KiB stand beside the powers of two that they are close to.
const LENGTHS: [usize; 6] = [16 * KIB, 60 * KIB, 64 * KIB, OWN_LEN, 240 * KIB, 256 * KIB];

/// The turns of one message length.
#[derive(Default)]
struct Turns {
    relay: Vec<Flow>,
    splice: Vec<Flow>,
}

/// One pair, one direction.
pub async fn measure(servers: &Servers, options: &Options, report: &mut Report) -> Result<()> {
    let (covey, bare) = (servers.covey("relaying").await?, servers.bare().await?);
    let mut dialing = Dialing::new(&covey, 1).await?;
    let mut all: Vec<Turns> = LENGTHS.iter().map(|_| Turns::default()).collect();
    for round in 0..options.rounds {
        for (turns, len) in all.iter_mut().zip(LENGTHS) {
            for who in order(2, round) {
                if who == 0 {
                    let pair = dialing.pair(0).await?;
                    turns.relay.push(turn(&covey, pair, len, options).await?);
                } else {
                    turns.splice.push(turn(&bare, bare_pair(&bare, round).await?, len, options).await?);
                }
            }
        }
    }
    for (turns, len) in all.iter().zip(LENGTHS) {
        add_rate(report, turns, len);
    }
    for (turns, len) in all.iter().zip(LENGTHS) {
        add_processor(report, turns, len);
    }
    add_smoothness(report, &all, 2, 1);
    add_smoothness(report, &all, 5, 4);
    Ok(())
}

async fn turn(server: &Observed, pair: Pair, len: usize, options: &Options) -> Result<Flow> {
    let time = Duration::from_millis(if options.quick { 700 } else { 2_000 });
    Flowing::start(vec![pair], len).observe(server, time).await
}

fn pick(flows: &[Flow], what: fn(&Flow) -> f64) -> f64 {
    median(flows.iter().map(what).collect())
}

fn add_rate(report: &mut Report, turns: &Turns, len: usize) {
    let megabytes = |flow: &Flow| flow.rate / 1e6;
    report.add(Row {
        what: format!("relayed, one pair, messages of {} KiB", len / KIB),
        covey: pick(&turns.relay, megabytes),
        yardstick: "bare splice".to_owned(),
        plain: pick(&turns.splice, megabytes),
        unit: "MB/s",
        aim: Aim::AtLeast(0.9),
    });
}

fn add_processor(report: &mut Report, turns: &Turns, len: usize) {
    report.add(Row {
        what: format!("its processor time, {} KiB", len / KIB),
        covey: pick(&turns.relay, |flow| flow.cpu_per_gib),
        yardstick: "bare splice".to_owned(),
        plain: pick(&turns.splice, |flow| flow.cpu_per_gib),
        unit: "s/GiB",
        aim: Aim::AtMost(1.2),
    });
}

/// A length that is a power of two costs no more than one that is a little shorter.
fn add_smoothness(report: &mut Report, all: &[Turns], power: usize, shorter: usize) {
    report.add(Row {
        what: format!("the relay's processor time at {} KiB", LENGTHS[power] / KIB),
        covey: pick(&all[power].relay, |flow| flow.cpu_per_gib),
        yardstick: format!("the relay's at {} KiB", LENGTHS[shorter] / KIB),
        plain: pick(&all[shorter].relay, |flow| flow.cpu_per_gib),
        unit: "s/GiB",
        aim: Aim::AtMost(1.2),
    });
}
