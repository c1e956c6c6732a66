//! The files of a torrent that were used last. Those of a download are made with their first byte, so that what nobody
//! serves leaves nothing behind.

use std::collections::BTreeSet;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

use super::kind::Kind;
use super::open;
use super::root::Root;

/// Files of a folder that are open at a time. Systems allow a program 256 or 1024, sockets included.
pub const OPEN_MAX: usize = 64;

/// What is written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Growth {
    /// Nothing: what is there is only read.
    None,
    /// A file beside others.
    File,
    /// A folder of its own.
    Folder,
}

/// What is there of a download before it goes on.
#[derive(Debug, Default)]
pub struct There {
    /// What grows, locked against other downloads; `None`: it is not made yet, or this disk knows no locks.
    pub lock: Option<File>,
    /// The files below the folder that are the download's. Others that come meanwhile are somebody else's.
    pub files: BTreeSet<PathBuf>,
}

#[derive(Debug)]
pub struct OpenFiles {
    growth: Growth,
    /// Instead of the folder's name.
    root: Option<Arc<Root>>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// They lie below it.
    folder: PathBuf,
    there: There,
    /// By their place, the one that was used last at the end.
    files: Vec<(usize, Arc<File>)>,
}

/// A file to write to.
#[derive(Debug)]
pub struct ToWrite {
    pub file: Arc<File>,
    /// Nothing was written to it yet: it was made for this.
    is_new: bool,
}

impl OpenFiles {
    /// Below this folder.
    pub fn new(folder: PathBuf, growth: Growth, there: There) -> Self {
        Self { growth, root: None, state: Mutex::new(State { folder, there, files: Vec::new() }) }
    }

    /// Below a folder that others may rename, to read.
    pub fn below(root: Arc<Root>) -> Self {
        Self { root: Some(root), ..Self::new(PathBuf::new(), Growth::None, There::default()) }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nothing panics while it holds this")
    }

    /// They lie below another folder now.
    pub fn move_to(&self, folder: PathBuf) {
        self.lock().folder = folder;
    }

    /// Opens a file that is there. `index`: its place in the torrent.
    pub fn to_read(&self, index: usize, path: &Path) -> io::Result<Arc<File>> {
        let mut state = self.lock();
        if let Some(file) = state.known(index) {
            return Ok(file);
        }
        let whole = state.folder.join(path);
        let file = match (self.growth, &self.root) {
            (_, Some(root)) => root.file(path)?,
            (Growth::None, None) => open::to_read(&whole)?,
            (Growth::File | Growth::Folder, None) => open::to_go_on(&whole)?,
        };
        Ok(state.keep(index, file))
    }

    /// Opens a file to write to it, or makes it, `len` bytes long.
    pub fn to_write(&self, index: usize, path: &Path, len: u64) -> io::Result<ToWrite> {
        let mut state = self.lock();
        if let Some(file) = state.known(index) {
            return Ok(ToWrite { file, is_new: false });
        }
        let whole = state.folder.join(path);
        let is_new = !state.there.files.contains(path);
        let file = match is_new {
            true => state.make(self.growth, &whole)?,
            false => open::to_go_on(&whole)?,
        };
        if file.metadata()?.len() < len {
            file.set_len(len)?;
        }
        state.there.files.insert(path.to_path_buf());
        Ok(ToWrite { file: state.keep(index, file), is_new })
    }

    /// Makes the folder that grows, for files without a byte.
    pub fn make_folder(&self) -> io::Result<()> {
        self.lock().make_folder()
    }

    /// The first byte did not come: a file that was made for it goes away again, and folders with it.
    pub fn unmake(&self, index: usize, path: &Path, written: &ToWrite) {
        if !written.is_new {
            return;
        }
        let mut state = self.lock();
        state.files.retain(|(known, _)| *known != index);
        state.there.files.remove(path);
        let _ = fs::remove_file(state.folder.join(path));
        if self.growth == Growth::Folder && super::part_folder::remove_empty(&state.folder) {
            state.there.lock = None;
        }
    }

    #[cfg(test)]
    pub fn count(&self) -> usize {
        self.lock().files.len()
    }
}

impl State {
    fn known(&mut self, index: usize) -> Option<Arc<File>> {
        let at = self.files.iter().position(|(known, _)| *known == index)?;
        let known = self.files.remove(at);
        let file = known.1.clone();
        self.files.push(known);
        Some(file)
    }

    fn keep(&mut self, index: usize, file: File) -> Arc<File> {
        let file = Arc::new(file);
        if self.files.len() >= OPEN_MAX {
            self.files.remove(0);
        }
        self.files.push((index, file.clone()));
        file
    }

    fn make(&mut self, growth: Growth, path: &Path) -> io::Result<File> {
        if growth == Growth::Folder && self.there.lock.is_none() {
            self.make_folder()?;
        }
        path.parent().map_or(Ok(()), fs::create_dir_all)?;
        let file = open::to_make(path).map_err(came_meanwhile)?;
        if growth == Growth::File {
            self.there.lock = lock(file.try_clone()?)?;
        }
        Ok(file)
    }

    /// Only where nothing is: what has come there meanwhile is somebody else's.
    fn make_folder(&mut self) -> io::Result<()> {
        if Kind::of(&self.folder)? == Kind::Folder {
            return Ok(());
        }
        self.folder.parent().map_or(Ok(()), fs::create_dir_all)?;
        fs::create_dir(&self.folder).map_err(came_meanwhile)?;
        self.there.lock = match File::open(&self.folder) {
            Ok(folder) => lock(folder)?,
            // Not every system lets one open a folder.
            Err(_) => None,
        };
        Ok(())
    }
}

/// Two downloads that begin in the same second both find nothing.
fn came_meanwhile(error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::AlreadyExists => io::Error::new(
            error.kind(),
            "it was not there when this began, and is another download's or somebody's file now",
        ),
        _ => error,
    }
}

/// Takes what grows for this download alone. `None`: it cannot be locked here.
///
/// # Errors
/// [`io::ErrorKind::WouldBlock`]: another one has it.
pub fn lock(grows: File) -> io::Result<Option<File>> {
    match grows.try_lock() {
        Ok(()) => Ok(Some(grows)),
        Err(TryLockError::WouldBlock) => {
            Err(io::Error::new(io::ErrorKind::WouldBlock, "another download writes to it"))
        }
        // Some network disks have no locks; then two downloads into one file are the person's care.
        Err(TryLockError::Error(error)) => {
            tracing::debug!(%error, "what a download grows in cannot be locked");
            Ok(None)
        }
    }
}
