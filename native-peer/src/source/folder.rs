//! A folder that is made a torrent of. Its files are hashed one after the other as if they were one.

use std::collections::BTreeMap;
use std::fs::Metadata;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use metainfo::{FILES_MAX, InfoBuilder, NewFile};
use walkdir::WalkDir;
use wire_protocol::text::file_name;

use super::walk::{LeftOut, walk};
use super::{Look, Words, renamed, what_is_wrong};
use crate::failure::{Failure, Outcome};
use crate::storage::{Content, FileStamp, Place, Root, Where};

/// Files that are looked at in one go, whether they have changed.
const CHECKED_AT_ONCE: usize = 200;

/// The files below a folder, and what they looked like when they were found.
#[derive(Debug)]
pub struct Folder {
    /// As given.
    pub path: PathBuf,
    root: Arc<Root>,
    name: String,
    files: BTreeMap<Vec<String>, Found>,
    /// What is not in it.
    pub left_out: LeftOut,
    /// Which file is looked at next.
    next_check: AtomicUsize,
}

/// One of its files.
#[derive(Debug, Clone)]
struct Found {
    /// Below the folder: by its name, until it is renamed.
    at: PathBuf,
    stamp: FileStamp,
}

impl Folder {
    /// Looks for its files; see [`walk`].
    ///
    /// # Errors
    /// Something in it cannot be read; it has no files, or no name.
    pub fn open(path: &Path, takes_hidden: bool, except: Option<&Path>) -> Outcome<Self> {
        let failure = |error: io::Error| Failure::file("open", path, &error);
        let full = path.canonicalize().map_err(failure)?;
        let name = full.file_name().and_then(|name| name.to_str()).map(str::to_owned).ok_or_else(|| {
            Failure::usage(format!("{} has no name that a torrent can have", path.display()), "Give it another name.")
        })?;
        let root = Arc::new(Root::open(path).map_err(failure)?);
        let walked = walk(path, takes_hidden, except)?;
        if walked.files.values().all(|stamp| stamp.len == 0) {
            let advice = [vec!["There is nothing to share in it.".to_owned()], walked.left_out.sentences()].concat();
            return Err(Failure::local_files(format!("{} is empty", path.display()), advice.join("\n")));
        }
        let found = |(parts, stamp): (Vec<String>, FileStamp)| {
            let at = parts.iter().collect();
            (parts, Found { at, stamp })
        };
        let files = walked.files.into_iter().map(found).collect();
        let next_check = AtomicUsize::new(0);
        Ok(Self { path: path.to_path_buf(), root, name, files, left_out: walked.left_out, next_check })
    }

    /// What others get under other names: the folder itself, and how many of those in it.
    pub fn renamed(&self) -> Vec<String> {
        let name = file_name(&self.name);
        let of_folder = (name != self.name).then(|| renamed(&self.name, &name));
        let is_renamed = |path: &&Vec<String>| path.iter().any(|part| file_name(part) != *part);
        let of_files = self.files.keys().find(is_renamed).map(|first| {
            let safe: Vec<String> = first.iter().map(|part| file_name(part)).collect();
            let count = self.files.keys().filter(is_renamed).count();
            let more = if count > 1 { format!(" And {} more files in it.", count - 1) } else { String::new() };
            renamed(&first.join("/"), &safe.join("/")) + &more
        });
        of_folder.into_iter().chain(of_files).collect()
    }

    /// A torrent of it, not hashed yet.
    ///
    /// # Errors
    /// What no torrent can say: too many files or pieces.
    pub fn builder(&self, piece_len: Option<u32>) -> Outcome<InfoBuilder> {
        let new = |(path, found): (&Vec<String>, &Found)| NewFile { path: path.clone(), len: found.stamp.len };
        InfoBuilder::folder(&self.name, self.files.iter().map(new).collect(), piece_len).map_err(|error| {
            Failure::usage(what_is_wrong(&error), "Choose longer pieces with --piece-size, or take an archive of it.")
        })
    }

    /// The files in the order of the torrent's bytes.
    pub fn content(&self, builder: &InfoBuilder) -> Content {
        let found = || builder.files().iter().filter_map(|file| self.files.get(&file.path));
        let places = found().map(|found| Place { len: found.stamp.len, at: Where::Below(found.at.clone()) });
        Content::below(self.root.clone(), places.collect()).while_unchanged(found().map(|found| found.stamp))
    }

