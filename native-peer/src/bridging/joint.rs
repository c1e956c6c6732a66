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
        loop {
            let input = tokio::select! {
                Some(done) = working.join_next() => match done {
                    Ok(done) => self.on_done(done).await?,
                    Err(error) => return Err(io::Error::other(error)),
                },
                job = self.upstream.jobs.recv() => match job {
                    Some(job) => self.on_upstream_job(job, &mut working).await,
                    None => return Ok(()),
                },
                job = self.downstream.jobs.recv() => match job {
                    Some(job) => self.on_downstream_job(job).await,
                    None => return Ok(()),
                },
                Ok(()) = self.seeders.changed() => Some(Input::Seeders(self.seeders.borrow_and_update().clone())),
                Ok(()) = self.others.changed() => Some(Input::OtherBridges(self.others.borrow_and_update().clone())),
                () = sleep_until(epoch, self.bridge.poll_timeout()) => Some(Input::Tick),
            };
            if let Some(input) = input {
                self.bridge.handle(input, now());
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
            if let Some(done) = done
                && let Some(input) = self.on_done(done).await?
            {
                self.bridge.handle(input, now());
            }
        }
        Ok(true)
    }

    async fn on_done(&mut self, done: Done) -> io::Result<Option<Input>> {
        match done {
            Done::Hashed { job, digest } => {
                let hashed = local_peer::Input::Hashed { job, digest: Ok(digest) };
                // A swarm that is gone ends the loop.
                let _ = self.upstream.answers.send(hashed).await;
                Ok(None)
            }
            Done::Kept { slot, result } => result.map(|()| Some(Input::Kept { slot, is_kept: true })),
            Done::Read { slot, load, data } => {
                let result = data.map_err(|error| not_read(&error));
                let loaded = local_peer::Input::Loaded { job: load.job, result };
                let _ = self.downstream.answers.send(loaded).await;
                Ok(Some(Input::WasRead { slot }))
            }
        }
    }

    async fn on_upstream_job(&mut self, job: Job, working: &mut JoinSet<Done>) -> Option<Input> {
        match job {
            Job::Hash { job, data, .. } => {
                working.spawn_blocking(move || Done::Hashed { job, digest: hash_blocks(&data) });
                None
            }
            Job::Store { job, piece, data, .. } => Some(Input::Store { job, piece: piece.0, data }),
            Job::Load { job, .. } => {
                let _ = self.upstream.answers.send(local_peer::Input::Loaded { job, result: Err(not_here()) }).await;
                None
            }
        }
    }

    async fn on_downstream_job(&mut self, job: Job) -> Option<Input> {
        let refused = match job {
            Job::Load { job, piece, begin, len, who } => {
                return Some(Input::Load(Load { job, piece: piece.0, begin, len, who }));
            }
            Job::Hash { job, .. } => local_peer::Input::Hashed { job, digest: Err(not_here()) },
            Job::Store { job, .. } => local_peer::Input::Stored { job, result: Err(not_here()) },
        };
        let _ = self.downstream.answers.send(refused).await;
        None
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
