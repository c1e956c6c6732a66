//! All that page and worker say to each other: commands one way, snapshots the other, as postcard in
//! one `Uint8Array` per message. Both sides are built together, so there is no version to agree on.

mod download;
mod group;
mod landing;
mod making;
mod own_client;
mod playing;
mod saving;
mod sharing;
mod stored;

use serde::{Deserialize, Serialize};
use wire_protocol::control::Password;
use wire_protocol::ids::{FileId, GroupId};

use crate::capacity::Capacity;
use crate::identity_link::IdentitySecret;
use crate::playing::MediaAddress;
use crate::storing::Disk;
use crate::tuning::Tuning;
use crate::words::Language;
pub use download::{Behind, DownloadView, Figures, Path, PeerView, Stage, SwarmView};
pub use group::{Act, ActivityView, FileView, GroupView, InviteView, InviteWish, MemberView, RequestView};
pub use landing::{Asked, InviteProblem, Landing, LandingState, Offer, OfferedFile};
pub use making::{Making, MakingProblem};
pub use own_client::OwnTorrent;
pub use playing::{Playable, Wait};
pub use saving::{FileList, FilesView, SaveAs, SaveCommand, SavingStep, SavingView, ToDownloads};
pub use sharing::{Picked, Place, ShareStage, ShareView};
pub use stored::{SharedView, StoredView};

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
        /// What the page speaks.
        language: Language,
    },
    /// The person chose another language.
    Speak(Language),
    /// Asks what an invite leads to, without joining.
    Preview {
        /// The whole link.
        invite: String,
    },
    /// Asks again what the invite that is shown leads to; nothing changes until there is an answer.
    RefreshPreview,
    /// Joins by the invite that was previewed, or asks to; begins the download if the group has exactly one file.
    Join {
        /// The whole link.
        invite: String,
        /// What others shall call this person.
        display_name: String,
        /// For the admins, if they have to be asked; may be empty.
        message: String,
        /// How that download is fetched and served.
        tuning: Tuning,
        /// It is played as it comes.
        plays: bool,
    },
    /// Asks to join a group without an invite.
    AskToJoin {
        /// Which.
        slug: String,
        /// What others shall call this person.
        display_name: String,
        /// For the admins; may be empty.
        message: String,
    },
    /// Makes a group, and shows it.
    MakeGroup {
        /// For people.
        name: String,
        /// What others shall call this person.
        display_name: String,
        /// The server's, if it asked for one.
        password: Option<Password>,
    },
    /// Does not ask any more, or has seen that the answer was no.
    Withdraw(GroupId),
    /// Does something in a group.
    Act { group: GroupId, act: Act },
    /// Shows a group that this person is a member of.
    OpenGroup {
        /// Which.
        slug: String,
    },
    /// Shows the list of groups. Downloads go on.
    ShowHome,
    /// Shares what the person picked. Its Files come beside the command.
    Share {
        place: Place,
        picked: Picked,
        /// How it is served.
        tuning: Tuning,
    },
    /// Fetches a file.
    Download {
        group: GroupId,
        /// The file card.
        file: FileId,
        /// How it is fetched and served.
        tuning: Tuning,
        /// It is played as it comes.
        plays: bool,
    },
    /// Makes a torrent file for the person's own BitTorrent client: [`Report::OwnTorrent`].
    MakeOwnTorrent {
        group: GroupId,
        /// The file card.
        file: FileId,
    },
    /// Fetches and serves a file differently from now on.
    Tune {
        /// The file card.
        file: FileId,
        /// How.
        tuning: Tuning,
    },
    /// Whether others get anything of what is downloaded here. At the start they do.
    ServeDownloads(bool),
    /// Saves a download where the person wants it.
    Save {
        /// The file card.
        file: FileId,
        /// What of it, and as what.
        save: SaveCommand,
    },
    /// Somebody plays a file: a part of it is wanted. The port that it goes to comes beside the command.
    Read {
        /// As in the address of the request.
        address: MediaAddress,
        /// Its `Range` header.
        range: Option<String>,
    },
    /// How fast a file that is played is read.
    Plays {
        /// The file card.
        file: FileId,
        bytes_per_second: u64,
    },
    /// It is not played any more, or is over: pieces come again in the order that was chosen.
    EndPlaying {
        /// The file card.
        file: FileId,
        /// Nobody reads it any more.
        is_closed: bool,
    },
    /// Stops fetching, sharing or serving a file and forgets its pieces.
    Stop {
        /// The file card.
        file: FileId,
    },
    /// Opens a whole file of an earlier visit, whether the server is there or not.
    OpenStored {
        /// Its info-hash.
        torrent: [u8; 20],
    },
    /// Wants the handle of what was shared at an earlier visit: [`Report::SharedHandle`].
    AskForShared {
        /// Its info-hash.
        torrent: [u8; 20],
    },
    /// Does not want to share it again.
    ForgetShared {
        /// Its info-hash.
        torrent: [u8; 20],
    },
    /// Forgets the pieces of an earlier visit.
    RemoveStored {
        /// Its info-hash.
        torrent: [u8; 20],
    },
    /// Changes what others call this person.
    SetDisplayName(String),
    /// The person has read a notice.
    Dismiss(u64),
    /// Wants the secret of this person's identity: [`Report::Identity`].
    ShowIdentity,
    /// From now on this browser is the person whose secret this is: [`Report::IdentityTaken`].
    TakeIdentity(IdentitySecret),
    /// Tries to reach the server now, not when the pause is over.
    Retry,
}