    /// What the files look like.
    pub fn stamps(&self) -> impl Iterator<Item = (&[String], &FileStamp)> {
        self.files.iter().map(|(parts, found)| (&parts[..], &found.stamp))
    }

    /// Whether the files are still what they were: some of them, the next ones next time; or all.
    ///
    /// # Errors
    /// One is certainly not.
    pub fn look(&self, words: Words, all: bool) -> Outcome<Look> {
        let count = if all { self.files.len() } else { CHECKED_AT_ONCE.min(self.files.len()) };
        let first = self.next_check.fetch_add(count, Ordering::Relaxed) % self.files.len();
        let mut unsure = None;
        for found in self.files.values().cycle().skip(first).take(count) {
            let path = self.path.join(&found.at);
            match self.look_at(&found.at) {
                Ok(now) if now.len != found.stamp.len => return Err(words.resized(&path, found.stamp.len, now.len)),
                Ok(now) if !now.is_same_file(&found.stamp) => {
                    unsure = Some(Look::unsure(&path, "was replaced by another file"));
                }
                Ok(now) if !now.is_unchanged(&found.stamp) => {
                    unsure = Some(Look::unsure(&path, "was written to, or has another date"));
                }
                Ok(_) => {}
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(words.unreadable(&path, &error)),
                Err(_) => match self.find_moved(&found.stamp) {
                    Some(to) => unsure = Some(Look::unsure(&path, &format!("is called {} now", to.display()))),
                    None => return Err(words.gone(&path)),
                },
            }
        }
        Ok(unsure.unwrap_or_else(|| match self.root.is_in_place() {
            true => Look::Same,
            false => Look::Moved(format!(
                "{} has another name or place now. It is the same folder, and is shared on.",
                self.path.display()
            )),
        }))
    }

    /// What is a file no more is as good as gone.
    fn look_at(&self, at: &Path) -> io::Result<FileStamp> {
        let metadata: Metadata = self.root.file(at)?.metadata()?;
        if metadata.is_file() { Ok(FileStamp::from(&metadata)) } else { Err(io::ErrorKind::NotFound.into()) }
    }

    /// Where in the folder a file is that is not called as it was.
    fn find_moved(&self, stamp: &FileStamp) -> Option<PathBuf> {
        stamp.node?;
        let root = self.root.path_now()?;
        let is_it = |entry: &walkdir::DirEntry| {
            let now = entry.metadata().ok().filter(Metadata::is_file);
            now.is_some_and(|now| FileStamp::from(&now).is_unchanged(stamp))
        };
        let mut entries = WalkDir::new(&root).into_iter().flatten().take(2 * FILES_MAX);
        Some(entries.find(is_it)?.path().strip_prefix(&root).ok()?.to_path_buf())
    }

    /// The same files as they look now, and which of them only reading can tell from what they were.
    ///
    /// # Errors
    /// One is certainly not what it was.
    pub fn again(&self, words: Words) -> Outcome<(Self, Vec<Vec<String>>)> {
        let (mut files, mut unsure) = (BTreeMap::new(), Vec::new());
        for (parts, found) in &self.files {
            let path = self.path.join(&found.at);
            let now = match self.look_at(&found.at) {
                Ok(stamp) => Found { at: found.at.clone(), stamp },
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(words.unreadable(&path, &error)),
                Err(_) => {
                    let at = self.find_moved(&found.stamp).ok_or_else(|| words.gone(&path))?;
                    Found { at, stamp: found.stamp }
                }
            };
            if now.stamp.len != found.stamp.len {
                return Err(words.resized(&path, found.stamp.len, now.stamp.len));
            }
            if !now.stamp.is_unchanged(&found.stamp) {
                unsure.push(parts.clone());
            }
            files.insert(parts.clone(), now);
        }
        let (path, root, name) = (self.path.clone(), self.root.clone(), self.name.clone());
        let again = Self { path, root, name, files, left_out: LeftOut::default(), next_check: AtomicUsize::new(0) };
        Ok((again, unsure))
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};

