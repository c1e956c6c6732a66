//! Invites. One that is over (expired, revoked, used up) stays for a while, to say why it opens nothing.

use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};
use wire_protocol::control::{InviteCard, InviteKey, NewInvite, ResealedInvite, Sealed};
use wire_protocol::ids::{GroupId, InviteId, MemberKey};

use super::{id, unsigned};

/// What of an invite its bearer is concerned with.
#[derive(Debug, Clone)]
pub struct InviteRow {
    /// Who made it.
    pub created_by: MemberKey,
    /// Whoever opens it asks to join.
    pub needs_accept: bool,
    /// What it carries.
    pub key: Option<InviteKey>,
    /// Unix milliseconds.
    pub expires_at_ms: u64,
    /// `None`: any number.
    pub uses_left: Option<u32>,
    /// It was.
    pub is_revoked: bool,
}

const ROW: &str = "created_by, needs_accept, epoch, sealed, expires_at, uses_left, revoked_at";

/// What makes an invite open: `$2` is now.
const OPEN: &str = "revoked_at IS NULL AND expires_at > $2 AND (uses_left IS NULL OR uses_left > 0)";

/// What makes one open by some clock. What ends an invite asks this: a clock that is wrong today is right tomorrow, and
/// what it took for over is open then.
const LEFT: &str = "revoked_at IS NULL AND (uses_left IS NULL OR uses_left > 0)";

/// Adds an invite; `false` if its id or auth key is taken in this group.
pub async fn insert(
    db: &mut SqliteConnection,
    group: GroupId,
    new: &NewInvite,
    auth_hash: &[u8; 32],
    by: MemberKey,
    now_ms: u64,
    expires_at_ms: u64,
) -> sqlx::Result<bool> {
    let done = sqlx::query(
        "INSERT INTO invites (group_id, invite_id, auth_hash, created_by, created_at, expires_at, uses_left,
                              needs_accept, epoch, sealed)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING",
    )
    .bind(&group.0[..])
    .bind(&new.invite.0[..])
    .bind(&auth_hash[..])
    .bind(&by.0[..])
    .bind(now_ms as i64)
    .bind(expires_at_ms as i64)
    .bind(new.uses.map(i64::from))
    .bind(i64::from(new.needs_accept))
    .bind(i64::from(new.epoch))
    .bind(new.sealed.as_ref().map(|sealed| &sealed.0[..]))
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// An invite, open or not. Comparing hashes of a 256-bit key tells a clock nothing about the key.
pub async fn find(db: &mut SqliteConnection, group: GroupId, auth_hash: &[u8; 32]) -> sqlx::Result<Option<InviteRow>> {
    let row =
        sqlx::query(sqlx::AssertSqlSafe(format!("SELECT {ROW} FROM invites WHERE group_id = $1 AND auth_hash = $2")))
            .bind(&group.0[..])
            .bind(&auth_hash[..])
            .fetch_optional(db)
            .await?;
    row.map(invite_row).transpose()
}

/// Uses an invite; `None` if it is not open.
pub async fn take_use(
    db: &mut SqliteConnection,
    group: GroupId,
    auth_hash: &[u8; 32],
    now_ms: u64,
) -> sqlx::Result<Option<InviteRow>> {
    let row = sqlx::query(sqlx::AssertSqlSafe(format!(
        "UPDATE invites SET uses_left = uses_left - 1 WHERE group_id = $1 AND auth_hash = $3 AND {OPEN} RETURNING {ROW}"
    )))
    .bind(&group.0[..])
    .bind(now_ms as i64)
    .bind(&auth_hash[..])
    .fetch_optional(db)
    .await?;
    row.map(invite_row).transpose()
}

fn invite_row(row: SqliteRow) -> sqlx::Result<InviteRow> {
    let (needs_accept, sealed, revoked_at): (i64, Option<Vec<u8>>, Option<i64>) =
        (row.try_get(1)?, row.try_get(3)?, row.try_get(6)?);
    let epoch = unsigned(row.try_get(2)?)?;
    Ok(InviteRow {
        created_by: MemberKey(id(row.try_get(0)?)?),
        needs_accept: needs_accept != 0,
        key: sealed.map(|sealed| InviteKey { epoch, sealed: Sealed(sealed) }),
        expires_at_ms: unsigned(row.try_get(4)?)?,
        uses_left: row.try_get::<Option<i64>, _>(5)?.map(unsigned).transpose()?,
        is_revoked: revoked_at.is_some(),
    })
}

/// The open invites of a group, the oldest first, at most `limit`: all, or one member's.
pub async fn open(
    db: &mut SqliteConnection,
    group: GroupId,
    by: Option<MemberKey>,
    now_ms: u64,
    limit: usize,
) -> sqlx::Result<Vec<InviteCard>> {
    let rows = sqlx::query(sqlx::AssertSqlSafe(format!(
        "SELECT invite_id, created_by, created_at, expires_at, uses_left, needs_accept, epoch, sealed IS NOT NULL
         FROM invites WHERE group_id = $1 AND {OPEN} AND ($3 IS NULL OR created_by = $3)
         ORDER BY created_at, invite_id LIMIT $4"
    )))
    .bind(&group.0[..])
    .bind(now_ms as i64)
    .bind(by.map(|by| by.0.to_vec()))
    .bind(limit as i64)
    .fetch_all(db)
    .await?;
    rows.into_iter().map(card_from).collect()
}

