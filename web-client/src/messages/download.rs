//! A file on its way, and after that.

use local_peer::{FullCopies, Waiting};
use serde::{Deserialize, Serialize};
use wire_protocol::ids::{FileId, GroupId};

use super::playing::{Playable, Wait};
use super::{FilesView, SavingView};
use crate::piece_map::Cell;
use crate::storing::Place;
use crate::tuning::Tuning;

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
    /// Where its pieces are, once that is known.
    pub place: Option<Place>,
    /// Its files, if it is a folder and its list of pieces is here.
    pub files: Option<FilesView>,
    /// How it is saved, if the person chose where.
    pub saving: Option<SavingView>,
    /// Figures of the transfer; zeros before it begins.
    pub figures: Figures,
    /// Whom this tab is linked with.
    pub peers: Vec<PeerView>,
    /// The piece map, at most [`crate::piece_map::CELLS_MAX`] cells.
    pub cells: Vec<Cell>,
    /// Other peers in the swarm, by what they have.
    pub swarm: SwarmView,
    /// What of it can be played.
    pub playable: Vec<Playable>,
    /// Whoever plays it waits for a piece.
    pub wait: Option<Wait>,
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
    /// The ordinary clients that it fetches from, if it is a bridge.
    pub behind: Vec<Behind>,
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

/// An ordinary client behind a bridge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Behind {
    /// Program and version.
    pub client: String,
    /// It sent bad data and is not used any more.
    pub is_banned: bool,
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
    /// What the group has without this tab; `None`: not known now.
    pub full_copies: Option<FullCopies>,
    /// Names of those who had everything when they were last seen, and are gone.
    pub gone_seeders: Vec<String>,
    /// Names of those who sent damaged data and are not asked again.
    pub sent_bad: Vec<String>,
}
