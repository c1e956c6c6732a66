//! The folder that a download of many files grows in: `NAME.part`, with the files in it as they will be, renamed to
//! `NAME` when every piece is verified. As with a single file, what is there is its own record.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io;
use std::ops::Range;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use metainfo::{FileEntry, Info};
use walkdir::WalkDir;

use super::before::{Before, Looking};
use super::content::{Content, Place, REST, Where};
use super::kind::{self, Kind};
use super::open;
use super::open_files::{Growth, There, lock};
use super::part::OpenError;
use super::part_file::sync_names;
use super::target::Target;

/// A `.part` folder, which nobody else writes.
#[derive(Debug)]
pub struct PartFolder {
    target: Target,
    content: Arc<Content>,
    /// Those that are wanted: their paths below the folder, and bytes.
    files: Vec<(PathBuf, u64)>,
    before: Before,
}

impl PartFolder {
    /// Opens what is there, and changes nothing. `wanted`: which of the torrent's files.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open(target: Target, info: &Info, wanted: &[bool]) -> Result<Self, OpenError> {
        let lock = match Kind::of(&target.part)? {
            Kind::Nothing => None,
            // Not every system lets one open a folder.
            Kind::Folder => File::open(&target.part).ok().map(lock).transpose()?.flatten(),
            kind => return Err(OpenError::Obstacle(target.part, kind)),
        };
        let mut looking = Looking::through(&target.part);
        let (mut places, mut files) = (Vec::new(), Vec::new());
        for (entry, is_wanted) in info.files().iter().zip(wanted) {
            let path = below(entry);
            let is_there = !entry.is_padding && looking.look_at(entry, &path, *is_wanted)?;
            if *is_wanted && !entry.is_padding {
                files.push((path.clone(), entry.len));
            }
            let at = match entry.is_padding {
                true => Where::Zeros,
                // What an earlier choice of files left is gone on with.
                false if *is_wanted || is_there => Where::Below(path),
                false => Where::Rest,
            };
            places.push(Place { len: entry.len, at });
        }
        looking.look_at_rest(&places, info.layout().total_len())?;
        let (before, files_there) = looking.finish()?;
        let there = There { lock, files: files_there };
        let content = Arc::new(Content::growing(target.part.clone(), places, Growth::Folder, there));
        Ok(Self { target, content, files, before })
    }

    pub fn content(&self) -> &Arc<Content> {
        &self.content
    }

    pub fn target(&self) -> &Target {
        &self.target
    }

    /// Bytes that the disk must still find room for.
    pub fn bytes_to_allocate(&self) -> u64 {
        let wanted: u64 = self.files.iter().map(|(_, len)| len).sum();
        wanted.saturating_sub(self.before.allocated)
    }

    /// Nothing was written below it.
    pub fn is_blank(&self) -> bool {
        self.before.written.is_empty() && !self.before.has_others
    }

    /// Where something was written before, in order.
    pub fn written(&self) -> &[Range<u64>] {
        &self.before.written
    }

    /// What cannot be read, in order.
    pub fn missing(&self) -> &[Range<u64>] {
        &self.before.missing
    }

    /// Everything that is wanted is verified: makes it durable, gives it its name. Into a folder that has the name it
    /// moves the files one by one, only if `overwrite`; what else is in the `.part` folder stays there.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn finish(&self, overwrite: bool) -> io::Result<()> {
        let Target { path, part } = &self.target;
        self.content.make_folder()?;
        // No piece brings a file without a byte.
        for (path, _) in self.files.iter().filter(|(_, len)| *len == 0) {
            make_empty(&part.join(path))?;
        }
        sync(part, &self.files)?;
        match (Kind::of(path)?, overwrite) {
            (Kind::Nothing, _) if self.has_only_wanted()? => {
                remove_rest(part)?;
                fs::rename(part, path)?;
            }
            (Kind::Nothing, _) => {
                fs::create_dir(path)?;
                self.move_files()?;
            }
            (Kind::Folder, true) => self.move_files()?,
            _ => return Err(io::ErrorKind::AlreadyExists.into()),
        }
        sync_names(self.target.folder());
        self.content.move_to(path.clone());
        Ok(())
    }

    fn has_only_wanted(&self) -> io::Result<bool> {
        let wanted: BTreeSet<&Path> = self.files.iter().map(|(path, _)| path.as_path()).collect();
        for entry in WalkDir::new(&self.target.part).min_depth(1) {
            let entry = entry.map_err(io::Error::from)?;
            let path = entry.path().strip_prefix(&self.target.part).unwrap_or(entry.path());
            if !entry.file_type().is_dir() && !wanted.contains(path) && path != Path::new(REST) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn move_files(&self) -> io::Result<()> {
        let Target { path: to, part } = &self.target;
        for (path, _) in &self.files {
            if kind::obstacle(to, path)?.is_some() {
                return Err(io::ErrorKind::AlreadyExists.into());
            }
            let whole = to.join(path);
            whole.parent().map_or(Ok(()), fs::create_dir_all)?;
            fs::rename(part.join(path), whole)?;
        }
        if self.has_only_wanted()? {
            remove_rest(part)?;
        }
        remove_empty(part);
        Ok(())
    }
}

/// The paths of wanted files below the torrent's folder.
pub fn wanted_paths<'a>(info: &'a Info, wanted: &'a [bool]) -> impl Iterator<Item = PathBuf> {
    let chosen = info.files().iter().zip(wanted).filter(|(entry, is_wanted)| **is_wanted && !entry.is_padding);
    chosen.map(|(entry, _)| below(entry))
}

