//! Groups: their state, and how it changes.

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
    /// Counts the changes of the group's key, 0 at first: grows by one whenever somebody is removed. Tickets and keys
    /// of an earlier one are worth nothing.
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
    /// Also remove members and files, change roles, answer who asks to join, close the group.
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
    /// Somebody left.
    MemberLeft(MemberKey),
    /// A file card was added, or gained its torrent.
    File(FileCard),
    /// A file card was removed.
    FileRemoved(FileId),
    /// An invite was made or revoked: whoever shows them asks anew.
    InvitesChanged,
    /// Somebody was removed, and the group has another key from here on.
    MemberRemoved {
        /// Who.
        member: MemberKey,
        /// The new key's; one more than before.
        epoch: u32,
    },
    /// Somebody asks to join, or does not any more: admins who show them ask anew.
    RequestsChanged,
    /// The group is closed; nothing comes after this.
    Closed,
}

/// Why a group is gone for a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum GoneReason {
    /// They left it, or never were in it.
    Left,
    /// An admin removed them.
    Removed,
    /// It was closed.
    Closed,
}
