//! What a member needs to be up to date in one group: the missed events, or all of it.

use sqlx::SqliteConnection;
use wire_protocol::control::{GroupChange, GroupEvent, GroupSnapshot};
use wire_protocol::ids::{FileId, GroupId, MemberKey};

use crate::limits::{RESUME_BYTES_MAX, RESUME_EVENTS_MAX};
use crate::store::groups::GroupRow;
use crate::store::{events, files, groups};

/// What a member needs to be up to date in one group.
#[derive(Debug)]
pub enum CatchUp {
    /// They left (on another device) and are told how.
    Farewell(Vec<GroupEvent>),
    /// Not one of theirs, and how it came to that is too long a story.
    Gone,
    /// These happened since.
    Missed {
        /// In order.
        events: Vec<GroupEvent>,
        /// The group's files.
        files: Vec<FileId>,
    },
    /// All of it.
    Whole(GroupSnapshot),
}

/// Reads what `member`, who last saw event `seen`, needs.
pub async fn catch_up(
    db: &mut SqliteConnection,
    group: GroupId,
    member: MemberKey,
    seen: Option<u64>,
) -> sqlx::Result<CatchUp> {
    if groups::role(db, group, member).await?.is_none() {
        return farewell(db, group, member, seen).await;
    }
    let Some(row) = groups::by_id(db, group).await? else { return Ok(CatchUp::Gone) };
    if let Some(events) = missed(db, &row, seen).await? {
        let files = files::cards(db, group).await?.into_iter().map(|card| card.file).collect();
        return Ok(CatchUp::Missed { events, files });
    }
    Ok(CatchUp::Whole(whole(db, row).await?))
}

/// All of a group.
pub async fn whole(db: &mut SqliteConnection, row: GroupRow) -> sqlx::Result<GroupSnapshot> {
    Ok(GroupSnapshot {
        group: row.group,
        slug: row.slug,
        name: row.name,
        seq: row.head_seq,
        members: groups::members(db, row.group).await?,
        files: files::cards(db, row.group).await?,
    })
}

/// The events after `seen`, if they are few, all there, and `seen` is one of this history.
async fn missed(db: &mut SqliteConnection, row: &GroupRow, seen: Option<u64>) -> sqlx::Result<Option<Vec<GroupEvent>>> {
    let Some(seen) = seen.filter(|&seen| seen <= row.head_seq) else { return Ok(None) };
    let count = row.head_seq - seen;
    if count > RESUME_EVENTS_MAX as u64 {
        return Ok(None);
    }
    let events = events::after(db, row.group, seen, RESUME_EVENTS_MAX).await?;
    Ok((events.len() as u64 == count && are_few(&events)).then_some(events))
}

/// For somebody who is not a member any more: what happened up to their leaving, while they were one.
async fn farewell(
    db: &mut SqliteConnection,
    group: GroupId,
    member: MemberKey,
    seen: Option<u64>,
) -> sqlx::Result<CatchUp> {
    let Some(seen) = seen else { return Ok(CatchUp::Gone) };
    let mut events = events::after(db, group, seen, RESUME_EVENTS_MAX).await?;
    let Some(left) = events.iter().position(|event| event.change == GroupChange::MemberLeft(member)) else {
        return Ok(CatchUp::Gone);
    };
    events.truncate(left + 1);
    // Old events are not kept, and a gap would only make them come again.
    let is_whole = events.first().is_some_and(|first| first.seq - 1 == seen);
    Ok(if is_whole && are_few(&events) { CatchUp::Farewell(events) } else { CatchUp::Gone })
}

fn are_few(events: &[GroupEvent]) -> bool {
    events.iter().map(encoded_len).sum::<usize>() <= RESUME_BYTES_MAX
}

fn encoded_len(event: &GroupEvent) -> usize {
    postcard::to_stdvec(event).map_or(0, |bytes| bytes.len())
}
