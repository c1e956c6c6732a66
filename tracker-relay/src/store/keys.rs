//! The groups' keys, sealed: bytes that only members can read. One for each member, of the group's epoch; those of
//! earlier epochs are gone.

use sqlx::{Row, SqliteConnection};
use wire_protocol::control::Sealed;
use wire_protocol::ids::{GroupId, MemberKey};

use super::{id, unsigned};

/// A group's key for one member.
#[derive(Debug, Clone)]
pub struct KeyRow {
    /// Who sealed it.
    pub from: MemberKey,
    /// For the member only.
    pub sealed: Sealed,
}

/// Gives a member their key in place of what is there.
pub async fn put(
    db: &mut SqliteConnection,
    group: GroupId,
    member: MemberKey,
    epoch: u32,
    from: MemberKey,
    sealed: &Sealed,
) -> sqlx::Result<()> {
    let statement = "INSERT INTO group_keys (group_id, user_key, epoch, from_key, sealed) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (group_id, user_key)
         DO UPDATE SET epoch = excluded.epoch, from_key = excluded.from_key, sealed = excluded.sealed";
    insert(db, statement, group, member, epoch, from, sealed).await?;
    Ok(())
}

/// Gives a key to somebody who is a member and has none; whether they are that.
pub async fn give(
    db: &mut SqliteConnection,
    group: GroupId,
    member: MemberKey,
    epoch: u32,
    from: MemberKey,
    sealed: &Sealed,
) -> sqlx::Result<bool> {
    let statement = "INSERT INTO group_keys (group_id, user_key, epoch, from_key, sealed)
         SELECT group_id, user_key, $3, $4, $5 FROM members WHERE group_id = $1 AND user_key = $2
         ON CONFLICT DO NOTHING";
    Ok(insert(db, statement, group, member, epoch, from, sealed).await? == 1)
}

/// How many rows changed.
async fn insert(
    db: &mut SqliteConnection,
    statement: &'static str,
    group: GroupId,
    member: MemberKey,
    epoch: u32,
    from: MemberKey,
    sealed: &Sealed,
) -> sqlx::Result<u64> {
    let insert = sqlx::query(statement)
        .bind(&group.0[..])
        .bind(&member.0[..])
        .bind(i64::from(epoch))
        .bind(&from.0[..])
        .bind(&sealed.0[..]);
    Ok(insert.execute(db).await?.rows_affected())
}

/// A member's key.
pub async fn of(db: &mut SqliteConnection, group: GroupId, member: MemberKey) -> sqlx::Result<Option<KeyRow>> {
    let row = sqlx::query("SELECT from_key, sealed FROM group_keys WHERE group_id = $1 AND user_key = $2")
        .bind(&group.0[..])
        .bind(&member.0[..])
        .fetch_optional(db)
        .await?;
    row.map(|row| Ok(KeyRow { from: MemberKey(id(row.try_get(0)?)?), sealed: Sealed(row.try_get(1)?) })).transpose()
}

/// Members without a key, in order of joining, at most `limit`.
pub async fn lacking(db: &mut SqliteConnection, group: GroupId, limit: usize) -> sqlx::Result<Vec<MemberKey>> {
    let keys: Vec<Vec<u8>> = sqlx::query_scalar(
        "SELECT m.user_key FROM members m LEFT JOIN group_keys k ON k.group_id = m.group_id AND k.user_key = m.user_key
         WHERE m.group_id = $1 AND k.user_key IS NULL ORDER BY m.joined_seq LIMIT $2",
    )
    .bind(&group.0[..])
    .bind(limit as i64)
    .fetch_all(db)
    .await?;
    keys.into_iter().map(|key| Ok(MemberKey(id(key)?))).collect()
}

/// How many members have the key.
pub async fn count_holders(db: &mut SqliteConnection, group: GroupId) -> sqlx::Result<u32> {
    let count: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM group_keys WHERE group_id = $1")
        .bind(&group.0[..])
        .fetch_one(db)
        .await?;
    unsigned(count)
}

/// Takes one member's key away; whether there was one.
pub async fn forget(db: &mut SqliteConnection, group: GroupId, member: MemberKey) -> sqlx::Result<bool> {
    let done = sqlx::query("DELETE FROM group_keys WHERE group_id = $1 AND user_key = $2")
        .bind(&group.0[..])
        .bind(&member.0[..])
        .execute(db)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// The group has another key: nobody has it yet.
pub async fn forget_all(db: &mut SqliteConnection, group: GroupId) -> sqlx::Result<()> {
    sqlx::query("DELETE FROM group_keys WHERE group_id = $1").bind(&group.0[..]).execute(db).await?;
    Ok(())
}
