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
}
