//! Saving a download where the person wants it.

use serde::{Deserialize, Serialize};

/// As what it is saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum SaveAs {
    /// The file itself, in one that the person chose.
    File,
    /// All files, below a folder that the person chose.
    Folder,
    /// All files in one archive: in a file that the person chose, else in the browser's downloads.
    Zip,
}

/// How a download is being saved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavingView {
    /// As what.
    pub save_as: SaveAs,
    /// What the place is called; `None`: the browser's downloads.
    pub place: Option<String>,
    /// How far it is.
    pub step: SavingStep,
}

/// How far it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum SavingStep {
    /// Until all of it is here.
    Waiting,
    /// It is written.
    Writing {
        /// Bytes written.
        done: u64,
        /// Bytes in all.
        total: u64,
    },
    /// It is there.
    Saved {
        /// What a browser does not let a page write, in words.
        left_out: Option<String>,
    },
    /// Why it is not there.
    Failed {
        /// For the person.
        reason: String,
    },
}

/// The files of a folder, as far as that changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FilesView {
    /// How many there are.
    pub count: u32,
    /// Of each whether it can be saved: a bit, the first one the highest of the first byte.
    pub ready: Vec<u8>,
}

impl FilesView {
    /// Whether all of a file is here.
    pub fn is_ready(&self, at: u32) -> bool {
        let byte = self.ready.get(at as usize / 8).copied().unwrap_or_default();
        byte & (0x80 >> (at % 8)) != 0
    }
}

/// What the files of a folder are called: told once, since there may be many.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct FileList {
    /// Path below the folder, and bytes, in the order of the torrent.
    pub files: Vec<(String, u64)>,
}

/// For the browser's own downloads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToDownloads {
    /// An object URL, good for a while.
    pub url: String,
    /// A bare file name.
    pub name: String,
}

/// What becomes of a download.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum SaveCommand {
    /// All of it, as soon as it is complete. The handle of the place comes beside the command, if there is one.
    All(SaveAs),
    /// One file of a folder, to the browser's downloads: its place among all that are no padding.
    One(u32),
    /// Not any more.
    Cancel,
    /// Wants to know what the files are called: [`super::Report::Files`].
    List,
}
