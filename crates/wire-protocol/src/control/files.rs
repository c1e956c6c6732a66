//! Files: their cards, and info dictionaries in parts.

use serde::{Deserialize, Serialize};

use crate::ids::{FileId, InfoHash, MemberKey};

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

/// One part of an info dictionary on its way to the tracker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InfoPart {
    /// The file card that it belongs to.
    pub file: FileId,
    /// Where this part begins, bytes.
    pub offset: u32,
    /// At most `INFO_PART_LEN_MAX` bytes.
    pub bytes: Vec<u8>,
}

/// One part of an info dictionary that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadPart {
    /// Length of the whole dictionary, bytes.
    pub info_len: u32,
    /// Where this part begins, bytes.
    pub offset: u32,
    /// At most `INFO_PART_LEN_MAX` bytes.
    pub bytes: Vec<u8>,
}
