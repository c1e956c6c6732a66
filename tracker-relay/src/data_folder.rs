//! The folder that holds everything this server must not lose.

use std::fs::{DirBuilder, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use crate::free_disk::FreeDisk;
use crate::private_file;

/// The database's file in the folder.
pub const DATABASE: &str = "covey.db";

/// The folder, held for this process alone: two servers on one database would each publish only
/// their own changes.
#[derive(Debug)]
pub struct DataFolder {
    path: PathBuf,
    /// Unlocked by the operating system when the process ends, however it ends.
    _lock: File,
}

impl DataFolder {
    /// Makes the folder if it is missing, and takes it.
    ///
    /// # Errors
    /// It cannot be made or written, or another server has it.
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        make_private(path).with_context(|| format!("cannot make the folder {}", path.display()))?;
        let lock_path = path.join("lock");
        let lock = File::options()
            .write(true)
            .create(true)
            .truncate(false)
            .open(&lock_path)
            .with_context(|| format!("cannot write to {}", path.display()))?;
        match lock.try_lock() {
            Ok(()) => {
                let folder = Self { path: path.to_owned(), _lock: lock };
                folder.keep_database_private()?;
                Ok(folder)
            }
            Err(TryLockError::WouldBlock) => {
                bail!("another tracker-relay uses {}: stop it, or choose another --data folder", path.display())
            }
            Err(TryLockError::Error(error)) => {
                Err(error).with_context(|| format!("cannot lock {}", lock_path.display()))
            }
        }
    }

    pub fn database(&self) -> PathBuf {
        self.path.join(DATABASE)
    }

    /// SQLite gives the files beside the database the database's mode.
    fn keep_database_private(&self) -> anyhow::Result<()> {
        let database = self.database();
        private_file::touch(&database).with_context(|| format!("cannot write {}", database.display()))?;
        for file in [database, self.path.join("covey.db-wal"), self.path.join("covey.db-shm")] {
            match private_file::tighten(&file) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    tracing::warn!(file = %file.display(), %error, "others on this machine may read it");
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The server's signing key.
    pub fn server_key(&self) -> PathBuf {
        self.path.join("server.key")
    }
}

/// What of the data folder's errors has to do with where it is, and what to do then.
pub fn explain(path: &Path, error: anyhow::Error) -> anyhow::Error {
    let kind = error.chain().find_map(|cause| cause.downcast_ref::<io::Error>()).map(io::Error::kind);
    let why = match kind {
        _ if is_full(path) => "its disk is full: make room there",
        Some(io::ErrorKind::PermissionDenied) => "this user may not write there",
        Some(io::ErrorKind::ReadOnlyFilesystem) => "its disk is read-only",
        Some(io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists) => "a file is in its place",
        _ => return error,
    };
    error.context(format!("cannot keep data in {} ({why}, or choose another folder with --data)", path.display()))
}

/// What is not there yet would be on its parent's disk.
fn is_full(path: &Path) -> bool {
    let there = path.ancestors().find(|path| path.exists());
    there.is_some_and(|there| FreeDisk::new(there.to_owned(), None).is_full())
}

/// Names of people and files are nobody else's business on this machine.
fn make_private(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn others_cannot_read_the_database_even_in_a_folder_that_was_there() {
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        // From a version that left the mode to SQLite.
        fs::write(folder.path().join("covey.db-wal"), b"").unwrap();
        fs::set_permissions(folder.path().join("covey.db-wal"), fs::Permissions::from_mode(0o644)).unwrap();
        let _held = DataFolder::open(folder.path()).unwrap();
        for name in ["covey.db", "covey.db-wal"] {
            let mode = fs::metadata(folder.path().join(name)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{name}");
        }
    }
}
