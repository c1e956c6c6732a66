//! The folder that a download of many files grows in: `NAME.part`, with the files in it as they will be, renamed to
//! `NAME` when every piece is verified. As with a single file, what is there is its own record.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use metainfo::{FileEntry, Info};

use super::content::{Content, Place, Where};
use super::part_file::{OpenError, Target, pieces_touched};
use super::space::{allocated_bytes, written_ranges};

/// An open `.part` folder, which nobody else writes.
#[derive(Debug)]
pub struct PartFolder {
    target: Target,
    content: Arc<Content>,
    /// Those that are wanted.
    files: Vec<WantedFile>,
    was_there: bool,
    /// Locked. Not every system lets one open a folder.
    _folder: Option<File>,
}

#[derive(Debug)]
struct WantedFile {
    /// Below the folder.
    path: PathBuf,
    /// Where it begins in the torrent.
    begin: u64,
    len: u64,
}

impl PartFolder {
    /// Opens or makes it, with every wanted file as long as it will be. `wanted`: which of the torrent's files.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open(target: Target, info: &Info, wanted: &[bool]) -> Result<Self, OpenError> {
        let was_there = target.part.exists();
        fs::create_dir_all(&target.part)?;
        let folder = lock(&target.part)?;
        let rest = Arc::new(tempfile::tempfile_in(&target.part)?);
        let (mut places, mut files, mut begin) = (Vec::new(), Vec::new(), 0);
        for (entry, is_wanted) in info.files().iter().zip(wanted) {
            let at = match entry.is_padding {
                true => Where::Zeros,
                false if *is_wanted => {
                    let file = WantedFile { path: below(entry), begin, len: entry.len };
                    prepare(&target.part.join(&file.path), entry.len)?;
                    let path = file.path.clone();
                    files.push(file);
                    Where::Below(path)
                }
                false => Where::Rest(rest.clone()),
            };
            places.push(Place { len: entry.len, at });
            begin += entry.len;
        }
        let content = Arc::new(Content::new(target.part.clone(), places, true));
        Ok(Self { target, content, files, was_there, _folder: folder })
    }

    pub fn content(&self) -> &Arc<Content> {
        &self.content
    }

    pub fn target(&self) -> &Target {
        &self.target
    }

    /// Bytes that the disk must still find room for.
    pub fn bytes_to_allocate(&self) -> u64 {
        let missing = |file: &WantedFile| {
            let allocated = File::open(self.target.part.join(&file.path)).map_or(0, |file| allocated_bytes(&file));
            file.len.saturating_sub(allocated)
        };
        self.files.iter().map(missing).sum()
    }

    /// Pieces in which something was written before: what resuming must hash.
    pub fn candidates(&self, info: &Info) -> Vec<u32> {
        if !self.was_there {
            return Vec::new();
        }
        let written = |file: &WantedFile| {
            let opened = File::open(self.target.part.join(&file.path));
            let ranges = opened.map_or(Vec::new(), |opened| written_ranges(&opened, file.len));
            let begin = file.begin;
            ranges.into_iter().map(move |range| begin + range.start..begin + range.end)
        };
        let ranges: Vec<_> = self.files.iter().flat_map(written).collect();
        pieces_touched(&ranges, info.layout())
    }

    /// Everything that is wanted is verified: makes it durable, gives it its name. Into a folder that has the name it
    /// moves the files one by one, only if `overwrite`.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn finish(&self, overwrite: bool) -> io::Result<()> {
        sync(&self.target.part, &self.files)?;
        match (self.target.path.exists(), overwrite) {
            (false, _) => fs::rename(&self.target.part, &self.target.path)?,
            (true, false) => return Err(io::ErrorKind::AlreadyExists.into()),
            (true, true) => self.move_files()?,
        }
        self.content.move_to(self.target.path.clone());
        Ok(())
    }

    fn move_files(&self) -> io::Result<()> {
        for file in &self.files {
            let path = self.target.path.join(&file.path);
            path.parent().map_or(Ok(()), fs::create_dir_all)?;
            fs::rename(self.target.part.join(&file.path), path)?;
        }
        fs::remove_dir_all(&self.target.part)
    }
}

/// The finished files of a torrent of many, to read. `None`: one is not there, or not as long as it should be.
///
/// # Errors
/// What the operating system says.
pub fn finished_folder(path: &Path, info: &Info, wanted: &[bool]) -> io::Result<Option<Content>> {
    let mut places = Vec::new();
    // Nobody reads what is not wanted: its pieces are not looked at.
    let nothing = Arc::new(tempfile::tempfile()?);
    for (entry, is_wanted) in info.files().iter().zip(wanted) {
        let at = match entry.is_padding {
            true => Where::Zeros,
            false if *is_wanted => {
                match fs::symlink_metadata(path.join(below(entry))) {
                    Ok(metadata) if metadata.is_file() && metadata.len() == entry.len => {}
                    Ok(_) => return Ok(None),
                    Err(error) if is_absent(&error) => return Ok(None),
                    Err(error) => return Err(error),
                }
                Where::Below(below(entry))
            }
            false => Where::Rest(nothing.clone()),
        };
        places.push(Place { len: entry.len, at });
    }
    Ok(Some(Content::new(path.into(), places, false)))
}

fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// Its place below the torrent's folder. Every part is a bare and safe name ([`FileEntry::path`]).
fn below(entry: &FileEntry) -> PathBuf {
    entry.path.iter().skip(1).collect()
}

/// Makes the file and the folders above it.
fn prepare(path: &Path, len: u64) -> io::Result<()> {
    path.parent().map_or(Ok(()), fs::create_dir_all)?;
    let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
    if file.metadata()?.len() == len { Ok(()) } else { file.set_len(len) }
}

