//! What is asked about invites.

use wire_protocol::control::{InviteCard, InvitePreview, Reply, Request};
use wire_protocol::ids::{GroupId, InviteId};

use super::{Ask, done};

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

/// The open invites of a group: one's own, or for admins all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListInvites {
    /// Which group.
    pub group: GroupId,
}

impl Ask for ListInvites {
    type Reply = Vec<InviteCard>;

    fn request(self) -> Request {
        Request::ListInvites { group: self.group }
    }

    fn read(reply: Reply) -> Option<Vec<InviteCard>> {
        if let Reply::Invites(list) = reply { Some(list) } else { None }
    }
}

/// From now on an invite opens nothing (whoever made it, or an admin).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RevokeInvite {
    /// Which group.
    pub group: GroupId,
    /// Which one.
    pub invite: InviteId,
}

impl Ask for RevokeInvite {
    type Reply = ();

    fn request(self) -> Request {
        Request::RevokeInvite { group: self.group, invite: self.invite }
    }

    fn read(reply: Reply) -> Option<()> {
        done(reply)
    }
}
