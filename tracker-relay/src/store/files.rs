//! File cards and their info dictionaries.

use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};
use wire_protocol::control::{FileCard, Torrent};
use wire_protocol::ids::{FileId, GroupId, InfoHash, MemberKey};

use super::groups::count;
use super::{id, quotas, unsigned};

/// Adds a file card; `false` if the id is taken.
pub async fn insert(db: &mut SqliteConnection, group: GroupId, card: &FileCard, added_seq: u64) -> sqlx::Result<bool> {
    let done = sqlx::query(
        "INSERT INTO files (group_id, file_id, name, size, added_by, added_at, added_seq)
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
    )
    .bind(&group.0[..])
    .bind(&card.file.0[..])
    .bind(&card.name)
    .bind(card.size as i64)
    .bind(&card.added_by.0[..])
    .bind(card.added_at_ms as i64)
    .bind(added_seq as i64)
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// One file card.
pub async fn card(db: &mut SqliteConnection, group: GroupId, file: FileId) -> sqlx::Result<Option<FileCard>> {
    let row = sqlx::query(
        "SELECT file_id, name, size, added_by, added_at, info_hash, info_len, pieces FROM files
         WHERE group_id = $1 AND file_id = $2",
    )
    .bind(&group.0[..])
    .bind(&file.0[..])
    .fetch_optional(db)
    .await?;
    row.map(card_from).transpose()
}

/// All cards of a group, in order of adding.
pub async fn cards(db: &mut SqliteConnection, group: GroupId) -> sqlx::Result<Vec<FileCard>> {
    let rows = sqlx::query(
        "SELECT file_id, name, size, added_by, added_at, info_hash, info_len, pieces FROM files
         WHERE group_id = $1 ORDER BY added_seq",
    )
    .bind(&group.0[..])
    .fetch_all(db)
    .await?;
    rows.into_iter().map(card_from).collect()
}

fn card_from(row: SqliteRow) -> sqlx::Result<FileCard> {
    let info_hash: Option<Vec<u8>> = row.try_get(5)?;
    let torrent = match info_hash {
        Some(info_hash) => Some(Torrent {
            info_hash: InfoHash(id(info_hash)?),
            info_len: unsigned(row.try_get(6)?)?,
            pieces: unsigned(row.try_get(7)?)?,
        }),
        None => None,
    };
    Ok(FileCard {
        file: FileId(id(row.try_get(0)?)?),
        name: row.try_get(1)?,
        size: unsigned(row.try_get(2)?)?,
        added_by: MemberKey(id(row.try_get(3)?)?),
        added_at_ms: unsigned(row.try_get(4)?)?,
        torrent,
    })
}

/// A torrent of a group, as an announce needs it.
#[derive(Debug, Clone, Copy)]
pub struct Shared {
    /// The file card.
    pub file: FileId,
    /// Bytes.
    pub size: u64,
    /// In all.
    pub pieces: u32,
}

/// The card with this torrent, in this group only.
pub async fn by_info_hash(
    db: &mut SqliteConnection,
    group: GroupId,
    info_hash: InfoHash,
) -> sqlx::Result<Option<Shared>> {
    let row = sqlx::query(
        "SELECT file_id, size, pieces FROM files WHERE group_id = $1 AND info_hash = $2 ORDER BY added_seq LIMIT 1",
    )
    .bind(&group.0[..])
    .bind(&info_hash.0[..])
    .fetch_optional(db)
    .await?;
    row.map(|row| {
        let (file, size, pieces) =
            (FileId(id(row.try_get(0)?)?), unsigned(row.try_get(1)?)?, unsigned(row.try_get(2)?)?);
        Ok(Shared { file, size, pieces })
    })
    .transpose()
}

/// The ids of a group's cards.
pub async fn ids(db: &mut SqliteConnection, group: GroupId) -> sqlx::Result<Vec<FileId>> {
    let ids: Vec<Vec<u8>> =
        sqlx::query_scalar("SELECT file_id FROM files WHERE group_id = $1").bind(&group.0[..]).fetch_all(db).await?;
    ids.into_iter().map(|file| Ok(FileId(id(file)?))).collect()
}

/// How many files a group has.
pub async fn count_files(db: &mut SqliteConnection, group: GroupId) -> sqlx::Result<u32> {
    count(db, "SELECT COUNT(*) FROM files WHERE group_id = $1", &group.0).await
}

/// Bytes of all names together.
pub async fn names_len(db: &mut SqliteConnection, group: GroupId) -> sqlx::Result<u32> {
    // octet_length would say it shorter, but the cast works in every version of both engines.
    count(db, "SELECT COALESCE(SUM(LENGTH(CAST(name AS BLOB))), 0) FROM files WHERE group_id = $1", &group.0).await
}

/// Gives a card its torrent.
pub async fn publish(
    db: &mut SqliteConnection,
    group: GroupId,
    card: &FileCard,
    torrent: &Torrent,
    info: &[u8],
) -> sqlx::Result<()> {
    let file = card.file;
    quotas::add(db, card.added_by, torrent.info_len).await?;
    sqlx::query("UPDATE files SET info_hash = $3, info_len = $4, pieces = $5 WHERE group_id = $1 AND file_id = $2")
        .bind(&group.0[..])
        .bind(&file.0[..])
        .bind(&torrent.info_hash.0[..])
        .bind(i64::from(torrent.info_len))
        .bind(i64::from(torrent.pieces))
        .execute(&mut *db)
        .await?;
    sqlx::query(
        "INSERT INTO file_infos (group_id, file_id, info) VALUES ($1, $2, $3)
         ON CONFLICT (group_id, file_id) DO UPDATE SET info = excluded.info",
    )
    .bind(&group.0[..])
    .bind(&file.0[..])
    .bind(info)
    .execute(db)
    .await?;
    Ok(())
}

/// Part of an info dictionary: its whole length, and up to `len` bytes from `offset`.
pub async fn info_part(
    db: &mut SqliteConnection,
    group: GroupId,
    file: FileId,
    offset: u32,
    len: usize,
) -> sqlx::Result<Option<(u32, Vec<u8>)>> {
    let row =
        sqlx::query("SELECT LENGTH(info), SUBSTR(info, $3, $4) FROM file_infos WHERE group_id = $1 AND file_id = $2")
            .bind(&group.0[..])
            .bind(&file.0[..])
            .bind(i64::from(offset) + 1)
            .bind(len as i64)
            .fetch_optional(db)
            .await?;
    row.map(|row| Ok((unsigned(row.try_get(0)?)?, row.try_get(1)?))).transpose()
}

/// Whether a card of this person's is there that has no torrent yet.
pub async fn waits_for_info(db: &mut SqliteConnection, user: MemberKey, file: FileId) -> sqlx::Result<bool> {
    let statement = "SELECT COUNT(*) FROM files WHERE added_by = $1 AND file_id = $2 AND info_hash IS NULL";
    let count: i64 = sqlx::query_scalar(statement).bind(&user.0[..]).bind(&file.0[..]).fetch_one(db).await?;
    Ok(count > 0)
}

/// Takes a card and its info dictionary out.
pub async fn delete(db: &mut SqliteConnection, group: GroupId, file: FileId) -> sqlx::Result<()> {
    quotas::give_back_card(db, group, file).await?;
    sqlx::query("DELETE FROM files WHERE group_id = $1 AND file_id = $2")
        .bind(&group.0[..])
        .bind(&file.0[..])
        .execute(db)
        .await?;
    Ok(())
}