fn lock(folder: &Path) -> Result<Option<File>, OpenError> {
    let Ok(folder) = File::open(folder) else {
        return Ok(None);
    };
    match folder.try_lock() {
        Ok(()) => Ok(Some(folder)),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse),
        // Some network disks have no locks; then two downloads into one folder are the person's care.
        Err(TryLockError::Error(error)) => {
            tracing::debug!(%error, "cannot lock the .part folder");
            Ok(None)
        }
    }
}

/// One call for all files, where the system has it: 10,000 small files take minutes one by one.
#[cfg(target_os = "linux")]
fn sync(folder: &Path, _files: &[WantedFile]) -> io::Result<()> {
    Ok(rustix::fs::syncfs(File::open(folder)?)?)
}

#[cfg(not(target_os = "linux"))]
fn sync(folder: &Path, files: &[WantedFile]) -> io::Result<()> {
    files.iter().try_for_each(|file| File::open(folder.join(&file.path))?.sync_all())
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    const PIECE: usize = 16_384;

    /// `album` with `a` (20,000 bytes), `sub/b` (5), an empty `c` and `d` (40,000).
    fn info() -> Info {
        let file = |len: usize, path: &str| format!("d6:lengthi{len}e4:pathl{path}ee");
        let files = [file(20_000, "1:a"), file(5, "3:sub1:b"), file(0, "1:c"), file(40_000, "1:d")].concat();
        let pieces = 60_005_usize.div_ceil(PIECE);
        let digests = "x".repeat(20 * pieces);
        let dict =
            format!("d5:filesl{files}e4:name5:album12:piece lengthi{PIECE}e6:pieces{}:{digests}e", digests.len());
        Info::parse(dict.into_bytes().into()).unwrap()
    }

    fn whole() -> Bytes {
        (0..60_005_u32).map(|at| (at % 251) as u8).collect()
    }

    fn target(folder: &Path) -> Target {
        Target::new(folder.join("album"))
    }

    #[test]
    fn all_files_are_there_under_their_names_when_it_is_finished() {
        let folder = tempfile::tempdir().unwrap();
        let part = PartFolder::open(target(folder.path()), &info(), &[true; 4]).unwrap();
        assert_eq!(part.candidates(&info()), Vec::<u32>::new());
        part.content().write_all_at(&[whole()], 0).unwrap();
        part.finish(false).unwrap();
        let read = |name: &str| fs::read(folder.path().join("album").join(name)).unwrap();
        assert_eq!(read("a"), whole()[..20_000]);
        assert_eq!(read("sub/b"), whole()[20_000..20_005]);
        assert_eq!(read("c"), b"");
        assert_eq!(read("d"), whole()[20_005..]);
        assert_eq!(part.content().read_bytes_at(60_005, 0).unwrap(), whole(), "it is served on");
        let finished = finished_folder(&folder.path().join("album"), &info(), &[true; 4]).unwrap().unwrap();
        assert_eq!(finished.read_bytes_at(60_005, 0).unwrap(), whole());
    }

    #[test]
    fn of_files_that_nobody_wants_nothing_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let wanted = [false, true, false, false];
        let part = PartFolder::open(target(folder.path()), &info(), &wanted).unwrap();
        part.content().write_all_at(&[whole().slice(PIECE..2 * PIECE)], PIECE as u64).unwrap();
        assert_eq!(part.content().read_bytes_at(PIECE, PIECE as u64).unwrap(), whole()[PIECE..2 * PIECE]);
        part.finish(false).unwrap();
        let album = folder.path().join("album");
        assert_eq!(fs::read(album.join("sub/b")).unwrap(), whole()[20_000..20_005]);
        assert_eq!(fs::read_dir(&album).unwrap().count(), 1);
        assert!(finished_folder(&album, &info(), &wanted).unwrap().is_some());
        assert!(finished_folder(&album, &info(), &[true; 4]).unwrap().is_none());
    }

    #[test]
    fn resuming_looks_at_what_was_written_only() {
        let folder = tempfile::tempdir().unwrap();
        let part = PartFolder::open(target(folder.path()), &info(), &[true; 4]).unwrap();
        let last = 3 * PIECE;
        part.content().write_all_at(&[whole().slice(last..)], last as u64).unwrap();
        assert!(matches!(PartFolder::open(target(folder.path()), &info(), &[true; 4]), Err(OpenError::InUse)));
        drop(part);
        let part = PartFolder::open(target(folder.path()), &info(), &[true; 4]).unwrap();
        let candidates = part.candidates(&info());
        assert!(candidates.contains(&3) && !candidates.contains(&0), "{candidates:?}");
    }

    #[test]
    fn a_folder_of_the_same_name_is_written_into_only_when_told() {
        let folder = tempfile::tempdir().unwrap();
        let part = PartFolder::open(target(folder.path()), &info(), &[true; 4]).unwrap();
        part.content().write_all_at(&[whole()], 0).unwrap();
        let album = folder.path().join("album");
        fs::create_dir(&album).unwrap();
        fs::write(album.join("a"), b"other").unwrap();
        fs::write(album.join("own"), b"own").unwrap();
        assert_eq!(part.finish(false).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(album.join("a")).unwrap(), b"other");
        part.finish(true).unwrap();
        assert_eq!(fs::read(album.join("a")).unwrap(), whole()[..20_000]);
        assert_eq!(fs::read(album.join("own")).unwrap(), b"own");
        assert!(!part.target().part.exists());
    }
}
