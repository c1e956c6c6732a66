//! What happened in groups, and the replies already given.

use sqlx::{Row, SqliteConnection};
use wire_protocol::control::{GroupEvent, Reply};
use wire_protocol::ids::{GroupId, MemberKey, RequestId};

use super::damaged;

/// Writes one event. Its `seq` comes from `groups::next_seq` in the same transaction.
pub async fn insert(db: &mut SqliteConnection, event: &GroupEvent) -> sqlx::Result<()> {
    let body = postcard::to_stdvec(event).expect("an event has no fallible serializer");
    sqlx::query("INSERT INTO group_events (group_id, seq, at, body) VALUES ($1, $2, $3, $4)")
        .bind(&event.group.0[..])
        .bind(event.seq as i64)
        .bind(event.at_ms as i64)
        .bind(body)
        .execute(db)
        .await?;
    Ok(())
}

/// Events after `seq`, oldest first, at most `limit`.
pub async fn after(db: &mut SqliteConnection, group: GroupId, seq: u64, limit: usize) -> sqlx::Result<Vec<GroupEvent>> {
    let rows = sqlx::query("SELECT body FROM group_events WHERE group_id = $1 AND seq > $2 ORDER BY seq LIMIT $3")
        .bind(&group.0[..])
        .bind(i64::try_from(seq).unwrap_or(i64::MAX))
        .bind(limit as i64)
        .fetch_all(db)
        .await?;
    rows.into_iter()
        .map(|row| {
            let body: Vec<u8> = row.try_get(0)?;
            postcard::from_bytes(&body).map_err(|_| damaged("event"))
        })
        .collect()
}

/// The reply that this request got before, if any.
pub async fn reply(db: &mut SqliteConnection, member: MemberKey, request: RequestId) -> sqlx::Result<Option<Reply>> {
    let body: Option<Vec<u8>> =
        sqlx::query_scalar("SELECT reply FROM requests WHERE user_key = $1 AND request_id = $2")
            .bind(&member.0[..])
            .bind(&request.0[..])
            .fetch_optional(db)
            .await?;
    body.map(|body| postcard::from_bytes(&body).map_err(|_| damaged("reply"))).transpose()
}

/// Keeps a reply, so that the same request gets it again.
pub async fn put_reply(
    db: &mut SqliteConnection,
    member: MemberKey,
    request: RequestId,
    reply: &Reply,
    now_ms: u64,
) -> sqlx::Result<()> {
    let body = postcard::to_stdvec(reply).expect("a reply has no fallible serializer");
    sqlx::query("INSERT INTO requests (user_key, request_id, done_at, reply) VALUES ($1, $2, $3, $4)")
        .bind(&member.0[..])
        .bind(&request.0[..])
        .bind(now_ms as i64)
        .bind(body)
        .execute(db)
        .await?;
    Ok(())
}
