//! What is to be shared or made a torrent of, hashed on all cores and watched for change: a file, which is opened
//! once, or a folder.

mod file;
mod folder;
mod hashing;
mod walk;

use std::path::Path;
use std::sync::Arc;

use metainfo::{Info, InfoBuilder, InfoError};
use wire_protocol::text::FILE_NAME_BYTES_MAX;

use crate::failure::{Failure, Outcome, sentence};
use crate::report::text;
use crate::storage::Content;

use file::SingleFile;
use folder::Folder;
pub use hashing::Hashing;

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
        match self {
            Self::File(file) => file.hash(builder, show).await,
            Self::Folder(folder) => folder.hash(builder, show).await,
        }
    }

    /// It is still what it was; of a folder a part of the files is looked at each time.
    ///
    /// # Errors
    /// The name of what is not.
    pub fn check_unchanged(&self) -> Outcome {
        match self {
            Self::File(file) => file.check_unchanged(),
            Self::Folder(folder) => folder.check_some(),
        }
    }
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
