//! What a download grows in: a file, or a folder of files.

use std::io;
use std::sync::Arc;

use metainfo::Info;

use super::content::Content;
use super::part_file::{OpenError, PartFile, Target};
use super::part_folder::{PartFolder, finished_folder};

/// See [`PartFile`] and [`PartFolder`].
#[derive(Debug)]
pub enum Part {
    File(PartFile),
    Folder(PartFolder),
}

/// A torrent of one file is that file, and not a folder of one.
fn is_file(info: &Info) -> bool {
    matches!(info.files(), [file] if file.path.len() == 1)
}

impl Part {
    /// Opens or makes it. `wanted`: which of the torrent's files.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open(target: Target, info: &Info, wanted: &[bool]) -> Result<Self, OpenError> {
        Ok(match is_file(info) {
            true => Self::File(PartFile::open(target, info.layout())?),
            false => Self::Folder(PartFolder::open(target, info, wanted)?),
        })
    }

    /// To read and write pieces.
    pub fn content(&self) -> &Arc<Content> {
        match self {
            Self::File(file) => file.content(),
            Self::Folder(folder) => folder.content(),
        }
    }

    /// Where it is and will be.
    pub fn target(&self) -> &Target {
        match self {
            Self::File(file) => file.target(),
            Self::Folder(folder) => folder.target(),
        }
    }

    /// Bytes that the disk must still find room for.
    pub fn bytes_to_allocate(&self, info: &Info) -> u64 {
        match self {
            Self::File(file) => file.bytes_to_allocate(info.layout()),
            Self::Folder(folder) => folder.bytes_to_allocate(),
        }
    }

    /// Pieces in which something was written before: what resuming must hash.
    pub fn candidates(&self, info: &Info) -> Vec<u32> {
        match self {
            Self::File(file) => file.candidates(info.layout()),
            Self::Folder(folder) => folder.candidates(info),
        }
    }

    /// Everything is verified: makes it durable, gives it its name. Replaces what has the name only if `overwrite`.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn finish(&self, overwrite: bool) -> io::Result<()> {
        match self {
            Self::File(file) => file.finish(overwrite),
            Self::Folder(folder) => folder.finish(overwrite),
        }
    }
}

/// What is there under the final name, if it may be the whole: to be verified.
///
/// # Errors
/// What the operating system says.
pub fn finished(target: &Target, info: &Info, wanted: &[bool]) -> io::Result<Option<Arc<Content>>> {
    if !is_file(info) {
        return Ok(finished_folder(&target.path, info, wanted)?.map(Arc::new));
    }
    let file = std::fs::File::open(&target.path)?;
    let metadata = file.metadata()?;
    let is_whole = metadata.is_file() && metadata.len() == info.layout().total_len();
    Ok(is_whole.then(|| Arc::new(Content::of_file(Arc::new(file), metadata.len()))))
}
