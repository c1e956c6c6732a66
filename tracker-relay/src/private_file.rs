//! Files that nobody else on this machine may read.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

/// Writes a whole file that did not exist, so that a crash leaves it complete or not there, its name included.
///
/// # Errors
/// The disk's.
pub fn create(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let temporary = path.with_added_extension("new");
    let mut file = options().truncate(true).open(&temporary)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&temporary, path)?;
    // The name is on the disk once the folder is. Not every system lets one sync a folder.
    match path.parent().map(File::open) {
        Some(Ok(folder)) if cfg!(unix) => folder.sync_all(),
        _ => Ok(()),
    }
}

/// Makes an empty file if there is none, before a library makes one that others can read.
///
/// # Errors
/// The disk's.
pub fn touch(path: &Path) -> io::Result<()> {
    options().truncate(false).open(path).map(drop)
}

/// Takes the file away from other users of the machine. `true`: they could read it until now.
///
/// # Errors
/// It is not ours to change.
#[cfg(unix)]
pub fn tighten(path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::PermissionsExt;
    let mut permissions = fs::metadata(path)?.permissions();
    if permissions.mode() & 0o077 == 0 {
        return Ok(false);
    }
    permissions.set_mode(0o600);
    fs::set_permissions(path, permissions)?;
    // Disks that know no modes take the change and do not keep it.
    let kept = fs::metadata(path)?.permissions().mode() & 0o077 == 0;
    if kept { Ok(true) } else { Err(io::Error::new(io::ErrorKind::Unsupported, "this disk keeps no file modes")) }
}

/// Other systems protect a person's files by their folder.
#[cfg(not(unix))]
pub fn tighten(_: &Path) -> io::Result<bool> {
    Ok(false)
}

fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}
