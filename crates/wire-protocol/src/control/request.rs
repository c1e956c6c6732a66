//! Durable changes and questions, and their answers.

use serde::{Deserialize, Serialize};

use super::files::ReadPart;
use super::groups::InvitePreview;
use crate::ids::{FileId, GroupId, InfoHash};

/// Durable changes and questions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Request {
    /// Makes a group with the asking member as admin, and its first invite. Reply: `GroupCreated`.
    CreateGroup {
        /// Random, made by the client.
        group: GroupId,
        /// For people; empty = the slug in words.
        name: String,
        /// The invite's auth key (`invite::auth_key`); the tracker keeps its SHA-256.
        invite_auth: [u8; 32],
    },
    /// What an invite leads to, without joining. Reply: `Preview`.
    PreviewInvite {
        /// The group's slug, from the invite.
        slug: String,
        /// The invite's auth key.
        auth: [u8; 32],
    },
    /// Joins by invite. Joining twice is fine. Reply: `Joined`, after the `Snapshot`.
    JoinGroup {
        /// The group's slug, from the invite.
        slug: String,
        /// The invite's auth key.
        auth: [u8; 32],
    },
    /// Adds an invite to a group one is a member of. Reply: `Done`.
    CreateInvite {
        group: GroupId,
        /// The invite's auth key.
        auth: [u8; 32],
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
    /// pieces must be the card's and the request's. Reply: `Done`.
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
    /// Leaves a group. Reply: `Done`.
    LeaveGroup { group: GroupId },
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
    },
    /// A part of an info dictionary.
    InfoPart(ReadPart),
}
