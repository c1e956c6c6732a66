//! People: key and display name.

use sqlx::SqliteConnection;
use wire_protocol::ids::MemberKey;

/// The display name, if this person has been here before.
pub async fn display_name(db: &mut SqliteConnection, user: MemberKey) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar("SELECT display_name FROM users WHERE user_key = $1").bind(&user.0[..]).fetch_optional(db).await
}

/// Adds a person, or changes the name.
pub async fn put(db: &mut SqliteConnection, user: MemberKey, display_name: &str, now_ms: u64) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO users (user_key, display_name, created_at) VALUES ($1, $2, $3)
         ON CONFLICT (user_key) DO UPDATE SET display_name = excluded.display_name",
    )
    .bind(&user.0[..])
    .bind(display_name)
    .bind(now_ms as i64)
    .execute(db)
    .await?;
    Ok(())
}
