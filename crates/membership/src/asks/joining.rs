//! What is asked by those who come in, and of those who let them in.

use wire_protocol::control::{JoinRequest, MyRequest, Reply, Request};
use wire_protocol::ids::{GroupId, MemberKey};

use super::{Ask, done};

/// What came of an attempt to join.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JoinOutcome {
    /// This member is in the group; its state came before.
    Joined {
        /// Which one.
        group: GroupId,
    },
    /// An admin has to answer first: [`crate::ConversationEvent::JoinAccepted`] or
    /// [`crate::ConversationEvent::JoinRefused`].
    Asked {
        /// Which group.
        group: GroupId,
    },
}

impl JoinOutcome {
    /// `None`: it answers something else.
    pub(super) fn read(reply: Reply) -> Option<Self> {
        match reply {
            Reply::Joined { group, .. } => Some(Self::Joined { group }),
            Reply::Asked { group, .. } => Some(Self::Asked { group }),
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
        JoinOutcome::read(reply)
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
