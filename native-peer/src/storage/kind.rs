//! What has a name on disk, looked at without following links and without opening anything.

use std::fmt;
use std::fs::{self, FileType};
use std::io;
use std::path::Path;

/// What has a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Nothing has it.
    Nothing,
    /// A file of so many bytes.
    File {
        len: u64,
    },
    Folder,
    /// A symbolic link, wherever it leads.
    Link,
    Pipe,
    Socket,
    /// A disk, a terminal, `/dev/null`.
    Device,
    /// Something that only this system has.
    Other,
}

impl Kind {
    /// Looks.
    ///
    /// # Errors
    /// What the operating system says; that nothing is there is no error.
    pub fn of(path: &Path) -> io::Result<Self> {
        match fs::symlink_metadata(path) {
            Ok(metadata) => Ok(Self::from(metadata.file_type(), metadata.len())),
            Err(error) if is_absent(&error) => Ok(Self::Nothing),
            Err(error) => Err(error),
        }
    }

    /// Of what is open, or of what a link leads to.
    pub fn from(kind: FileType, len: u64) -> Self {
        match kind {
            kind if kind.is_file() => Self::File { len },
            kind if kind.is_dir() => Self::Folder,
            kind if kind.is_symlink() => Self::Link,
            kind => special(kind),
        }
    }

    pub fn is_file(self) -> bool {
        matches!(self, Self::File { .. })
    }
}

/// With its article: `exists and is a link`.
impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Nothing => "nothing",
            Self::File { .. } => "a file",
            Self::Folder => "a folder",
            Self::Link => "a link",
            Self::Pipe => "a pipe",
            Self::Socket => "a socket",
            Self::Device => "a device",
            Self::Other => "no file",
        })
    }
}

#[cfg(unix)]
fn special(kind: FileType) -> Kind {
    use std::os::unix::fs::FileTypeExt;
    match kind {
        kind if kind.is_fifo() => Kind::Pipe,
        kind if kind.is_socket() => Kind::Socket,
        kind if kind.is_char_device() || kind.is_block_device() => Kind::Device,
        _ => Kind::Other,
    }
}

#[cfg(not(unix))]
fn special(_kind: FileType) -> Kind {
    Kind::Other
}

/// Below a file there is nothing, either.
fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// What stands in the way of a file at `below` in this folder: a folder that is none, or something else that has its name.
/// `None`: a file is there, or can be made.
///
/// # Errors
/// What the operating system says.
pub fn obstacle(folder: &Path, below: &Path) -> io::Result<Option<(std::path::PathBuf, Kind)>> {
    let mut path = folder.to_path_buf();
    let mut parts = below.iter().peekable();
    while let Some(part) = parts.next() {
        path.push(part);
        match (Kind::of(&path)?, parts.peek().is_some()) {
            (Kind::Nothing, _) => return Ok(None),
            (Kind::Folder, true) | (Kind::File { .. }, false) => {}
            (kind, _) => return Ok(Some((path, kind))),
        }
    }
    Ok(None)
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;

    use super::*;

    #[test]
    fn nothing_is_followed_and_nothing_is_opened() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("file"), b"abc").unwrap();
        fs::create_dir(at("folder")).unwrap();
        let _socket = UnixListener::bind(at("socket")).unwrap();
        rustix::fs::mkfifoat(rustix::fs::CWD, at("pipe"), rustix::fs::Mode::RUSR).unwrap();
        for target in ["file", "folder", "pipe", "nowhere", "to-nowhere"] {
            symlink(at(target), at(&format!("to-{target}"))).unwrap();
        }
        let kind = |name: &str| Kind::of(&at(name)).unwrap();
        assert_eq!(kind("file"), Kind::File { len: 3 });
        assert_eq!(kind("folder"), Kind::Folder);
        assert_eq!(kind("socket"), Kind::Socket);
        assert_eq!(kind("pipe"), Kind::Pipe);
        for link in ["to-file", "to-folder", "to-pipe", "to-nowhere", "to-to-nowhere"] {
            assert_eq!(kind(link), Kind::Link, "{link}");
        }
        assert_eq!(kind("none"), Kind::Nothing);
        assert_eq!(kind("file/below"), Kind::Nothing);
        assert_eq!(Kind::of(Path::new("/dev/null")).unwrap(), Kind::Device);
    }

    #[test]
    fn what_stands_in_the_way_of_a_file_below_a_folder_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir_all(at("a/b")).unwrap();
        fs::write(at("a/file"), b"").unwrap();
        symlink(at("a"), at("link")).unwrap();
        let way = |below: &str| obstacle(folder.path(), Path::new(below)).unwrap();
        for free in ["new", "new/file", "a/file", "a/b/new"] {
            assert_eq!(way(free), None, "{free}");
        }
        assert_eq!(way("a/file/x"), Some((at("a/file"), Kind::File { len: 0 })));
        assert_eq!(way("a/b"), Some((at("a/b"), Kind::Folder)));
        assert_eq!(way("link/file"), Some((at("link"), Kind::Link)));
    }
}
