//! Opening what may turn out to be anything: nothing is waited for, and where it matters no link is followed. Looking
//! first is not enough, since what has a name may change between the look and the opening.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

use super::kind::Kind;

/// Opens a file that the person named, through links, to read it.
///
/// # Errors
/// What the operating system says; [`io::ErrorKind::InvalidInput`] if it is no file.
pub fn to_read(path: &Path) -> io::Result<File> {
    plain(options(Links::Followed).read(true).open(path)?)
}

/// Opens a file of a download, which no link leads to.
///
/// # Errors
/// As [`to_read`].
pub fn to_check(path: &Path) -> io::Result<File> {
    plain(options(Links::Refused).read(true).open(path)?)
}

/// The same, to go on with it.
///
/// # Errors
/// As [`to_read`].
pub fn to_go_on(path: &Path) -> io::Result<File> {
    plain(options(Links::Refused).read(true).write(true).open(path)?)
}

/// Makes a file where nothing is, a link that leads nowhere included.
///
/// # Errors
/// What the operating system says; [`io::ErrorKind::AlreadyExists`] if something is there.
pub fn to_make(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create_new(true).open(path)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Links {
    Followed,
    Refused,
}

/// Without waiting for the other end of a pipe.
#[cfg(unix)]
fn options(links: Links) -> OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;

    use rustix::fs::OFlags;
    let refused = if links == Links::Refused { OFlags::NOFOLLOW } else { OFlags::empty() };
    let mut options = OpenOptions::new();
    options.custom_flags((OFlags::NONBLOCK | OFlags::NOCTTY | refused).bits() as i32);
    options
}

#[cfg(windows)]
fn options(links: Links) -> OpenOptions {
    use std::os::windows::fs::OpenOptionsExt;
    /// A link is opened itself, and is then found to be no file.
    const FILE_FLAG_OPEN_REPARSE_POINT: u32 = 0x0020_0000;
    let mut options = OpenOptions::new();
    if links == Links::Refused {
        options.custom_flags(FILE_FLAG_OPEN_REPARSE_POINT);
    }
    options
}

#[cfg(not(any(unix, windows)))]
fn options(_links: Links) -> OpenOptions {
    OpenOptions::new()
}

fn plain(file: File) -> io::Result<File> {
    let metadata = file.metadata()?;
    match Kind::from(metadata.file_type(), metadata.len()) {
        Kind::File { .. } => Ok(file),
        kind => Err(io::Error::new(io::ErrorKind::InvalidInput, format!("it is {kind}, not a file"))),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_pipe_and_a_device_are_refused_without_waiting() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR).unwrap();
        for open in [to_read, to_check, to_go_on] {
            for path in [pipe.as_path(), Path::new("/dev/null")] {
                let error = open(path).unwrap_err();
                assert_eq!(error.kind(), io::ErrorKind::InvalidInput, "{}", path.display());
            }
        }
        assert_eq!(to_read(&pipe).unwrap_err().to_string(), "it is a pipe, not a file");
        assert_eq!(to_read(folder.path()).unwrap_err().to_string(), "it is a folder, not a file");
    }

    #[test]
    fn a_link_is_followed_only_where_the_person_named_it() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link, dangling) = (folder.path().join("file"), folder.path().join("link"), folder.path().join("d"));
        fs::write(&file, b"abc").unwrap();
        symlink(&file, &link).unwrap();
        symlink(folder.path().join("nowhere"), &dangling).unwrap();
        assert!(to_read(&link).is_ok());
        assert!(to_check(&link).is_err() && to_go_on(&link).is_err());
        assert_eq!(to_make(&dangling).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert!(!folder.path().join("nowhere").exists());
        assert_eq!(fs::read(&file).unwrap(), b"abc");
    }
}
