//! The messages themselves. Times are Unix milliseconds, sizes bytes.

use std::net::{IpAddr, SocketAddr};

use serde::{Deserialize, Serialize};

use crate::ids::{FileId, GroupId, InfoHash, LinkId, MemberKey, PeerId, RequestId, Signature};

// ---------------------------------------------------------------- member → tracker

/// What a member sends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum MemberToTracker {
    /// Answers `Hello`; the first message.
    Login(Login),
    /// A durable change or a question. Answered by `Reply` with the same id.
    Request {
        /// Made by the client. A request that is sent again (after a reconnect) keeps its id and has one effect.
        id: RequestId,
        /// What is asked.
        request: Request,
    },
    /// One part of an info dictionary, to be followed by `Request::PublishTorrent`. Parts come in
    /// order from offset 0; they live in the connection and are gone with it.
    InfoPart {
        /// The file card it belongs to.
        file: FileId,
        /// Where this part begins, bytes.
        offset: u32,
        /// At most `INFO_PART_LEN_MAX` bytes.
        bytes: Vec<u8>,
    },
    /// Puts this connection into a file's swarm, or tells how far it is. Soft state. At most one
    /// every few seconds unless `complete` changes.
    Announce(Announce),
    /// Leaves a file's swarm.
    Withdraw {
        /// The group.
        group: GroupId,
        /// The file card.
        file: FileId,
    },
    /// Asks for a relay link to a peer of the same swarm. Answered by `LinkGrant` or `DialRefused`.
    Dial {
        /// Chosen by the member; comes back in the answer.
        dial: u32,
        /// The group.
        group: GroupId,
        /// The file whose swarm both are in.
        file: FileId,
        /// Whom to reach.
        #[serde(with = "crate::ids::twenty_bytes")]
        to: PeerId,
    },
    /// Is the tracker still there? Answered by `Pong`. After login only.
    Ping,
}

/// Who a member is, and what they saw last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Login {
    /// Ed25519 public key.
    pub member: MemberKey,
    /// Over [`super::login_digest`].
    pub signature: Signature,
    /// The host (and port, where not the scheme's own) that this client dialled, as in the URL.
    pub dialled_host: String,
    /// What others shall call this person.
    pub display_name: String,
    /// Program and version for the list of peers: `Firefox`, `native-peer 0.1.0`.
    pub client: String,
    /// Last event seen per group.
    pub resume: Vec<ResumePoint>,
}

/// The last event of a group that a member has seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResumePoint {
    /// The group.
    pub group: GroupId,
    /// Its last seen `seq`.
    pub seq: u64,
}

/// Durable changes and questions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Request {
    /// Makes a group with the asking member as admin, and its first invite. Reply: `GroupCreated`.
    CreateGroup {
        /// Random, made by the client.
        group: GroupId,
        /// For people; empty = the slug in words.
        name: String,
        /// The invite's auth key (`Invite::auth_key`); the tracker keeps its SHA-256.
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
        /// The group.
        group: GroupId,
        /// The invite's auth key.
        auth: [u8; 32],
    },
    /// Adds a file card, before its hash is known. Reply: `Done`.
    AddFile {
        /// The group.
        group: GroupId,
        /// Random, made by the client.
        file: FileId,
        /// A bare file name, no path.
        name: String,
        /// Bytes.
        size: u64,
    },
    /// Gives a file card its torrent; the info dictionary came before in `InfoPart`s. Reply: `Done`.
    PublishTorrent {
        /// The group.
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
        /// The group.
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
        /// The group.
        group: GroupId,
        /// The file card.
        file: FileId,
    },
    /// Leaves a group. Reply: `Done`.
    LeaveGroup {
        /// The group.
        group: GroupId,
    },
}

/// One peer's presence in one swarm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Announce {
    /// The group.
    pub group: GroupId,
    /// The file card.
    pub file: FileId,
    /// This peer's id on the peer wire, for this torrent and run.
    #[serde(with = "crate::ids::twenty_bytes")]
    pub peer: PeerId,
    /// How far it is.
    pub progress: Progress,
    /// Where it accepts TCP from other native peers; `None` for browsers.
    pub listen: Option<Listen>,
}

