//! All that page and worker say to each other: commands one way, snapshots the other, as postcard in
//! one `Uint8Array` per message. Both sides are built together, so there is no version to agree on.

use local_peer::Waiting;
use serde::{Deserialize, Serialize};
use wire_protocol::ids::{FileId, GroupId};

use crate::capacity::Capacity;
use crate::piece_map::Cell;
use crate::tuning::Tuning;

/// What the person wants, and what only the page can know.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Command {
    /// The first command: the worker begins to live.
    Start {
        /// The server's origin, as in the address bar; it is signed at login.
        server: String,
        /// Name and version of the browser, for the others' list of peers.
        client: String,
        /// How big a file may be here.
        capacity: Capacity,
        /// The page comes from `trunk serve`, whose proxy names the subprotocols itself.
        is_behind_trunk: bool,
        /// Links with members are encrypted. Off for measuring what that costs only.
        is_encrypted: bool,
    },
    /// Asks what an invite leads to, without joining.
    Preview {
        /// The whole link.
        invite: String,
    },
    /// Asks again what the invite that is shown leads to; nothing changes until there is an answer.
    RefreshPreview,
    /// Joins by the invite that was previewed; begins the download if the group has exactly one file.
    Join {
        /// The whole link.
        invite: String,
        /// What others shall call this person.
        display_name: String,
        /// How that download is fetched and served.
        tuning: Tuning,
    },
    /// Shows a group that this person is a member of.
    OpenGroup {
        /// Which.
        slug: String,
    },
    /// Shows the list of groups. Downloads go on.
    ShowHome,
    /// Fetches a file.
    Download {
        group: GroupId,
        /// The file card.
        file: FileId,
        /// How it is fetched and served.
        tuning: Tuning,
    },
    /// Fetches and serves a file differently from now on.
    Tune {
        /// The file card.
        file: FileId,
        /// How.
        tuning: Tuning,
    },
    /// Stops fetching or serving a file and forgets its pieces.
    Stop {
        /// The file card.
        file: FileId,
    },
    /// Changes what others call this person.
    SetDisplayName(String),
    /// Tries to reach the server now, not when the pause is over.
    Retry,
}

/// What the worker says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Report {
    /// The worker is loaded and waits for [`Command::Start`]. Commands before this one would be lost.
    Ready,
    /// Everything that the page shows.
    Snapshot(Box<Snapshot>),
}

/// Everything that the page shows. At most about four a second, and one at each change of state.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Snapshot {
    /// What others call this person.
    pub display_name: String,
    /// How the server is reached.
    pub connection: Connection,
    /// The invite that the page was opened with.
    pub landing: Option<Landing>,
    /// The group to show.
    pub open_group: Option<GroupId>,
    /// A group was asked for by its address, and the server has not told yet whether this person is in it.
    pub is_opening: bool,
    /// This person's groups.
    pub groups: Vec<GroupView>,
    /// Files being fetched or served, oldest first.
    pub downloads: Vec<DownloadView>,
    /// What happened that the person should know, oldest first; the last eight.
    pub notices: Vec<String>,
    /// The worker's memory, bytes.
    pub wasm_bytes: u64,
}

/// How the server is reached.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Connection {
    /// First attempt.
    #[default]
    Connecting,
    /// Logged in.
    Online,
    /// Not connected; another attempt follows by itself.
    Trouble {
        /// What was seen, one sentence.
        reason: String,
        /// Milliseconds without a connection.
        for_ms: u64,
        /// Milliseconds until the next attempt.
        retry_in_ms: u64,
        /// There was a connection before.
        was_online: bool,
    },
    /// The server does not let this person in; trying again would not help.
    Refused {
        /// The server's sentence.
        reason: String,
    },
    /// There is no worker: this browser cannot run it, or it has stopped.
    NoWorker {
        /// It ran.
        has_run: bool,
    },
}

/// What an invite leads to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Landing {
    /// The whole link.
    pub invite: String,
    /// What is known.
    pub state: LandingState,
}

/// What is known of an invite.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum LandingState {
    /// The server has not answered yet.
    Asking,
    /// This is behind it.
    Offer(Offer),
    /// The person pressed the button; the server has not answered yet.
    Joining(Offer),
    /// It leads nowhere.
    Failed(InviteProblem),
}

/// Why an invite leads nowhere. The words for each are in [`crate::screen`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum InviteProblem {
    /// The text is not an invite: why, one sentence.
    Malformed(String),
    /// Its secret is wrong, expired or revoked.
    BadSecret,
    /// The server knows no such group.
    UnknownGroup,
    /// Something else: the server's sentence.
    Other(String),
}

