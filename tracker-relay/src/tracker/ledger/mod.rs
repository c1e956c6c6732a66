//! The one writer. Every change goes through it, in one order. After a commit it says on the bus which groups
//! have moved, and answers; it reads nothing for anybody and publishes nothing itself.
//!
//! Jobs that wait together share one transaction (a savepoint each), hence one flush of the disk.
//! It is a task of its own, so that a connection that breaks half way cannot leave a change that is
//! committed but not published. A transaction that cannot be committed changes nothing: all its jobs
//! are refused with a sentence, and the next ones get a new connection to the database.

mod transaction;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};
use std::vec::Drain;

use tokio::sync::{mpsc, oneshot};
use tokio::time::sleep_until;
use tracing::{error, info, warn};
use wire_protocol::control::{Refusal, Reply, Request};
use wire_protocol::ids::{GroupId, MemberKey, RequestId};

use super::bus::{Bus, Span};
use super::notices::Notice;
use super::refusals;
use super::rules::Rules;
use super::turns::{Turn, Turns};
use crate::clock;
use crate::control::Info;
use crate::metrics::Metrics;
use crate::store::pruning::Pruning;
use crate::store::{Unwritable, WriteConnection, events};
use transaction::{Means, commit};

/// Jobs that wait; senders beyond it wait themselves.
const QUEUE_LEN: usize = 256;
/// Jobs in one transaction.
const BATCH_LEN: usize = 64;
/// What a probe writes, bytes, when the last transaction could not be committed.
const PROBE_BALLAST: usize = 64 * 1024;
/// How often old replies and events are forgotten.
const PRUNE_EVERY: Duration = Duration::from_secs(3600);

/// Where changes go in.
#[derive(Debug, Clone)]
pub struct Ledger {
    jobs: mpsc::Sender<Queued>,
    turns: Arc<Turns>,
}

/// A job, and since when it waits.
type Queued = (Instant, Job);

/// What waits for the writer.
enum Job {
    Request {
        asked: Box<Asked>,
        answer: oneshot::Sender<Answer>,
        turn: Turn,
    },
    /// Whoever waits for it sees the sender go if nothing can be committed.
    Probe {
        answer: oneshot::Sender<()>,
    },
}

/// What came of a request.
#[derive(Debug)]
pub struct Answer {
    /// For the asker.
    pub outcome: Result<Reply, Refusal>,
    /// The events that it wrote. The asker hears of them before the reply.
    pub moved: BTreeMap<GroupId, Span>,
    /// What some are told besides.
    notices: BTreeSet<Notice>,
}

impl Answer {
    /// Nothing was changed.
    pub fn refused(refusal: Refusal) -> Self {
        Self { outcome: Err(refusal), moved: BTreeMap::new(), notices: BTreeSet::new() }
    }
}

/// A durable request, and who asks.
#[derive(Debug)]
pub struct Asked {
    /// Who.
    pub member: MemberKey,
    /// What they call themselves, in case they are new.
    pub newcomer_name: String,
    /// Sent again it has one effect.
    pub id: RequestId,
    /// What.
    pub request: Request,
    /// The info dictionary that came before a `PublishTorrent`.
    pub info: Option<Info>,
}

/// A job that is done but not committed.
enum Done {
    Request {
        asker: Asker,
        what: Box<Answer>,
    },
    Probe {
        answer: oneshot::Sender<()>,
    },
    /// The probe failed.
    Failed,
}

/// Who waits for the answer to which request.
struct Asker {
    member: MemberKey,
    id: RequestId,
    answer: oneshot::Sender<Answer>,
    /// Kept until the answer: the member's next job waits for it.
    _turn: Turn,
}

impl Ledger {
    /// The ledger, and the task that must run for it. The task ends when the last `Ledger` is gone;
    /// then it has answered every job and folded the log into the database file.
    pub fn new(
        writer: WriteConnection,
        rules: Rules,
        bus: Arc<Bus>,
        metrics: Arc<Metrics>,
    ) -> (Self, impl Future<Output = ()> + Send + 'static) {
        let (jobs, queue) = mpsc::channel(QUEUE_LEN);
        let prune_at = tokio::time::Instant::now();
        let writer =
            Writer { db: writer, rules, is_failing: false, is_disk_low: false, pruning: None, prune_at, bus, metrics };
        (Self { jobs, turns: Arc::default() }, writer.run(queue))
    }

    /// Hands in a durable request, when the asking member's jobs before it are done: so the queue is never one member's. The answer comes after the commit; it is dropped if the writer has ended.
    pub async fn request(&self, asked: Asked) -> oneshot::Receiver<Answer> {
        let (answer, outcome) = oneshot::channel();
        let turn = self.turns.wait(asked.member).await;
        self.put(Job::Request { asked: Box::new(asked), answer, turn }).await;
        outcome
    }

    /// Waits until the member's jobs are done, as far as they were handed in; there is no other one while this is held.
    pub async fn turn(&self, member: MemberKey) -> Turn {
        self.turns.wait(member).await
    }

    /// Whether the writer can commit something now.
    pub async fn can_commit(&self) -> bool {
        let (answer, outcome) = oneshot::channel();
        self.put(Job::Probe { answer }).await;
        outcome.await.is_ok()
    }

    /// Jobs that wait for the writer.
    pub fn queue_len(&self) -> usize {
        self.jobs.max_capacity() - self.jobs.capacity()
    }

