//! A file, which is opened once: whatever becomes of its name, it is the same one.

use std::fs::{self, File, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use metainfo::InfoBuilder;
use wire_protocol::text::file_name;

use super::{Look, Words, what_is_wrong};
use crate::failure::{Failure, Outcome};
use crate::storage::{Content, FileStamp, is_deleted, to_read};

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
    /// What it looks like.
    pub stamp: FileStamp,
}

impl SingleFile {
    /// Opens it.
    ///
    /// # Errors
    /// Not there, not a file, empty.
    pub fn open(path: &Path) -> Outcome<Self> {
        let failure = |error: &io::Error| Failure::file("open", path, error);
        let file = to_read(path).map_err(|error| match error.kind() {
            io::ErrorKind::InvalidInput => no_file(path, &error),
            _ => failure(&error),
        })?;
        let metadata = file.metadata().map_err(|error| failure(&error))?;
        if metadata.len() == 0 {
            return Err(Failure::local_files(
                format!("{} is empty", path.display()),
                "There is nothing to share in it.",
            ));
        }
        let full = path.canonicalize().map_err(|error| failure(&error))?;
        let own_name = full.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let name = file_name(&own_name);
        let renamed_from = (own_name != name).then_some(own_name);
        let stamp = FileStamp::from(&metadata);
        let file = Arc::new(file);
        Ok(Self { path: path.to_path_buf(), content: content(&file, stamp), file, name, renamed_from, stamp })
    }

    /// A torrent of it, not hashed yet.
    ///
    /// # Errors
    /// A piece length that does not go with the file.
    pub fn builder(&self, piece_len: Option<u32>) -> Outcome<InfoBuilder> {
        InfoBuilder::new(&self.name, self.stamp.len, piece_len)
            .map_err(|error| Failure::usage(what_is_wrong(&error), "Choose longer pieces with --piece-size."))
    }

    /// Whether it is still what it was.
    ///
    /// # Errors
    /// It is certainly not.
    pub fn look(&self, words: Words) -> Outcome<Look> {
        let own = self.file.metadata().map_err(|error| words.unreadable(&self.path, &error))?;
        let (now, named) = (FileStamp::from(&own), self.named());
        let is_in_place = named.as_ref().is_ok_and(|named| FileStamp::from(named).is_same_file(&now));
        if !is_in_place && is_deleted(&own) {
            return match named {
                Ok(other) if other.len() == self.stamp.len => {
                    Ok(Look::unsure(&self.path, "was replaced by another file"))
                }
                Ok(_) => Err(words.changed(&self.path, "was replaced by another file")),
                Err(_) => Err(words.gone(&self.path)),
            };
        }
        if now.len != self.stamp.len {
            return Err(words.resized(&self.path, self.stamp.len, now.len));
        }
        if now.modified != self.stamp.modified {
            return Ok(Look::unsure(&self.path, "was written to, or has another date"));
        }
        Ok(if is_in_place { Look::Same } else { Look::Moved(moved(&self.path, &self.file)) })
    }

    /// What has the name now, if that is a file.
    fn named(&self) -> io::Result<Metadata> {
        let named = fs::metadata(&self.path)?;
        if named.is_file() { Ok(named) } else { Err(io::ErrorKind::NotFound.into()) }
    }

    /// The same file as it looks now; or what has its name, where it is gone.
    ///
    /// # Errors
    /// There is none.
    pub fn again(&self) -> Outcome<Self> {
        let own = self.file.metadata().map_err(|error| Failure::file("read", &self.path, &error))?;
        if is_deleted(&own) {
            return Self::open(&self.path);
        }
        let stamp = FileStamp::from(&own);
        Ok(Self {
            path: self.path.clone(),
            file: self.file.clone(),
            content: content(&self.file, stamp),
            name: self.name.clone(),
            renamed_from: self.renamed_from.clone(),
            stamp,
        })
    }
}

/// A stream has no length, and can be read only once.
fn no_file(path: &Path, error: &io::Error) -> Failure {
    let what = format!("{} cannot be shared: {error}", path.display());
    Failure::usage(what, "Files and folders can be. Save what comes out of a stream to a file first.")
}

fn content(file: &Arc<File>, stamp: FileStamp) -> Arc<Content> {
    Arc::new(Content::of_file(file.clone(), stamp.len).while_unchanged([stamp]))
}

fn moved(path: &Path, file: &File) -> String {
    let to = name_now(file).map(|now| format!(": {}", now.display())).unwrap_or_default();
    format!("{} has another name or place now{to}. It is the same file, and is shared on.", path.display())
}

/// What an open file is called now.
#[cfg(target_os = "linux")]
fn name_now(file: &File) -> Option<PathBuf> {
    use std::os::fd::AsRawFd;
    let now = fs::read_link(format!("/proc/self/fd/{}", file.as_raw_fd())).ok()?;
    now.exists().then_some(now)
}

/// What an open file is called now: this system does not say.
#[cfg(not(target_os = "linux"))]
fn name_now(_file: &File) -> Option<PathBuf> {
    None
}
