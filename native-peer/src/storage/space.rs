//! How much room a disk has.

use std::path::Path;

/// Bytes that this person may still write to the disk that holds `folder`; `None` if it does not say.
#[cfg(unix)]
pub fn free_bytes(folder: &Path) -> Option<u64> {
    let stat = rustix::fs::statvfs(folder).ok()?;
    Some(stat.f_bavail.saturating_mul(stat.f_frsize))
}

/// Bytes that this person may still write to the disk that holds `folder`; `None` if it does not say.
#[cfg(not(unix))]
pub fn free_bytes(_folder: &Path) -> Option<u64> {
    None
}

/// Whether this person may make something in a folder.
///
/// # Errors
/// Why not.
#[cfg(unix)]
pub fn writable(folder: &Path) -> std::io::Result<()> {
    use rustix::fs::{Access, AtFlags, CWD, accessat};
    use rustix::io::Errno;
    match accessat(CWD, folder, Access::WRITE_OK | Access::EXEC_OK, AtFlags::EACCESS) {
        Err(refused @ (Errno::ACCESS | Errno::PERM | Errno::ROFS)) => Err(refused.into()),
        // A system that does not answer says it when something is made.
        _ => Ok(()),
    }
}

/// Whether this person may make something in a folder: this system is asked when something is made.
///
/// # Errors
/// None.
#[cfg(not(unix))]
pub fn writable(_folder: &Path) -> std::io::Result<()> {
    Ok(())
}

/// Bytes that a file takes on its disk: fewer than its length if it has holes.
#[cfg(unix)]
pub fn allocated_bytes(file: &std::fs::File) -> u64 {
    use std::os::unix::fs::MetadataExt;
    file.metadata().map_or(0, |metadata| metadata.blocks() * 512)
}

/// Bytes that a file takes on its disk.
#[cfg(not(unix))]
pub fn allocated_bytes(file: &std::fs::File) -> u64 {
    file.metadata().map_or(0, |metadata| metadata.len())
}

/// Where a file has data, as ranges of bytes in order: what was never written is left out where the
/// file system knows (`SEEK_DATA`). Elsewhere the whole file.
#[cfg(any(target_os = "linux", target_os = "macos", target_os = "freebsd"))]
pub fn written_ranges(file: &std::fs::File, len: u64) -> Vec<std::ops::Range<u64>> {
    use rustix::fs::{SeekFrom, seek};
    let whole = || std::iter::once(0..len).collect();
    let mut ranges = Vec::new();
    let mut at = 0;
    while at < len {
        let begin = match seek(file, SeekFrom::Data(at)) {
            Ok(begin) => begin,
            // No data behind this point.
            Err(rustix::io::Errno::NXIO) => break,
            Err(_) => return whole(),
        };
        let Ok(end) = seek(file, SeekFrom::Hole(begin)) else {
            return whole();
        };
        if begin >= len || end <= begin {
            break;
        }
        ranges.push(begin..end.min(len));
        at = end;
    }
    ranges
}

/// Where a file has data: this system does not say, so everywhere.
#[cfg(not(any(target_os = "linux", target_os = "macos", target_os = "freebsd")))]
pub fn written_ranges(_file: &std::fs::File, len: u64) -> Vec<std::ops::Range<u64>> {
    std::iter::once(0..len).collect()
}
