//! The task between a bridge's two swarms: it moves pieces and words, and decides nothing.

use std::io;
use std::time::{Duration, Instant};

use bridge::{Bridge, Input, Load, Output, Seeder};
use bytes::Bytes;
use local_peer::Timestamp;
use peer_engine::{Job, JobId, StorageError, StorageErrorKind};
use peer_wire::PeerId;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::shelf::Shelf;
use crate::hashing::hash_blocks;
use crate::storage::Duty;

/// Jobs of a swarm taken at a time: each time a task is woken costs as much as several blocks.
const BATCH_MAX: usize = 32;

/// Work that is done.
#[derive(Debug)]
pub enum Done {
    Hashed { job: JobId, digest: [u8; 20] },
    Kept { slot: usize, result: io::Result<()> },
    Read { slot: usize, load: Load, data: io::Result<Bytes> },
}

/// See the module.
#[derive(Debug)]
pub struct Joint {
    pub bridge: Bridge,
    pub shelf: Shelf,
    pub upstream: Duty,
    pub downstream: Duty,
    pub seeders: watch::Receiver<Vec<Seeder>>,
    pub others: watch::Receiver<Vec<PeerId>>,
}

impl Joint {
    /// Runs until one of the swarms is gone.
    ///
    /// # Errors
    /// The cache cannot be written: what is fetched would be fetched again and again.
    pub async fn run(mut self) -> io::Result<()> {
        let epoch = Instant::now();
        let now = || Timestamp(epoch.elapsed().as_micros() as u64);
        let mut working = JoinSet::new();
        let (mut above, mut below) = (Vec::with_capacity(BATCH_MAX), Vec::with_capacity(BATCH_MAX));
        loop {
            tokio::select! {
                Some(done) = working.join_next() => match done {
                    Ok(done) => self.on_done(done, now()).await?,
                    Err(error) => return Err(io::Error::other(error)),
                },
                taken = self.upstream.jobs.recv_many(&mut above, BATCH_MAX) => if taken == 0 {
                    return Ok(());
                },
                taken = self.downstream.jobs.recv_many(&mut below, BATCH_MAX) => if taken == 0 {
                    return Ok(());
                },
                Ok(()) = self.seeders.changed() => {
                    let seeders = self.seeders.borrow_and_update().clone();
                    self.bridge.handle(Input::Seeders(seeders), now());
                }
                Ok(()) = self.others.changed() => {
                    let others = self.others.borrow_and_update().clone();
                    self.bridge.handle(Input::OtherBridges(others), now());
                }
                () = sleep_until(epoch, self.bridge.poll_timeout()) => self.bridge.handle(Input::Tick, now()),
            }
            for job in above.drain(..) {
                self.on_upstream_job(job, &mut working, now()).await;
            }
            for job in below.drain(..) {
                self.on_downstream_job(job, now()).await;
            }
            if !self.drain(&mut working, now).await? {
                return Ok(());
            }
        }
    }

    /// Does what the bridge decided. `false`: a swarm is gone.
    async fn drain(&mut self, working: &mut JoinSet<Done>, now: impl Fn() -> Timestamp) -> io::Result<bool> {
        while let Some(output) = self.bridge.poll_output() {
            let done = match output {
                Output::Upstream(input) => {
                    if self.upstream.answers.send(input).await.is_err() {
                        return Ok(false);
                    }
                    None
                }
                Output::Downstream(input) => {
                    if self.downstream.answers.send(input).await.is_err() {
                        return Ok(false);
                    }
                    None
                }
                Output::Keep { slot, data } => self.shelf.keep(slot, data, working),
                Output::Read(read) => self.shelf.read(read, working),
            };
            if let Some(done) = done {
                self.on_done(done, now()).await?;
            }
        }
        Ok(true)
    }

    async fn on_done(&mut self, done: Done, now: Timestamp) -> io::Result<()> {
        match done {
            Done::Hashed { job, digest } => {
                let hashed = local_peer::Input::Hashed { job, digest: Ok(digest) };
                // A swarm that is gone ends the loop.
                let _ = self.upstream.answers.send(hashed).await;
            }
            Done::Kept { slot, result } => {
                result?;
                self.bridge.handle(Input::Kept { slot, is_kept: true }, now);
            }
            Done::Read { slot, load, data } => {
                let result = data.map_err(|error| not_read(&error));
                let loaded = local_peer::Input::Loaded { job: load.job, result };
                let _ = self.downstream.answers.send(loaded).await;
                self.bridge.handle(Input::WasRead { slot }, now);
            }
        }
        Ok(())
    }

    async fn on_upstream_job(&mut self, job: Job, working: &mut JoinSet<Done>, now: Timestamp) {
        match job {
            Job::Hash { job, data, .. } => {
                working.spawn_blocking(move || Done::Hashed { job, digest: hash_blocks(&data) });
            }
            Job::Store { job, piece, data, .. } => {
                self.bridge.handle(Input::Store { job, piece: piece.0, data }, now);
            }
            Job::Load { job, .. } => {
                let _ = self.upstream.answers.send(local_peer::Input::Loaded { job, result: Err(not_here()) }).await;
            }
        }
    }

    async fn on_downstream_job(&mut self, job: Job, now: Timestamp) {
        let refused = match job {
            Job::Load { job, piece, begin, len, who } => {
                self.bridge.handle(Input::Load(Load { job, piece: piece.0, begin, len, who }), now);
                return;
            }
            Job::Hash { job, .. } => local_peer::Input::Hashed { job, digest: Err(not_here()) },
            Job::Store { job, .. } => local_peer::Input::Stored { job, result: Err(not_here()) },
        };
        let _ = self.downstream.answers.send(refused).await;
    }
}

/// The end that serves fetches nothing, and the end that fetches serves nobody.
fn not_here() -> StorageError {
    StorageError::new(StorageErrorKind::Other, "this end of a bridge does not do that")
}

fn not_read(error: &io::Error) -> StorageError {
    StorageError::new(StorageErrorKind::Other, format!("the cache cannot be read: {error}"))
}

async fn sleep_until(epoch: Instant, at: Option<Timestamp>) {
    match at {
        Some(at) => tokio::time::sleep_until((epoch + Duration::from_micros(at.0)).into()).await,
        None => std::future::pending().await,
    }
}
