//! The file that a download grows in: `NAME.part`, as long as the whole from the start (with holes),
//! renamed to `NAME` when every piece is verified. It is its own record of what is there: resuming
//! hashes what was ever written to it, so no second file can disagree with it.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use metainfo::Layout;
use wire_protocol::text::file_name;

use super::content::Content;
use super::space::{allocated_bytes, written_ranges};

/// Where a download ends up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The finished file.
    pub path: PathBuf,
    /// Until then.
    pub part: PathBuf,
}

impl Target {
    /// With `.part` beside it.
    pub fn new(path: PathBuf) -> Self {
        let mut part = path.clone().into_os_string();
        part.push(".part");
        Self { path, part: part.into() }
    }

    /// The first of `NAME`, `NAME (2)`, `NAME (3)`, … that is free.
    pub fn with_free_name(&self) -> Self {
        let stem = self.path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let extension =
            self.path.extension().map(|extension| format!(".{}", extension.to_string_lossy())).unwrap_or_default();
        (2_u32..)
            .map(|number| Self::new(self.path.with_file_name(format!("{stem} ({number}){extension}"))))
            .find(|target| !target.path.exists())
            .expect("a folder has fewer than 2^32 files")
    }

    /// The folder that holds it.
    pub fn folder(&self) -> &Path {
        match self.path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        }
    }
}

/// `-o` and the name of the file's card → where to save. An existing folder or a path that ends with a separator is
/// a folder; so is every path when there are `several` files. Otherwise it is the file itself.
pub fn find_target(output: Option<&Path>, name: &str, several: bool) -> Target {
    // Whoever wrote the card: the name is made safe here, too, where it becomes a path.
    let name = file_name(name);
    let Some(output) = output else {
        return Target::new(PathBuf::from(name));
    };
    let ends_with_separator = output.as_os_str().to_string_lossy().ends_with(std::path::is_separator);
    if several || ends_with_separator || output.is_dir() {
        Target::new(output.join(name))
    } else {
        Target::new(output.to_path_buf())
    }
}

/// Why a `.part` file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has it open.
    #[error("another download is writing to it")]
    InUse,
    /// The operating system's word.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// An open `.part` file, which nobody else writes.
#[derive(Debug)]
pub struct PartFile {
    file: Arc<File>,
    content: Arc<Content>,
    target: Target,
    was_there: bool,
}

impl PartFile {
    /// Opens or makes it, with the length of the whole.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open(target: Target, layout: &Layout) -> Result<Self, OpenError> {
        fs::create_dir_all(target.folder())?;
        let was_there = target.part.exists();
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&target.part)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(OpenError::InUse),
            // Some network disks have no locks; then two downloads into one file are the person's care.
            Err(TryLockError::Error(error)) => tracing::debug!(%error, "cannot lock the .part file"),
        }
        if file.metadata()?.len() != layout.total_len() {
            file.set_len(layout.total_len())?;
        }
        let file = Arc::new(file);
        let content = Arc::new(Content::of_file(file.clone(), layout.total_len()));
        Ok(Self { file, content, target, was_there })
    }

    /// To read and write pieces.
    pub fn content(&self) -> &Arc<Content> {
        &self.content
    }

    /// Where it is and will be.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// Bytes that the disk must still find room for.
    pub fn bytes_to_allocate(&self, layout: &Layout) -> u64 {
        layout.total_len().saturating_sub(allocated_bytes(&self.file))
    }

    /// Pieces in which something was written before: what resuming must hash.
    pub fn candidates(&self, layout: &Layout) -> Vec<u32> {
        if !self.was_there {
            return Vec::new();
        }
        pieces_touched(&written_ranges(&self.file, layout.total_len()), layout)
    }

    /// Everything is verified: makes it durable, gives it its name. Replaces a file that has the name only
    /// if `overwrite`.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn finish(&self, overwrite: bool) -> io::Result<()> {
        self.file.sync_all()?;
        if overwrite {
            fs::rename(&self.target.part, &self.target.path)?;
        } else {
            rename_without_replacing(&self.target)?;
        }
        // The name is durable once the folder is. Not every system lets one sync a folder.
        #[cfg(unix)]
        if let Ok(folder) = File::open(self.target.folder()) {
            let _ = folder.sync_all();
        }
        Ok(())
    }
}

