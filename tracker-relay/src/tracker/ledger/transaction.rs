//! The jobs of one transaction, each in a savepoint of its own.

use std::vec::Drain;

use sqlx::{Acquire, Connection, SqliteConnection};
use tracing::error;
use wire_protocol::control::{Refusal, Reply};

use super::{Answer, Asked, Asker, Done, Job, Queued};
use crate::clock;
use crate::metrics::Metrics;
use crate::store::{Unwritable, events, history};
use crate::tracker::change::kinds::{is_remembered, makes_room};
use crate::tracker::change::{self, Denied, Draft};
use crate::tracker::refusals::{self, Limited};
use crate::tracker::rules::Rules;

/// What a transaction works with.
#[derive(Clone, Copy)]
pub(super) struct Means<'a> {
    pub(super) rules: &'a Rules,
    pub(super) is_disk_low: bool,
    /// What a probe writes, bytes.
    pub(super) ballast: usize,
    pub(super) metrics: &'a Metrics,
}

/// Does the jobs in one transaction, a savepoint each.
pub(super) async fn commit(
    db: &mut SqliteConnection,
    jobs: &mut Drain<'_, Queued>,
    done: &mut Vec<Done>,
    means: Means<'_>,
) -> sqlx::Result<()> {
    let mut transaction = db.begin_with("BEGIN IMMEDIATE").await?;
    for (since, job) in jobs {
        means.metrics.db_queue_seconds.observe_since(since);
        let mut savepoint = transaction.begin().await?;
        match perform(&mut savepoint, job, means).await {
            Ok(job) => {
                done.push(job);
                savepoint.commit().await?;
            }
            Err(job) => {
                done.push(job);
                savepoint.rollback().await?;
            }
        }
    }
    transaction.commit().await
}

/// Does one job inside its savepoint. `Err`: undo it.
async fn perform(db: &mut SqliteConnection, job: Job, means: Means<'_>) -> Result<Done, Done> {
    let Means { rules, is_disk_low, ballast, metrics } = means;
    let (mut asked, answer, turn) = match job {
        Job::Request { asked, answer, turn } => (asked, answer, turn),
        Job::Probe { answer } => {
            return match history::probe(db, clock::now_ms(), ballast).await {
                Ok(()) => Ok(Done::Probe { answer }),
                Err(_) => Err(Done::Failed),
            };
        }
    };
    let asker = Asker { member: asked.member, id: asked.id, answer, _turn: turn };
    let newcomer_name = std::mem::take(&mut asked.newcomer_name);
    let mut draft = Draft::new(db, rules, asked.member, &newcomer_name, clock::now_ms());
    match perform_request(&mut draft, *asked, is_disk_low, metrics).await {
        Ok(reply) => {
            let Draft { moved, notices, .. } = draft;
            Ok(Done::Request { asker, what: Box::new(Answer { outcome: Ok(reply), moved, notices }) })
        }
        Err(denied) => Err(Done::Request { asker, what: Box::new(Answer::refused(refusal_of(denied, metrics))) }),
    }
}

/// A refused request changes nothing and is not remembered: asked again it may succeed.
async fn perform_request(
    draft: &mut Draft<'_>,
    asked: Asked,
    is_disk_low: bool,
    metrics: &Metrics,
) -> Result<Reply, Denied> {
    if let Some(reply) = events::reply(draft.db, asked.member, asked.id).await? {
        metrics.requests_repeated.inc();
        return Ok(reply);
    }
    if is_disk_low && !makes_room(&asked.request) {
        return Err(refusals::disk_low().into());
    }
    let is_remembered = is_remembered(&asked.request);
    let reply = change::apply(draft, asked.request, asked.info.as_ref().map(|info| &*info.bytes)).await?;
    if is_remembered {
        events::put_reply(draft.db, asked.member, asked.id, &reply, draft.now_ms).await?;
    }
    metrics.requests_ok.inc();
    Ok(reply)
}

fn refusal_of(denied: Denied, metrics: &Metrics) -> Refusal {
    match denied {
        Denied::Refused(refusal) => {
            metrics.requests_refused.inc();
            refusal
        }
        Denied::Limited(Limited { limit, refusal }) => {
            metrics.requests_refused.inc();
            metrics.refused.count(limit);
            refusal
        }
        Denied::Database(error) => {
            metrics.requests_failed.inc();
            metrics.db_errors.inc();
            error!(%error, "the database failed");
            refusals::unwritable(Unwritable::from(&error))
        }
    }
}