/// The finished files of a torrent of many, to read: under the names that they have here, or that they had where the torrent
/// was made. `None`: one is not there, or not as long as it should be.
///
/// # Errors
/// What the operating system says.
pub fn finished_folder(path: &Path, info: &Info, wanted: &[bool]) -> io::Result<Option<Content>> {
    let mut places = Vec::new();
    for ((entry, raw), is_wanted) in info.files().iter().zip(info.raw_paths()).zip(wanted) {
        let at = match entry.is_padding {
            true => Where::Zeros,
            false if *is_wanted => {
                let Some(file) = find_finished(path, [Some(below(entry)), below_raw(&raw)], entry.len)? else {
                    return Ok(None);
                };
                Where::Below(file)
            }
            // Nobody reads what is not wanted: its pieces are not looked at.
            false => Where::Rest,
        };
        places.push(Place { len: entry.len, at });
    }
    Ok(Some(Content::new(path.into(), places)))
}

fn find_finished(folder: &Path, names: [Option<PathBuf>; 2], len: u64) -> io::Result<Option<PathBuf>> {
    for name in names.into_iter().flatten() {
        if kind::obstacle(folder, &name)?.is_none() && Kind::of(&folder.join(&name))? == (Kind::File { len }) {
            return Ok(Some(name));
        }
    }
    Ok(None)
}

/// Its place by the names that stand in the torrent; `None`: it leads elsewhere.
fn below_raw(raw: &[Bytes]) -> Option<PathBuf> {
    let parts = raw.iter().skip(1).map(|part| std::str::from_utf8(part).ok());
    let path: PathBuf = parts.clone().collect::<Option<_>>()?;
    let is_plain = path.components().all(|part| matches!(part, Component::Normal(_)));
    (is_plain && path.components().count() == parts.count()).then_some(path)
}

/// Its place below the torrent's folder. Every part is a bare and safe name ([`FileEntry::path`]).
fn below(entry: &FileEntry) -> PathBuf {
    entry.path.iter().skip(1).collect()
}

fn make_empty(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), fs::create_dir_all)?;
    match open::to_make(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => open::to_go_on(path).map(drop),
        made => made.map(drop),
    }
}

