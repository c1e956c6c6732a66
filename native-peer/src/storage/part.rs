//! What a download grows in: a file, or a folder of files.

use std::io;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use metainfo::{Info, Layout};

use super::content::Content;
use super::kind::{self, Kind};
use super::open;
use super::part_file::PartFile;
use super::part_folder::{self, PartFolder};
use super::target::Target;

/// See [`PartFile`] and [`PartFolder`].
#[derive(Debug)]
pub enum Part {
    File(PartFile),
    Folder(PartFolder),
}

/// Why what is there cannot be gone on with.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has it open.
    #[error("another download is writing to it")]
    InUse,
    /// It cannot be of this torrent.
    #[error("it is of something else")]
    Foreign,
    /// This has the place of a file or folder.
    #[error("{0} is {1}")]
    Obstacle(PathBuf, Kind),
    /// The operating system's word.
    #[error(transparent)]
    Io(io::Error),
}

impl From<io::Error> for OpenError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::WouldBlock => Self::InUse,
            _ => Self::Io(error),
        }
    }
}

/// A torrent of one file is that file, and not a folder of one.
pub fn is_file(info: &Info) -> bool {
    matches!(info.files(), [file] if file.path.len() == 1)
}

impl Part {
    /// Opens what is there, and changes nothing: it is made with its first byte. `wanted`: which of the torrent's files.
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

    /// Nothing was written to it, or it is not there.
    pub fn is_blank(&self) -> bool {
        match self {
            Self::File(file) => file.written().is_empty(),
            Self::Folder(folder) => folder.is_blank(),
        }
    }

    /// Pieces in which something was written before: what resuming must hash.
    pub fn candidates(&self, info: &Info) -> Vec<u32> {
        let layout = info.layout();
        let (written, missing) = match self {
            Self::File(file) => (file.written(), file.missing(layout)),
            Self::Folder(folder) => (folder.written().to_vec(), folder.missing().to_vec()),
        };
        let mut pieces = pieces_touched(&written, layout);
        pieces.retain(|piece| is_whole(*piece, &missing, layout));
        pieces
    }

    /// Everything is verified: makes it durable, gives it its name. Replaces files that have the name only if `overwrite`.
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
        return Ok(part_folder::finished_folder(&target.path, info, wanted)?.map(Arc::new));
    }
    let len = info.layout().total_len();
    match Kind::of(&target.path)? {
        kind if kind == (Kind::File { len }) => {
            Ok(Some(Arc::new(Content::of_file(Arc::new(open::to_check(&target.path)?), len))))
        }
        _ => Ok(None),
    }
}

/// What has the final name, or the place of a file below it, and can be neither what is wanted nor replaced by it.
///
/// # Errors
/// What the operating system says.
pub fn obstacle(target: &Target, info: &Info, wanted: &[bool]) -> io::Result<Option<(PathBuf, Kind)>> {
    match (Kind::of(&target.path)?, is_file(info)) {
        (Kind::Nothing, _) | (Kind::File { .. }, true) => Ok(None),
        (Kind::Folder, false) => part_folder::wanted_paths(info, wanted)
            .find_map(|path| kind::obstacle(&target.path, &path).transpose())
            .transpose(),
        (kind, _) => Ok(Some((target.path.clone(), kind))),
    }
}

fn pieces_touched(ranges: &[Range<u64>], layout: &Layout) -> Vec<u32> {
    let piece_len = u64::from(layout.nominal_piece_len());
    let mut pieces: Vec<u32> = ranges
        .iter()
        .flat_map(|range| (range.start / piece_len) as u32..range.end.div_ceil(piece_len) as u32)
        .collect();
    pieces.dedup();
    pieces
}

/// All of a piece can be read. `missing`: in order.
fn is_whole(piece: u32, missing: &[Range<u64>], layout: &Layout) -> bool {
    let begin = layout.piece_offset(piece);
    let end = begin + u64::from(layout.piece_len(piece));
    let next = missing.partition_point(|range| range.end <= begin);
    missing.get(next).is_none_or(|range| range.start >= end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_that_cannot_be_read_whole_are_not_looked_at() {
        let layout = Layout::new(100 * 16_384, 16_384).unwrap();
        let at = |piece: u64| piece * 16_384;
        let written = [at(1) + 5..at(1) + 6, at(3)..at(6), at(5) + 9..at(7)];
        assert_eq!(pieces_touched(&written, &layout), [1, 3, 4, 5, 6]);
        let missing = [at(2)..at(3) + 1, at(6) - 1..at(6), at(99)..at(100)];
        let whole = |piece| is_whole(piece, &missing, &layout);
        assert_eq!([1, 2, 3, 4, 5, 6, 98, 99].map(whole), [true, false, false, true, false, true, true, false]);
    }
}
