//! Passkeys: with what members' ordinary BitTorrent clients announce. Only their hashes are here.

use std::fmt;

use sha2::{Digest, Sha256};
use sqlx::{Row, SqliteConnection};
use wire_protocol::control::Passkey;
use wire_protocol::ids::{GroupId, MemberKey};

use super::id;

/// SHA-256 of a passkey. The passkey is 128 random bits, so that nobody finds it from this.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PasskeyHash(pub [u8; 32]);

impl PasskeyHash {
    /// Of this one.
    pub fn of(passkey: &Passkey) -> Self {
        Self(Sha256::digest(passkey.0).into())
    }
}

impl fmt::Debug for PasskeyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasskeyHash(…)")
    }
}

/// Adds a member's passkey.
pub async fn insert(
    db: &mut SqliteConnection,
    hash: PasskeyHash,
    group: GroupId,
    member: MemberKey,
    now_ms: u64,
) -> sqlx::Result<()> {
    sqlx::query("INSERT INTO passkeys (hash, group_id, user_key, made_at) VALUES ($1, $2, $3, $4)")
        .bind(&hash.0[..])
        .bind(&group.0[..])
        .bind(&member.0[..])
        .bind(now_ms as i64)
        .execute(db)
        .await?;
    Ok(())
}

/// Revokes a member's passkeys in a group, but for so many of the newest; those that are gone.
pub async fn revoke(
    db: &mut SqliteConnection,
    group: GroupId,
    member: MemberKey,
    kept: usize,
) -> sqlx::Result<Vec<PasskeyHash>> {
    let gone: Vec<Vec<u8>> = sqlx::query_scalar(
        "DELETE FROM passkeys WHERE group_id = $1 AND user_key = $2 AND hash NOT IN
         (SELECT hash FROM passkeys WHERE group_id = $1 AND user_key = $2 ORDER BY made_at DESC, hash LIMIT $3)
         RETURNING hash",
    )
    .bind(&group.0[..])
    .bind(&member.0[..])
    .bind(kept as i64)
    .fetch_all(db)
    .await?;
    gone.into_iter().map(|hash| Ok(PasskeyHash(id(hash)?))).collect()
}

/// Whose a passkey is, and in which group.
pub async fn owner(db: &mut SqliteConnection, hash: PasskeyHash) -> sqlx::Result<Option<(GroupId, MemberKey)>> {
    let row = sqlx::query("SELECT group_id, user_key FROM passkeys WHERE hash = $1")
        .bind(&hash.0[..])
        .fetch_optional(db)
        .await?;
    row.map(|row| Ok((GroupId(id(row.try_get(0)?)?), MemberKey(id(row.try_get(1)?)?)))).transpose()
}