fn card_from(row: SqliteRow) -> sqlx::Result<InviteCard> {
    let (needs_accept, epoch, is_sealed): (i64, i64, i64) = (row.try_get(5)?, row.try_get(6)?, row.try_get(7)?);
    Ok(InviteCard {
        invite: InviteId(id(row.try_get(0)?)?),
        created_by: MemberKey(id(row.try_get(1)?)?),
        created_at_ms: unsigned(row.try_get(2)?)?,
        expires_at_ms: unsigned(row.try_get(3)?)?,
        uses_left: row.try_get::<Option<i64>, _>(4)?.map(unsigned).transpose()?,
        needs_accept: needs_accept != 0,
        epoch: (is_sealed != 0).then_some(unsigned(epoch)?),
    })
}

/// How many open invites a group has.
pub async fn count_open(db: &mut SqliteConnection, group: GroupId, now_ms: u64) -> sqlx::Result<u32> {
    let count: i64 =
        sqlx::query_scalar(sqlx::AssertSqlSafe(format!("SELECT COUNT(*) FROM invites WHERE group_id = $1 AND {OPEN}")))
            .bind(&group.0[..])
            .bind(now_ms as i64)
            .fetch_one(db)
            .await?;
    unsigned(count)
}

/// Who made an invite, and whether it is revoked already.
pub async fn maker(
    db: &mut SqliteConnection,
    group: GroupId,
    invite: InviteId,
) -> sqlx::Result<Option<(MemberKey, bool)>> {
    let row = sqlx::query("SELECT created_by, revoked_at FROM invites WHERE group_id = $1 AND invite_id = $2")
        .bind(&group.0[..])
        .bind(&invite.0[..])
        .fetch_optional(db)
        .await?;
    row.map(|row| Ok((MemberKey(id(row.try_get(0)?)?), row.try_get::<Option<i64>, _>(1)?.is_some()))).transpose()
}

/// Revokes one invite.
pub async fn revoke(db: &mut SqliteConnection, group: GroupId, invite: InviteId, now_ms: u64) -> sqlx::Result<()> {
    sqlx::query("UPDATE invites SET revoked_at = $3 WHERE group_id = $1 AND invite_id = $2 AND revoked_at IS NULL")
        .bind(&group.0[..])
        .bind(&invite.0[..])
        .bind(now_ms as i64)
        .execute(db)
        .await?;
    Ok(())
}

/// Revokes all invites that one member made; whether there were any left.
pub async fn revoke_of(db: &mut SqliteConnection, group: GroupId, by: MemberKey, now_ms: u64) -> sqlx::Result<bool> {
    let done = sqlx::query(sqlx::AssertSqlSafe(format!(
        "UPDATE invites SET revoked_at = $2 WHERE group_id = $1 AND created_by = $3 AND {LEFT}"
    )))
    .bind(&group.0[..])
    .bind(now_ms as i64)
    .bind(&by.0[..])
    .execute(db)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Gives an open invite that `except` did not make the key of a new epoch; `false` if there is no such invite.
pub async fn reseal(
    db: &mut SqliteConnection,
    group: GroupId,
    resealed: &ResealedInvite,
    epoch: u32,
    except: MemberKey,
    now_ms: u64,
) -> sqlx::Result<bool> {
    let done = sqlx::query(sqlx::AssertSqlSafe(format!(
        "UPDATE invites SET epoch = $4, sealed = $5
         WHERE group_id = $1 AND invite_id = $3 AND created_by <> $6 AND {OPEN}"
    )))
    .bind(&group.0[..])
    .bind(now_ms as i64)
    .bind(&resealed.invite.0[..])
    .bind(i64::from(epoch))
    .bind(&resealed.sealed.0[..])
    .bind(&except.0[..])
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Revokes all invites of earlier epochs; whether there were any left.
pub async fn revoke_older(db: &mut SqliteConnection, group: GroupId, epoch: u32, now_ms: u64) -> sqlx::Result<bool> {
    let done = sqlx::query(sqlx::AssertSqlSafe(format!(
        "UPDATE invites SET revoked_at = $2 WHERE group_id = $1 AND epoch < $3 AND {LEFT}"
    )))
    .bind(&group.0[..])
    .bind(now_ms as i64)
    .bind(i64::from(epoch))
    .execute(db)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Forgets invites of a group that have expired and are not over otherwise, those that did so first, until `max` are left
/// with the open ones: a clock that goes back opens them again.
pub async fn forget_expired_beyond(
    db: &mut SqliteConnection,
    group: GroupId,
    max: u32,
    now_ms: u64,
) -> sqlx::Result<()> {
    sqlx::query(sqlx::AssertSqlSafe(format!(
        "DELETE FROM invites WHERE group_id = $1 AND expires_at <= $2 AND invite_id IN
         (SELECT invite_id FROM invites WHERE group_id = $1 AND {LEFT}
          ORDER BY expires_at DESC, invite_id LIMIT 1000 OFFSET $3)"
    )))
    .bind(&group.0[..])
    .bind(now_ms as i64)
    .bind(i64::from(max))
    .execute(db)
    .await?;
    Ok(())
}

/// Forgets the oldest invites of a group that are over, beyond `keep` of them.
pub async fn forget_beyond(db: &mut SqliteConnection, group: GroupId, keep: u32, now_ms: u64) -> sqlx::Result<()> {
    sqlx::query(sqlx::AssertSqlSafe(format!(
        "DELETE FROM invites WHERE group_id = $1 AND invite_id IN
         (SELECT invite_id FROM invites WHERE group_id = $1 AND NOT ({OPEN})
          ORDER BY created_at DESC, invite_id LIMIT 1000 OFFSET $3)"
    )))
    .bind(&group.0[..])
    .bind(now_ms as i64)
    .bind(i64::from(keep))
    .execute(db)
    .await?;
    Ok(())
}
