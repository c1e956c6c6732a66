//! Who asks to join. Whoever asks is not a user yet: what they call themselves is kept with the request.

use sqlx::{Row, SqliteConnection};
use wire_protocol::control::{JoinRequest, MyRequest};
use wire_protocol::ids::{GroupId, MemberKey};

use super::groups::count;
use super::{id, unsigned};

/// A request in the making.
#[derive(Debug)]
pub struct NewRequest<'a> {
    /// Who asks.
    pub member: MemberKey,
    /// What they call themselves.
    pub display_name: &'a str,
    /// What they say.
    pub message: &'a str,
    /// Whose invite they opened.
    pub invited_by: Option<MemberKey>,
}

/// Notes a request, in place of an earlier one of theirs.
pub async fn put(db: &mut SqliteConnection, group: GroupId, new: &NewRequest<'_>, now_ms: u64) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO join_requests (group_id, user_key, display_name, message, invited_by, asked_at)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (group_id, user_key)
         DO UPDATE SET display_name = excluded.display_name, message = excluded.message,
                       invited_by = COALESCE(excluded.invited_by, invited_by), asked_at = excluded.asked_at,
                       refused_at = NULL",
    )
    .bind(&group.0[..])
    .bind(&new.member.0[..])
    .bind(new.display_name)
    .bind(new.message)
    .bind(new.invited_by.map(|by| by.0.to_vec()))
    .bind(now_ms as i64)
    .execute(db)
    .await?;
    Ok(())
}

/// What somebody who asks calls themselves; `None`: they do not ask (any more).
pub async fn name_of_asker(
    db: &mut SqliteConnection,
    group: GroupId,
    member: MemberKey,
) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar(
        "SELECT display_name FROM join_requests WHERE group_id = $1 AND user_key = $2 AND refused_at IS NULL",
    )
    .bind(&group.0[..])
    .bind(&member.0[..])
    .fetch_optional(db)
    .await
}

/// What somebody who asks has said, and when, Unix milliseconds.
pub async fn last_said(
    db: &mut SqliteConnection,
    group: GroupId,
    member: MemberKey,
) -> sqlx::Result<Option<(String, u64)>> {
    let row = sqlx::query(
        "SELECT message, asked_at FROM join_requests WHERE group_id = $1 AND user_key = $2 AND refused_at IS NULL",
    )
    .bind(&group.0[..])
    .bind(&member.0[..])
    .fetch_optional(db)
    .await?;
    row.map(|row| Ok((row.try_get(0)?, unsigned(row.try_get(1)?)?))).transpose()
}

/// How many ask to join a group.
pub async fn count_of_group(db: &mut SqliteConnection, group: GroupId) -> sqlx::Result<u32> {
    count(db, "SELECT COUNT(*) FROM join_requests WHERE group_id = $1 AND refused_at IS NULL", &group.0).await
}

/// How many groups somebody asks to join.
pub async fn count_of_member(db: &mut SqliteConnection, member: MemberKey) -> sqlx::Result<u32> {
    count(db, "SELECT COUNT(*) FROM join_requests WHERE user_key = $1 AND refused_at IS NULL", &member.0).await
}

/// Who asks to join a group, the oldest first. Whoever is known here is called what they are called.
pub async fn of_group(db: &mut SqliteConnection, group: GroupId) -> sqlx::Result<Vec<JoinRequest>> {
    let rows = sqlx::query(
        "SELECT r.user_key, COALESCE(u.display_name, r.display_name), r.message, r.invited_by, x.user_key, r.asked_at
         FROM join_requests r LEFT JOIN users u ON u.user_key = r.user_key
              LEFT JOIN removals x ON x.group_id = r.group_id AND x.user_key = r.user_key
         WHERE r.group_id = $1 AND r.refused_at IS NULL ORDER BY r.asked_at, r.user_key",
    )
    .bind(&group.0[..])
    .fetch_all(db)
    .await?;
    rows.into_iter()
        .map(|row| {
            let (invited_by, removed): (Option<Vec<u8>>, Option<Vec<u8>>) = (row.try_get(3)?, row.try_get(4)?);
            Ok(JoinRequest {
                member: MemberKey(id(row.try_get(0)?)?),
                display_name: row.try_get(1)?,
                message: row.try_get(2)?,
                invited_by: invited_by.map(|by| Ok::<_, sqlx::Error>(MemberKey(id(by)?))).transpose()?,
                was_removed: removed.is_some(),
                asked_at_ms: unsigned(row.try_get(5)?)?,
            })
        })
        .collect()
}

/// What somebody has asked for, the oldest first.
pub async fn of_member(db: &mut SqliteConnection, member: MemberKey) -> sqlx::Result<Vec<MyRequest>> {
    let rows = sqlx::query(
        "SELECT r.group_id, g.slug, r.message, r.asked_at, r.refused_at
         FROM join_requests r JOIN groups g ON g.group_id = r.group_id
         WHERE r.user_key = $1 ORDER BY r.asked_at, r.group_id",
    )
    .bind(&member.0[..])
    .fetch_all(db)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(MyRequest {
                group: GroupId(id(row.try_get(0)?)?),
                slug: row.try_get(1)?,
                message: row.try_get(2)?,
                asked_at_ms: unsigned(row.try_get(3)?)?,
                is_refused: row.try_get::<Option<i64>, _>(4)?.is_some(),
            })
        })
        .collect()
}

/// The answer is no, which stays there to be seen; `false`: they do not ask (any more).
pub async fn refuse(db: &mut SqliteConnection, group: GroupId, member: MemberKey, now_ms: u64) -> sqlx::Result<bool> {
    let done = sqlx::query(
        "UPDATE join_requests SET refused_at = $3 WHERE group_id = $1 AND user_key = $2 AND refused_at IS NULL",
    )
    .bind(&group.0[..])
    .bind(&member.0[..])
    .bind(now_ms as i64)
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Forgets the oldest answers of no that somebody got, beyond `keep` of them.
pub async fn forget_refused_beyond(db: &mut SqliteConnection, member: MemberKey, keep: u32) -> sqlx::Result<()> {
    sqlx::query(
        "DELETE FROM join_requests WHERE user_key = $1 AND group_id IN
         (SELECT group_id FROM join_requests WHERE user_key = $1 AND refused_at IS NOT NULL
          ORDER BY refused_at DESC, group_id LIMIT 1000 OFFSET $2)",
    )
    .bind(&member.0[..])
    .bind(i64::from(keep))
    .execute(db)
    .await?;
    Ok(())
}

/// Takes a request, or the answer of no, away. `None`: there was none; else whether it was still open.
pub async fn delete(db: &mut SqliteConnection, group: GroupId, member: MemberKey) -> sqlx::Result<Option<bool>> {
    let refused_at: Option<Option<i64>> =
        sqlx::query_scalar("DELETE FROM join_requests WHERE group_id = $1 AND user_key = $2 RETURNING refused_at")
            .bind(&group.0[..])
            .bind(&member.0[..])
            .fetch_optional(db)
            .await?;
    Ok(refused_at.map(|refused_at| refused_at.is_none()))
}

/// Who waits for an answer of a group.
pub async fn askers(db: &mut SqliteConnection, group: GroupId) -> sqlx::Result<Vec<MemberKey>> {
    let keys: Vec<Vec<u8>> =
        sqlx::query_scalar("SELECT user_key FROM join_requests WHERE group_id = $1 AND refused_at IS NULL")
            .bind(&group.0[..])
            .fetch_all(db)
            .await?;
    keys.into_iter().map(|key| Ok(MemberKey(id(key)?))).collect()
}
