//! What can be played of a download, and how that goes.

use serde::{Deserialize, Serialize};

use crate::playing::{Kind, Subtitles};

/// A film or a song.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Playable {
    /// Which file of the torrent.
    pub index: u32,
    /// Below the torrent's name, if that is a folder's.
    pub name: String,
    /// Bytes.
    pub size: u64,
    pub kind: Kind,
    pub subtitles: Vec<Subtitles>,
}

/// What whoever plays it waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wait {
    /// How many of those who are linked with this tab have it.
    pub people: u32,
}