/// How far a peer is with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Progress {
    /// Is hashing the file; nothing can be had yet. Per mille.
    Preparing(u16),
    /// Verified pieces, of how many in all; equal = a seeder.
    Pieces {
        /// Verified.
        have: u32,
        /// In all.
        total: u32,
    },
}

impl Progress {
    /// Has every piece.
    pub fn is_complete(&self) -> bool {
        matches!(self, Progress::Pieces { have, total } if have == total)
    }
}

/// Where a native peer listens. The tracker adds the address that it saw the member come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listen {
    /// TCP port.
    pub port: u16,
    /// Addresses in private networks; at most `ADDRESSES_MAX`. The tracker drops all others.
    pub local: Vec<IpAddr>,
}

// ---------------------------------------------------------------- tracker → member

/// What the tracker sends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum TrackerToMember {
    /// The first message on every connection.
    Hello(Hello),
    /// Login accepted. Snapshots or missed events of all the member's groups follow, then the
    /// swarms' current peers.
    Welcome {
        /// Version of the tracker, for logs.
        server: String,
    },
    /// Login or protocol refused; the connection closes.
    Goodbye(Refusal),
    /// Answers a `Request`.
    Reply {
        /// The request's id.
        id: RequestId,
        /// What came of it.
        outcome: Result<Reply, Refusal>,
    },
    /// The whole state of a group: after joining, and when a resume point is unknown or too old.
    Snapshot(GroupSnapshot),
    /// One change in a group.
    Event(GroupEvent),
    /// Peers of a swarm: joined or changed. Sent to the group's online members.
    SwarmPeers {
        /// The group.
        group: GroupId,
        /// The file card.
        file: FileId,
        /// `true`: these are all there are, forget the others.
        all: bool,
        /// At most `LIST_LEN_MAX`. Never holds the receiver's own entry.
        peers: Vec<SwarmPeer>,
    },
    /// A peer left a swarm.
    SwarmLeft {
        /// The group.
        group: GroupId,
        /// The file card.
        file: FileId,
        /// Who.
        #[serde(with = "crate::ids::twenty_bytes")]
        peer: PeerId,
    },
    /// A relay link is ready to be opened: within the token's 30 s, at `/link` of the same server.
    LinkGrant(LinkGrant),
    /// A `Dial` led to nothing.
    DialRefused {
        /// The member's own number.
        dial: u32,
        /// Why.
        reason: DialRefusal,
    },
    /// The tracker is about to restart; reconnect after this many milliseconds.
    Restarting {
        /// Milliseconds.
        after_ms: u32,
    },
    /// Answers `Ping`.
    Pong,
    /// The member has a resume point of a group that they are not in (any more), and the events up to
    /// their leaving are too many or not kept: forget the group.
    GroupGone {
        /// Which one.
        group: GroupId,
    },
}

/// What a member signs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// The tracker's Ed25519 public key.
    pub server_key: [u8; 32],
    /// Random, for this connection only.
    pub nonce: [u8; 32],
    /// The tracker's clock, Unix milliseconds.
    pub time_ms: u64,
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
    InfoPart {
        /// Its whole length, bytes.
        info_len: u32,
        /// Where this part begins.
        offset: u32,
        /// The part.
        bytes: Vec<u8>,
    },
}

/// Why a request, a login or a connection was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    /// For programs.
    pub code: RefusalCode,
    /// For people: one sentence that says what to do.
    pub message: String,
}

/// Sorted by who can mend it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum RefusalCode {
    /// The signature, key, host or message is wrong.
    BadLogin,
    /// No group has this slug.
    UnknownGroup,
    /// The invite's secret is wrong, expired or revoked.
    BadInvite,
    /// The member is not in the group, or not an admin.
    NotAllowed,
    /// No such file card, or it has no torrent yet.
    UnknownFile,
    /// The request breaks a bound or contradicts the state.
    BadRequest,
    /// Too many requests; try again later.
    TooMany,
    /// The tracker's own fault (disk full, database).
    ServerError,
    /// The protocol version is not spoken here.
    UnknownVersion,
}

