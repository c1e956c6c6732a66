//! Which history this database holds, and whether it takes writes.

use sqlx::SqliteConnection;
use wire_protocol::ids::HistoryId;

use super::id;
use crate::random;

/// The random id that this database got when it was made. Event numbers mean nothing in another one.
pub async fn id_of(db: &mut SqliteConnection) -> sqlx::Result<HistoryId> {
    let bytes: Vec<u8> = sqlx::query_scalar("SELECT history_id FROM history").fetch_one(db).await?;
    Ok(HistoryId(id(bytes)?))
}

/// From here on it is another history: a backup was restored, and what happened after it was made is gone.
pub async fn renew(db: &mut SqliteConnection) -> sqlx::Result<HistoryId> {
    let history = HistoryId(random::bytes());
    sqlx::query("UPDATE history SET history_id = $1").bind(&history.0[..]).execute(db).await?;
    Ok(history)
}

/// Writes something that nobody needs: whoever can commit this can commit. On a full disk a row may
/// still fit into what the log has; with `ballast` bytes it takes as much room as a change does.
pub async fn probe(db: &mut SqliteConnection, now_ms: u64, ballast: usize) -> sqlx::Result<()> {
    sqlx::query("UPDATE history SET probed_at = $1, ballast = $2")
        .bind(now_ms as i64)
        .bind(vec![0; ballast])
        .execute(db)
        .await?;
    Ok(())
}
