//! Where a torrent file is written. Only an older one of the same name is replaced, and only by a whole new one.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use metainfo::Metainfo;

use crate::failure::{Failure, Outcome};
use crate::storage::Kind;
use crate::torrent::origin;

/// Who may read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readers {
    /// Whoever may read what this person makes.
    Usual,
    /// This person: it has a secret.
    Oneself,
}

/// A place for a torrent file.
#[derive(Debug)]
pub struct Output {
    path: PathBuf,
    readers: Readers,
}

impl Output {
    /// Looks at what is there, before the work begins.
    ///
    /// # Errors
    /// Something has the name that is no torrent.
    pub fn look(path: &Path, readers: Readers) -> Outcome<Self> {
        if path == Path::new("-") {
            let advice = "The magnet link goes there. Name a file for the torrent; ./- is one, too.";
            return Err(Failure::usage("a torrent file cannot go to stdout", advice));
        }
        match Kind::of(path).map_err(|error| Failure::file("write", path, &error))? {
            Kind::Nothing => {}
            Kind::File { .. } => {
                origin::read(path).map_err(|_| in_the_way(path, "a file that is no torrent"))?;
            }
            kind => return Err(in_the_way(path, &kind.to_string())),
        }
        Ok(Self { path: path.to_path_buf(), readers })
    }

    /// Writes it.
    ///
    /// # Errors
    /// An older one is of something else; what the operating system says.
    pub fn write(&self, torrent: &Metainfo, bytes: &[u8]) -> Outcome {
        let failure = |error: io::Error| Failure::file("write", &self.path, &error);
        let folder = match self.path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let is_there = Kind::of(&self.path).map_err(failure)? != Kind::Nothing;
        if is_there && !origin::read(&self.path).is_ok_and(|older| older.info.name() == torrent.info.name()) {
            return Err(in_the_way(&self.path, "not an older torrent of the same name"));
        }
        let mut file = new_file(folder, self.readers).map_err(failure)?;
        file.write_all(bytes).map_err(failure)?;
        let named = match is_there {
            true => file.persist(&self.path),
            false => file.persist_noclobber(&self.path),
        };
        named.map(drop).map_err(|error| failure(error.error))
    }
}

#[cfg(unix)]
fn new_file(folder: &Path, readers: Readers) -> io::Result<tempfile::NamedTempFile> {
    use std::os::unix::fs::PermissionsExt;
    // What the person's umask takes away is taken away.
    let mode = if readers == Readers::Oneself { 0o600 } else { 0o666 };
    tempfile::Builder::new().permissions(std::fs::Permissions::from_mode(mode)).tempfile_in(folder)
}

#[cfg(not(unix))]
fn new_file(folder: &Path, _readers: Readers) -> io::Result<tempfile::NamedTempFile> {
    tempfile::Builder::new().tempfile_in(folder)
}

fn in_the_way(path: &Path, what: &str) -> Failure {
    let advice = "It stays as it is. Choose another name with -o, or delete it, if it is of no use.";
    Failure::local_files(format!("{} exists and is {what}", path.display()), advice)
}
