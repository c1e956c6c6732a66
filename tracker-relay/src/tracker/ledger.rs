//! The one writer. Everything durable goes through it, in one order; what it commits it publishes
//! before it takes the next job, so that every member sees events gap-free and in order.
//!
//! Jobs that wait together share one transaction (a savepoint each), hence one flush of the disk.
//! It is a task of its own, so that a connection that breaks half way cannot leave a change that is
//! committed but not published.

use std::sync::Arc;
use std::time::{Duration, Instant};

use sqlx::{Acquire, Connection, SqliteConnection};
use tokio::sync::{mpsc, oneshot};
use tracing::{error, info};
use wire_protocol::control::{Refusal, Reply, Request, TrackerToMember};
use wire_protocol::ids::{GroupId, MemberKey, RequestId};

use super::change::{self, Denied, Draft, Effect};
use super::hub::{Arrival, Hub, Presence, SessionId};
use super::refusals;
use super::snapshot::{self, CatchUp};
use crate::clock;
use crate::limits::{EVENTS_KEPT_MS, REQUESTS_KEPT_MS};
use crate::metrics::Metrics;
use crate::store::{self, events, groups};

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

/// A session that is in, and the groups it has to be brought up to date in.
pub type Entered = (Presence, Vec<GroupId>);

enum Job {
    Login { arrival: Arrival, answer: oneshot::Sender<Result<Entered, Refusal>> },
    Follow { session: SessionId, member: MemberKey, group: GroupId, seen: Option<u64>, answer: oneshot::Sender<()> },
    Request { asked: Asked, answer: oneshot::Sender<Result<Reply, Refusal>> },
}

/// A durable request, and who asks.
#[derive(Debug)]
pub struct Asked {
    /// Who.
    pub member: MemberKey,
    /// Sent again it has one effect.
    pub id: RequestId,
    /// What.
    pub request: Request,
    /// The info dictionary that came before a `PublishTorrent`.
    pub info: Option<Vec<u8>>,
}

/// A job that is done but not committed.
enum Done {
    Login {
        arrival: Arrival,
        groups: Vec<GroupId>,
        effects: Vec<Effect>,
        answer: oneshot::Sender<Result<Entered, Refusal>>,
    },
    Follow {
        session: SessionId,
        group: GroupId,
        catch_up: CatchUp,
        answer: oneshot::Sender<()>,
    },
    Request {
        outcome: Result<Reply, Refusal>,
        effects: Vec<Effect>,
        answer: oneshot::Sender<Result<Reply, Refusal>>,
    },
    /// The database failed: already answered.
    Failed,
}

impl Ledger {
    /// The ledger, and the task that must run for it. The task ends when the last `Ledger` is gone;
    /// then it has answered every job and folded the log into the database file.
    pub fn new(
        writer: SqliteConnection,
        hub: Arc<Hub>,
        metrics: Arc<Metrics>,
    ) -> (Self, impl Future<Output = ()> + Send + 'static) {
        let (jobs, queue) = mpsc::channel(QUEUE_LEN);
        let writer = Writer { db: writer, hub, metrics };
        (Self { jobs }, writer.run(queue))
    }

    /// Notes a person (and a changed name), takes the session in, and welcomes it.
    ///
    /// # Errors
    /// Too many sessions, or the database failed.
    pub async fn login(&self, arrival: Arrival) -> Result<Entered, Refusal> {
        let (answer, outcome) = oneshot::channel();
        self.put(Job::Login { arrival, answer }).await;
        outcome.await.unwrap_or_else(|_| Err(refusals::server_error()))
    }

    /// Brings a session up to date in one group and lets it follow from there.
    ///
    /// # Errors
    /// The database failed.
    pub async fn follow(
        &self,
        session: SessionId,
        member: MemberKey,
        group: GroupId,
        seen: Option<u64>,
    ) -> Result<(), Refusal> {
        let (answer, outcome) = oneshot::channel();
        self.put(Job::Follow { session, member, group, seen, answer }).await;
        outcome.await.map_err(|_| refusals::server_error())
    }

    /// Hands in a durable request. The answer comes after the commit.
    pub async fn request(&self, asked: Asked) -> oneshot::Receiver<Result<Reply, Refusal>> {
        let (answer, outcome) = oneshot::channel();
        self.put(Job::Request { asked, answer }).await;
        outcome
    }

    async fn put(&self, job: Job) {
        // Fails only when the writer has ended, which drops the job and with it the answer's sender.
        let _ = self.jobs.send(job).await;
    }
}

struct Writer {
    db: SqliteConnection,
    hub: Arc<Hub>,
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

    /// Does all jobs in one transaction, then publishes and answers in their order.
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
        for job in done {
            if committed.is_ok() {
                self.publish(job);
            }
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

    fn publish(&self, job: Done) {
        match job {
            Done::Login { arrival, groups, effects, answer } => {
                self.hub.publish(effects);
                let outbox = arrival.outbox.clone();
                let entered = self.hub.enter(arrival).map(|presence| (presence, groups));
                if entered.is_some() {
                    let server = concat!("tracker-relay ", env!("CARGO_PKG_VERSION")).to_owned();
                    outbox.push(&TrackerToMember::Welcome { server });
                }
                let _ = answer.send(entered.ok_or_else(|| {
                    refusals::full("You are connected too often: close some tabs or programs and try again.")
                }));
            }
            Done::Follow { session, group, catch_up, answer } => {
                self.hub.follow(session, group, catch_up);
                let _ = answer.send(());
            }
            Done::Request { outcome, effects, answer } => {
                self.hub.publish(effects);
                let _ = answer.send(outcome);
            }
            Done::Failed => {}
        }
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
    match job {
        Job::Login { arrival, answer } => {
            let mut draft = Draft::new(db, arrival.member, clock::now_ms());
            let noted = async {
                change::members::rename(&mut draft, &arrival.display_name).await?;
                Ok::<_, Denied>(groups::of_member(draft.db, arrival.member).await?)
            }
            .await;
            match noted {
                Ok(groups) => Ok(Done::Login { arrival, groups, effects: draft.effects, answer }),
                Err(denied) => {
                    let _ = answer.send(Err(refusal_of(denied, metrics)));
                    Err(Done::Failed)
                }
            }
        }
        Job::Follow { session, member, group, seen, answer } => match snapshot::catch_up(db, group, member, seen).await
        {
            Ok(catch_up) => Ok(Done::Follow { session, group, catch_up, answer }),
            Err(error) => {
                let _ = refusal_of(error.into(), metrics);
                Err(Done::Failed)
            }
        },
        Job::Request { asked, answer } => {
            let mut draft = Draft::new(db, asked.member, clock::now_ms());
            match perform_request(&mut draft, asked, metrics).await {
                Ok(reply) => Ok(Done::Request { outcome: Ok(reply), effects: draft.effects, answer }),
                Err(denied) => {
                    let outcome = Err(refusal_of(denied, metrics));
                    Err(Done::Request { outcome, effects: Vec::new(), answer })
                }
            }
        }
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
