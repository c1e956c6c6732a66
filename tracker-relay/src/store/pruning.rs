//! Forgetting what nobody will ask for again, and giving its room back to the disk. In slices: jobs of
//! the writer wait for one slice at most, however much there is to forget.

use sqlx::SqliteConnection;

use crate::limits::{
    CLOSED_GROUP_KEPT_MS, EVENTS_KEPT_MS, EVENTS_PER_GROUP, FREE_PAGES_KEPT, OLD_INVITES_KEPT_MS, PRUNE_SLICE_PAGES,
    PRUNE_SLICE_ROWS, REFUSED_REQUESTS_KEPT_MS, REQUESTS_KEPT_MS,
};

/// One round of forgetting.
#[derive(Debug)]
pub struct Pruning {
    now_ms: u64,
    step: Step,
}

#[derive(Debug)]
enum Step {
    /// Replies to requests that will not be sent again.
    Replies,
    /// Invites that have been over for long.
    OldInvites,
    /// Requests to join that were refused long ago.
    RefusedRequests,
    /// Events that nobody resumes from any more: the groups after this id.
    OldEvents {
        after: Vec<u8>,
    },
    /// Events beyond what a group may have, and all of closed groups: the groups after this id.
    EventsOfGroups {
        after: Vec<u8>,
    },
    /// Empty pages, from the end of the file.
    Pages,
    /// What was given back is still in the log.
    Checkpoint,
    Done,
}

impl Pruning {
    /// A round that begins now.
    pub fn new(now_ms: u64) -> Self {
        Self { now_ms, step: Step::Replies }
    }

    /// Whether there is nothing left to do.
    pub fn is_done(&self) -> bool {
        matches!(self.step, Step::Done)
    }

    /// Does one slice, in a transaction of its own, and says how many rows went.
    ///
    /// # Errors
    /// The database's; the slice may be tried again.
    pub async fn slice(&mut self, db: &mut SqliteConnection) -> sqlx::Result<u64> {
        match &self.step {
            Step::Replies => {
                let gone = delete_older(db, &REPLIES, self.now_ms.saturating_sub(REQUESTS_KEPT_MS)).await?;
                Ok(self.go_on(gone, Step::OldInvites))
            }
            Step::OldInvites => {
                let gone = delete_older(db, &INVITES, self.now_ms.saturating_sub(OLD_INVITES_KEPT_MS)).await?;
                Ok(self.go_on(gone, Step::RefusedRequests))
            }
            Step::RefusedRequests => {
                let before_ms = self.now_ms.saturating_sub(REFUSED_REQUESTS_KEPT_MS);
                let gone = delete_older(db, &REFUSED_REQUESTS, before_ms).await?;
                Ok(self.go_on(gone, Step::OldEvents { after: Vec::new() }))
            }
            Step::OldEvents { after } => {
                let end = last_of_next_groups(db, after).await?;
                let before_ms = self.now_ms.saturating_sub(EVENTS_KEPT_MS);
                let gone = delete_old_events(db, after, end.as_deref(), before_ms).await?;
                let first = Step::EventsOfGroups { after: Vec::new() };
                Ok(self.go_on(gone, end.map_or(first, |end| Step::OldEvents { after: end })))
            }
            Step::EventsOfGroups { after } => {
                let end = last_of_next_groups(db, after).await?;
                let closed_before_ms = self.now_ms.saturating_sub(CLOSED_GROUP_KEPT_MS);
                let gone = delete_events_of_groups(db, after, end.as_deref(), closed_before_ms).await?;
                let next = end.map_or(Step::Pages, |end| Step::EventsOfGroups { after: end });
                Ok(self.go_on(gone, next))
            }
            Step::Pages => {
                if !give_pages_back(db).await? {
                    self.step = Step::Checkpoint;
                }
                Ok(0)
            }
            Step::Checkpoint => {
                sqlx::query("PRAGMA wal_checkpoint(PASSIVE)").execute(db).await?;
                self.step = Step::Done;
                Ok(0)
            }
            Step::Done => Ok(0),
        }
    }

