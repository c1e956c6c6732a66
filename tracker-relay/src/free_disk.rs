//! A floor of free disk: below it only leaving and removing work, so that there is room for exactly that.

use std::path::PathBuf;

use crate::limits::{FREE_DISK_MIN, FREE_DISK_SHARE, SMALL_DISK};

/// Bytes with which nothing can be begun.
const FULL_BELOW: u64 = 64 * 1024;

/// A floor of free disk.
#[derive(Debug, Default)]
pub struct FreeDisk {
    /// Somewhere on the disk; `None`: it is never low.
    folder: Option<PathBuf>,
    /// Bytes; `None`: by the disk's size.
    floor: Option<u64>,
}

impl FreeDisk {
    /// Of the disk of this folder. `floor` in bytes; `None`: by the disk's size.
    pub fn new(folder: PathBuf, floor: Option<u64>) -> Self {
        Self { folder: Some(folder), floor }
    }

    /// Whether there is less than the floor. A disk that cannot be asked is not low.
    pub fn is_low(&self) -> bool {
        let space = self.folder.as_ref().and_then(|folder| space(folder));
        space.is_some_and(|Space { free, all }| free < self.floor.unwrap_or_else(|| floor_of(all)))
    }

    /// Whether there is room for next to nothing.
    pub fn is_full(&self) -> bool {
        let space = self.folder.as_ref().and_then(|folder| space(folder));
        space.is_some_and(|Space { free, .. }| free < FULL_BELOW)
    }

    /// The floor, bytes; that of a large disk where the disk cannot be asked.
    pub fn floor(&self) -> u64 {
        let of_disk =
            || self.folder.as_ref().and_then(|folder| space(folder)).map_or(FREE_DISK_MIN, |it| floor_of(it.all));
        self.floor.unwrap_or_else(of_disk)
    }
}

/// The floor for a disk of so many bytes.
pub fn floor_of(all: u64) -> u64 {
    if all < SMALL_DISK { 0 } else { FREE_DISK_MIN.min(all / FREE_DISK_SHARE) }
}

struct Space {
    /// Bytes that this process may still take.
    free: u64,
    all: u64,
}

#[cfg(unix)]
fn space(folder: &std::path::Path) -> Option<Space> {
    let stat = rustix::fs::statvfs(folder).ok()?;
    Some(Space { free: stat.f_bavail.saturating_mul(stat.f_frsize), all: stat.f_blocks.saturating_mul(stat.f_frsize) })
}

#[cfg(not(unix))]
fn space(_: &std::path::Path) -> Option<Space> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_is_low_below_its_floor() {
        let folder = tempfile::tempdir().unwrap();
        let free = |floor| FreeDisk::new(folder.path().to_owned(), floor);
        assert!(!free(Some(0)).is_low());
        assert!(free(Some(u64::MAX)).is_low());
        assert!(!FreeDisk::default().is_low());
        assert_eq!(floor_of(SMALL_DISK - 1), 0);
        assert_eq!(floor_of(1 << 30), (1 << 30) / FREE_DISK_SHARE);
        assert_eq!(floor_of(1 << 40), FREE_DISK_MIN);
    }
}
