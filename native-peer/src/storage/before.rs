//! What a `.part` folder has of a torrent before a download goes on with it.

use std::collections::BTreeSet;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use metainfo::FileEntry;
use walkdir::WalkDir;

use super::content::{Place, REST, Where};
use super::kind::{self, Kind};
use super::open;
use super::part::OpenError;
use super::space::{allocated_bytes, written_ranges};

/// What was there before.
#[derive(Debug, Default)]
pub struct Before {
    /// Of the torrent's bytes, where something was written, in order.
    pub written: Vec<Range<u64>>,
    /// Of the torrent's bytes, what cannot be read, in order.
    pub missing: Vec<Range<u64>>,
    /// Bytes that wanted files take on the disk.
    pub allocated: u64,
    /// There are files of something else.
    pub has_others: bool,
}

/// A look through what is there of a torrent.
#[derive(Debug)]
pub struct Looking<'a> {
    folder: &'a Path,
    before: Before,
    known: BTreeSet<PathBuf>,
}

impl<'a> Looking<'a> {
    /// Through this folder, if it is there.
    pub fn through(folder: &'a Path) -> Self {
        Self { folder, before: Before::default(), known: BTreeSet::new() }
    }

    /// Whether a file of the torrent is there.
    pub fn look_at(&mut self, entry: &FileEntry, path: &Path, is_wanted: bool) -> Result<bool, OpenError> {
        match kind::obstacle(self.folder, path)? {
            Some((path, kind)) if is_wanted => return Err(OpenError::Obstacle(path, kind)),
            Some(_) => return Ok(false),
            None => {}
        }
        let whole = self.folder.join(path);
        let Kind::File { len } = Kind::of(&whole)? else {
            if is_wanted {
                self.lacks(entry.offset..entry.offset + entry.len);
            }
            return Ok(false);
        };
        if len > entry.len {
            return Err(OpenError::Foreign);
        }
        let file = open::to_check(&whole)?;
        self.before.allocated += if is_wanted { allocated_bytes(&file).min(entry.len) } else { 0 };
        let written = written_ranges(&file, len).into_iter();
        self.before.written.extend(written.map(|range| entry.offset + range.start..entry.offset + range.end));
        self.lacks(entry.offset + len..entry.offset + entry.len);
        self.known.insert(path.to_path_buf());
        Ok(true)
    }

    /// What is kept of files that nobody wanted.
    pub fn look_at_rest(&mut self, places: &[Place], total_len: u64) -> Result<(), OpenError> {
        let path = self.folder.join(REST);
        let written = match Kind::of(&path)? {
            Kind::Nothing => Vec::new(),
            Kind::File { len } if len <= total_len => {
                self.known.insert(REST.into());
                written_ranges(&open::to_check(&path)?, len)
            }
            Kind::File { .. } => return Err(OpenError::Foreign),
            kind => return Err(OpenError::Obstacle(path, kind)),
        };
        let len = written.last().map_or(0, |range| range.end);
        let mut begin = 0;
        for place in places {
            let (first, end) = (begin, begin + place.len);
            begin = end;
            if matches!(place.at, Where::Rest) {
                let within = written.iter().map(|range| range.start.max(first)..range.end.min(end));
                self.before.written.extend(within.filter(|range| !range.is_empty()));
                self.lacks(first.max(len)..end);
            }
        }
        Ok(())
    }

    fn lacks(&mut self, bytes: Range<u64>) {
        if !bytes.is_empty() {
            self.before.missing.push(bytes);
        }
    }

    /// What was found, and the files of the torrent that are there.
    pub fn finish(mut self) -> io::Result<(Before, BTreeSet<PathBuf>)> {
        let by_begin = |range: &Range<u64>| range.start;
        self.before.written.sort_by_key(by_begin);
        self.before.missing.sort_by_key(by_begin);
        if Kind::of(self.folder)? == Kind::Folder {
            for entry in WalkDir::new(self.folder).min_depth(1) {
                let entry = entry.map_err(io::Error::from)?;
                let path = entry.path().strip_prefix(self.folder).unwrap_or(entry.path());
                self.before.has_others |= !entry.file_type().is_dir() && !self.known.contains(path);
            }
        }
        Ok((self.before, self.known))
    }
}