    /// A full slice means that there may be more of the same.
    fn go_on(&mut self, gone: u64, next: Step) -> u64 {
        if gone < u64::from(PRUNE_SLICE_ROWS) {
            self.step = next;
        }
        gone
    }
}

/// A table whose rows are forgotten when they are old.
struct Aging {
    table: &'static str,
    primary_key: &'static str,
    /// Its column of Unix milliseconds.
    at: &'static str,
}

const REPLIES: Aging = Aging { table: "requests", primary_key: "user_key, request_id", at: "done_at" };
const INVITES: Aging = Aging { table: "invites", primary_key: "group_id, invite_id", at: "expires_at" };
const REFUSED_REQUESTS: Aging = Aging { table: "join_requests", primary_key: "group_id, user_key", at: "refused_at" };

async fn delete_older(db: &mut SqliteConnection, rows: &Aging, before_ms: u64) -> sqlx::Result<u64> {
    let Aging { table, primary_key, at } = rows;
    // Names are no parameters; these are ours.
    let statement = format!(
        "DELETE FROM {table} WHERE ({primary_key}) IN
         (SELECT {primary_key} FROM {table} WHERE {at} < $1 ORDER BY {at} LIMIT $2)"
    );
    let delete = sqlx::query(sqlx::AssertSqlSafe(statement)).bind(before_ms as i64).bind(i64::from(PRUNE_SLICE_ROWS));
    Ok(delete.execute(db).await?.rows_affected())
}

/// Groups are looked at in slices too: the last of the next ones; `None` if fewer are left.
async fn last_of_next_groups(db: &mut SqliteConnection, after: &[u8]) -> sqlx::Result<Option<Vec<u8>>> {
    sqlx::query_scalar("SELECT group_id FROM groups WHERE group_id > $1 ORDER BY group_id LIMIT 1 OFFSET $2")
        .bind(after)
        .bind(i64::from(PRUNE_SLICE_ROWS) - 1)
        .fetch_optional(db)
        .await
}

/// A group's events up to the first one that is not old. One behind it that looks old is of a time when the clock was
/// wrong; without it there would be a gap.
async fn delete_old_events(
    db: &mut SqliteConnection,
    after: &[u8],
    end: Option<&[u8]>,
    before_ms: u64,
) -> sqlx::Result<u64> {
    let done = sqlx::query(
        "DELETE FROM group_events WHERE (group_id, seq) IN
         (SELECT e.group_id, e.seq FROM groups g JOIN group_events e ON e.group_id = g.group_id
          WHERE g.group_id > $1 AND ($2 IS NULL OR g.group_id <= $2)
            AND e.seq < COALESCE((SELECT k.seq FROM group_events k WHERE k.group_id = g.group_id AND k.at >= $3
                                  ORDER BY k.seq LIMIT 1), g.head_seq + 1)
          LIMIT $4)",
    )
    .bind(after)
    .bind(end)
    .bind(before_ms as i64)
    .bind(i64::from(PRUNE_SLICE_ROWS))
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}

async fn delete_events_of_groups(
    db: &mut SqliteConnection,
    after: &[u8],
    end: Option<&[u8]>,
    closed_before_ms: u64,
) -> sqlx::Result<u64> {
    // The bound on seq is one expression, so that the events' primary key finds them.
    let done = sqlx::query(
        "DELETE FROM group_events WHERE (group_id, seq) IN
         (SELECT e.group_id, e.seq FROM groups g JOIN group_events e ON e.group_id = g.group_id
          WHERE g.group_id > $1 AND ($2 IS NULL OR g.group_id <= $2)
            AND e.seq <= CASE WHEN g.closed_at < $3 THEN g.head_seq ELSE g.head_seq - $4 END
          LIMIT $5)",
    )
    .bind(after)
    .bind(end)
    .bind(closed_before_ms as i64)
    .bind(EVENTS_PER_GROUP as i64)
    .bind(i64::from(PRUNE_SLICE_ROWS))
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}

