//! Groups and their members.

use sqlx::{Row, SqliteConnection};
use wire_protocol::control::{Member, Role};
use wire_protocol::ids::{GroupId, MemberKey};

use super::{damaged, id, quotas, unsigned};

/// A group's own row.
#[derive(Debug, Clone)]
pub struct GroupRow {
    /// Which one.
    pub group: GroupId,
    /// Two friendly words.
    pub slug: String,
    /// For people.
    pub name: String,
    /// Last event.
    pub head_seq: u64,
    /// Of its key.
    pub epoch: u32,
    /// Unix milliseconds.
    pub created_at_ms: u64,
}

/// Makes a group; `false` if the id or the slug is taken.
pub async fn insert(
    db: &mut SqliteConnection,
    group: GroupId,
    slug: &str,
    name: &str,
    now_ms: u64,
) -> sqlx::Result<bool> {
    let done = sqlx::query(
        "INSERT INTO groups (group_id, slug, name, head_seq, created_at) VALUES ($1, $2, $3, 0, $4) ON CONFLICT DO NOTHING",
    )
    .bind(&group.0[..])
    .bind(slug)
    .bind(name)
    .bind(now_ms as i64)
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// An open group by id.
pub async fn by_id(db: &mut SqliteConnection, group: GroupId) -> sqlx::Result<Option<GroupRow>> {
    let row = sqlx::query(
        "SELECT group_id, slug, name, head_seq, created_at, epoch FROM groups WHERE group_id = $1 AND closed_at IS NULL",
    )
    .bind(&group.0[..])
    .fetch_optional(db)
    .await?;
    row.map(group_row).transpose()
}

/// An open group by slug.
pub async fn by_slug(db: &mut SqliteConnection, slug: &str) -> sqlx::Result<Option<GroupRow>> {
    let row = sqlx::query(
        "SELECT group_id, slug, name, head_seq, created_at, epoch FROM groups WHERE slug = $1 AND closed_at IS NULL",
    )
    .bind(slug)
    .fetch_optional(db)
    .await?;
    row.map(group_row).transpose()
}

fn group_row(row: sqlx::sqlite::SqliteRow) -> sqlx::Result<GroupRow> {
    Ok(GroupRow {
        group: GroupId(id(row.try_get(0)?)?),
        slug: row.try_get(1)?,
        name: row.try_get(2)?,
        head_seq: unsigned(row.try_get(3)?)?,
        created_at_ms: unsigned(row.try_get(4)?)?,
        epoch: unsigned(row.try_get(5)?)?,
    })
}

/// Whether any group, closed ones included, has this id.
pub async fn id_is_taken(db: &mut SqliteConnection, group: GroupId) -> sqlx::Result<bool> {
    let found: Option<i64> =
        sqlx::query_scalar("SELECT 1 FROM groups WHERE group_id = $1").bind(&group.0[..]).fetch_optional(db).await?;
    Ok(found.is_some())
}

/// Takes the next event number of a group: gap-free, in the order of commits.
pub async fn next_seq(db: &mut SqliteConnection, group: GroupId) -> sqlx::Result<u64> {
    let seq: i64 =
        sqlx::query_scalar("UPDATE groups SET head_seq = head_seq + 1 WHERE group_id = $1 RETURNING head_seq")
            .bind(&group.0[..])
            .fetch_one(db)
            .await?;
    unsigned(seq)
}

/// The epoch of an open group's key becomes `epoch`, if it is the one before; `false` if it is not.
pub async fn advance_epoch(db: &mut SqliteConnection, group: GroupId, epoch: u32) -> sqlx::Result<bool> {
    let done = sqlx::query("UPDATE groups SET epoch = $2 WHERE group_id = $1 AND epoch = $2 - 1 AND closed_at IS NULL")
        .bind(&group.0[..])
        .bind(i64::from(epoch))
        .execute(db)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Closes a group: everything of it goes but its events, for those who are told of the closing. The slug stays taken,
/// so that an old invite never leads to strangers.
pub async fn close(db: &mut SqliteConnection, group: GroupId, now_ms: u64) -> sqlx::Result<()> {
    quotas::give_back_group(db, group).await?;
    for statement in [
        "DELETE FROM file_infos WHERE group_id = $1",
        "DELETE FROM files WHERE group_id = $1",
        "DELETE FROM invites WHERE group_id = $1",
        "DELETE FROM join_requests WHERE group_id = $1",
        "DELETE FROM removals WHERE group_id = $1",
        "DELETE FROM group_keys WHERE group_id = $1",
        "DELETE FROM passkeys WHERE group_id = $1",
        "DELETE FROM members WHERE group_id = $1",
    ] {
        sqlx::query(statement).bind(&group.0[..]).execute(&mut *db).await?;
    }
    sqlx::query("UPDATE groups SET closed_at = $2 WHERE group_id = $1")
        .bind(&group.0[..])
        .bind(now_ms as i64)
        .execute(db)
        .await?;
    Ok(())
}

/// Whether a group was closed.
pub async fn is_closed(db: &mut SqliteConnection, group: GroupId) -> sqlx::Result<bool> {
    let statement = "SELECT COUNT(*) FROM groups WHERE group_id = $1 AND closed_at IS NOT NULL";
    Ok(count(db, statement, &group.0).await? > 0)
}

/// The groups of a member, in the order of their making.
pub async fn of_member(db: &mut SqliteConnection, member: MemberKey) -> sqlx::Result<Vec<GroupId>> {
    let ids: Vec<Vec<u8>> = sqlx::query_scalar(
        "SELECT g.group_id FROM members m JOIN groups g ON g.group_id = m.group_id
         WHERE m.user_key = $1 AND g.closed_at IS NULL ORDER BY g.created_at, g.group_id",
    )
    .bind(&member.0[..])
    .fetch_all(db)
    .await?;
    ids.into_iter().map(|bytes| Ok(GroupId(id(bytes)?))).collect()
}

/// The role, if this person is a member.
pub async fn role(db: &mut SqliteConnection, group: GroupId, member: MemberKey) -> sqlx::Result<Option<Role>> {
    let role: Option<i64> = sqlx::query_scalar(
        "SELECT m.role FROM members m JOIN groups g ON g.group_id = m.group_id
         WHERE m.group_id = $1 AND m.user_key = $2 AND g.closed_at IS NULL",
    )
    .bind(&group.0[..])
    .bind(&member.0[..])
    .fetch_optional(db)
    .await?;
    role.map(role_from).transpose()
}

/// The number of the event that tells of this person's joining, if they are a member.
pub async fn joined_seq(db: &mut SqliteConnection, group: GroupId, member: MemberKey) -> sqlx::Result<Option<u64>> {
    let seq: Option<i64> = sqlx::query_scalar(
        "SELECT m.joined_seq FROM members m JOIN groups g ON g.group_id = m.group_id
         WHERE m.group_id = $1 AND m.user_key = $2 AND g.closed_at IS NULL",
    )
    .bind(&group.0[..])
    .bind(&member.0[..])
    .fetch_optional(db)
    .await?;
    seq.map(unsigned).transpose()
}

/// The members, in order of joining.
pub async fn members(db: &mut SqliteConnection, group: GroupId) -> sqlx::Result<Vec<Member>> {
    let rows = sqlx::query(
        "SELECT m.user_key, u.display_name, m.role FROM members m JOIN users u ON u.user_key = m.user_key
         WHERE m.group_id = $1 ORDER BY m.joined_seq",
    )
    .bind(&group.0[..])
    .fetch_all(db)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Member {
                key: MemberKey(id(row.try_get(0)?)?),
                display_name: row.try_get(1)?,
                role: role_from(row.try_get(2)?)?,
            })
        })
        .collect()
}