    async fn put(&self, job: Job) {
        // Fails only when the writer has ended, which drops the job and with it the answer's sender.
        let _ = self.jobs.send((Instant::now(), job)).await;
    }
}

struct Writer {
    db: WriteConnection,
    rules: Rules,
    /// The last transaction could not be committed.
    is_failing: bool,
    is_disk_low: bool,
    /// The round of forgetting that is under way.
    pruning: Option<Pruning>,
    prune_at: tokio::time::Instant,
    bus: Arc<Bus>,
    metrics: Arc<Metrics>,
}

impl Writer {
    async fn run(mut self, mut queue: mpsc::Receiver<Queued>) {
        let mut batch = Vec::with_capacity(BATCH_LEN);
        loop {
            let is_pruning = self.pruning.is_some();
            tokio::select! {
                // Jobs first; the others have their turn after each batch anyway.
                biased;
                count = queue.recv_many(&mut batch, BATCH_LEN) => {
                    if count == 0 {
                        break;
                    }
                    self.transact(&mut batch).await;
                }
                () = std::future::ready(()), if is_pruning => {}
                () = sleep_until(self.prune_at), if !is_pruning => {}
            }
            self.prune_a_slice().await;
        }
        match self.db.close().await {
            Ok(()) => info!("database closed"),
            Err(error) => error!(%error, "cannot fold the log into the database file; the next start will"),
        }
    }

    /// Does all jobs in one transaction, then says what moved and answers, in their order.
    async fn transact(&mut self, batch: &mut Vec<Queued>) {
        let start = Instant::now();
        let mut done = Vec::with_capacity(batch.len());
        let mut jobs = batch.drain(..);
        let committed = self.commit(&mut jobs, &mut done).await;
        self.metrics.db_write_seconds.observe_since(start);
        match committed {
            Ok(()) => {
                self.is_failing = false;
                done.into_iter().for_each(|done| self.finish(done));
            }
            Err(why) => {
                let refusal = refusals::unwritable(why);
                for job in done {
                    if let Done::Request { asker, what } = job {
                        // A refusal of its own stays true.
                        self.refuse(asker, what.outcome.err().unwrap_or_else(|| refusal.clone())).await;
                    }
                }
                for (_, job) in jobs {
                    if let Job::Request { asked, answer, turn } = job {
                        let asker = Asker { member: asked.member, id: asked.id, answer, _turn: turn };
                        self.refuse(asker, refusal.clone()).await;
                    }
                }
            }
        }
    }

    /// Answers what nothing came of now. If it is sent again, and was done before the asker's connection broke, it stays
    /// done, and whoever asks must not be told otherwise.
    async fn refuse(&mut self, asker: Asker, refusal: Refusal) {
        let before = match self.db.get().await {
            Ok(db) => events::reply(db, asker.member, asker.id).await.unwrap_or_default(),
            Err(_) => None,
        };
        let answer = Answer { outcome: before.ok_or(refusal), moved: BTreeMap::new(), notices: BTreeSet::new() };
        // Whoever asked may be gone.
        let _ = asker.answer.send(answer);
    }

    async fn commit(&mut self, jobs: &mut Drain<'_, Queued>, done: &mut Vec<Done>) -> Result<(), Unwritable> {
        let db = self.db.get().await?;
        let is_disk_low = self.rules.free_disk.is_low();
        // Said once, and once more when it is over.
        if std::mem::replace(&mut self.is_disk_low, is_disk_low) != is_disk_low {
            match is_disk_low {
                true => warn!("little disk is free: only leaving and removing work until there is more"),
                false => info!("there is enough free disk again"),
            }
        }
        let ballast = if self.is_failing || is_disk_low { PROBE_BALLAST } else { 0 };
        let means = Means { rules: &self.rules, is_disk_low, ballast, metrics: &self.metrics };
        let Err(error) = commit(db, jobs, done, means).await else { return Ok(()) };
        self.metrics.db_errors.inc();
        self.db.discard().await;
        // Said once: a full disk may well be the one that the log is on.
        if !std::mem::replace(&mut self.is_failing, true) {
            error!(%error, "cannot commit; nothing is stored until this is mended");
        }
        Err(Unwritable::from(&error))
    }

    fn finish(&self, done: Done) {
        match done {
            Done::Request { asker, mut what } => {
                for (group, span) in &what.moved {
                    self.bus.moved(*group, *span);
                }
                self.bus.notify(std::mem::take(&mut what.notices));
                // Whoever asked may be gone.
                let _ = asker.answer.send(*what);
            }
            Done::Probe { answer } => drop(answer.send(())),
            Done::Failed => {}
        }
    }

    /// One slice, if it is time or a round has begun.
    async fn prune_a_slice(&mut self) {
        let now = tokio::time::Instant::now();
        if self.pruning.is_none() && now >= self.prune_at {
            self.prune_at = now + PRUNE_EVERY;
            self.pruning = Some(Pruning::new(clock::now_ms()));
        }
        let Some(mut pruning) = self.pruning.take() else { return };
        let Ok(db) = self.db.get().await else { return };
        match pruning.slice(db).await {
            Ok(rows) => {
                self.metrics.pruned_rows.add(rows);
                self.pruning = Some(pruning).filter(|pruning| !pruning.is_done());
            }
            Err(error) => {
                self.metrics.db_errors.inc();
                error!(%error, "cannot forget old replies and events; the next round will try again");
            }
        }
    }
}