/// Gives some empty pages back; `false` once few enough are left.
async fn give_pages_back(db: &mut SqliteConnection) -> sqlx::Result<bool> {
    let free: i64 = sqlx::query_scalar("PRAGMA freelist_count").fetch_one(&mut *db).await?;
    if free <= FREE_PAGES_KEPT {
        return Ok(false);
    }
    let pages = (free - FREE_PAGES_KEPT).min(PRUNE_SLICE_PAGES);
    // Pragmas take no parameters; this is a number of ours.
    let statement = format!("PRAGMA incremental_vacuum({pages})");
    sqlx::query(sqlx::AssertSqlSafe(statement)).fetch_all(&mut *db).await?;
    let left: i64 = sqlx::query_scalar("PRAGMA freelist_count").fetch_one(db).await?;
    // A database made without auto_vacuum keeps its pages.
    Ok(left < free)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use sqlx::sqlite::SqliteConnectOptions;
    use sqlx::{ConnectOptions, Connection};

    use super::*;
    use crate::store::{Store, WriteConnection};

    const NOW_MS: u64 = 1_800_000_000_000;
    const OLD_MS: u64 = 1_000;

    async fn open(folder: &Path) -> (Store, WriteConnection) {
        Store::open(&folder.join("covey.db")).await.unwrap()
    }

    async fn execute(db: &mut SqliteConnection, statement: &'static str) {
        sqlx::query(statement).execute(db).await.unwrap();
    }

    async fn number(db: &mut SqliteConnection, statement: &'static str) -> i64 {
        sqlx::query_scalar(statement).fetch_one(db).await.unwrap()
    }

    async fn put_replies(db: &mut SqliteConnection, count: u64, at_ms: u64) {
        sqlx::query(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1)
             INSERT INTO requests SELECT randomblob(32), randomblob(16), $2, randomblob(200) FROM n",
        )
        .bind(count as i64)
        .bind(at_ms as i64)
        .execute(db)
        .await
        .unwrap();
    }

    async fn put_group(db: &mut SqliteConnection, id: u8, events: u64, at_ms: u64, closed_at_ms: Option<u64>) {
        sqlx::query("INSERT INTO groups VALUES ($1, $2, 'x', $3, 0, $4, 0)")
            .bind(&[id; 16][..])
            .bind(format!("group-{id}"))
            .bind(events as i64)
            .bind(closed_at_ms.map(|at| at as i64))
            .execute(&mut *db)
            .await
            .unwrap();
        sqlx::query(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1)
             INSERT INTO group_events SELECT $2, i, $3, randomblob(90) FROM n",
        )
        .bind(events as i64)
        .bind(&[id; 16][..])
        .bind(at_ms as i64)
        .execute(db)
        .await
        .unwrap();
    }

    /// All slices; no slice takes more rows than it may.
    async fn prune(db: &mut SqliteConnection) -> u64 {
        let mut pruning = Pruning::new(NOW_MS);
        let mut slices = 0;
        while !pruning.is_done() {
            assert!(pruning.slice(db).await.unwrap() <= u64::from(PRUNE_SLICE_ROWS));
            slices += 1;
            assert!(slices < 1_000, "it does not end: {pruning:?}");
        }
        slices
    }

    #[tokio::test]
    async fn old_replies_and_events_go_and_new_ones_stay() {
        let folder = tempfile::tempdir().unwrap();
        let (_store, mut writer) = open(folder.path()).await;
        let db = writer.get().await.unwrap();
        put_replies(db, 4_500, OLD_MS).await;
        put_replies(db, 10, NOW_MS).await;
        put_group(db, 1, 2_500, OLD_MS, None).await;
        put_group(db, 2, 20, NOW_MS, None).await;
        assert!(prune(db).await >= 5 + 3);
        assert_eq!(number(db, "SELECT COUNT(*) FROM requests").await, 10);
        assert_eq!(number(db, "SELECT COUNT(*) FROM group_events").await, 20);
    }

    #[tokio::test]
    async fn a_group_keeps_its_last_events_and_a_closed_one_none() {
        let folder = tempfile::tempdir().unwrap();
        let (_store, mut writer) = open(folder.path()).await;
        let db = writer.get().await.unwrap();
        put_group(db, 1, EVENTS_PER_GROUP + 1_500, NOW_MS, None).await;
        put_group(db, 2, 1_700, NOW_MS, Some(OLD_MS)).await;
        put_group(db, 3, 7, NOW_MS, Some(NOW_MS)).await;
        prune(db).await;
        let left = number(db, "SELECT COUNT(*) FROM group_events WHERE group_id = (SELECT MIN(group_id) FROM groups)");
        assert_eq!(left.await as u64, EVENTS_PER_GROUP);
        let first = number(db, "SELECT MIN(seq) FROM group_events WHERE group_id = (SELECT MIN(group_id) FROM groups)");
        assert_eq!(first.await, 1_501);
        // Whoever is told of the closing reads the events: those of the group that has just been closed stay.
        assert_eq!(number(db, "SELECT COUNT(*) FROM group_events").await as u64, EVENTS_PER_GROUP + 7);
    }

    /// What happened while the clock was wrong looks old, and is between what does not.
    #[tokio::test]
    async fn events_go_from_the_first_on_whatever_the_clock_said() {
        let folder = tempfile::tempdir().unwrap();
        let (_store, mut writer) = open(folder.path()).await;
        let db = writer.get().await.unwrap();
        put_group(db, 1, 40, NOW_MS, None).await;
        execute(db, "UPDATE group_events SET at = 1000 WHERE seq <= 10 OR seq BETWEEN 21 AND 30").await;
        prune(db).await;
        assert_eq!(number(db, "SELECT MIN(seq) FROM group_events").await, 11);
        assert_eq!(number(db, "SELECT COUNT(*) FROM group_events").await, 30);
    }

    #[tokio::test]
    async fn more_groups_than_a_slice_are_all_looked_at() {
        let folder = tempfile::tempdir().unwrap();
        let (_store, mut writer) = open(folder.path()).await;
        let db = writer.get().await.unwrap();
        execute(
            db,
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500)
             INSERT INTO groups SELECT randomblob(16), 'group-' || i, 'x', 1, 0, 1000, 0 FROM n",
        )
        .await;
        execute(db, "INSERT INTO group_events SELECT group_id, 1, 1799999999999, x'00' FROM groups").await;
        prune(db).await;
        assert_eq!(number(db, "SELECT COUNT(*) FROM group_events").await, 0);
    }

    #[tokio::test]
    async fn the_file_shrinks_when_much_has_gone_also_one_made_without_auto_vacuum() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("covey.db");
        let mut old = SqliteConnectOptions::new().filename(&path).create_if_missing(true).connect().await.unwrap();
        execute(&mut old, "CREATE TABLE something (x BIGINT)").await;
        assert_eq!(number(&mut old, "PRAGMA auto_vacuum").await, 0);
        old.close().await.unwrap();

        let (store, mut writer) = open(folder.path()).await;
        put_replies(writer.get().await.unwrap(), 60_000, OLD_MS).await;
        let db = writer.get().await.unwrap();
        execute(db, "PRAGMA wal_checkpoint(TRUNCATE)").await;
        let before = std::fs::metadata(&path).unwrap().len();
        prune(db).await;
        let after = std::fs::metadata(&path).unwrap().len();
        assert!(before > 20_000_000 && after < 6_000_000, "{before} bytes became {after}");
        store.close().await;
    }
}