/// How many members a group has.
pub async fn count_members(db: &mut SqliteConnection, group: GroupId) -> sqlx::Result<u32> {
    count(db, "SELECT COUNT(*) FROM members WHERE group_id = $1", &group.0).await
}

/// How many groups a member is in.
pub async fn count_of_member(db: &mut SqliteConnection, member: MemberKey) -> sqlx::Result<u32> {
    count(db, "SELECT COUNT(*) FROM members WHERE user_key = $1", &member.0).await
}

/// How many admins a group has.
pub async fn count_admins(db: &mut SqliteConnection, group: GroupId) -> sqlx::Result<u32> {
    count(db, "SELECT COUNT(*) FROM members WHERE group_id = $1 AND role = 1", &group.0).await
}

/// One number that hangs on one id.
pub(super) async fn count(db: &mut SqliteConnection, statement: &'static str, id: &[u8]) -> sqlx::Result<u32> {
    let count: i64 = sqlx::query_scalar(statement).bind(id).fetch_one(db).await?;
    unsigned(count)
}

/// Adds a member. `joined_seq` is the number of the event that tells of it.
pub async fn insert_member(
    db: &mut SqliteConnection,
    group: GroupId,
    member: MemberKey,
    role: Role,
    joined_seq: u64,
) -> sqlx::Result<()> {
    sqlx::query("INSERT INTO members (group_id, user_key, role, joined_seq) VALUES ($1, $2, $3, $4)")
        .bind(&group.0[..])
        .bind(&member.0[..])
        .bind(role_to(role))
        .bind(joined_seq as i64)
        .execute(db)
        .await?;
    Ok(())
}

