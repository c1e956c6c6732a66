//! One data folder from its making on: a server, the people, and what befalls them.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use fastrand::Rng;
use tempfile::TempDir;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use wire_protocol::ids::MemberKey;

use super::check::Checks;
use super::client::{Client, Order};
use super::kept::{Kept, empty_log};
use super::model::Model;
use super::report::Report;
use super::server::Server;
use crate::SmallDisk;
use crate::wait::{SOON, until};

/// People, a program each.
const PEOPLE: usize = 8;
/// The longest that the server lives once it is ready, milliseconds.
const LIFE_MAX_MS: u64 = 600;
/// The same of one that is killed while it starts.
const START_MAX_MS: u64 = 60;
/// Everybody is quiet, and compared, after so many kills.
const CHECK_EVERY: u32 = 5;
/// The disk is filled after so many kills.
const FILL_EVERY: u32 = 6;
/// Room on the small disk, MiB: a few times what a world writes.
const DISK_MIB: u64 = 64;
/// The server's clock is at most so far off, hours: two starts are less than a day apart, for which the server knows what
/// it has answered.
const CLOCK_HOURS: i64 = 11;

/// See the module.
pub struct World {
    rng: Rng,
    server: Server,
    checks: Checks,
    model: Arc<Mutex<Model>>,
    people: Vec<(MemberKey, mpsc::Sender<Order>)>,
    running: JoinSet<Result<()>>,
    /// Where the data are, if it can be filled. Before the folder, which it is mounted in.
    disk: Option<SmallDisk>,
    folder: TempDir,
}

