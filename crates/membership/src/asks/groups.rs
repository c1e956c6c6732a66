//! What is asked about groups and their members.

use wire_protocol::control::{Password, Reply, Request, Role};
use wire_protocol::ids::{GroupId, MemberKey};

use super::{Ask, done};

/// Shows the server's password, which making groups takes where [`wire_protocol::control::RefusalCode::PasswordNeeded`]
/// says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnlockGroups {
    pub password: Password,
}

impl Ask for UnlockGroups {
    type Reply = ();

    fn request(self) -> Request {
        Request::UnlockGroups { password: self.password }
    }

    fn read(reply: Reply) -> Option<()> {
        done(reply)
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
