//! Eight people who do anything that people do in groups, while the server is killed (SIGKILL) at random moments and
//! started again on the same data, its clock set forward and back by hours, its disk full now and then.
//!
//! - [`world`]: one data folder and what befalls it. [`server`] is the real process.
//! - [`client`]: a member's real conversation, across the deaths. [`deeds`]: what its person does; [`board`]: what friends
//!   tell each other.
//! - [`model`]: what was acknowledged ([`effect`]) and shown ([`state`]); [`replay`] and [`check`] hold it against what
//!   the database has ([`kept`]).
//!
//! The seed draws what people do and when the server dies. Which request a kill falls upon differs from run to run all
//! the same: processes race.

mod board;
mod check;
mod client;
mod deeds;
mod effect;
mod kept;
mod model;
mod replay;
mod report;
mod server;
mod state;
mod world;

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use fastrand::Rng;

pub use report::Report;
use world::World;

/// Kills of one data folder; then another begins, so that no check has too much to read.
const KILLS_PER_WORLD: u32 = 25;

/// How long, and with which seed.
#[derive(Debug, Clone, Copy)]
pub struct Chaos {
    /// At most.
    pub kills: u32,
    pub seed: u64,
    /// No new data folder is begun after that.
    pub time_max: Option<Duration>,
    /// Every other data folder is on a small disk that is filled. Needs root.
    pub fills_disks: bool,
}

impl Chaos {
    /// Runs, with the server of this program.
    ///
    /// # Errors
    /// The first thing that does not hold, with the seed.
    pub async fn run(&self, program: &Path) -> Result<Report> {
        let (started, mut rng) = (Instant::now(), Rng::with_seed(self.seed));
        let mut report = Report::default();
        for number in 0_u32.. {
            let left = self.kills.saturating_sub(number.saturating_mul(KILLS_PER_WORLD)).min(KILLS_PER_WORLD);
            let is_late = self.time_max.is_some_and(|max| started.elapsed() >= max);
            if left == 0 || is_late {
                break;
            }
            let has_small_disk = self.fills_disks && number % 2 == 1;
            let part = play(program, rng.fork(), has_small_disk, left).await;
            report.add(part.with_context(|| format!("seed {}, data folder {number}", self.seed))?);
            report.took = started.elapsed();
            eprintln!("{} kills, {} checks, {} s", report.kills, report.checks, report.took.as_secs());
        }
        Ok(report)
    }
}

async fn play(program: &Path, rng: Rng, has_small_disk: bool, kills: u32) -> Result<Report> {
    let mut world = World::begin(program, rng, has_small_disk).await?;
    let played = world.play(kills).await;
    if played.is_err() {
        world.keep_folder();
    }
    played
}