impl World {
    /// A new server with nothing in it, and new people.
    ///
    /// # Errors
    /// If the server does not start; with a small disk, if this is not root.
    pub async fn begin(program: &Path, mut rng: Rng, has_small_disk: bool) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("covey-chaos-").tempdir()?;
        let disk = has_small_disk.then(|| SmallDisk::mount(folder.path(), DISK_MIB)).transpose()?;
        let server = Server::start(program.to_owned(), folder.path().join("data")).await?;
        let model = Arc::<Mutex<Model>>::default();
        let (mut people, mut running) = (Vec::new(), JoinSet::new());
        for number in 1..=PEOPLE {
            let (orders, received) = mpsc::channel(1);
            let client = Client::new(number, rng.fork(), server.url(), model.clone(), server.watch(), received)?;
            people.push((client.key(), orders));
            running.spawn(client.run());
        }
        Ok(Self { rng, server, checks: Checks::default(), model, people, running, disk, folder })
    }

    /// Kills the server so many times, and checks in between and at the end.
    ///
    /// # Errors
    /// Whatever does not hold.
    pub async fn play(&mut self, kills: u32) -> Result<Report> {
        for kill in 1..=kills {
            self.one_life(kill).await.with_context(|| self.at(kill))?;
            if kill.is_multiple_of(CHECK_EVERY) || kill == kills {
                self.check().await.with_context(|| self.at(kill))?;
            }
        }
        Ok(self.model(|model| std::mem::take(&mut model.report)))
    }

    /// Something is wrong, and can be looked at. (What is on a small disk goes with it.)
    pub fn keep_folder(&mut self) {
        if self.disk.is_none() {
            self.folder.disable_cleanup(true);
            eprintln!("The data folder is kept: {}", self.folder.path().display());
        }
    }

    fn at(&self, kill: u32) -> String {
        format!("kill {kill} of this data folder; the server said:\n{}", self.server.said())
    }

    /// A life, a death, and the start of the next life.
    async fn one_life(&mut self, kill: u32) -> Result<()> {
        if self.disk.is_some() && kill.is_multiple_of(FILL_EVERY) {
            self.fill_disk().await?;
        } else {
            self.live(LIFE_MAX_MS).await?;
            self.server.kill().await?;
            self.model(|model| model.report.kills += 1);
            self.step_clock();
            self.server.launch()?;
            if self.rng.u8(..8) == 0 {
                self.live(START_MAX_MS).await?;
                self.server.kill().await?;
                self.model(|model| model.report.kills_at_start += 1);
                self.server.launch()?;
            }
        }
        self.server.ready().await
    }

    /// Lets everybody go on until the moment that is drawn, at most `max_ms` from now.
    async fn live(&mut self, max_ms: u64) -> Result<()> {
        let moment = Duration::from_micros(self.rng.u64(..max_ms * 1000));
        tokio::select! {
            () = sleep(moment) => Ok(()),
            ended = self.running.join_next() => failed(ended),
        }
    }

    fn step_clock(&mut self) {
        if self.rng.bool() {
            self.server.clock_offset = self.rng.i64(-CLOCK_HOURS * 3600..=CLOCK_HOURS * 3600);
            self.model(|model| model.report.clock_steps += 1);
        }
    }

    /// The disk is full until the server has said so, and is killed then; sometimes it has to start on the full disk.
    async fn fill_disk(&mut self) -> Result<()> {
        let Some(disk) = &self.disk else { return Ok(()) };
        self.model(|model| model.is_disk_full = true);
        let before = self.model(|model| model.report.full_disk_refusals);
        empty_log(&self.server.database()).await?;
        let filling = disk.fill()?;
        self.refusal_after(before).await?;
        self.live(LIFE_MAX_MS).await?;
        self.server.kill().await?;
        self.model(|model| {
            model.report.kills += 1;
            model.report.full_disks += 1;
        });
        if self.rng.bool() {
            self.start_on_full_disk(filling).await
        } else {
            std::fs::remove_file(filling)?;
            self.server.launch()
        }
    }

    /// It may or may not work there: either way nothing is lost.
    async fn start_on_full_disk(&mut self, filling: PathBuf) -> Result<()> {
        self.model(|model| model.report.starts_on_full_disk += 1);
        self.server.launch()?;
        if self.server.ready().await.is_ok() {
            self.live(LIFE_MAX_MS).await?;
            self.server.kill().await?;
        } else {
            self.server.fails().await?;
        }
        std::fs::remove_file(filling)?;
        self.server.launch()
    }

    async fn refusal_after(&mut self, before: u64) -> Result<()> {
        let model = self.model.clone();
        let refused = until("a refusal because of the full disk", SOON, async || {
            let model = model.lock().unwrap_or_else(PoisonError::into_inner);
            Ok((model.report.full_disk_refusals > before).then_some(()))
        });
        tokio::select! {
            refused = refused => refused,
            ended = self.running.join_next() => failed(ended),
        }
    }

    /// Everybody is quiet for a moment, and everything is compared.
    async fn check(&mut self) -> Result<()> {
        for number in 0..self.people.len() {
            self.ask(number, Order::Quiet).await.context("somebody does not come to rest")?;
        }
        let (database, now_ms) = (self.server.database(), self.server.now_ms());
        let kept = Kept::read(&database, now_ms, &self.checks.replay.heads(), &self.checks.replay.closed).await?;
        {
            let mut model = self.model.lock().unwrap_or_else(PoisonError::into_inner);
            self.checks.compare(&kept, &mut model)?;
            // Whoever was refused has been told by now.
            model.is_disk_full = false;
        }
        for number in 0..self.people.len() {
            let member = self.people[number].0;
            let expected = self.checks.replay.heads_of(member);
            let view = self.ask(number, |to| Order::Show(expected, to)).await?;
            self.checks.compare_view(member, &view)?;
        }
        for (_, orders) in &self.people {
            orders.send(Order::Go).await?;
        }
        Ok(())
    }

    /// Gives one person an order and waits for the answer.
    async fn ask<T>(&mut self, number: usize, order: impl FnOnce(oneshot::Sender<T>) -> Order) -> Result<T> {
        let (to, answer) = oneshot::channel();
        let answered = async {
            self.people[number].1.send(order(to)).await?;
            anyhow::Ok(timeout(SOON, answer).await??)
        };
        tokio::select! {
            answered = answered => answered,
            ended = self.running.join_next() => Err(failed(ended).err().context("a client ended without an error")?),
        }
    }

    fn model<T>(&self, look: impl FnOnce(&mut Model) -> T) -> T {
        look(&mut self.model.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A client ends before the run only because of what it saw.
fn failed(ended: Option<Result<Result<()>, tokio::task::JoinError>>) -> Result<()> {
    match ended {
        Some(Ok(Err(error))) => Err(error),
        other => bail!("a client ended: {other:?}"),
    }
}
