//! Durable changes and questions, and their answers.

use serde::{Deserialize, Serialize};

use super::files::ReadPart;
use super::groups::Role;
use super::invites::{InviteCard, InviteKey, InvitePreview, NewInvite, ResealedInvite};
use super::joining::{JoinRequest, MyRequest};
use super::keys::{KeyFor, Sealed};
use super::passkey::Passkey;
use super::password::Password;
use crate::ids::{FileId, GroupId, InfoHash, InviteId, MemberKey};

/// Durable changes and questions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Request {
    /// Makes a group with the asking member as admin, and its first invite. Reply: `GroupCreated`.
    CreateGroup {
        /// Random, made by the client.
        group: GroupId,
        /// For people; empty = the slug in words.
        name: String,
        /// The group's key for the asking member, of epoch 0; `None`: this client knows no keys.
        key: Option<Sealed>,
        /// The first invite, of epoch 0.
        invite: NewInvite,
    },
    /// What an invite leads to, without joining. Reply: `Preview`.
    PreviewInvite {
        /// The group's slug, from the invite.
        slug: String,
        /// The invite's auth key.
        auth: [u8; 32],
    },
    /// Joins by invite. Joining twice is fine. Reply: `Joined`, after the `Snapshot`; or `Asked`, where the invite
    /// asks first and for whoever was removed before.
    JoinGroup {
        /// The group's slug, from the invite.
        slug: String,
        /// The invite's auth key.
        auth: [u8; 32],
        /// For the admins, if it becomes a request: at most `JOIN_MESSAGE_CHARS_MAX` characters, may be empty.
        message: String,
    },
    /// Adds an invite to a group one is a member of. Reply: `InviteCreated`.
    CreateInvite {
        group: GroupId,
        /// What it is to be like.
        invite: NewInvite,
    },
    /// Adds a file card, before its hash is known. Reply: `Done`.
    AddFile {
        group: GroupId,
        /// Random, made by the client.
        file: FileId,
        /// A bare file name, no path.
        name: String,
        /// Bytes.
        size: u64,
    },
    /// Gives a file card its torrent; the info dictionary came before in `InfoPart`s. Its name, length and
    /// pieces must be the card's and the request's. If another card of the group has this torrent, this one is taken out
    /// again: `FileRemoved` comes before the reply, and whoever asked goes on with the other. Reply: `Done`.
    PublishTorrent {
        group: GroupId,
        /// The file card.
        file: FileId,
        /// SHA-1 of the info dictionary.
        #[serde(with = "crate::ids::twenty_bytes")]
        info_hash: InfoHash,
        /// Length of the info dictionary, bytes.
        info_len: u32,
        /// Number of pieces.
        pieces: u32,
    },
    /// Reads a part of a file's info dictionary. Reply: `InfoPart`.
    ReadInfo {
        group: GroupId,
        /// The file card.
        file: FileId,
        /// Where to begin, bytes. The reply holds at most `INFO_PART_LEN_MAX`.
        offset: u32,
    },
    /// Changes what others call this person. Reply: `Done`.
    SetDisplayName {
        /// At most `DISPLAY_NAME_CHARS_MAX` characters.
        name: String,
    },
    /// Takes a file out of the group (whoever added it, or an admin). Reply: `Done`.
    RemoveFile {
        group: GroupId,
        /// The file card.
        file: FileId,
    },
    /// Leaves a group; one's invites there are revoked. The last admin's leaving promotes the longest-standing member.
    /// Reply: `Done`.
    LeaveGroup { group: GroupId },
    /// The open invites of a group: one's own, or for admins all. Reply: `Invites`.
    ListInvites { group: GroupId },
    /// From now on an invite opens nothing (whoever made it, or an admin). Revoking twice is fine. Reply: `Done`.
    RevokeInvite {
        group: GroupId,
        /// Which one.
        invite: InviteId,
    },
    /// Keeps the group's key for the asking member, in place of the one that is there. Their devices get it as `Key`.
    /// Reply: `Done`.
    KeepKey {
        group: GroupId,
        /// The group's, or `StaleEpoch`.
        epoch: u32,
        /// To oneself.
        sealed: Sealed,
    },
    /// The key that is kept for the asking member cannot be opened: others are asked for it. Reply: `Done`.
    ForgetKey {
        group: GroupId,
        /// The group's, or `StaleEpoch`.
        epoch: u32,
    },
    /// Gives the group's key to members who have none of this epoch; those who have one keep theirs. Reply: `Done`.
    GiveKeys {
        group: GroupId,
        /// The group's, or `StaleEpoch`.
        epoch: u32,
        /// Whoever is not a member is left out.
        keys: Vec<KeyFor>,
    },
    /// Asks to join a group without an invite. Asking again with other words changes the message, once a minute at
    /// most. Reply: `Asked`, or `Joined` for members.
    AskToJoin {
        /// The group's.
        slug: String,
        /// For its admins: at most `JOIN_MESSAGE_CHARS_MAX` characters, may be empty.
        message: String,
    },
    /// Who asks to join, for admins. Reply: `JoinRequests`.
    ListRequests { group: GroupId },
    /// Takes somebody in who asks to join (admins). Reply: `Done`.
    AcceptRequest {
        group: GroupId,
        /// Who asked.
        member: MemberKey,
        /// The group's, or `StaleEpoch`.
        epoch: u32,
        /// The group's key for them; `None`: somebody else gives it to them.
        key: Option<Sealed>,
    },
    /// Says no to somebody who asks to join (admins). They may ask again. Reply: `Done`.
    RefuseRequest {
        group: GroupId,
        /// Who asked.
        member: MemberKey,
    },
    /// Does not ask to join any more, or has seen that the answer was no. Reply: `Done`.
    WithdrawRequest { group: GroupId },
    /// What the asking member has asked to join. Reply: `MyRequests`.
    MyRequests,
    /// Changes what a member may do (admins). The only admin stays one. Reply: `Done`.
    SetRole {
        group: GroupId,
        /// Whose role.
        member: MemberKey,
        /// The new one.
        role: Role,
    },
    /// Removes another member, and gives the group a new key (admins). Their links in the group end at once; they come
    /// back only through a request that an admin accepts. Reply: `Done`.
    RemoveMember {
        group: GroupId,
        /// Who.
        member: MemberKey,
        /// The new key's: one more than the group's, or `StaleEpoch`.
        epoch: u32,
        /// The new key for those who stay. Whoever is not a member is left out; whoever is missing is given it by others.
        keys: Vec<KeyFor>,
        /// Open invites that go on. All others are revoked, and those that the removed member made in any case.
        invites: Vec<ResealedInvite>,
    },
    /// Closes a group for everybody (admins). Reply: `Done`.
    CloseGroup { group: GroupId },
    /// Shows the password of a server whose operator asks for one from whoever makes groups. The tracker keeps in mind that
    /// the asking member knows it, until it is changed. Reply: `Done`.
    UnlockGroups { password: Password },
    /// Makes a passkey for the asking member's ordinary BitTorrent clients: with it they announce in the group over HTTP. Each
    /// time another one; of more than `PASSKEYS_MAX` in a group the oldest is revoked. Reply: `Passkey`.
    MakePasskey { group: GroupId },
    /// From now on all passkeys of the asking member in a group open nothing, and what announced with them is out of the
    /// swarms. Revoking none is fine. Reply: `Done`.
    RevokePasskeys { group: GroupId },
}

