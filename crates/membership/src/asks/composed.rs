//! What is asked with keys in it: the conversation, which knows them, composes the request.

use wire_protocol::control::Reply;
use wire_protocol::ids::{GroupId, MemberKey, RequestId};
use wire_protocol::invite::Invite;

use super::{Ask, JoinOutcome, done};
use crate::{Conversation, InviteTerms, KeptInvite};

/// Anything that a program asks: an [`Ask`], or something that only the conversation can put together.
pub trait Question {
    /// What the tracker answers if it does what is asked.
    type Reply;

    /// Asks.
    fn pose(self, conversation: &mut Conversation) -> RequestId;

    /// The answer; `None`: it answers something else.
    fn read(reply: Reply) -> Option<Self::Reply>;
}

impl<A: Ask> Question for A {
    type Reply = A::Reply;

    fn pose(self, conversation: &mut Conversation) -> RequestId {
        conversation.request(self.request())
    }

    fn read(reply: Reply) -> Option<A::Reply> {
        A::read(reply)
    }
}

/// Makes a group with a key of its own, and its first invite. Answer: its slug.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewGroup {
    /// Random.
    pub group: GroupId,
    /// For people; empty = the slug in words.
    pub name: String,
    /// Of the first invite.
    pub terms: InviteTerms,
}

impl Question for NewGroup {
    type Reply = String;

    fn pose(self, conversation: &mut Conversation) -> RequestId {
        conversation.create_group(self.group, self.name, &self.terms)
    }

    fn read(reply: Reply) -> Option<String> {
        if let Reply::GroupCreated { slug } = reply { Some(slug) } else { None }
    }
}

/// Makes an invite that carries the group's key. Answer: when it ends, Unix milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewLink {
    /// Which group.
    pub group: GroupId,
    /// What it is to be like.
    pub terms: InviteTerms,
}

impl Question for NewLink {
    type Reply = u64;

    fn pose(self, conversation: &mut Conversation) -> RequestId {
        conversation.create_invite(self.group, &self.terms)
    }

    fn read(reply: Reply) -> Option<u64> {
        if let Reply::InviteCreated { expires_at_ms } = reply { Some(expires_at_ms) } else { None }
    }
}

/// Joins by an invite, and takes the key that it carries; or asks to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Join {
    pub invite: Invite,
    /// For the admins, if they have to be asked; may be empty.
    pub message: String,
}

impl Question for Join {
    type Reply = JoinOutcome;

    fn pose(self, conversation: &mut Conversation) -> RequestId {
        conversation.join(&self.invite, self.message)
    }

    fn read(reply: Reply) -> Option<JoinOutcome> {
        JoinOutcome::read(reply)
    }
}

/// Takes somebody in who asks to join, and gives them the group's key (admins).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accept {
    /// Which group.
    pub group: GroupId,
    /// Who asked.
    pub member: MemberKey,
}

impl Question for Accept {
    type Reply = ();

    fn pose(self, conversation: &mut Conversation) -> RequestId {
        conversation.accept_request(self.group, self.member)
    }

    fn read(reply: Reply) -> Option<()> {
        done(reply)
    }
}

/// Removes another member, and gives the group a new key, which those who stay get (admins).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remove {
    /// Which group.
    pub group: GroupId,
    /// Who.
    pub member: MemberKey,
    /// Open invites that go on; all others are revoked.
    pub open: Vec<KeptInvite>,
}

impl Question for Remove {
    type Reply = ();

    fn pose(self, conversation: &mut Conversation) -> RequestId {
        conversation.remove_member(self.group, self.member, &self.open)
    }

    fn read(reply: Reply) -> Option<()> {
        done(reply)
    }
}