/// A group as seen before joining.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Offer {
    /// The group's name.
    pub group: String,
    /// Who made the invite.
    pub invited_by: String,
    /// Members with a connection now.
    pub members_online: u32,
    pub files: Vec<OfferedFile>,
}

/// A file as seen before joining.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferedFile {
    /// A bare file name.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// It can be fetched: hashing has ended.
    pub is_ready: bool,
    /// Peers that have all of it.
    pub seeders: u32,
    /// Peers that have a part.
    pub leechers: u32,
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
    /// The invite that this browser knows, for passing on.
    pub invite: Option<String>,
    /// In order of joining.
    pub members: Vec<MemberView>,
    /// In order of adding.
    pub files: Vec<FileView>,
}

/// A member of a group.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct MemberView {
    /// The key's first bytes in hexadecimal.
    pub key: String,
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
    /// Others that have all of it.
    pub seeders: u32,
    /// Others that have a part.
    pub leechers: u32,
}

/// A file being fetched or served.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DownloadView {
    pub group: GroupId,
    /// The card.
    pub file: FileId,
    /// A bare file name.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// How it is fetched and served.
    pub tuning: Tuning,
    /// How far it is.
    pub stage: Stage,
    /// Figures of the transfer; zeros before it begins.
    pub figures: Figures,
    /// Whom this tab is linked with.
    pub peers: Vec<PeerView>,
    /// The piece map, at most [`crate::piece_map::CELLS_MAX`] cells.
    pub cells: Vec<Cell>,
    /// Other peers in the swarm, by what they have.
    pub swarm: SwarmView,
}

/// How far a download is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stage {
    /// Waits for the list of pieces.
    Joining,
    /// Whoever adds it is still hashing it.
    Preparing {
        /// How far they are; `None` if nobody says.
        per_mille: Option<u16>,
    },
    /// Fetches.
    Fetching {
        /// Why nothing comes; `None`: something does.
        waiting: Option<Waiting>,
        /// Milliseconds since the last byte or the beginning.
        quiet_ms: u64,
    },
    /// All pieces are verified.
    Done {
        /// An object URL of the whole file.
        url: String,
    },
    /// Cannot go on: why, one sentence.
    Failed {
        /// For the person.
        reason: String,
    },
}

/// Figures of a transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Figures {
    /// Pieces in all.
    pub pieces: u32,
    /// Pieces verified.
    pub pieces_have: u32,
    /// Bytes in all.
    pub bytes: u64,
    /// Bytes verified.
    pub bytes_have: u64,
    /// Bytes in pieces that are not yet complete.
    pub bytes_partial: u64,
    /// Bytes received.
    pub downloaded: u64,
    /// Bytes sent.
    pub uploaded: u64,
    /// Bytes received to no use.
    pub wasted: u64,
    /// Bytes per second received.
    pub rate_down: u64,
    /// Bytes per second sent.
    pub rate_up: u64,
}

/// A peer that this tab is linked with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeerView {
    /// The driver's number of the link: a stable key for the list.
    pub link: u64,
    /// What they call themselves.
    pub name: String,
    /// Program and version.
    pub client: String,
    /// How the bytes travel.
    pub path: Path,
    /// Per mille of the pieces that it has.
    pub have_per_mille: u16,
    /// Bytes received from it.
    pub downloaded: u64,
    /// Bytes sent to it.
    pub uploaded: u64,
    /// Bytes per second received.
    pub rate_down: u64,
    /// Bytes per second sent.
    pub rate_up: u64,
    /// It wants something from here.
    pub wants_from_us: bool,
    /// The link is open; else these are the bytes of links that are gone.
    pub is_linked: bool,
}

/// How the bytes travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Path {
    /// Through the server's relay.
    Relay,
    /// From machine to machine.
    Direct,
    /// Through a member's program, to an ordinary BitTorrent client.
    Bridge,
}

impl Path {
    /// As in `data-path`.
    pub fn as_str(self) -> &'static str {
        match self {
            Path::Relay => "relay",
            Path::Direct => "direct",
            Path::Bridge => "bridge",
        }
    }
}

/// Other peers in the swarm, linked with this tab or not.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SwarmView {
    /// Have everything.
    pub seeders: u32,
    /// Have a part.
    pub leechers: u32,
    /// Names of those who had everything when they were last seen, and are gone.
    pub gone_seeders: Vec<String>,
}

/// What goes into a `Uint8Array`.
pub fn encode<T: Serialize>(message: &T) -> Vec<u8> {
    postcard::to_stdvec(message).expect("these types have no fallible serializer")
}

/// What came out of one. `None` is a bug: both sides are built together.
pub fn decode<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Option<T> {
    postcard::from_bytes(bytes).ok()
}
