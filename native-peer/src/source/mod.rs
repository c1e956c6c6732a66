//! What is to be shared or made a torrent of, hashed on all cores and watched for change: a file, which is opened
//! once, or a folder.

mod file;
mod folder;
mod hashing;
mod settling;
mod walk;
mod words;

use std::io;
use std::path::Path;
use std::sync::Arc;

use metainfo::{Info, InfoBuilder, InfoError};
use sha1::{Digest, Sha1};
use wire_protocol::text::FILE_NAME_BYTES_MAX;

use crate::failure::{Failure, Outcome, sentence};
use crate::hashing::{Fingerprint, PieceDigest};
use crate::report::text;
use crate::storage::{Content, FileStamp};

use file::SingleFile;
use folder::Folder;
pub use hashing::Hashing;
pub use settling::{settled, settled_again};
pub use words::{Words, still_written, unreadable};

/// What something looks like beside what it was.
#[derive(Debug, PartialEq, Eq)]
pub enum Look {
    /// Nothing says that it changed.
    Same,
    /// The same under another name: a sentence.
    Moved(String),
    /// Only reading tells: a sentence.
    Unsure(String),
}

impl Look {
    /// `how`: the end of a sentence.
    fn unsure(path: &Path, how: &str) -> Self {
        Self::Unsure(format!("{} {how}: looking whether it is still the same.", path.display()))
    }
}

/// A file or a folder.
#[derive(Debug)]
pub enum Source {
    File(SingleFile),
    Folder(Folder),
}

impl Source {
    /// Opens the file, or looks through the folder, which may take long. `except`: not taken, as the torrent file that is
    /// being made.
    ///
    /// # Errors
    /// Nothing is there, it cannot be read, or is empty.
    pub fn open(path: &Path, takes_hidden: bool, except: Option<&Path>) -> Outcome<Self> {
        if path == Path::new("-") && !path.exists() {
            let advice = "Save it to a file first: others need it as long as they download.";
            return Err(Failure::usage("what comes from stdin cannot be shared", advice));
        }
        match path.is_dir() {
            true => Folder::open(path, takes_hidden, except).map(Self::Folder),
            false => SingleFile::open(path).map(Self::File),
        }
    }

    /// As given.
    pub fn path(&self) -> &Path {
        match self {
            Self::File(file) => &file.path,
            Self::Folder(folder) => &folder.path,
        }
    }

    /// The same, away from the thread that waits.
    ///
    /// # Errors
    /// As [`Source::open`].
    pub async fn open_elsewhere(path: &Path, takes_hidden: bool, except: Option<&Path>) -> Outcome<Self> {
        let (path, except) = (path.to_path_buf(), except.map(Path::to_path_buf));
        let opening = tokio::task::spawn_blocking(move || Self::open(&path, takes_hidden, except.as_deref()));
        opening.await.map_err(|error| Failure::unexpected(error.to_string()))?
    }

    /// Bytes of all its files.
    pub fn len(&self) -> u64 {
        self.stamps().iter().map(|(_, stamp)| stamp.len).sum()
    }

    /// What is different in the torrent from what is on disk, for the person.
    pub fn notes(&self) -> Vec<String> {
        match self {
            Self::File(file) => file.renamed_from.iter().map(|own_name| renamed(own_name, &file.name)).collect(),
            Self::Folder(folder) => [folder.left_out.sentences(), folder.renamed()].concat(),
        }
    }

    /// How many things of a folder are not in the torrent.
    pub fn left_out(&self) -> usize {
        match self {
            Self::File(_) => 0,
            Self::Folder(folder) => folder.left_out.count(),
        }
    }

    /// A torrent of it, not hashed yet.
    ///
    /// # Errors
    /// What no torrent can say.
    pub fn builder(&self, piece_len: Option<u32>) -> Outcome<InfoBuilder> {
        match self {
            Self::File(file) => file.builder(piece_len),
            Self::Folder(folder) => folder.builder(piece_len),
        }
    }

    /// Its bytes in the order of the torrent.
    pub fn content(&self, builder: &InfoBuilder) -> Arc<Content> {
        match self {
            Self::File(file) => file.content.clone(),
            Self::Folder(folder) => Arc::new(folder.content(builder)),
        }
    }

    /// Hashes it on all cores. `show` is told bytes done and bytes per second, some times a second.
    ///
    /// # Errors
    /// Reading fails, or something changes meanwhile.
    pub async fn hash(&self, builder: InfoBuilder, show: impl FnMut(u64, u64)) -> Outcome<Info> {
        let read = self.read(builder, show).await;
        // First, because of a file that has changed reading says the least.
        match self.look(Words::Hashing, true)? {
            Look::Unsure(_) => Err(Words::Hashing.changed(self.path(), "was written to, or has another date")),
            Look::Same | Look::Moved(_) => read,
        }
    }