/// What the worker says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Report {
    /// The worker is loaded and waits for [`Command::Start`]. Commands before this one would be lost.
    Ready {
        /// What became of trying it.
        disk: Disk,
    },
    /// Everything that the page shows.
    Snapshot(Box<Snapshot>),
    /// The secret of this person's identity. Not in the snapshot: it goes no further than it has to.
    Identity(IdentitySecret),
    /// For the browser's downloads. Not in the snapshot, for the same reason.
    OwnTorrent(OwnTorrent),
    /// For the browser's downloads: what the person wants out of a folder, once.
    Download(ToDownloads),
    /// What the files of a folder are called.
    Files {
        /// The file card.
        file: FileId,
        list: FileList,
    },
    /// What was shared at an earlier visit; its handle comes beside this.
    SharedHandle {
        /// Its info-hash.
        torrent: [u8; 20],
        group: GroupId,
    },
    /// Another identity is kept: the page begins anew.
    IdentityTaken,
    /// It is not kept: why, one sentence.
    IdentityNotTaken(String),
}

/// Everything that the page shows. At most about two a second, and one at each change of state.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Snapshot {
    /// What others call this person.
    pub display_name: String,
    /// How the server is reached.
    pub connection: Connection,
    /// Whether this browser keeps what it is given.
    pub keeping: Keeping,
    /// The invite that the page was opened with.
    pub landing: Option<Landing>,
    /// The group that this person makes.
    pub making: Making,
    /// The group to show.
    pub open_group: Option<GroupId>,
    /// A group was asked for by its address, and the server has not told yet whether this person is in it.
    pub is_opening: bool,
    /// The server has told of all groups and is heard: what is not here is not there.
    pub is_synced: bool,
    /// This person's groups.
    pub groups: Vec<GroupView>,
    /// Files being fetched, or served after that, oldest first.
    pub downloads: Vec<DownloadView>,
    /// What earlier visits began, and is not open in this tab.
    pub stored: Vec<StoredView>,
    /// What is shared out of this tab, oldest first.
    pub shares: Vec<ShareView>,
    /// What was shared at earlier visits, and is not shared out of this tab now.
    pub shared_before: Vec<SharedView>,
    /// What this person has asked to join.
    pub asked: Vec<AskedView>,
    /// What happened that the person should know, oldest first; the last eight.
    pub notices: Vec<Notice>,
    /// The worker's memory, bytes.
    pub wasm_bytes: u64,
}

impl Snapshot {
    /// One of this person's groups.
    pub fn group(&self, group: GroupId) -> Option<&GroupView> {
        self.groups.iter().find(|view| view.group == group)
    }
}

/// What happened that the person should know.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Notice {
    /// For [`Command::Dismiss`].
    pub id: u64,
    /// One or two sentences.
    pub text: String,
}

/// A request to be let in, in the list of groups.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct AskedView {
    /// The group's two friendly words.
    pub slug: String,
    /// An admin said no.
    pub is_refused: bool,
}

/// Whether this browser keeps what it is given from visit to visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Keeping {
    /// The worker has not told.
    #[default]
    Unknown,
    /// It does.
    Works,
    /// It does not: a private window, or cookies and site data are blocked.
    Fails,
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
        /// What keeps this browser from the server, where that could be found out: a sentence.
        found: Option<String>,
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

/// What goes into a `Uint8Array`.
pub fn encode<T: Serialize>(message: &T) -> Vec<u8> {
    postcard::to_stdvec(message).expect("these types have no fallible serializer")
}

/// What came out of one. `None` is a bug: both sides are built together.
pub fn decode<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Option<T> {
    postcard::from_bytes(bytes).ok()
}
