//! What is asked about groups and their members.

use wire_protocol::control::{KeyFor, NewInvite, Reply, Request, ResealedInvite, Role, Sealed};
use wire_protocol::ids::{GroupId, MemberKey};

use super::{Ask, done};

/// Makes a group with this member as admin, and its first invite. Answer: its slug.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateGroup {
    /// Random.
    pub group: GroupId,
    /// For people; empty = the slug in words.
    pub name: String,
    /// The group's key, sealed to this member.
    pub key: Option<Sealed>,
    /// The first invite.
    pub invite: NewInvite,
}

impl Ask for CreateGroup {
    type Reply = String;

    fn request(self) -> Request {
        Request::CreateGroup { group: self.group, name: self.name, key: self.key, invite: self.invite }
    }

    fn read(reply: Reply) -> Option<String> {
        if let Reply::GroupCreated { slug } = reply { Some(slug) } else { None }
    }
}

/// Leaves a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LeaveGroup {
    /// Which one.
    pub group: GroupId,
}

impl Ask for LeaveGroup {
    type Reply = ();

    fn request(self) -> Request {
        Request::LeaveGroup { group: self.group }
    }

    fn read(reply: Reply) -> Option<()> {
        done(reply)
    }
}

/// Closes a group for everybody (admins).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CloseGroup {
    /// Which one.
    pub group: GroupId,
}

impl Ask for CloseGroup {
    type Reply = ();

    fn request(self) -> Request {
        Request::CloseGroup { group: self.group }
    }

    fn read(reply: Reply) -> Option<()> {
        done(reply)
    }
}

/// Changes what a member may do (admins).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SetRole {
    /// Which group.
    pub group: GroupId,
    /// Whose role.
    pub member: MemberKey,
    /// The new one.
    pub role: Role,
}

impl Ask for SetRole {
    type Reply = ();

    fn request(self) -> Request {
        Request::SetRole { group: self.group, member: self.member, role: self.role }
    }

    fn read(reply: Reply) -> Option<()> {
        done(reply)
    }
}

/// Removes another member, and gives the group a new key (admins).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoveMember {
    /// Which group.
    pub group: GroupId,
    /// Who.
    pub member: MemberKey,
    /// The new key's: one more than [`crate::Group::epoch`].
    pub epoch: u32,
    /// The new key for those who stay, this member included.
    pub keys: Vec<KeyFor>,
    /// Open invites that go on; all others are revoked.
    pub invites: Vec<ResealedInvite>,
}

impl Ask for RemoveMember {
    type Reply = ();

    fn request(self) -> Request {
        Request::RemoveMember {
            group: self.group,
            member: self.member,
            epoch: self.epoch,
            keys: self.keys,
            invites: self.invites,
        }
    }

    fn read(reply: Reply) -> Option<()> {
        done(reply)
    }
}
