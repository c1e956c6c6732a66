//! Each request of a program with the type of its answer, so that none has to ask what an answer to something else
//! would mean.

use wire_protocol::control::{InvitePreview, Refusal, RefusalCode, Reply, Request};
use wire_protocol::ids::{FileId, GroupId};

/// A request whose answer has a type of its own.
pub trait Ask {
    /// What the tracker answers if it does what is asked.
    type Reply;

    /// What is sent.
    fn request(self) -> Request;

    /// The answer; `None`: it answers something else.
    fn read(reply: Reply) -> Option<Self::Reply>;
}

/// The outcome of [`crate::ConversationEvent::Reply`] as what the request asked for.
///
/// # Errors
/// The tracker's refusal; [`RefusalCode::ServerError`] if it answered something else.
pub fn answer<A: Ask>(outcome: Result<Reply, Refusal>) -> Result<A::Reply, Refusal> {
    A::read(outcome?).ok_or_else(|| Refusal {
        code: RefusalCode::ServerError,
        message: "The server gave an answer that makes no sense. Try again, and tell whoever runs it.".to_owned(),
    })
}

fn done(reply: Reply) -> Option<()> {
    matches!(reply, Reply::Done).then_some(())
}

/// Makes a group with this member as admin, and its first invite. Answer: its slug.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateGroup {
    /// Random.
    pub group: GroupId,
    /// For people; empty = the slug in words.
    pub name: String,
    /// Of the first invite: `wire_protocol::invite::auth_key`.
    pub invite_auth: [u8; 32],
}

impl Ask for CreateGroup {
    type Reply = String;

    fn request(self) -> Request {
        Request::CreateGroup { group: self.group, name: self.name, invite_auth: self.invite_auth }
    }

    fn read(reply: Reply) -> Option<String> {
        if let Reply::GroupCreated { slug } = reply { Some(slug) } else { None }
    }
}

/// What an invite leads to, without joining.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviewInvite {
    /// From the invite.
    pub slug: String,
    /// The invite's auth key.
    pub auth: [u8; 32],
}

impl Ask for PreviewInvite {
    type Reply = InvitePreview;

    fn request(self) -> Request {
        Request::PreviewInvite { slug: self.slug, auth: self.auth }
    }

    fn read(reply: Reply) -> Option<InvitePreview> {
        if let Reply::Preview(preview) = reply { Some(preview) } else { None }
    }
}

/// Joins by invite. Answer: which group; its state came before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JoinGroup {
    /// From the invite.
    pub slug: String,
    /// The invite's auth key.
    pub auth: [u8; 32],
}

impl Ask for JoinGroup {
    type Reply = GroupId;

    fn request(self) -> Request {
        Request::JoinGroup { slug: self.slug, auth: self.auth }
    }

    fn read(reply: Reply) -> Option<GroupId> {
        if let Reply::Joined { group } = reply { Some(group) } else { None }
    }
}

/// Adds an invite to a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateInvite {
    /// Which group.
    pub group: GroupId,
    /// The invite's auth key.
    pub auth: [u8; 32],
}

impl Ask for CreateInvite {
    type Reply = ();

    fn request(self) -> Request {
        Request::CreateInvite { group: self.group, auth: self.auth }
    }

    fn read(reply: Reply) -> Option<()> {
        done(reply)
    }
}

/// Adds a file card, before its hash is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddFile {
    /// Where to.
    pub group: GroupId,
    /// Random.
    pub file: FileId,
    /// A bare file name.
    pub name: String,
    /// Bytes.
    pub size: u64,
}

impl Ask for AddFile {
    type Reply = ();

    fn request(self) -> Request {
        Request::AddFile { group: self.group, file: self.file, name: self.name, size: self.size }
    }

    fn read(reply: Reply) -> Option<()> {
        done(reply)
    }
}

/// Takes a file out of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RemoveFile {
    /// Where it is.
    pub group: GroupId,
    /// Which one.
    pub file: FileId,
}

impl Ask for RemoveFile {
    type Reply = ();

    fn request(self) -> Request {
        Request::RemoveFile { group: self.group, file: self.file }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_to_something_else_is_the_servers_fault_and_says_so() {
        let slug = || Reply::GroupCreated { slug: "a-b".to_owned() };
        assert_eq!(answer::<CreateGroup>(Ok(slug())), Ok("a-b".to_owned()));
        let fault = |code| move |refusal: Refusal| refusal.code == code;
        assert!(answer::<JoinGroup>(Ok(slug())).is_err_and(fault(RefusalCode::ServerError)));
        assert!(answer::<PreviewInvite>(Ok(Reply::Done)).is_err_and(fault(RefusalCode::ServerError)));
        assert!(answer::<LeaveGroup>(Ok(slug())).is_err_and(fault(RefusalCode::ServerError)));
        let no = Refusal { code: RefusalCode::BadInvite, message: "No.".to_owned() };
        assert_eq!(answer::<JoinGroup>(Err(no.clone())), Err(no));
    }
}
