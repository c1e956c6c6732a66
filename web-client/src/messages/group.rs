//! A person's groups, and what they do in them.

use serde::{Deserialize, Serialize};
use wire_protocol::ids::{FileId, GroupId, InviteId, MemberKey};

/// What a person does in a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Act {
    /// Lets somebody in who asks (admins).
    Accept(MemberKey),
    /// Says no to them (admins).
    Refuse(MemberKey),
    /// Makes somebody an admin (admins).
    Promote(MemberKey),
    /// Makes an admin an ordinary member (admins).
    Demote(MemberKey),
    /// Removes a member (admins).
    Remove {
        member: MemberKey,
        /// Open invites end too.
        revokes_invites: bool,
    },
    /// Takes a file out of the group.
    RemoveFile(FileId),
    /// Makes an invite.
    Invite(InviteWish),
    /// Ends an invite.
    Revoke(InviteId),
    /// Ends every torrent file that this person made for clients of their own.
    EndOwnTorrents,
    /// Leaves.
    Leave,
    /// Closes the group for everybody (admins).
    Close,
}

/// An invite as the person wants it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct InviteWish {
    /// How long it is good for, seconds.
    pub lifetime_s: u32,
    /// How many may come by it; `None`: any number.
    pub uses: Option<u32>,
    /// Whoever opens it asks to join, and an admin answers.
    pub needs_accept: bool,
}

/// A group of this person's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupView {
    /// Which.
    pub group: GroupId,
    /// Two friendly words.
    pub slug: String,
    /// For people.
    pub name: String,
    /// This person is an admin here.
    pub is_admin: bool,
    /// The invite by which this browser came, for passing on.
    pub invite: Option<String>,
    /// In order of joining.
    pub members: Vec<MemberView>,
    /// In order of adding.
    pub files: Vec<FileView>,
    /// Who asks to join, the oldest first; admins know.
    pub requests: Vec<RequestView>,
    /// Open invites, the oldest first, while the group is shown; `None`: not told yet.
    pub invites: Option<Vec<InviteView>>,
    /// What happened, the latest first.
    pub activity: Vec<ActivityView>,
}

/// A member of a group.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct MemberView {
    pub member: MemberKey,
    /// Tells two people of one name apart: `k7fq-2mza`.
    pub mark: String,
    /// What they call themselves.
    pub name: String,
    /// This person.
    pub is_me: bool,
    /// May also remove and accept.
    pub is_admin: bool,
    /// Is in one of the group's swarms now.
    pub is_sharing: bool,
}

/// A file of a group.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct FileView {
    /// The card.
    pub file: FileId,
    /// A bare file name.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// Hexadecimal; known once hashing has ended.
    pub info_hash: Option<String>,
    /// Who added it.
    pub added_by: String,
    /// This person did.
    pub is_mine: bool,
    /// This person may take it out of the group.
    pub is_removable: bool,
    /// Others that have all of it.
    pub seeders: u32,
    /// Others that have a part.
    pub leechers: u32,
}

/// Somebody who asks to join.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RequestView {
    pub member: MemberKey,
    /// What they call themselves.
    pub name: String,
    /// Tells two people of one name apart.
    pub mark: String,
    /// What they say; may be empty.
    pub message: String,
    /// Whose invite they opened.
    pub invited_by: Option<String>,
    /// They were in the group before, and an admin removed them.
    pub was_removed: bool,
    /// An answer is on its way to the server.
    pub is_being_answered: bool,
}

/// An open invite.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct InviteView {
    pub invite: InviteId,
    /// The whole link; `None`: only whoever made it knows it.
    pub link: Option<String>,
    /// Who made it.
    pub created_by: String,
    /// This person made it.
    pub is_mine: bool,
    /// Unix milliseconds.
    pub expires_at_ms: u64,
    /// How many may still come; `None`: any number.
    pub uses_left: Option<u32>,
    /// Whoever opens it asks to join.
    pub needs_accept: bool,
}

/// Something that happened in a group.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ActivityView {
    /// Unix milliseconds, the server's clock.
    pub at_ms: u64,
    /// One sentence.
    pub text: String,
}
