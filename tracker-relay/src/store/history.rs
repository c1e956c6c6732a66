//! Which history this database holds, and whether it takes writes.

use sqlx::SqliteConnection;

use super::id;

/// The random id that this database got when it was made. Event numbers mean nothing in another one.
pub async fn id_of(db: &mut SqliteConnection) -> sqlx::Result<[u8; 16]> {
    let bytes: Vec<u8> = sqlx::query_scalar("SELECT history_id FROM history").fetch_one(db).await?;
    id(bytes)
}

/// Writes something that nobody needs: whoever can commit this can commit.
pub async fn probe(db: &mut SqliteConnection, now_ms: u64) -> sqlx::Result<()> {
    sqlx::query("UPDATE history SET probed_at = $1").bind(now_ms as i64).execute(db).await?;
    Ok(())
}