/// What came of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reply {
    /// It is done and on disk.
    Done,
    /// The group exists.
    GroupCreated {
        /// Two friendly words, unique at this tracker.
        slug: String,
    },
    /// What an invite leads to.
    Preview(InvitePreview),
    /// The asking member is in the group.
    Joined {
        /// Which one.
        group: GroupId,
        /// What the invite carries; `None` where it carries nothing, or there was none.
        key: Option<InviteKey>,
    },
    /// A part of an info dictionary.
    InfoPart(ReadPart),
    /// An admin has to answer first: `Snapshot` if they accept, `JoinRefused` if not.
    Asked {
        /// Which group.
        group: GroupId,
        /// What an invite that asks first carries, each time that one asks by it; `None` where there is no such invite.
        key: Option<InviteKey>,
    },
    /// The invite is there.
    InviteCreated {
        /// Unix milliseconds.
        expires_at_ms: u64,
    },
    /// Open invites, the oldest first; at most `LIST_LEN_MAX`.
    Invites(Vec<InviteCard>),
    /// Who asks to join, the oldest first.
    JoinRequests(Vec<JoinRequest>),
    /// What one has asked to join, the oldest first.
    MyRequests(Vec<MyRequest>),
    /// A new passkey. The tracker does not know it any more.
    Passkey { passkey: Passkey },
}
