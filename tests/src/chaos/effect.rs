//! What an acknowledged request promises, and what an event tells: the same thing once each.

use wire_protocol::control::{GroupChange, GroupEvent};
use wire_protocol::ids::{FileId, GroupId, MemberKey};

use super::state::State;

/// Something that happened once for every request that was acknowledged, and not for one that was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Effect {
    pub group: GroupId,
    pub by: MemberKey,
    pub what: What,
}

/// See [`Effect`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    Created,
    Closed,
    FileAdded(FileId),
    FileRemoved(FileId),
    Left,
    /// Somebody, and the epoch that began.
    Removed(MemberKey, u32),
    Accepted(MemberKey),
    /// By themselves. Joining is acknowledged to those who are members already, too.
    Joined,
}

impl Effect {
    /// What an event tells, in a group that has not applied it yet; `None`: something that is asked for otherwise.
    pub fn told(event: &GroupEvent, before: &State) -> Option<Self> {
        let is_member = |key| before.members.iter().any(|member| member.key == key);
        let what = match &event.change {
            GroupChange::Created { .. } => What::Created,
            GroupChange::Closed => What::Closed,
            GroupChange::File(card) if before.files.iter().all(|known| known.file != card.file) => {
                What::FileAdded(card.file)
            }
            GroupChange::FileRemoved(file) => What::FileRemoved(*file),
            GroupChange::MemberLeft(_) => What::Left,
            GroupChange::MemberRemoved { member, epoch } => What::Removed(*member, *epoch),
            // The first one comes with the group.
            GroupChange::Member(_) if event.seq == 2 => return None,
            GroupChange::Member(member) if is_member(member.key) => return None,
            GroupChange::Member(member) if member.key == event.actor => What::Joined,
            GroupChange::Member(member) => What::Accepted(member.key),
            _ => return None,
        };
        Some(Self { group: event.group, by: event.actor, what })
    }
}
