//! How a change of a file is noticed without reading it.

use std::fs::File;
use std::io;
use std::time::SystemTime;

/// Length and time of last change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileStamp {
    /// Bytes.
    pub len: u64,
    /// `None` where the file system keeps no times.
    pub modified: Option<SystemTime>,
}

impl FileStamp {
    /// Of an open file.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn of(file: &File) -> io::Result<Self> {
        let metadata = file.metadata()?;
        Ok(Self { len: metadata.len(), modified: metadata.modified().ok() })
    }
}
