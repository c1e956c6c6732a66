//! What holds of the database after every commit, whatever was asked and in whatever order. Tests and the chaos run ask.

use sqlx::{Row, SqliteConnection};

use wire_protocol::control::PASSKEYS_MAX;

use crate::limits::{INVITES_PER_GROUP, JOIN_REQUESTS_PER_GROUP, JOIN_REQUESTS_PER_MEMBER, MEMBERS_PER_GROUP};

/// Each finds rows for which something does not hold. `$1` is now.
const RULES: &[(&str, &str)] = &[
    (
        "members, files, invites, keys, passkeys, requests and removals are of open groups",
        "SELECT g.group_id FROM groups g WHERE g.closed_at IS NOT NULL AND (
            EXISTS (SELECT 1 FROM members x WHERE x.group_id = g.group_id) OR
            EXISTS (SELECT 1 FROM files x WHERE x.group_id = g.group_id) OR
            EXISTS (SELECT 1 FROM file_infos x WHERE x.group_id = g.group_id) OR
            EXISTS (SELECT 1 FROM invites x WHERE x.group_id = g.group_id) OR
            EXISTS (SELECT 1 FROM group_keys x WHERE x.group_id = g.group_id) OR
            EXISTS (SELECT 1 FROM passkeys x WHERE x.group_id = g.group_id) OR
            EXISTS (SELECT 1 FROM join_requests x WHERE x.group_id = g.group_id) OR
            EXISTS (SELECT 1 FROM removals x WHERE x.group_id = g.group_id))",
    ),
    (
        "an open group has an admin",
        "SELECT g.group_id FROM groups g WHERE g.closed_at IS NULL AND NOT EXISTS
            (SELECT 1 FROM members m WHERE m.group_id = g.group_id AND m.role = 1)",
    ),
    ("a role is one that there is", "SELECT group_id FROM members WHERE role NOT IN (0, 1)"),
    (
        "a member has a name",
        "SELECT m.group_id FROM members m WHERE NOT EXISTS (SELECT 1 FROM users u WHERE u.user_key = m.user_key)",
    ),
    (
        "the numbers of a group's events are without gaps and end with its head",
        "SELECT g.group_id FROM groups g JOIN group_events e ON e.group_id = g.group_id
         GROUP BY g.group_id, g.head_seq HAVING MAX(e.seq) <> g.head_seq OR COUNT(*) <> MAX(e.seq) - MIN(e.seq) + 1",
    ),
    ("a group has events", "SELECT group_id FROM groups WHERE head_seq < 1"),
    (
        "a key is a member's, and of the group's epoch",
        "SELECT k.group_id FROM group_keys k JOIN groups g ON g.group_id = k.group_id
         WHERE k.epoch <> g.epoch OR NOT EXISTS
            (SELECT 1 FROM members m WHERE m.group_id = k.group_id AND m.user_key = k.user_key)",
    ),
    (
        "a passkey is a member's",
        "SELECT p.group_id FROM passkeys p WHERE NOT EXISTS
            (SELECT 1 FROM members m WHERE m.group_id = p.group_id AND m.user_key = p.user_key)",
    ),
    (
        "an invite that opens anything is of the group's epoch and its maker is a member",
        "SELECT i.group_id FROM invites i JOIN groups g ON g.group_id = i.group_id
         WHERE i.revoked_at IS NULL AND i.expires_at > i.created_at AND (i.uses_left IS NULL OR i.uses_left > 0)
           AND i.expires_at > $1
           AND (i.epoch <> g.epoch OR NOT EXISTS
                (SELECT 1 FROM members m WHERE m.group_id = i.group_id AND m.user_key = i.created_by))",
    ),
    ("no invite is used more often than it may be", "SELECT group_id FROM invites WHERE uses_left < 0"),
    (
        "whoever asks to join is not a member",
        "SELECT r.group_id FROM join_requests r JOIN members m ON m.group_id = r.group_id AND m.user_key = r.user_key",
    ),
    (
        "what a person's torrents take is counted",
        "SELECT u.user_key FROM users u WHERE u.info_bytes <>
            COALESCE((SELECT SUM(f.info_len) FROM files f WHERE f.added_by = u.user_key), 0)",
    ),
    (
        "what all torrents take is counted",
        "SELECT x'' FROM totals WHERE info_bytes <> (SELECT COALESCE(SUM(LENGTH(info)), 0) FROM file_infos)",
    ),
    (
        "whoever was removed is not a member",
        "SELECT x.group_id FROM removals x JOIN members m ON m.group_id = x.group_id AND m.user_key = x.user_key",
    ),
];

/// Each counts something that has a bound.
const BOUNDS: &[(&str, u32, &str)] = &[
    ("members of a group", MEMBERS_PER_GROUP, "SELECT COUNT(*) FROM members GROUP BY group_id"),
    (
        "invites of a group that are open by some clock",
        INVITES_PER_GROUP,
        "SELECT COUNT(*) FROM invites WHERE revoked_at IS NULL
            AND (uses_left IS NULL OR uses_left > 0) GROUP BY group_id",
    ),
    (
        "people who ask to join a group",
        JOIN_REQUESTS_PER_GROUP,
        "SELECT COUNT(*) FROM join_requests WHERE refused_at IS NULL GROUP BY group_id",
    ),
    (
        "passkeys of a member in a group",
        PASSKEYS_MAX as u32,
        "SELECT COUNT(*) FROM passkeys GROUP BY group_id, user_key",
    ),
    (
        "groups that a person asks to join",
        JOIN_REQUESTS_PER_MEMBER,
        "SELECT COUNT(*) FROM join_requests WHERE refused_at IS NULL GROUP BY user_key",
    ),
];

/// What does not hold at `now_ms`, Unix milliseconds by the server's clock, a sentence each; nothing, if the server is
/// sound.
///
/// # Errors
/// The database cannot be read.
pub async fn broken(db: &mut SqliteConnection, now_ms: u64) -> sqlx::Result<Vec<String>> {
    let mut broken = Vec::new();
    for row in sqlx::query("PRAGMA integrity_check").fetch_all(&mut *db).await? {
        let said: String = row.try_get(0)?;
        if said != "ok" {
            broken.push(format!("the file is damaged: {said}"));
        }
    }
    for row in sqlx::query("PRAGMA foreign_key_check").fetch_all(&mut *db).await? {
        broken.push(format!("a row of {} leads nowhere", row.try_get::<String, _>(0)?));
    }
    for (rule, violations) in RULES {
        for row in sqlx::query_scalar::<_, Vec<u8>>(*violations).bind(now_ms as i64).fetch_all(&mut *db).await? {
            broken.push(format!("{rule}: not for {}", data_encoding::HEXLOWER.encode(&row)));
        }
    }
    for (what, max, counts) in BOUNDS {
        for count in sqlx::query_scalar::<_, i64>(*counts).fetch_all(&mut *db).await? {
            if count > i64::from(*max) {
                broken.push(format!("{what}: {count}, more than {max}"));
            }
        }
    }
    Ok(broken)
}