fn remove_rest(part: &Path) -> io::Result<()> {
    match fs::remove_file(part.join(REST)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Removes a folder and those below it that have nothing in them. `true`: it is gone.
pub fn remove_empty(folder: &Path) -> bool {
    for entry in WalkDir::new(folder).contents_first(true).into_iter().flatten() {
        if entry.file_type().is_dir() {
            // A folder that has something in it stays.
            let _ = fs::remove_dir(entry.path());
        }
    }
    !folder.exists()
}

/// One call for all files, where the system has it: 10,000 small files take minutes one by one.
#[cfg(target_os = "linux")]
fn sync(folder: &Path, _files: &[(PathBuf, u64)]) -> io::Result<()> {
    Ok(rustix::fs::syncfs(File::open(folder)?)?)
}

#[cfg(not(target_os = "linux"))]
fn sync(folder: &Path, files: &[(PathBuf, u64)]) -> io::Result<()> {
    files.iter().try_for_each(|(path, _)| open::to_go_on(&folder.join(path))?.sync_all())
}

#[cfg(test)]
mod tests {
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

    fn open(folder: &Path, wanted: [bool; 4]) -> Result<PartFolder, OpenError> {
        PartFolder::open(target(folder), &info(), &wanted)
    }

    fn write(part: &PartFolder, bytes: Range<usize>) {
        part.content().write_all_at(&[whole().slice(bytes.clone())], bytes.start as u64).unwrap();
    }

    #[test]
    fn all_files_are_there_under_their_names_when_it_is_finished() {
        let folder = tempfile::tempdir().unwrap();
        let part = open(folder.path(), [true; 4]).unwrap();
        assert!(part.is_blank() && !part.target().part.exists(), "it is made with its first byte");
        write(&part, 0..60_005);
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
        let part = open(folder.path(), wanted).unwrap();
        write(&part, PIECE..2 * PIECE);
        assert_eq!(part.content().read_bytes_at(PIECE, PIECE as u64).unwrap(), whole()[PIECE..2 * PIECE]);
        part.finish(false).unwrap();
        let album = folder.path().join("album");
        assert_eq!(fs::read(album.join("sub/b")).unwrap(), whole()[20_000..20_005]);
        assert_eq!(fs::read_dir(&album).unwrap().count(), 1);
        assert!(finished_folder(&album, &info(), &wanted).unwrap().is_some());
        assert!(finished_folder(&album, &info(), &[true; 4]).unwrap().is_none());
    }

    #[test]
    fn what_was_written_before_is_known_with_what_nobody_wanted() {
        let folder = tempfile::tempdir().unwrap();
        let only_b = [false, true, false, false];
        let part = open(folder.path(), only_b).unwrap();
        write(&part, PIECE..2 * PIECE);
        assert!(matches!(open(folder.path(), only_b), Err(OpenError::InUse)));
        drop(part);
        let part = open(folder.path(), only_b).unwrap();
        let covers = |at: usize| part.written().iter().any(|range| range.contains(&(at as u64)));
        assert!(covers(PIECE) && covers(20_002) && covers(2 * PIECE - 1), "{:?}", part.written());
        assert!(part.missing().iter().all(|range| range.start >= 2 * PIECE as u64), "{:?}", part.missing());
    }

    /// It used to be given its final name with the files that another choice had left unfinished.
    #[test]
    fn files_of_another_choice_and_of_others_stay_in_the_part_folder() {
        let folder = tempfile::tempdir().unwrap();
        let part = open(folder.path(), [true, false, false, false]).unwrap();
        write(&part, 0..PIECE);
        drop(part);
        let (album, rest) = (folder.path().join("album"), folder.path().join("album.part"));
        fs::write(rest.join("note"), b"mine").unwrap();
        let part = open(folder.path(), [false, false, true, false]).unwrap();
        assert!(!part.is_blank());
        part.finish(false).unwrap();
        assert_eq!(fs::read_dir(&album).unwrap().count(), 1);
        assert_eq!(fs::read(album.join("c")).unwrap(), b"");
        assert_eq!(fs::read(rest.join("note")).unwrap(), b"mine");
        assert_eq!(fs::read(rest.join("a")).unwrap()[..PIECE], whole()[..PIECE]);
    }

    #[test]
    fn a_folder_of_the_same_name_is_written_into_only_when_told() {
        let folder = tempfile::tempdir().unwrap();
        let part = open(folder.path(), [true; 4]).unwrap();
        write(&part, 0..60_005);
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

    #[test]
    fn a_name_in_a_torrent_leads_nowhere_else() {
        let path = |parts: &[&'static str]| below_raw(&parts.iter().map(|part| Bytes::from(*part)).collect::<Vec<_>>());
        assert_eq!(path(&["album", "a:b", "c~"]), Some(PathBuf::from("a:b/c~")));
        for parts in [["album", "..", "x"], ["album", "/etc", "x"], ["album", "a/b", "x"], ["album", "", "x"]] {
            assert_eq!(path(&parts), None, "{parts:?}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_link_or_a_folder_in_the_place_of_a_file_is_in_the_way() {
        let folder = tempfile::tempdir().unwrap();
        let part = folder.path().join("album.part");
        fs::create_dir(&part).unwrap();
        std::os::unix::fs::symlink(folder.path(), part.join("sub")).unwrap();
        let way = |wanted| match open(folder.path(), wanted) {
            Err(OpenError::Obstacle(path, kind)) => Some((path, kind)),
            _ => None,
        };
        assert_eq!(way([true; 4]), Some((part.join("sub"), Kind::Link)));
        assert_eq!(way([true, false, true, true]), None, "nobody wants what is there");
        fs::create_dir(part.join("d")).unwrap();
        assert_eq!(way([false, false, false, true]), Some((part.join("d"), Kind::Folder)));
    }
}
