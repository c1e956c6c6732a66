//! Groups: their state, how it changes, and what an invite shows of them.

use serde::{Deserialize, Serialize};

use super::files::FileCard;
use crate::ids::{FileId, GroupId, MemberKey};

/// A group as its members see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupSnapshot {
    /// Which one.
    pub group: GroupId,
    /// Two friendly words.
    pub slug: String,
    /// For people.
    pub name: String,
    /// Events up to here are included.
    pub seq: u64,
    /// Grows whenever somebody is removed: tickets of an earlier one are worth nothing. 0 at first.
    pub epoch: u32,
    /// Unix milliseconds.
    pub created_at_ms: u64,
    /// In order of joining.
    pub members: Vec<Member>,
    /// In order of adding.
    pub files: Vec<FileCard>,
}

/// A member of a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Who.
    pub key: MemberKey,
    /// What they call themselves.
    pub display_name: String,
    /// What they may do.
    pub role: Role,
}

/// What a member may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Role {
    /// Share, download, invite.
    Member,
    /// Also remove, promote, accept.
    Admin,
}

/// One change in a group, in the order in which they were committed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupEvent {
    pub group: GroupId,
    /// 1, 2, 3, … without gaps.
    pub seq: u64,
    /// Unix milliseconds.
    pub at_ms: u64,
    /// Who did it.
    pub actor: MemberKey,
    /// What.
    pub change: GroupChange,
}

/// What can change in a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum GroupChange {
    /// The group was made.
    Created { name: String },
    /// Somebody joined, or a member's entry changed.
    Member(Member),
    /// Somebody left or was removed.
    MemberLeft(MemberKey),
    /// A file card was added, or gained its torrent.
    File(FileCard),
    /// A file card was removed.
    FileRemoved(FileId),
    /// An invite was made.
    InviteCreated,
}

/// What a visitor sees before joining.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitePreview {
    pub group: GroupId,
    pub name: String,
    /// Who made the invite.
    pub invited_by: String,
    /// Members with a connection now.
    pub members_online: u32,
    /// The group's files.
    pub files: Vec<PreviewFile>,
}

/// A file as a visitor sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviewFile {
    pub card: FileCard,
    /// Peers that have all of it now.
    pub seeders: u32,
    /// Peers that have a part of it now.
    pub leechers: u32,
}
