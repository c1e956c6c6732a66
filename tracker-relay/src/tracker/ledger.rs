//! The one writer. Every change goes through it, in one order. After a commit it says on the bus which groups
//! have moved, and answers; it reads nothing for anybody and publishes nothing itself.
//!
//! Jobs that wait together share one transaction (a savepoint each), hence one flush of the disk.
//! It is a task of its own, so that a connection that breaks half way cannot leave a change that is
//! committed but not published.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sqlx::{Acquire, Connection, SqliteConnection};
use tokio::sync::{mpsc, oneshot};
use tracing::{error, info};
use wire_protocol::control::{Refusal, Reply, Request};
use wire_protocol::ids::{GroupId, MemberKey, RequestId};

use super::bus::{Bus, Span};
use super::change::{self, Denied, Draft};
use super::refusals;
use crate::clock;
use crate::limits::{EVENTS_KEPT_MS, REQUESTS_KEPT_MS};
use crate::metrics::Metrics;
use crate::store::{self, events};

/// Jobs that wait; senders beyond it wait themselves.
const QUEUE_LEN: usize = 256;
/// Jobs in one transaction.
const BATCH_LEN: usize = 64;
/// How often old replies and events are forgotten.
const PRUNE_EVERY: Duration = Duration::from_secs(3600);

/// Where changes go in.
#[derive(Debug, Clone)]
pub struct Ledger {
    jobs: mpsc::Sender<Job>,
}

/// What waits for the writer.
struct Job {
    asked: Asked,
    answer: oneshot::Sender<Answer>,
}

/// What came of a request.
#[derive(Debug)]
pub struct Answer {
    /// For the asker.
    pub outcome: Result<Reply, Refusal>,
    /// The events that it wrote. The asker hears of them before the reply.
    pub moved: BTreeMap<GroupId, Span>,
}

impl Answer {
    /// Nothing was changed.
    pub fn refused(refusal: Refusal) -> Self {
        Self { outcome: Err(refusal), moved: BTreeMap::new() }
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
    pub info: Option<Vec<u8>>,
}

/// A job that is done but not committed.
struct Done {
    answer: oneshot::Sender<Answer>,
    what: Answer,
}

impl Ledger {
    /// The ledger, and the task that must run for it. The task ends when the last `Ledger` is gone;
    /// then it has answered every job and folded the log into the database file.
    pub fn new(
        writer: SqliteConnection,
        bus: Arc<Bus>,
        metrics: Arc<Metrics>,
    ) -> (Self, impl Future<Output = ()> + Send + 'static) {
        let (jobs, queue) = mpsc::channel(QUEUE_LEN);
        let writer = Writer { db: writer, bus, metrics };
        (Self { jobs }, writer.run(queue))
    }

    /// Hands in a durable request. The answer comes after the commit; it is dropped if the database failed.
    pub async fn request(&self, asked: Asked) -> oneshot::Receiver<Answer> {
        let (answer, outcome) = oneshot::channel();
        // Fails only when the writer has ended, which drops the job and with it the answer's sender.
        let _ = self.jobs.send(Job { asked, answer }).await;
        outcome
    }
}

struct Writer {
    db: SqliteConnection,
    bus: Arc<Bus>,
    metrics: Arc<Metrics>,
}

impl Writer {
    async fn run(mut self, mut queue: mpsc::Receiver<Job>) {
        let mut prune = tokio::time::interval(PRUNE_EVERY);
        let mut batch = Vec::with_capacity(BATCH_LEN);
        loop {
            tokio::select! {
                count = queue.recv_many(&mut batch, BATCH_LEN) => {
                    if count == 0 {
                        break;
                    }
                    self.transact(&mut batch).await;
                }
                _ = prune.tick() => self.prune().await,
            }
        }
        match store::close_writer(self.db).await {
            Ok(()) => info!("database closed"),
            Err(error) => error!(%error, "cannot fold the log into the database file; the next start will"),
        }
    }

    /// Does all jobs in one transaction, then says what moved and answers, in their order.
    async fn transact(&mut self, batch: &mut Vec<Job>) {
        let start = Instant::now();
        let mut done = Vec::with_capacity(batch.len());
        let committed = self.commit(batch, &mut done).await;
        self.metrics.db_write_seconds.observe_since(start);
        if let Err(error) = &committed {
            self.metrics.db_errors.inc();
            error!(%error, "cannot commit");
        }
        // Jobs that were not reached: dropping them answers "server error".
        batch.clear();
        if committed.is_ok() {
            done.into_iter().for_each(|done| self.finish(done));
        }
    }

    async fn commit(&mut self, batch: &mut Vec<Job>, done: &mut Vec<Done>) -> sqlx::Result<()> {
        let mut transaction = self.db.begin_with("BEGIN IMMEDIATE").await?;
        for job in batch.drain(..) {
            let mut savepoint = transaction.begin().await?;
            match perform(&mut savepoint, job, &self.metrics).await {
                Ok(job) => {
                    savepoint.commit().await?;
                    done.push(job);
                }
                Err(job) => {
                    savepoint.rollback().await?;
                    done.push(job);
                }
            }
        }
        transaction.commit().await
    }

    fn finish(&self, done: Done) {
        for (group, span) in &done.what.moved {
            self.bus.moved(*group, *span);
        }
        // Whoever asked may be gone.
        let _ = done.answer.send(done.what);
    }

    async fn prune(&mut self) {
        let now_ms = clock::now_ms();
        let replies_before_ms = now_ms.saturating_sub(REQUESTS_KEPT_MS);
        let events_before_ms = now_ms.saturating_sub(EVENTS_KEPT_MS);
        if let Err(error) = events::prune(&mut self.db, replies_before_ms, events_before_ms).await {
            self.metrics.db_errors.inc();
            error!(%error, "cannot forget old replies and events");
        }
    }
}

/// Does one job inside its savepoint. `Err`: undo it.
async fn perform(db: &mut SqliteConnection, job: Job, metrics: &Metrics) -> Result<Done, Done> {
    let Job { mut asked, answer } = job;
    let newcomer_name = std::mem::take(&mut asked.newcomer_name);
    let mut draft = Draft::new(db, asked.member, &newcomer_name, clock::now_ms());
    match perform_request(&mut draft, asked, metrics).await {
        Ok(reply) => Ok(Done { answer, what: Answer { outcome: Ok(reply), moved: draft.moved } }),
        Err(denied) => Err(Done { answer, what: Answer::refused(refusal_of(denied, metrics)) }),
    }
}

/// A refused request changes nothing and is not remembered: asked again it may succeed.
async fn perform_request(draft: &mut Draft<'_>, asked: Asked, metrics: &Metrics) -> Result<Reply, Denied> {
    if let Some(reply) = events::reply(draft.db, asked.member, asked.id).await? {
        metrics.requests_repeated.inc();
        return Ok(reply);
    }
    let reply = change::apply(draft, asked.request, asked.info).await?;
    events::put_reply(draft.db, asked.member, asked.id, &reply, draft.now_ms).await?;
    metrics.requests_ok.inc();
    Ok(reply)
}

fn refusal_of(denied: Denied, metrics: &Metrics) -> Refusal {
    match denied {
        Denied::Refused(refusal) => {
            metrics.requests_refused.inc();
            refusal
        }
        Denied::Database(error) => {
            metrics.requests_failed.inc();
            metrics.db_errors.inc();
            error!(%error, "the database failed");
            refusals::server_error()
        }
    }
}
