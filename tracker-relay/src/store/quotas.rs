//! How many bytes of info dictionaries there are, in all and of whose cards.

use sqlx::{Row, SqliteConnection};
use wire_protocol::ids::{FileId, GroupId, MemberKey};

use super::unsigned;

/// Bytes of the dictionaries of a person's cards, and of all.
pub async fn taken(db: &mut SqliteConnection, user: MemberKey) -> sqlx::Result<(u64, u64)> {
    let row = sqlx::query(
        "SELECT COALESCE((SELECT info_bytes FROM users WHERE user_key = $1), 0), (SELECT info_bytes FROM totals)",
    )
    .bind(&user.0[..])
    .fetch_one(db)
    .await?;
    Ok((unsigned(row.try_get(0)?)?, unsigned(row.try_get(1)?)?))
}

/// A card of this person's has got its dictionary.
pub async fn add(db: &mut SqliteConnection, user: MemberKey, len: u32) -> sqlx::Result<()> {
    sqlx::query("UPDATE users SET info_bytes = info_bytes + $2 WHERE user_key = $1")
        .bind(&user.0[..])
        .bind(i64::from(len))
        .execute(&mut *db)
        .await?;
    sqlx::query("UPDATE totals SET info_bytes = info_bytes + $1").bind(i64::from(len)).execute(db).await?;
    Ok(())
}

/// A card is about to be taken out.
pub async fn give_back_card(db: &mut SqliteConnection, group: GroupId, file: FileId) -> sqlx::Result<()> {
    for statement in [
        "UPDATE users SET info_bytes = info_bytes - COALESCE(
            (SELECT info_len FROM files WHERE group_id = $1 AND file_id = $2), 0)
         WHERE user_key = (SELECT added_by FROM files WHERE group_id = $1 AND file_id = $2)",
        "UPDATE totals SET info_bytes = info_bytes - COALESCE(
            (SELECT info_len FROM files WHERE group_id = $1 AND file_id = $2), 0)",
    ] {
        sqlx::query(statement).bind(&group.0[..]).bind(&file.0[..]).execute(&mut *db).await?;
    }
    Ok(())
}

/// All cards of a group are about to be taken out.
pub async fn give_back_group(db: &mut SqliteConnection, group: GroupId) -> sqlx::Result<()> {
    for statement in [
        "UPDATE users SET info_bytes = info_bytes - COALESCE(
            (SELECT SUM(info_len) FROM files WHERE group_id = $1 AND added_by = user_key), 0)
         WHERE user_key IN (SELECT added_by FROM files WHERE group_id = $1)",
        "UPDATE totals SET info_bytes = info_bytes - COALESCE(
            (SELECT SUM(info_len) FROM files WHERE group_id = $1), 0)",
    ] {
        sqlx::query(statement).bind(&group.0[..]).execute(&mut *db).await?;
    }
    Ok(())
}
