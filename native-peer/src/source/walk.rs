//! The files below a folder: which of them are taken, and which are left out and why.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::{self, FileType};
use std::path::{Path, PathBuf};

use metainfo::FILES_MAX;
use walkdir::{DirEntry, WalkDir};

use crate::failure::{Failure, Outcome, sentence};
use crate::report::text;
use crate::storage::{FileStamp, to_read};

/// Names that are said of what was left out for one reason.
const NAMES_MAX: usize = 3;

/// What a walk found.
#[derive(Debug, Default)]
pub struct Walked {
    /// By their path below the folder.
    pub files: BTreeMap<Vec<String>, FileStamp>,
    /// What was not taken.
    pub left_out: LeftOut,
}

/// What was not taken, by reason.
#[derive(Debug, Default)]
pub struct LeftOut {
    hidden: Names,
    dangling: Names,
    outward: Names,
    to_folders: Names,
    special: Names,
}

/// How many there were, and what the first ones are called.
#[derive(Debug, Default)]
struct Names {
    count: usize,
    first: Vec<String>,
}

impl Names {
    fn add(&mut self, path: &Path) {
        self.count += 1;
        if self.first.len() < NAMES_MAX {
            self.first.push(text::printable(&path.to_string_lossy()));
        }
    }

    fn sentence(&self, reason: &Reason) -> Option<String> {
        let more = if self.count > self.first.len() { ", …" } else { "" };
        let what = if self.count == 1 { reason.one } else { reason.many };
        let names = self.first.join(", ");
        (self.count > 0).then(|| format!("Left out: {} {what} ({names}{more}){}.", self.count, reason.advice))
    }
}

impl LeftOut {
    /// How many.
    pub fn count(&self) -> usize {
        self.reasons().iter().map(|(names, _)| names.count).sum()
    }

    /// A sentence for each reason.
    pub fn sentences(&self) -> Vec<String> {
        self.reasons().iter().filter_map(|(names, reason)| names.sentence(reason)).collect()
    }

    fn reasons(&self) -> [(&Names, Reason); 5] {
        let reason = |one, many, advice| Reason { one, many, advice };
        [
            (&self.hidden, reason("hidden file or folder", "hidden files or folders", "; --hidden takes them in")),
            (&self.dangling, reason("link that leads nowhere", "links that lead nowhere", "")),
            (
                &self.outward,
                reason(
                    "link that leads out of the folder",
                    "links that lead out of the folder",
                    "; copy what they lead to",
                ),
            ),
            (&self.to_folders, reason("link to a folder", "links to folders", "")),
            (&self.special, reason("thing that is no file", "things that are no files", "")),
        ]
    }
}

/// What was left out, in words.
struct Reason {
    one: &'static str,
    many: &'static str,
    advice: &'static str,
}

/// Walks through a folder. Links to files below it are followed, other links are not. `except` is the file that the
/// torrent is written to: an older one of it is no part of the folder.
///
/// # Errors
/// A folder or a file that cannot be read, a name that is not Unicode, too many files.
pub fn walk(root: &Path, takes_hidden: bool, except: Option<&Path>) -> Outcome<Walked> {
    let canonical = root.canonicalize().map_err(|error| Failure::file("open", root, &error))?;
    let except = except.and_then(|path| path.canonicalize().ok());
    let mut walk = Walk { root, canonical, except, takes_hidden, found: Walked::default() };
    let mut entries = WalkDir::new(root).sort_by_file_name().into_iter();
    while let Some(entry) = entries.next() {
        let entry = entry.map_err(|error| cannot_walk(root, error))?;
        if entry.depth() > 0 && !takes_hidden && is_hidden(entry.file_name()) {
            walk.found.left_out.hidden.add(below(root, entry.path()));
            if entry.file_type().is_dir() {
                entries.skip_current_dir();
            }
        } else {
            walk.take(&entry)?;
        }
    }
    Ok(walk.found)
}

struct Walk<'a> {
    /// As given.
    root: &'a Path,
    canonical: PathBuf,
    except: Option<PathBuf>,
    takes_hidden: bool,
    found: Walked,
}

impl Walk<'_> {
    fn take(&mut self, entry: &DirEntry) -> Outcome {
        // The root itself may be a link to a folder.
        if entry.depth() == 0 || entry.file_type().is_dir() {
            return Ok(());
        }
        let (path, root) = (entry.path(), self.root);
        match self.why_not(path, entry.file_type()) {
            Some(names) => {
                names(&mut self.found.left_out).add(below(root, path));
                Ok(())
            }
            None if self.is_excepted(path) => Ok(()),
            None => self.add(path),
        }
    }

    /// The list that something belongs on that is not taken.
    fn why_not(&self, path: &Path, kind: FileType) -> Option<fn(&mut LeftOut) -> &mut Names> {
        if kind.is_file() {
            return None;
        }
        if !kind.is_symlink() {
            return Some(|left_out| &mut left_out.special);
        }
        // Links in a circle lead nowhere, too.
        let Ok(target) = path.canonicalize() else {
            return Some(|left_out| &mut left_out.dangling);
        };
        let Ok(below) = target.strip_prefix(&self.canonical) else {
            return Some(|left_out| &mut left_out.outward);
        };
        if !self.takes_hidden && below.iter().any(is_hidden) {
            return Some(|left_out| &mut left_out.hidden);
        }
        match fs::metadata(&target) {
            Ok(metadata) if metadata.is_file() => None,
            Ok(metadata) if metadata.is_dir() => Some(|left_out| &mut left_out.to_folders),
            Ok(_) => Some(|left_out| &mut left_out.special),
            Err(_) => Some(|left_out| &mut left_out.dangling),
        }
    }

    fn is_excepted(&self, path: &Path) -> bool {
        self.except.is_some() && path.canonicalize().ok() == self.except
    }

    /// Opens the file, so that one that cannot be read is found before the hashing.
    fn add(&mut self, path: &Path) -> Outcome {
        if self.found.files.len() == FILES_MAX {
            let what = format!("{} has more than {FILES_MAX} files", self.root.display());
            return Err(Failure::usage(what, "Make a torrent of an archive of it."));
        }
        let stamp = to_read(path).and_then(|file| FileStamp::of(&file));
        let stamp = stamp.map_err(|error| Failure::file("read", path, &error))?;
        let parts = below(self.root, path).iter().map(|part| part.to_str().map(str::to_owned));
        let parts: Option<Vec<String>> = parts.collect();
        let parts = parts.ok_or_else(|| {
            let what = format!("the name of {} is not Unicode", text::printable(&path.to_string_lossy()));
            Failure::local_files(what, "Rename it: other computers could not find the file by this name.")
        })?;
        self.found.files.insert(parts, stamp);
        Ok(())
    }
}

fn below<'a>(root: &Path, path: &'a Path) -> &'a Path {
    path.strip_prefix(root).unwrap_or(path)
}

fn is_hidden(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b".")
}

fn cannot_walk(root: &Path, error: walkdir::Error) -> Failure {
    let path = error.path().unwrap_or(root).to_path_buf();
    match error.io_error() {
        Some(io) => Failure::file("read", &path, io),
        None => Failure::local_files(format!("cannot read {}", path.display()), sentence(&error.to_string())),
    }
}
