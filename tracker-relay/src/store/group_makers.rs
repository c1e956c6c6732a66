//! Who has shown the password that making groups takes.

use sqlx::SqliteConnection;
use wire_protocol::ids::MemberKey;

/// Whether this person has shown the password of this proof.
pub async fn has_shown(db: &mut SqliteConnection, user: MemberKey, proof: &[u8; 32]) -> sqlx::Result<bool> {
    let count: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM group_makers WHERE user_key = $1 AND proof = $2")
        .bind(&user.0[..])
        .bind(&proof[..])
        .fetch_one(db)
        .await?;
    Ok(count > 0)
}

/// Notes that they have.
pub async fn put(db: &mut SqliteConnection, user: MemberKey, proof: &[u8; 32]) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO group_makers (user_key, proof) VALUES ($1, $2)
         ON CONFLICT (user_key) DO UPDATE SET proof = excluded.proof",
    )
    .bind(&user.0[..])
    .bind(&proof[..])
    .execute(db)
    .await?;
    Ok(())
}
