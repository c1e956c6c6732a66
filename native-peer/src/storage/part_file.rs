//! The file that a download grows in: `NAME.part`, as long as the whole from its first byte on (with holes), renamed to
//! `NAME` when every piece is verified. It is its own record of what is there: resuming hashes what was ever written to
//! it, so no second file can disagree with it.

use std::fs::{self, File};
use std::io;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use metainfo::Layout;

use super::content::{Content, Place, Where};
use super::kind::Kind;
use super::open;
use super::open_files::{Growth, There, lock};
use super::part::OpenError;
use super::space::{allocated_bytes, written_ranges};
use super::target::Target;

/// A `.part` file, which nobody else writes.
#[derive(Debug)]
pub struct PartFile {
    content: Arc<Content>,
    target: Target,
    /// What was there before.
    before: Option<File>,
}

impl PartFile {
    /// Opens what is there, and changes nothing.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open(target: Target, layout: &Layout) -> Result<Self, OpenError> {
        let before = match Kind::of(&target.part)? {
            Kind::Nothing => None,
            Kind::File { len } if len <= layout.total_len() => Some(open::to_go_on(&target.part)?),
            Kind::File { .. } => return Err(OpenError::Foreign),
            kind => return Err(OpenError::Obstacle(target.part, kind)),
        };
        let lock = before.as_ref().map(File::try_clone).transpose()?.map(lock).transpose()?.flatten();
        let name = target.part.file_name().unwrap_or_default();
        let place = Place { len: layout.total_len(), at: Where::Below(name.into()) };
        let files = before.iter().map(|_| name.into()).collect();
        let content = Content::growing(target.folder().to_path_buf(), vec![place], Growth::File, There { lock, files });
        Ok(Self { content: Arc::new(content), target, before })
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
        layout.total_len().saturating_sub(self.before.as_ref().map_or(0, allocated_bytes))
    }

    /// Where something was written before.
    pub fn written(&self) -> Vec<Range<u64>> {
        let len = self.before.as_ref().map_or(0, file_len);
        self.before.as_ref().map_or(Vec::new(), |file| written_ranges(file, len))
    }

    /// What cannot be read: it is shorter than the whole.
    pub fn missing(&self, layout: &Layout) -> Vec<Range<u64>> {
        let len = self.before.as_ref().map_or(0, file_len);
        std::iter::once(len..layout.total_len()).filter(|range| !range.is_empty()).collect()
    }

    /// Everything is verified: makes it durable, gives it its name. Replaces a file that has the name only if `overwrite`,
    /// and nothing else ever.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn finish(&self, overwrite: bool) -> io::Result<()> {
        let Target { path, part } = &self.target;
        open::to_go_on(part)?.sync_all()?;
        match (Kind::of(path)?, overwrite) {
            (Kind::File { .. }, true) => fs::rename(part, path)?,
            (Kind::Nothing, _) => rename_without_replacing(&self.target)?,
            _ => return Err(io::ErrorKind::AlreadyExists.into()),
        }
        sync_names(self.target.folder());
        Ok(())
    }
}

fn file_len(file: &File) -> u64 {
    file.metadata().map_or(0, |metadata| metadata.len())
}

/// A hard link never replaces; where there are none, looking first is the best there is.
fn rename_without_replacing(target: &Target) -> io::Result<()> {
    match fs::hard_link(&target.part, &target.path) {
        Ok(()) => fs::remove_file(&target.part),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(error),
        Err(_) if Kind::of(&target.path)? != Kind::Nothing => Err(io::ErrorKind::AlreadyExists.into()),
        Err(_) => fs::rename(&target.part, &target.path),
    }
}

