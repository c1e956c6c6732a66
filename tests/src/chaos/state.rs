//! A group as everybody has to see it: what the log says up to a number.

use std::hash::{DefaultHasher, Hash, Hasher};

use membership::Group;
use wire_protocol::control::{FileCard, GroupChange, Member};

/// What a group's events make, and what members are shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct State {
    pub name: String,
    pub epoch: u32,
    /// In order of joining.
    pub members: Vec<Member>,
    /// In order of adding.
    pub files: Vec<FileCard>,
}

impl State {
    /// Of a member's replica.
    pub fn shown(group: &Group) -> Self {
        let Group { name, epoch, members, files, .. } = group;
        Self { name: name.clone(), epoch: *epoch, members: members.clone(), files: files.clone() }
    }

    /// Tells two states apart in eight bytes.
    pub fn digest(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        format!("{self:?}").hash(&mut hasher);
        hasher.finish()
    }

    /// The next event.
    pub fn apply(&mut self, change: &GroupChange) {
        match change {
            GroupChange::Created { name } => self.name.clone_from(name),
            GroupChange::Member(member) => match self.members.iter_mut().find(|known| known.key == member.key) {
                Some(known) => *known = member.clone(),
                None => self.members.push(member.clone()),
            },
            GroupChange::MemberLeft(left) => self.members.retain(|member| member.key != *left),
            GroupChange::MemberRemoved { member: removed, epoch } => {
                self.members.retain(|member| member.key != *removed);
                self.epoch = *epoch;
            }
            GroupChange::File(card) => match self.files.iter_mut().find(|known| known.file == card.file) {
                Some(known) => *known = card.clone(),
                None => self.files.push(card.clone()),
            },
            GroupChange::FileRemoved(file) => self.files.retain(|card| card.file != *file),
            GroupChange::InvitesChanged | GroupChange::RequestsChanged | GroupChange::Closed => {}
        }
    }
}