/// What a visitor sees before joining.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitePreview {
    /// The group.
    pub group: GroupId,
    /// Its name.
    pub name: String,
    /// Who made the invite.
    pub invited_by: String,
    /// Members with a connection now.
    pub members_online: u32,
    /// The group's files.
    pub files: Vec<PreviewFile>,
}

/// A file as a visitor sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviewFile {
    /// The card.
    pub card: FileCard,
    /// Peers that have all of it now.
    pub seeders: u32,
    /// Peers that have a part of it now.
    pub leechers: u32,
}

/// A group as its members see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupSnapshot {
    /// Which one.
    pub group: GroupId,
    /// Two friendly words.
    pub slug: String,
    /// For people.
    pub name: String,
    /// Events up to here are included.
    pub seq: u64,
    /// In order of joining.
    pub members: Vec<Member>,
    /// In order of adding.
    pub files: Vec<FileCard>,
}

/// A member of a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Who.
    pub key: MemberKey,
    /// What they call themselves.
    pub display_name: String,
    /// What they may do.
    pub role: Role,
}

/// What a member may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Role {
    /// Share, download, invite.
    Member,
    /// Also remove, promote, accept.
    Admin,
}

/// A file in a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileCard {
    /// Its id in the group.
    pub file: FileId,
    /// A bare file name.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// Who added it.
    pub added_by: MemberKey,
    /// Unix milliseconds.
    pub added_at_ms: u64,
    /// Known once hashing has ended.
    pub torrent: Option<Torrent>,
}

/// What a file card gains when hashing has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Torrent {
    /// SHA-1 of the info dictionary.
    #[serde(with = "crate::ids::twenty_bytes")]
    pub info_hash: InfoHash,
    /// Length of the info dictionary, bytes.
    pub info_len: u32,
    /// Number of pieces.
    pub pieces: u32,
}

/// One change in a group, in the order in which they were committed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupEvent {
    /// The group.
    pub group: GroupId,
    /// 1, 2, 3, … without gaps.
    pub seq: u64,
    /// Unix milliseconds.
    pub at_ms: u64,
    /// Who did it.
    pub actor: MemberKey,
    /// What.
    pub change: GroupChange,
}

/// What can change in a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum GroupChange {
    /// The group was made.
    Created {
        /// Its name.
        name: String,
    },
    /// Somebody joined, or a member's entry changed.
    Member(Member),
    /// Somebody left or was removed.
    MemberLeft(MemberKey),
    /// A file card was added, or gained its torrent.
    File(FileCard),
    /// A file card was removed.
    FileRemoved(FileId),
    /// An invite was made.
    InviteCreated,
}

/// A peer in a swarm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SwarmPeer {
    /// Its id on the peer wire.
    #[serde(with = "crate::ids::twenty_bytes")]
    pub peer: PeerId,
    /// Who runs it.
    pub member: MemberKey,
    /// What they call themselves.
    pub display_name: String,
    /// Program and version.
    pub client: String,
    /// How far it is.
    pub progress: Progress,
    /// Where it accepts TCP; empty for browsers.
    pub tcp: Vec<SocketAddr>,
}

/// One side of a relay link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkGrant {
    /// The asker's own number; `None` for the side that was asked.
    pub dial: Option<u32>,
    /// The link.
    pub link: LinkId,
    /// The first message on `/link`.
    pub token: Vec<u8>,
    /// The group.
    pub group: GroupId,
    /// The file whose swarm both are in.
    pub file: FileId,
    /// Who is at the other end.
    pub peer: SwarmPeer,
}

/// Why there is no link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum DialRefusal {
    /// The peer is not in the swarm (any more).
    NoSuchPeer,
    /// There is a link between the two already, or one on its way.
    AlreadyLinked,
    /// A limit of the asker, the asked or the relay; try again later.
    TooMany,
    /// The asking member is not in the swarm.
    NotAnnounced,
}
