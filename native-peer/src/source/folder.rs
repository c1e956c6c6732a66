//! A folder that is made a torrent of. Its files are hashed one after the other as if they were one.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use metainfo::{Info, InfoBuilder, NewFile};
use wire_protocol::text::file_name;

use super::walk::{LeftOut, walk};
use super::{Hashing, renamed, what_is_wrong};
use crate::failure::{Failure, Outcome};
use crate::storage::{Content, FileStamp, Place, Where, to_read};

/// Files that are looked at in one go, whether they have changed.
const CHECKED_AT_ONCE: usize = 200;

/// The files below a folder, and what they looked like when they were found.
#[derive(Debug)]
pub struct Folder {
    /// As given.
    pub path: PathBuf,
    name: String,
    stamps: BTreeMap<Vec<String>, FileStamp>,
    /// What is not in it.
    pub left_out: LeftOut,
    /// Which file is looked at next.
    next_check: AtomicUsize,
}

impl Folder {
    /// Looks for its files; see [`walk`].
    ///
    /// # Errors
    /// Something in it cannot be read; it has no files, or no name.
    pub fn open(path: &Path, takes_hidden: bool, except: Option<&Path>) -> Outcome<Self> {
        let full = path.canonicalize().map_err(|error| Failure::file("open", path, &error))?;
        let name = full.file_name().and_then(|name| name.to_str()).map(str::to_owned).ok_or_else(|| {
            Failure::usage(format!("{} has no name that a torrent can have", path.display()), "Give it another name.")
        })?;
        let walked = walk(path, takes_hidden, except)?;
        if walked.files.values().all(|stamp| stamp.len == 0) {
            let advice = [vec!["There is nothing to share in it.".to_owned()], walked.left_out.sentences()].concat();
            return Err(Failure::local_files(format!("{} is empty", path.display()), advice.join("\n")));
        }
        Ok(Self {
            path: path.to_path_buf(),
            name,
            stamps: walked.files,
            left_out: walked.left_out,
            next_check: AtomicUsize::new(0),
        })
    }

    /// What others get under other names: the folder itself, and how many of those in it.
    pub fn renamed(&self) -> Vec<String> {
        let name = file_name(&self.name);
        let of_folder = (name != self.name).then(|| renamed(&self.name, &name));
        let is_renamed = |path: &&Vec<String>| path.iter().any(|part| file_name(part) != *part);
        let of_files = self.stamps.keys().find(is_renamed).map(|first| {
            let safe: Vec<String> = first.iter().map(|part| file_name(part)).collect();
            let count = self.stamps.keys().filter(is_renamed).count();
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
        let files = self.stamps.iter().map(|(path, stamp)| NewFile { path: path.clone(), len: stamp.len }).collect();
        InfoBuilder::folder(&self.name, files, piece_len).map_err(|error| {
            Failure::usage(what_is_wrong(&error), "Choose longer pieces with --piece-size, or take an archive of it.")
        })
    }

    /// Hashes it on all cores. `show` is told bytes done and bytes per second, some times a second.
    ///
    /// # Errors
    /// Reading fails, or a file changes meanwhile.
    pub async fn hash(&self, mut builder: InfoBuilder, mut show: impl FnMut(u64, u64)) -> Outcome<Info> {
        let layout = *builder.layout();
        let hashing = Hashing::start(Arc::new(self.content(&builder)), layout, (0..layout.pieces()).collect());
        let result = hashing.finish(&mut show).await;
        // First, because of a file that has changed reading says the least.
        self.check_all()?;
        for (piece, digest) in result.map_err(|error| Failure::file("read", &self.path, &error))? {
            builder.set_digest(piece, digest);
        }
        builder.finish().map_err(|error| Failure::unexpected(error.to_string()))
    }

    /// The files in the order of the torrent's bytes.
    pub fn content(&self, builder: &InfoBuilder) -> Content {
        let place = |file: &NewFile| Place { len: file.len, at: Where::Below(file.path.iter().collect()) };
        Content::new(self.path.clone(), builder.files().iter().map(place).collect())
    }

    /// Every file is still what it was.
    fn check_all(&self) -> Outcome {
        let changed = |path: &Path| {
            Failure::local_files(
                format!("{} has changed while it was hashed", path.display()),
                "Nothing was written. Run the command again when nobody writes to the folder.",
            )
        };
        self.stamps.iter().try_for_each(|(parts, stamp)| self.check(parts, stamp, changed))
    }

    /// Some files are still what they were; the next ones next time.
    ///
    /// # Errors
    /// The name of one that is not.
    pub fn check_some(&self) -> Outcome {
        let first = self.next_check.fetch_add(CHECKED_AT_ONCE, Ordering::Relaxed) % self.stamps.len();
        let changed = |path: &Path| {
            Failure::local_files(
                format!("{} has changed since it was hashed", path.display()),
                "What others fetched so far is good. Share the folder again to give them the new version.",
            )
        };
        let mut some = self.stamps.iter().cycle().skip(first).take(CHECKED_AT_ONCE.min(self.stamps.len()));
        some.try_for_each(|(parts, stamp)| self.check(parts, stamp, changed))
    }

    fn check(&self, parts: &[String], stamp: &FileStamp, changed: impl Fn(&Path) -> Failure) -> Outcome {
        let mut path = self.path.clone();
        path.extend(parts);
        let now = to_read(&path).and_then(|file| FileStamp::of(&file));
        match now.map_err(|error| Failure::file("read", &path, &error))? == *stamp {
            true => Ok(()),
            false => Err(changed(&path)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};

    use sha1::{Digest, Sha1};

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
        let folder = open(&folder);
        let mut shown = 0;
        let info = folder.hash(folder.builder(Some(PIECE_LEN)).unwrap(), |done, _| shown = done).await.unwrap();
        assert_eq!(shown, all.len() as u64);
        for (piece, bytes) in (0..).zip(all.chunks(PIECE_LEN as usize)) {
            assert_eq!(info.digest(piece), <[u8; 20]>::from(Sha1::digest(bytes)), "piece {piece}");
        }
    }

    #[tokio::test]
    async fn a_file_that_changes_while_it_is_hashed_is_named() {
        type Change = fn(&Path);
        let shrink: Change = |path| File::options().write(true).open(path).unwrap().set_len(10).unwrap();
        let grow: Change = |path| File::options().write(true).open(path).unwrap().set_len(70_000).unwrap();
        for change in [shrink, grow] {
            let (disk, _) = folder_of(&[("a", 20_000), ("b", 30_000)]);
            let folder = open(&disk);
            let builder = folder.builder(Some(PIECE_LEN)).unwrap();
            change(&disk.path().join("b"));
            let failure = folder.hash(builder, |_, _| ()).await.unwrap_err();
            assert_eq!(failure.exit, exit_code::LOCAL_FILES);
            assert!(failure.what.ends_with("b has changed while it was hashed"), "{failure}");
        }
    }

    #[tokio::test]
    async fn a_file_that_goes_away_is_named() {
        let (disk, _) = folder_of(&[("a", 20_000), ("b", 0)]);
        let folder = open(&disk);
        let builder = folder.builder(None).unwrap();
        fs::remove_file(disk.path().join("b")).unwrap();
        let failure = folder.hash(builder, |_, _| ()).await.unwrap_err();
        assert!(failure.what.starts_with("cannot read") && failure.what.ends_with('b'), "{failure}");
    }
}
