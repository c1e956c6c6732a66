//! What the server keeps, read from its database while it runs.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context, Result, anyhow, ensure};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection, Row};
use tracker_relay::store::{events, files, groups, history, invariants};
use wire_protocol::control::GroupEvent;
use wire_protocol::ids::{GroupId, HistoryId, InviteId, MemberKey};

use super::state::State;
use crate::wait::{SOON, until};

/// Events read in one go.
const EVENTS_AT_ONCE: usize = 512;

/// One group.
#[derive(Debug)]
pub struct KeptGroup {
    pub group: GroupId,
    /// The number of its last event.
    pub head: u64,
    /// As its tables have it; `None`: it is closed.
    pub state: Option<State>,
    /// The new ones.
    pub events: Vec<GroupEvent>,
}

/// The database at a moment at which nobody changes anything.
#[derive(Debug)]
pub struct Kept {
    pub history: HistoryId,
    pub groups: Vec<KeptGroup>,
    pub invites: BTreeSet<(GroupId, InviteId)>,
    pub asking: BTreeSet<(GroupId, MemberKey)>,
    pub names: BTreeMap<MemberKey, String>,
}

impl Kept {
    /// Reads it, the events of each group after the number in `read`, and nothing of the groups in `closed`.
    ///
    /// # Errors
    /// The database is not sound by the server's clock, `now_ms`.
    pub async fn read(
        database: &Path,
        now_ms: u64,
        read: &BTreeMap<GroupId, u64>,
        closed: &BTreeSet<GroupId>,
    ) -> Result<Self> {
        let options = SqliteConnectOptions::new().filename(database).read_only(true).disable_statement_logging();
        let mut db = options.connect().await.context("cannot open the database")?;
        let broken = invariants::broken(&mut db, now_ms).await?;
        ensure!(broken.is_empty(), "the database is not sound: {broken:?}");
        let invites = pairs(&mut db, "SELECT group_id, invite_id FROM invites").await?;
        let asking = "SELECT group_id, user_key FROM join_requests WHERE refused_at IS NULL";
        let kept = Self {
            history: history::id_of(&mut db).await?,
            groups: read_groups(&mut db, read, closed).await?,
            invites: invites.into_iter().map(|(group, invite)| (group, InviteId(invite))).collect(),
            asking: pairs(&mut db, asking).await?.into_iter().map(|(group, key)| (group, MemberKey(key))).collect(),
            names: read_names(&mut db).await?,
        };
        db.close().await?;
        Ok(kept)
    }
}

/// Folds the write-ahead log into the database and cuts it to nothing, so that the next commit needs room on the disk.
///
/// # Errors
/// The database cannot be opened.
pub async fn empty_log(database: &Path) -> Result<()> {
    let mut db = SqliteConnectOptions::new().filename(database).disable_statement_logging().connect().await?;
    until("an empty log", SOON, async || {
        let busy: i64 = sqlx::query_scalar("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(&mut db).await?;
        Ok((busy == 0).then_some(()))
    })
    .await?;
    Ok(db.close().await?)
}

async fn read_groups(
    db: &mut SqliteConnection,
    read: &BTreeMap<GroupId, u64>,
    closed: &BTreeSet<GroupId>,
) -> Result<Vec<KeptGroup>> {
    let mut kept = Vec::new();
    for row in sqlx::query("SELECT group_id, head_seq FROM groups").fetch_all(&mut *db).await? {
        let (group, head) = (GroupId(id(row.try_get(0)?)?), u64::try_from(row.try_get::<i64, _>(1)?)?);
        if closed.contains(&group) {
            continue;
        }
        let state = match groups::by_id(db, group).await? {
            Some(row) => {
                let (members, files) = (groups::members(db, group).await?, files::cards(db, group).await?);
                Some(State { name: row.name, epoch: row.epoch, members, files })
            }
            None => None,
        };
        let events = read_events(db, group, read.get(&group).copied().unwrap_or(0)).await?;
        kept.push(KeptGroup { group, head, state, events });
    }
    Ok(kept)
}

async fn read_events(db: &mut SqliteConnection, group: GroupId, mut after: u64) -> Result<Vec<GroupEvent>> {
    let mut all = Vec::new();
    loop {
        let some = events::after(db, group, after, EVENTS_AT_ONCE).await?;
        let Some(last) = some.last() else { return Ok(all) };
        after = last.seq;
        all.extend(some);
    }
}

async fn read_names(db: &mut SqliteConnection) -> Result<BTreeMap<MemberKey, String>> {
    let rows = sqlx::query("SELECT user_key, display_name FROM users").fetch_all(db).await?;
    rows.into_iter().map(|row| Ok((MemberKey(id(row.try_get(0)?)?), row.try_get(1)?))).collect()
}

async fn pairs<const N: usize>(db: &mut SqliteConnection, statement: &'static str) -> Result<Vec<(GroupId, [u8; N])>> {
    let rows = sqlx::query(statement).fetch_all(db).await?;
    rows.into_iter().map(|row| Ok((GroupId(id(row.try_get(0)?)?), id(row.try_get(1)?)?))).collect()
}

fn id<const N: usize>(bytes: Vec<u8>) -> Result<[u8; N]> {
    bytes.try_into().map_err(|bytes| anyhow!("not an id: {bytes:?}"))
}
