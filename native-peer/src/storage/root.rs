//! A folder that is found again when it is renamed, or another one takes its name.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

/// Files below it are opened for reading.
#[derive(Debug)]
pub struct Root {
    path: PathBuf,
    #[cfg(unix)]
    handle: File,
}

impl Root {
    /// # Errors
    /// What the operating system says.
    pub fn open(path: &Path) -> io::Result<Self> {
        Ok(Self {
            path: path.to_path_buf(),
            #[cfg(unix)]
            handle: File::open(path)?,
        })
    }

    /// Opens a file below it. A pipe that has the name is opened, too, and waits for nobody.
    ///
    /// # Errors
    /// What the operating system says.
    #[cfg(unix)]
    pub fn file(&self, below: &Path) -> io::Result<File> {
        use rustix::fs::{Mode, OFlags, openat};
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK;
        Ok(openat(&self.handle, below, flags, Mode::empty())?.into())
    }

    /// Opens a file below it.
    ///
    /// # Errors
    /// What the operating system says.
    #[cfg(not(unix))]
    pub fn file(&self, below: &Path) -> io::Result<File> {
        File::open(self.path.join(below))
    }

    /// A path that leads to it, whatever it is called now. `None`: there is none.
    #[cfg(target_os = "linux")]
    pub fn path_now(&self) -> Option<PathBuf> {
        use std::os::fd::AsRawFd;
        Some(format!("/proc/self/fd/{}/.", self.handle.as_raw_fd()).into())
    }

    /// A path that leads to it: its name, while that is its own. `None`: there is none.
    #[cfg(not(target_os = "linux"))]
    pub fn path_now(&self) -> Option<PathBuf> {
        self.is_in_place().then(|| self.path.clone())
    }

    /// Whether that name is still its own.
    #[cfg(unix)]
    pub fn is_in_place(&self) -> bool {
        use std::os::unix::fs::MetadataExt;
        let (Ok(own), Ok(named)) = (self.handle.metadata(), std::fs::metadata(&self.path)) else { return false };
        (own.dev(), own.ino()) == (named.dev(), named.ino())
    }

    /// Whether that name is still its own: it is found by it.
    #[cfg(not(unix))]
    pub fn is_in_place(&self) -> bool {
        true
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs;
    use std::io::Read;

    use super::*;

    #[test]
    fn a_renamed_folder_is_the_same_one_and_whatever_has_its_name_is_not() {
        let disk = tempfile::tempdir().unwrap();
        let (before, after) = (disk.path().join("season"), disk.path().join("series"));
        fs::create_dir(&before).unwrap();
        fs::write(before.join("a"), "first").unwrap();
        let root = Root::open(&before).unwrap();
        assert!(root.is_in_place());
        fs::rename(&before, &after).unwrap();
        assert!(!root.is_in_place());
        fs::create_dir(&before).unwrap();
        fs::write(before.join("a"), "second").unwrap();
        assert!(!root.is_in_place());
        let mut read = String::new();
        root.file(Path::new("a")).unwrap().read_to_string(&mut read).unwrap();
        assert_eq!(read, "first");
        #[cfg(target_os = "linux")]
        assert_eq!(fs::read_to_string(root.path_now().unwrap().join("a")).unwrap(), "first");
    }
}
