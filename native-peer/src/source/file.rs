//! A file, which is opened once.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use metainfo::{Info, InfoBuilder};
use wire_protocol::text::file_name;

use super::{Hashing, what_is_wrong};
use crate::failure::{Failure, Outcome};
use crate::storage::{Content, FileStamp, to_read};

/// An open file and what it looked like when it was opened.
#[derive(Debug)]
pub struct SingleFile {
    /// As given.
    pub path: PathBuf,
    /// To see whether it changes.
    file: Arc<File>,
    /// To read.
    pub content: Arc<Content>,
    /// What others see and save it as; its own name made safe for every system.
    pub name: String,
    /// Its own name, where that is another one.
    pub renamed_from: Option<String>,
    /// Its length and time of change.
    pub stamp: FileStamp,
}

impl SingleFile {
    /// Opens it.
    ///
    /// # Errors
    /// Not there, not a file, empty.
    pub fn open(path: &Path) -> Outcome<Self> {
        let failure = |error: &std::io::Error| Failure::file("open", path, error);
        let file = to_read(path).map_err(|error| match error.kind() {
            std::io::ErrorKind::InvalidInput => no_file(path, &error),
            _ => failure(&error),
        })?;
        let metadata = file.metadata().map_err(|error| failure(&error))?;
        if metadata.len() == 0 {
            return Err(Failure::local_files(
                format!("{} is empty", path.display()),
                "There is nothing to share in it.",
            ));
        }
        let stamp = FileStamp::of(&file).map_err(|error| failure(&error))?;
        let full = path.canonicalize().map_err(|error| failure(&error))?;
        let own_name = full.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let name = file_name(&own_name);
        let renamed_from = (own_name != name).then_some(own_name);
        let file = Arc::new(file);
        let content = Arc::new(Content::of_file(file.clone(), stamp.len));
        Ok(Self { path: path.to_path_buf(), file, content, name, renamed_from, stamp })
    }

    /// A torrent of it, not hashed yet.
    ///
    /// # Errors
    /// A piece length that does not go with the file.
    pub fn builder(&self, piece_len: Option<u32>) -> Outcome<InfoBuilder> {
        InfoBuilder::new(&self.name, self.stamp.len, piece_len)
            .map_err(|error| Failure::usage(what_is_wrong(&error), "Choose longer pieces with --piece-size."))
    }

    /// It is still what it was.
    ///
    /// # Errors
    /// Its length or time of change differ.
    pub fn check_unchanged(&self) -> Outcome {
        // By path as well: a program that "saves" often writes a new file and gives it the old name.
        let on_disk = to_read(&self.path).and_then(|file| FileStamp::of(&file));
        let is_same = FileStamp::of(&self.file).is_ok_and(|stamp| stamp == self.stamp)
            && on_disk.is_ok_and(|stamp| stamp == self.stamp);
        if is_same {
            return Ok(());
        }
        Err(self.changed())
    }

    /// What is said when it is not.
    pub fn changed(&self) -> Failure {
        Failure::local_files(
            format!("{} has changed since it was hashed", self.path.display()),
            "What others fetched so far is good. Share it again to give them the new version.",
        )
    }

    /// Hashes it on all cores. `show` is told bytes done and bytes per second, some times a second.
    ///
    /// # Errors
    /// Reading fails, or the file changes meanwhile.
    pub async fn hash(&self, mut builder: InfoBuilder, mut show: impl FnMut(u64, u64)) -> Outcome<Info> {
        let layout = *builder.layout();
        let pieces: Vec<u32> = (0..layout.pieces()).collect();
        let hashing = Hashing::start(self.content.clone(), layout, pieces);
        let digests = hashing.finish(&mut show).await.map_err(|error| match error.kind() {
            std::io::ErrorKind::UnexpectedEof => self.changed(),
            _ => Failure::file("read", &self.path, &error),
        })?;
        self.check_unchanged()?;
        for (piece, digest) in digests {
            builder.set_digest(piece, digest);
        }
        builder.finish().map_err(|error| Failure::unexpected(error.to_string()))
    }
}

/// A stream has no length, and can be read only once.
fn no_file(path: &Path, error: &std::io::Error) -> Failure {
    let what = format!("{} cannot be shared: {error}", path.display());
    Failure::usage(what, "Files and folders can be. Save what comes out of a stream to a file first.")
}