/// Changes a member's role.
pub async fn set_role(db: &mut SqliteConnection, group: GroupId, member: MemberKey, role: Role) -> sqlx::Result<()> {
    sqlx::query("UPDATE members SET role = $3 WHERE group_id = $1 AND user_key = $2")
        .bind(&group.0[..])
        .bind(&member.0[..])
        .bind(role_to(role))
        .execute(db)
        .await?;
    Ok(())
}

/// Takes a member out.
pub async fn delete_member(db: &mut SqliteConnection, group: GroupId, member: MemberKey) -> sqlx::Result<()> {
    sqlx::query("DELETE FROM members WHERE group_id = $1 AND user_key = $2")
        .bind(&group.0[..])
        .bind(&member.0[..])
        .execute(db)
        .await?;
    Ok(())
}

/// Notes that a member was removed: they come back only through a request.
pub async fn note_removal(
    db: &mut SqliteConnection,
    group: GroupId,
    member: MemberKey,
    by: MemberKey,
    now_ms: u64,
) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO removals (group_id, user_key, removed_by, removed_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
    )
    .bind(&group.0[..])
    .bind(&member.0[..])
    .bind(&by.0[..])
    .bind(now_ms as i64)
    .execute(db)
    .await?;
    Ok(())
}

/// Whether this person was removed from a group, and no admin has taken them in again.
pub async fn was_removed(db: &mut SqliteConnection, group: GroupId, member: MemberKey) -> sqlx::Result<bool> {
    let found: Option<i64> = sqlx::query_scalar("SELECT 1 FROM removals WHERE group_id = $1 AND user_key = $2")
        .bind(&group.0[..])
        .bind(&member.0[..])
        .fetch_optional(db)
        .await?;
    Ok(found.is_some())
}

/// An admin takes a removed person in again.
pub async fn forgive(db: &mut SqliteConnection, group: GroupId, member: MemberKey) -> sqlx::Result<()> {
    sqlx::query("DELETE FROM removals WHERE group_id = $1 AND user_key = $2")
        .bind(&group.0[..])
        .bind(&member.0[..])
        .execute(db)
        .await?;
    Ok(())
}

fn role_to(role: Role) -> i64 {
    match role {
        Role::Member => 0,
        Role::Admin => 1,
    }
}

fn role_from(role: i64) -> sqlx::Result<Role> {
    match role {
        0 => Ok(Role::Member),
        1 => Ok(Role::Admin),
        _ => Err(damaged("role")),
    }
}
