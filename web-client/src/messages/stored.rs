//! A file of an earlier visit.

use serde::{Deserialize, Serialize};
use wire_protocol::ids::{FileId, GroupId};

/// A file whose pieces are on the browser's disk, and that is not open in this tab.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct StoredView {
    /// Its info-hash.
    pub torrent: [u8; 20],
    pub group: GroupId,
    /// The card.
    pub file: FileId,
    /// A bare file name.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// Bytes that are there, about.
    pub have: u64,
    /// Another tab of this browser has it open: this one can neither go on with it nor remove it.
    pub is_elsewhere: bool,
}

/// What this person shared at an earlier visit, and does not share now.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SharedView {
    /// Its info-hash.
    pub torrent: [u8; 20],
    pub group: GroupId,
    /// A bare file name.
    pub name: String,
    /// It is a folder.
    pub is_folder: bool,
    /// The browser can be asked for the file itself: nobody has to look for it.
    pub has_handle: bool,
}
