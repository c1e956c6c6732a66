//! How a change of a file is noticed without reading it.

use std::fs::{File, Metadata};
use std::io;
use std::time::SystemTime;

/// What a file looks like from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileStamp {
    /// Bytes.
    pub len: u64,
    /// `None` where the file system keeps no times.
    pub modified: Option<SystemTime>,
    /// Which file it is, whatever its name; `None` where the system does not say.
    pub node: Option<Node>,
}

/// A file of a disk. Its number is given to another one only when it is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Node {
    device: u64,
    inode: u64,
    /// Seconds and nanoseconds of the last change of anything about it, its times included. Nobody can set it.
    touched: (i64, i64),
}

impl FileStamp {
    /// Of an open file.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn of(file: &File) -> io::Result<Self> {
        Ok(Self::from(&file.metadata()?))
    }

    /// It was not written to since, as far as its length and time say, and is the same file.
    pub fn is_unchanged(&self, now: &Self) -> bool {
        (self.len, self.modified) == (now.len, now.modified) && self.is_same_file(now)
    }

    /// Where the system does not say, it is taken for the same.
    pub fn is_same_file(&self, other: &Self) -> bool {
        let (Some(one), Some(other)) = (self.node, other.node) else { return true };
        (one.device, one.inode) == (other.device, other.inode)
    }

    /// For remembering what was read of it: other bytes for other content, as far as anything but reading can tell.
    /// `None`: nothing can be told.
    pub fn fingerprint(&self) -> Option<Vec<u8>> {
        let modified = self.modified?.duration_since(SystemTime::UNIX_EPOCH).ok()?.as_nanos();
        let (seconds, nanos) = self.node.map(|node| node.touched).unwrap_or_default();
        Some(
            [&self.len.to_le_bytes()[..], &modified.to_le_bytes(), &seconds.to_le_bytes(), &nanos.to_le_bytes()]
                .concat(),
        )
    }
}

impl From<&Metadata> for FileStamp {
    fn from(metadata: &Metadata) -> Self {
        Self { len: metadata.len(), modified: metadata.modified().ok(), node: node(metadata) }
    }
}

/// Whether an open file has no name any more: it is gone when it is closed.
#[cfg(unix)]
pub fn is_deleted(metadata: &Metadata) -> bool {
    std::os::unix::fs::MetadataExt::nlink(metadata) == 0
}

/// Whether an open file has no name any more: this system does not say.
#[cfg(not(unix))]
pub fn is_deleted(_metadata: &Metadata) -> bool {
    false
}

#[cfg(unix)]
fn node(metadata: &Metadata) -> Option<Node> {
    use std::os::unix::fs::MetadataExt;
    let touched = (metadata.ctime(), metadata.ctime_nsec());
    Some(Node { device: metadata.dev(), inode: metadata.ino(), touched })
}

#[cfg(not(unix))]
fn node(_metadata: &Metadata) -> Option<Node> {
    None
}
