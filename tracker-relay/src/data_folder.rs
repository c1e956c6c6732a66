//! The folder that holds everything this server must not lose.

use std::fs::{DirBuilder, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

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
            Ok(()) => Ok(Self { path: path.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => {
                bail!("another tracker-relay uses {}: stop it, or choose another --data folder", path.display())
            }
            Err(TryLockError::Error(error)) => {
                Err(error).with_context(|| format!("cannot lock {}", lock_path.display()))
            }
        }
    }

    /// The database.
    pub fn database(&self) -> PathBuf {
        self.path.join("covey.db")
    }

    /// The server's signing key.
    pub fn server_key(&self) -> PathBuf {
        self.path.join("server.key")
    }
}

/// Names of people and files are nobody else's business on this machine.
fn make_private(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}