/// A hard link never replaces; where there are none, looking first is the best there is.
fn rename_without_replacing(target: &Target) -> io::Result<()> {
    match fs::hard_link(&target.part, &target.path) {
        Ok(()) => fs::remove_file(&target.part),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(error),
        Err(_) if target.path.exists() => Err(io::ErrorKind::AlreadyExists.into()),
        Err(_) => fs::rename(&target.part, &target.path),
    }
}

pub fn pieces_touched(ranges: &[Range<u64>], layout: &Layout) -> Vec<u32> {
    let piece_len = u64::from(layout.nominal_piece_len());
    let mut pieces: Vec<u32> = ranges
        .iter()
        .flat_map(|range| (range.start / piece_len) as u32..range.end.div_ceil(piece_len) as u32)
        .collect();
    pieces.dedup();
    pieces
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    const PIECE: u64 = 65_536;

    #[test]
    fn output_is_a_folder_if_it_is_one_or_ends_like_one() {
        let folder = tempfile::tempdir().unwrap();
        let existing = folder.path();
        assert_eq!(find_target(None, "a.bin", false).path, Path::new("a.bin"));
        assert_eq!(find_target(Some(existing), "a.bin", false).path, existing.join("a.bin"));
        assert_eq!(find_target(Some(Path::new("new/")), "a.bin", false).path, Path::new("new/a.bin"));
        assert_eq!(find_target(Some(Path::new("new")), "a.bin", false).path, Path::new("new"));
        assert_eq!(find_target(Some(Path::new("new")), "a.bin", true).path, Path::new("new/a.bin"));
        assert_eq!(find_target(Some(Path::new("x.mp4")), "a.bin", false).part, Path::new("x.mp4.part"));
        assert_eq!(find_target(None, "../.zshenv", false).path, Path::new("_._.zshenv"));
    }

    #[test]
    fn a_free_name_keeps_the_extension() {
        let folder = tempfile::tempdir().unwrap();
        let target = Target::new(folder.path().join("a.tar"));
        fs::write(folder.path().join("a (2).tar"), b"").unwrap();
        assert_eq!(target.with_free_name().path, folder.path().join("a (3).tar"));
    }

    #[test]
    fn resuming_looks_at_what_was_written_only() {
        let folder = tempfile::tempdir().unwrap();
        let layout = Layout::new(64 * PIECE + 5, PIECE).unwrap();
        let target = Target::new(folder.path().join("sub/movie.mp4"));
        let part = PartFile::open(target.clone(), &layout).unwrap();
        assert_eq!(part.candidates(&layout), Vec::<u32>::new());
        for piece in [7, 8, 64] {
            let block = Bytes::from(vec![9; layout.piece_len(piece) as usize]);
            part.content().write_all_at(&[block], layout.piece_offset(piece)).unwrap();
        }
        drop(part);
        let part = PartFile::open(target, &layout).unwrap();
        let candidates = part.candidates(&layout);
        for piece in [7, 8, 64] {
            assert!(candidates.contains(&piece), "{candidates:?}");
        }
        assert!(candidates.windows(2).all(|pair| pair[0] < pair[1]), "in order and once: {candidates:?}");
    }

    #[test]
    fn a_part_file_has_one_writer() {
        let folder = tempfile::tempdir().unwrap();
        let layout = Layout::new(PIECE, PIECE).unwrap();
        let target = Target::new(folder.path().join("movie.mp4"));
        let _part = PartFile::open(target.clone(), &layout).unwrap();
        assert!(matches!(PartFile::open(target, &layout), Err(OpenError::InUse)));
    }

    #[test]
    fn finishing_renames_and_replaces_only_when_told() {
        let folder = tempfile::tempdir().unwrap();
        let layout = Layout::new(PIECE, PIECE).unwrap();
        let part = PartFile::open(Target::new(folder.path().join("movie.mp4")), &layout).unwrap();
        fs::write(&part.target().path, b"other").unwrap();
        assert_eq!(part.finish(false).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&part.target().path).unwrap(), b"other");
        part.finish(true).unwrap();
        assert_eq!(fs::metadata(folder.path().join("movie.mp4")).unwrap().len(), PIECE);
        assert!(!part.target().part.exists());
    }
}