    use sha1::{Digest, Sha1};

    use super::super::Source;
    use super::*;
    use crate::exit_code;

    const PIECE_LEN: u32 = 16_384;

    fn folder_of(files: &[(&str, usize)]) -> (tempfile::TempDir, Vec<u8>) {
        let folder = tempfile::tempdir().unwrap();
        let mut all = Vec::new();
        for (number, (name, len)) in files.iter().enumerate() {
            let bytes: Vec<u8> = (0..*len).map(|at| (at * 31 + number * 7) as u8).collect();
            fs::create_dir_all(folder.path().join(name).parent().unwrap()).unwrap();
            fs::write(folder.path().join(name), &bytes).unwrap();
            all.extend(bytes);
        }
        (folder, all)
    }

    fn open(folder: &tempfile::TempDir) -> Folder {
        Folder::open(folder.path(), false, None).unwrap()
    }

    #[tokio::test]
    async fn pieces_go_over_the_borders_of_files() {
        // In the order of the torrent.
        let (folder, all) = folder_of(&[("a", 3), ("b", 0), ("c.txt", 40_000), ("c/d", 1), ("c/e", 0), ("z", 50_000)]);
        let folder = Source::Folder(open(&folder));
        let mut shown = 0;
        let info = folder.hash(folder.builder(Some(PIECE_LEN)).unwrap(), |done, _| shown = done).await.unwrap();
        assert_eq!(shown, all.len() as u64);
        for (piece, bytes) in (0..).zip(all.chunks(PIECE_LEN as usize)) {
            assert_eq!(info.digest(piece), <[u8; 20]>::from(Sha1::digest(bytes)), "piece {piece}");
        }
    }

    #[tokio::test]
    async fn a_file_that_changes_while_it_is_hashed_is_named() {
        for (len, words) in [(10, "b has changed while it was hashed"), (70_000, "b is still being written")] {
            let (disk, _) = folder_of(&[("a", 20_000), ("b", 30_000)]);
            let source = Source::Folder(open(&disk));
            let builder = source.builder(Some(PIECE_LEN)).unwrap();
            File::options().write(true).open(disk.path().join("b")).unwrap().set_len(len).unwrap();
            let failure = source.hash(builder, |_, _| ()).await.unwrap_err();
            assert_eq!(failure.exit, exit_code::LOCAL_FILES);
            assert!(failure.what.contains(words), "{failure}");
        }
    }

    #[tokio::test]
    async fn a_file_that_goes_away_is_named() {
        let (disk, _) = folder_of(&[("a", 20_000), ("b", 0)]);
        let source = Source::Folder(open(&disk));
        let builder = source.builder(None).unwrap();
        fs::remove_file(disk.path().join("b")).unwrap();
        let failure = source.hash(builder, |_, _| ()).await.unwrap_err();
        assert!(failure.what.contains("b is gone"), "{failure}");
    }

    #[cfg(unix)]
    #[test]
    fn a_renamed_file_is_found_and_only_what_may_have_other_bytes_is_read_again() {
        let (disk, _) = folder_of(&[("a", 20_000), ("b", 30_000), ("c", 1)]);
        let folder = open(&disk);
        assert_eq!(folder.look(Words::Sharing, true), Ok(Look::Same));
        fs::create_dir(disk.path().join("d")).unwrap();
        fs::rename(disk.path().join("a"), disk.path().join("d/z")).unwrap();
        let written = fs::read(disk.path().join("b")).unwrap();
        fs::remove_file(disk.path().join("b")).unwrap();
        fs::write(disk.path().join("b"), written).unwrap();
        assert!(matches!(folder.look(Words::Sharing, true), Ok(Look::Unsure(_))));
        let (again, unsure) = folder.again(Words::Sharing).unwrap();
        assert_eq!(unsure, [["b".to_owned()]]);
        assert_eq!(again.files[&vec!["a".to_owned()]].at, Path::new("d/z"));
        assert_eq!(again.look(Words::Sharing, true), Ok(Look::Same));
        let content = again.content(&again.builder(None).unwrap());
        assert_eq!(content.read_bytes_at(50_001, 0).unwrap().len(), 50_001);
    }
}
