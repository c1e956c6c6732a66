//! What a member needs to be up to date in one group: the missed events, or all of it. Read by readers, beside
//! the writer.

use std::time::Instant;

use sqlx::{Connection, SqliteConnection};
use tracing::error;
use wire_protocol::control::{GoneReason, GroupEvent, GroupSnapshot, Refusal, TrackerToMember};
use wire_protocol::ids::{FileId, GroupId, MemberKey};

use super::followed::ends_for;
use super::own::Own;
use super::participant::Participant;
use super::{Tracker, refusals};

use crate::clock;
use crate::limits::{RESUME_BYTES_MAX, RESUME_EVENTS_MAX};
use crate::store::groups::GroupRow;
use crate::store::{events, files, groups};

/// What a member needs to be up to date in one group.
#[derive(Debug)]
pub enum CatchUp {
    /// They left (on another device) and are told how.
    Left(Vec<GroupEvent>),
    /// Not one of theirs, and how it came to that is too long a story.
    Gone(GoneReason),
    /// These happened since.
    Missed {
        /// The last of them, or the group's last if there are none.
        seq: u64,
        /// In order.
        events: Vec<GroupEvent>,
        /// The group's files.
        files: Vec<FileId>,
        /// What is only theirs.
        own: Own,
    },
    /// All of it.
    Whole(GroupSnapshot, Own),
}

impl CatchUp {
    /// Up to which event the member is in the picture then; `None`: they are not in the group (any more).
    pub fn up_to(&self) -> Option<u64> {
        match self {
            Self::Left(_) | Self::Gone(_) => None,
            Self::Missed { seq, .. } => Some(*seq),
            Self::Whole(snapshot, _) => Some(snapshot.seq),
        }
    }

    /// What the member is sent.
    pub fn into_messages(self, group: GroupId) -> Vec<TrackerToMember> {
        match self {
            Self::Left(events) => events.into_iter().map(TrackerToMember::Event).collect(),
            Self::Missed { events, own, .. } => {
                events.into_iter().map(TrackerToMember::Event).chain(own.into_messages(group)).collect()
            }
            Self::Gone(why) => vec![TrackerToMember::GroupGone { group, why }],
            Self::Whole(snapshot, own) => {
                std::iter::once(TrackerToMember::Snapshot(snapshot)).chain(own.into_messages(group)).collect()
            }
        }
    }
}

impl Tracker {
    /// Reads what `participant`, whose member last saw event `seen`, needs in a group that they have begun to
    /// follow, and lets the group's swarms be looked at.
    ///
    /// # Errors
    /// The database failed.
    pub async fn catch_up(
        &self,
        participant: &Participant,
        group: GroupId,
        seen: Option<u64>,
    ) -> Result<CatchUp, Refusal> {
        let mut caught_up = self.read_group(participant.member, group, seen).await.map_err(|failure| {
            self.metrics.db_errors.inc();
            error!(error = %failure, "cannot read a group");
            refusals::server_error()
        })?;
        if let CatchUp::Missed { own, .. } | CatchUp::Whole(_, own) = &mut caught_up {
            own.sign(group, &self.key, clock::now_ms(), self.ticket_lifetime.as_millis() as u64);
        }
        let (seq, files): (u64, Vec<FileId>) = match &caught_up {
            CatchUp::Left(_) | CatchUp::Gone(_) => return Ok(caught_up),
            CatchUp::Missed { seq, files, .. } => (*seq, files.clone()),
            CatchUp::Whole(snapshot, _) => (snapshot.seq, snapshot.files.iter().map(|card| card.file).collect()),
        };
        if let Some(span) = self.hub.group(group).and_then(|followed| followed.learn(seq, files)) {
            self.bus.moved(group, span);
        }
        Ok(caught_up)
    }

    async fn read_group(&self, member: MemberKey, group: GroupId, seen: Option<u64>) -> sqlx::Result<CatchUp> {
        // Never closed; if it were, reading all the same would do no harm.
        let _turn = self.catching_up.acquire().await;
        let start = Instant::now();
        let mut db = self.store.read().await?;
        let caught_up = catch_up(&mut db, group, member, seen).await;
        self.metrics.db_read_seconds.observe_since(start);
        caught_up
    }
}

/// Reads what `member`, who last saw event `seen`, needs. Everything it says is of one moment.
async fn catch_up(
    db: &mut SqliteConnection,
    group: GroupId,
    member: MemberKey,
    seen: Option<u64>,
) -> sqlx::Result<CatchUp> {
    // One transaction: a commit between two reads would be in one of them only.
    let mut db = db.begin().await?;
    let caught_up = read(&mut db, group, member, seen).await?;
    db.commit().await?;
    Ok(caught_up)
}

async fn read(
    db: &mut SqliteConnection,
    group: GroupId,
    member: MemberKey,
    seen: Option<u64>,
) -> sqlx::Result<CatchUp> {
    let Some(joined) = groups::joined_seq(db, group, member).await? else {
        return until_leaving(db, group, member, seen).await;
    };
    let Some(row) = groups::by_id(db, group).await? else { return gone(db, group, member).await };
    let Some(role) = groups::role(db, group, member).await? else { return gone(db, group, member).await };
    let own = Own::read(db, &row, member, role).await?;
    // What was before is not theirs to read; and whoever left and is back has forgotten the group in between.
    let seen = seen.filter(|&seen| seen >= joined);
    if let Some(events) = missed(db, &row, seen).await? {
        let files = files::cards(db, group).await?.into_iter().map(|card| card.file).collect();
        return Ok(CatchUp::Missed { seq: row.head_seq, events, files, own });
    }
    Ok(CatchUp::Whole(whole(db, row).await?, own))
}

async fn whole(db: &mut SqliteConnection, row: GroupRow) -> sqlx::Result<GroupSnapshot> {
    Ok(GroupSnapshot {
        group: row.group,
        slug: row.slug,
        name: row.name,
        seq: row.head_seq,
        epoch: row.epoch,
        created_at_ms: row.created_at_ms,
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
async fn until_leaving(
    db: &mut SqliteConnection,
    group: GroupId,
    member: MemberKey,
    seen: Option<u64>,
) -> sqlx::Result<CatchUp> {
    let Some(seen) = seen else { return gone(db, group, member).await };
    let mut events = events::after(db, group, seen, RESUME_EVENTS_MAX).await?;
    let Some(left) = events.iter().position(|event| ends_for(&event.change, member)) else {
        return gone(db, group, member).await;
    };
    events.truncate(left + 1);
    // Old events are not kept, and a gap would only make them come again.
    let is_whole = events.first().is_some_and(|first| first.seq - 1 == seen);
    if is_whole && are_few(&events) { Ok(CatchUp::Left(events)) } else { gone(db, group, member).await }
}

async fn gone(db: &mut SqliteConnection, group: GroupId, member: MemberKey) -> sqlx::Result<CatchUp> {
    let why = if groups::is_closed(db, group).await? {
        GoneReason::Closed
    } else if groups::was_removed(db, group, member).await? {
        GoneReason::Removed
    } else {
        GoneReason::Left
    };
    Ok(CatchUp::Gone(why))
}

fn are_few(events: &[GroupEvent]) -> bool {
    events.iter().map(encoded_len).sum::<usize>() <= RESUME_BYTES_MAX
}

fn encoded_len(event: &GroupEvent) -> usize {
    postcard::to_stdvec(event).map_or(0, |bytes| bytes.len())
}
