//! What is asked by those who come in, and of those who let them in.

use wire_protocol::control::{InviteKey, JoinRequest, MyRequest, Reply, Request, Sealed};
use wire_protocol::ids::{GroupId, MemberKey};

use super::{Ask, done};

/// What came of an attempt to join.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JoinOutcome {
    /// This member is in the group; its state came before.
    Joined {
        /// Which one.
        group: GroupId,
        /// The key that the invite carries.
        key: Option<InviteKey>,
    },
    /// An admin has to answer first: [`crate::ConversationEvent::JoinAccepted`] or
    /// [`crate::ConversationEvent::JoinRefused`].
    Asked {
        /// Which group.
        group: GroupId,
    },
}

/// Joins by invite, or asks to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JoinGroup {
    /// From the invite.
    pub slug: String,
    /// The invite's auth key.
    pub auth: [u8; 32],
    /// For the admins, if they have to be asked; may be empty.
    pub message: String,
}

impl Ask for JoinGroup {
    type Reply = JoinOutcome;

    fn request(self) -> Request {
        Request::JoinGroup { slug: self.slug, auth: self.auth, message: self.message }
    }

    fn read(reply: Reply) -> Option<JoinOutcome> {
        match reply {
            Reply::Joined { group, key } => Some(JoinOutcome::Joined { group, key }),
            Reply::Asked { group } => Some(JoinOutcome::Asked { group }),
            _ => None,
        }
    }
}

/// Asks to join a group without an invite.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskToJoin {
    /// The group's.
    pub slug: String,
    /// For its admins; may be empty.
    pub message: String,
}

impl Ask for AskToJoin {
    type Reply = JoinOutcome;

    fn request(self) -> Request {
        Request::AskToJoin { slug: self.slug, message: self.message }
    }

    fn read(reply: Reply) -> Option<JoinOutcome> {
        match reply {
            Reply::Joined { group, key } => Some(JoinOutcome::Joined { group, key }),
            Reply::Asked { group } => Some(JoinOutcome::Asked { group }),
            _ => None,
        }
    }
}

/// Does not ask to join any more, or has seen that the answer was no.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WithdrawRequest {
    /// Which group.
    pub group: GroupId,
}

impl Ask for WithdrawRequest {
    type Reply = ();

    fn request(self) -> Request {
        Request::WithdrawRequest { group: self.group }
    }

    fn read(reply: Reply) -> Option<()> {
        done(reply)
    }
}

/// What this member has asked to join.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MyRequests;

impl Ask for MyRequests {
    type Reply = Vec<MyRequest>;

    fn request(self) -> Request {
        Request::MyRequests
    }

    fn read(reply: Reply) -> Option<Vec<MyRequest>> {
        if let Reply::MyRequests(list) = reply { Some(list) } else { None }
    }
}

/// Who asks to join (admins).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListRequests {
    /// Which group.
    pub group: GroupId,
}

impl Ask for ListRequests {
    type Reply = Vec<JoinRequest>;

    fn request(self) -> Request {
        Request::ListRequests { group: self.group }
    }

    fn read(reply: Reply) -> Option<Vec<JoinRequest>> {
        if let Reply::JoinRequests(list) = reply { Some(list) } else { None }
    }
}

/// Takes somebody in who asks to join (admins).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcceptRequest {
    /// Which group.
    pub group: GroupId,
    /// Who asked.
    pub member: MemberKey,
    /// The group's.
    pub epoch: u32,
    /// The group's key, sealed to them.
    pub key: Option<Sealed>,
}

impl Ask for AcceptRequest {
    type Reply = ();

    fn request(self) -> Request {
        Request::AcceptRequest { group: self.group, member: self.member, epoch: self.epoch, key: self.key }
    }

    fn read(reply: Reply) -> Option<()> {
        done(reply)
    }
}

/// Says no to somebody who asks to join (admins).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefuseRequest {
    /// Which group.
    pub group: GroupId,
    /// Who asked.
    pub member: MemberKey,
}

impl Ask for RefuseRequest {
    type Reply = ();

    fn request(self) -> Request {
        Request::RefuseRequest { group: self.group, member: self.member }
    }

    fn read(reply: Reply) -> Option<()> {
        done(reply)
    }
}