/// A name is durable once its folder is. Not every system lets one sync a folder.
pub fn sync_names(folder: &Path) {
    #[cfg(unix)]
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
    #[cfg(not(unix))]
    let _ = folder;
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    const PIECE: u64 = 65_536;

    fn layout() -> Layout {
        Layout::new(64 * PIECE + 5, PIECE).unwrap()
    }

    fn target(folder: &tempfile::TempDir) -> Target {
        Target::new(folder.path().join("sub/movie.mp4"))
    }

    fn write(part: &PartFile, pieces: &[u32]) {
        for piece in pieces {
            let block = Bytes::from(vec![9; layout().piece_len(*piece) as usize]);
            part.content().write_all_at(&[block], layout().piece_offset(*piece)).unwrap();
        }
    }

    #[test]
    fn it_is_made_with_its_first_byte_as_long_as_the_whole() {
        let folder = tempfile::tempdir().unwrap();
        let part = PartFile::open(target(&folder), &layout()).unwrap();
        assert!(part.written().is_empty());
        assert_eq!(part.missing(&layout()).first(), Some(&(0..64 * PIECE + 5)));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        write(&part, &[7]);
        assert_eq!(fs::metadata(&part.target().part).unwrap().len(), 64 * PIECE + 5);
    }

    #[test]
    fn what_was_written_before_is_known_and_what_is_there_is_not_changed() {
        let folder = tempfile::tempdir().unwrap();
        let part = PartFile::open(target(&folder), &layout()).unwrap();
        write(&part, &[7, 8, 64]);
        drop(part);
        let before = fs::metadata(target(&folder).part).unwrap();
        let part = PartFile::open(target(&folder), &layout()).unwrap();
        let is_written = |at: u64| part.written().iter().any(|range| range.contains(&at));
        assert!([7 * PIECE, 9 * PIECE - 1, 64 * PIECE].into_iter().all(is_written), "{:?}", part.written());
        let after = fs::metadata(target(&folder).part).unwrap();
        assert_eq!((before.len(), before.modified().unwrap()), (after.len(), after.modified().unwrap()));
    }

    #[test]
    fn a_shorter_one_grows_with_the_next_byte_and_a_longer_one_is_somebody_elses() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("sub")).unwrap();
        fs::write(target(&folder).part, vec![9; 3 * PIECE as usize]).unwrap();
        let part = PartFile::open(target(&folder), &layout()).unwrap();
        assert_eq!(part.missing(&layout()).first(), Some(&(3 * PIECE..64 * PIECE + 5)));
        write(&part, &[3]);
        assert_eq!(fs::metadata(target(&folder).part).unwrap().len(), 64 * PIECE + 5);
        drop(part);
        fs::write(target(&folder).part, vec![9; 64 * PIECE as usize + 6]).unwrap();
        assert!(matches!(PartFile::open(target(&folder), &layout()), Err(OpenError::Foreign)));
        assert_eq!(fs::metadata(target(&folder).part).unwrap().len(), 64 * PIECE + 6);
    }

    #[test]
    fn a_part_file_has_one_writer() {
        let folder = tempfile::tempdir().unwrap();
        let part = PartFile::open(target(&folder), &layout()).unwrap();
        let other = PartFile::open(target(&folder), &layout()).unwrap();
        write(&part, &[0]);
        assert!(matches!(PartFile::open(target(&folder), &layout()), Err(OpenError::InUse)));
        // Both found nothing: the second one comes too late.
        let block = Bytes::from_static(b"x");
        assert!(other.content().write_all_at(&[block], 0).is_err());
    }

    #[test]
    fn finishing_renames_and_replaces_only_when_told() {
        let folder = tempfile::tempdir().unwrap();
        let part = PartFile::open(target(&folder), &layout()).unwrap();
        write(&part, &[0]);
        fs::write(&part.target().path, b"other").unwrap();
        assert_eq!(part.finish(false).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&part.target().path).unwrap(), b"other");
        part.finish(true).unwrap();
        assert_eq!(fs::metadata(&part.target().path).unwrap().len(), 64 * PIECE + 5);
        assert!(!part.target().part.exists());
    }

    #[cfg(unix)]
    #[test]
    fn a_link_that_appeared_meanwhile_is_neither_followed_nor_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let part = PartFile::open(target(&folder), &layout()).unwrap();
        write(&part, &[0]);
        std::os::unix::fs::symlink(folder.path().join("nowhere"), &part.target().path).unwrap();
        for overwrite in [false, true] {
            assert_eq!(part.finish(overwrite).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        }
        assert_eq!(Kind::of(&part.target().path).unwrap(), Kind::Link);
        assert!(part.target().part.exists());
    }
}