    /// The same, without looking whether it changed: only [`Source::look`] tells what an error means.
    ///
    /// # Errors
    /// Reading fails.
    pub async fn read(&self, mut builder: InfoBuilder, mut show: impl FnMut(u64, u64)) -> Outcome<Info> {
        let layout = *builder.layout();
        let hashing = Hashing::start(self.content(&builder), layout, (0..layout.pieces()).collect());
        for (piece, digest) in hashing.finish(&mut show).await.map_err(|error| self.unreadable(&error))? {
            builder.set_digest(piece, digest);
        }
        builder.finish().map_err(|error| Failure::unexpected(error.to_string()))
    }

    /// Of these pieces the first that is not what its torrent says. `show` is as for [`Source::hash`].
    ///
    /// # Errors
    /// Reading fails.
    pub async fn find_other(
        &self,
        info: &Info,
        pieces: Vec<u32>,
        mut show: impl FnMut(u64, u64),
    ) -> Outcome<Option<u32>> {
        let content = self.content(&self.builder(Some(info.layout().nominal_piece_len()))?);
        let read = Hashing::start(content, *info.layout(), pieces).finish(&mut show).await;
        Ok(other_piece(info, read.map_err(|error| self.unreadable(&error))?))
    }

    fn unreadable(&self, error: &io::Error) -> Failure {
        Words::Hashing.unreadable(self.path(), error)
    }

    /// Whether it is still what it was; of a folder a part of the files is looked at each time, or `all`.
    ///
    /// # Errors
    /// It is certainly not.
    pub fn look(&self, words: Words, all: bool) -> Outcome<Look> {
        match self {
            Self::File(file) => file.look(words),
            Self::Folder(folder) => folder.look(words, all),
        }
    }

    /// The same as it looks now, and the places of those of its files that only reading can tell from what they were; a
    /// single file is the first.
    ///
    /// # Errors
    /// It is certainly not the same.
    pub fn again(&self, words: Words) -> Outcome<(Self, Vec<usize>)> {
        match self {
            Self::File(file) => {
                let again = file.again()?;
                match again.stamp.len == file.stamp.len {
                    true => Ok((Self::File(again), vec![0])),
                    false => Err(words.resized(&file.path, file.stamp.len, again.stamp.len)),
                }
            }
            Self::Folder(folder) => {
                let (again, unsure) = folder.again(words)?;
                let again = Self::Folder(again);
                let builder = again.builder(None)?;
                let place = |parts: &Vec<String>| builder.files().iter().position(|file| file.path == *parts);
                Ok((again, unsure.iter().filter_map(place).collect()))
            }
        }
    }

    /// See [`Fingerprint`]. `None`: the file system keeps no times, so nothing can be told.
    pub fn fingerprint(&self) -> Option<Fingerprint> {
        let path = self.path().canonicalize().ok()?;
        let mut sum = Sha1::new().chain_update(path.as_os_str().as_encoded_bytes());
        for (name, stamp) in self.stamps() {
            sum.update([0]);
            sum.update(name.as_bytes());
            sum.update([0]);
            sum.update(stamp.fingerprint()?);
        }
        Some(sum.finalize().into())
    }

    /// What its files look like, with their names below it.
    fn stamps(&self) -> Vec<(String, FileStamp)> {
        match self {
            Self::File(file) => vec![(String::new(), file.stamp)],
            Self::Folder(folder) => folder.stamps().map(|(parts, stamp)| (parts.join("/"), *stamp)).collect(),
        }
    }
}

/// The first of some pieces that is not what its torrent says.
pub fn other_piece(info: &Info, digests: Vec<(u32, PieceDigest)>) -> Option<u32> {
    digests.into_iter().filter(|(piece, digest)| *digest != info.digest(*piece)).map(|(piece, _)| piece).min()
}

/// What cannot be seen in the name is shown as its number.
fn renamed(own_name: &str, name: &str) -> String {
    let why = match own_name.len() > FILE_NAME_BYTES_MAX {
        true => format!(
            "a name has at most {FILE_NAME_BYTES_MAX} bytes, so that it fits everywhere while it is not complete"
        ),
        false => "its own name cannot be used everywhere".to_owned(),
    };
    format!("Others get {} as {}: {why}.", escaped(own_name), text::printable(name))
}

fn escaped(name: &str) -> String {
    let is_seen = |c: char| {
        let between = format!("a{c}b");
        text::whole(&between) == between
    };
    name.chars().map(|c| if is_seen(c) { c.to_string() } else { c.escape_unicode().to_string() }).collect()
}

/// What is wrong with a torrent that was to be made, without a full stop.
fn what_is_wrong(error: &InfoError) -> String {
    sentence(&error.to_string()).trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_get_is_said_so_that_the_difference_is_seen() {
        let said = renamed("a\u{200D}b\n.txt", "ab .txt");
        assert_eq!(said, "Others get a\\u{200d}b\\u{a}.txt as ab .txt: its own name cannot be used everywhere.");
        assert!(renamed(&"n".repeat(255), &"n".repeat(240)).contains("at most 240 bytes"));
    }
}
