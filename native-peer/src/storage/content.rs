//! A torrent's bytes on disk: one file, or a folder of them, read and written by their place in the torrent.

use std::fs::{File, OpenOptions};
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

use bytes::Bytes;

use super::positional;
use super::root::Root;
use super::stamp::FileStamp;

/// Files of a folder that are open at a time. Systems allow a program 256 or 1024, sockets included.
const OPEN_MAX: usize = 64;

/// The torrent's bytes, cut into files.
#[derive(Debug)]
pub struct Content {
    /// In the order of their bytes, those without any left out.
    places: Vec<Place>,
    /// Where each begins in the torrent.
    begins: Vec<u64>,
    total_len: u64,
    open: OpenFiles,
    /// What the files look like, in the order of `places`; empty: whatever they look like, they are read.
    stamps: Vec<FileStamp>,
}

/// Where a part of the bytes is.
#[derive(Debug)]
pub struct Place {
    /// Bytes.
    pub len: u64,
    pub at: Where,
}

/// What holds a part of the bytes.
#[derive(Debug)]
pub enum Where {
    /// A file that stays open.
    Open(Arc<File>),
    /// A file below the torrent's folder, opened when it is needed.
    Below(PathBuf),
    /// A file that nobody wants, so that only what shares a piece with one that somebody wants is kept: in this file, at
    /// its place in the torrent.
    Rest(Arc<File>),
    /// Padding (BEP 47): not on disk.
    Zeros,
}

/// A part of a place.
struct Part<'a> {
    index: usize,
    at: &'a Where,
    /// Of the place.
    range: Range<u64>,
    /// Of its first byte, in the torrent.
    torrent_offset: u64,
}

impl Content {
    /// Of a single file.
    pub fn of_file(file: Arc<File>, len: u64) -> Self {
        Self::new(PathBuf::new(), vec![Place { len, at: Where::Open(file) }], true)
    }

    /// Of several below this folder. `is_writable`: they are opened for writing as well.
    pub fn new(folder: PathBuf, places: Vec<Place>, is_writable: bool) -> Self {
        Self::in_folder(Folder::Named { path: folder, is_writable }, places)
    }

    /// Of several below a folder that others may rename.
    pub fn below(root: Arc<Root>, places: Vec<Place>) -> Self {
        Self::in_folder(Folder::Root(root), places)
    }

    /// Reads only what looks as it did: a file that was written to since has other bytes, and nobody is sent those.
    #[must_use]
    pub fn while_unchanged(mut self, stamps: impl IntoIterator<Item = FileStamp>) -> Self {
        self.stamps = stamps.into_iter().filter(|stamp| stamp.len > 0).collect();
        self
    }

    fn in_folder(folder: Folder, places: Vec<Place>) -> Self {
        let places: Vec<Place> = places.into_iter().filter(|place| place.len > 0).collect();
        let mut total_len = 0;
        let begin = |place: &Place| {
            total_len += place.len;
            total_len - place.len
        };
        let begins = places.iter().map(begin).collect();
        Self { places, begins, total_len, open: OpenFiles::new(folder), stamps: Vec::new() }
    }

    /// Reads exactly `len` bytes at this place in the torrent.
    ///
    /// # Errors
    /// What the operating system says; [`io::ErrorKind::UnexpectedEof`] behind the end.
    pub fn read_bytes_at(&self, len: usize, offset: u64) -> io::Result<Bytes> {
        let mut read = Vec::new();
        for part in self.parts(self.range(offset, len as u64)?) {
            read.push(self.read_part(&part)?);
        }
        // Nearly always one file has it all.
        Ok(if let [whole] = &mut read[..] { std::mem::take(whole) } else { read.concat().into() })
    }

    /// Fills the buffer from this place in the torrent on.
    ///
    /// # Errors
    /// As [`Content::read_bytes_at`].
    pub fn read_exact_at(&self, mut buffer: &mut [u8], offset: u64) -> io::Result<()> {
        for part in self.parts(self.range(offset, buffer.len() as u64)?) {
            let (first, rest) = buffer.split_at_mut((part.range.end - part.range.start) as usize);
            match self.holder(&part)? {
                Some((file, offset)) => positional::read_exact_at(&file, first, offset)
                    .and_then(|()| self.check_unchanged(part.index, &file))?,
                None => first.fill(0),
            }
            buffer = rest;
        }
        Ok(())
    }

    /// Writes the blocks one after the other, from this place in the torrent on.
    ///
    /// # Errors
    /// What the operating system says; [`io::ErrorKind::UnexpectedEof`] behind the end.
    pub fn write_all_at(&self, blocks: &[Bytes], offset: u64) -> io::Result<()> {
        let len: u64 = blocks.iter().map(|block| block.len() as u64).sum();
        let mut blocks = blocks.to_vec();
        for part in self.parts(self.range(offset, len)?) {
            let taken = take_front(&mut blocks, (part.range.end - part.range.start) as usize);
            if let Some((file, offset)) = self.holder(&part)? {
                positional::write_all_at(&file, &taken, offset)?;
            }
        }
        Ok(())
    }

    /// The folder has another name now.
    pub fn move_to(&self, folder: PathBuf) {
        if let Folder::Named { path, .. } = &mut self.open.lock().folder {
            *path = folder;
        }
    }

    /// Bytes in all.
    pub fn total_len(&self) -> u64 {
        self.total_len
    }

    fn range(&self, offset: u64, len: u64) -> io::Result<Range<u64>> {
        let end = offset.checked_add(len).filter(|end| *end <= self.total_len);
        end.map(|end| offset..end).ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
    }

    fn read_part(&self, part: &Part<'_>) -> io::Result<Bytes> {
        let len = (part.range.end - part.range.start) as usize;
        let Some((file, offset)) = self.holder(part)? else {
            return Ok(vec![0; len].into());
        };
        let bytes = positional::read_bytes_at(&file, len, offset)?;
        self.check_unchanged(part.index, &file)?;
        Ok(bytes)
    }

    /// The file that a part lies in, and where in it; `None`: in none.
    fn holder(&self, part: &Part<'_>) -> io::Result<Option<(Arc<File>, u64)>> {
        Ok(match part.at {
            Where::Open(file) => Some((file.clone(), part.range.start)),
            Where::Rest(file) => Some((file.clone(), part.torrent_offset)),
            Where::Below(path) => Some((self.open.get(part.index, path)?, part.range.start)),
            Where::Zeros => None,
        })
    }

    /// Asked after reading: what looks the same now was not written to before.
    fn check_unchanged(&self, index: usize, file: &File) -> io::Result<()> {
        match self.stamps.get(index) {
            Some(stamp) if !stamp.is_unchanged(&FileStamp::of(file)?) => {
                Err(io::Error::other("the file was written to"))
            }
            _ => Ok(()),
        }
    }

    /// The files that these bytes lie in, in order.
    fn parts(&self, bytes: Range<u64>) -> impl Iterator<Item = Part<'_>> {
        let first = self.begins.partition_point(|begin| *begin <= bytes.start).saturating_sub(1);
        let placed = self.begins[first..].iter().zip(&self.places[first..]).enumerate();
        let lying_in = placed.take_while(move |(_, (begin, _))| **begin < bytes.end);
        lying_in.map(move |(nth, (begin, place))| Part {
            index: first + nth,
            at: &place.at,
            range: bytes.start.saturating_sub(*begin)..place.len.min(bytes.end - begin),
            torrent_offset: bytes.start.max(*begin),
        })
    }
}

/// So many bytes off the front.
fn take_front(blocks: &mut Vec<Bytes>, mut len: usize) -> Vec<Bytes> {
    let mut taken = Vec::new();
    let mut used = 0;
    for block in blocks.iter_mut() {
        if len == 0 {
            break;
        }
        let part = block.split_to(block.len().min(len));
        len -= part.len();
        taken.push(part);
        used += usize::from(block.is_empty());
    }
    blocks.drain(..used);
    taken
}

/// What files lie below.
#[derive(Debug)]
enum Folder {
    Named {
        path: PathBuf,
        is_writable: bool,
    },
    /// For reading only.
    Root(Arc<Root>),
}

impl Folder {
    fn open(&self, below: &Path) -> io::Result<File> {
        match self {
            Self::Named { path, is_writable } => {
                OpenOptions::new().read(true).write(*is_writable).open(path.join(below))
            }
            Self::Root(root) => root.file(below),
        }
    }
}

/// Files that were used last.
#[derive(Debug)]
struct OpenFiles(Mutex<Recent>);

#[derive(Debug)]
struct Recent {
    folder: Folder,
    /// By their place, the one that was used last at the end.
    files: Vec<(usize, Arc<File>)>,
}

impl OpenFiles {
    fn new(folder: Folder) -> Self {
        Self(Mutex::new(Recent { folder, files: Vec::new() }))
    }

    fn lock(&self) -> MutexGuard<'_, Recent> {
        self.0.lock().expect("nothing panics while it holds this")
    }

    fn get(&self, index: usize, path: &Path) -> io::Result<Arc<File>> {
        let mut recent = self.lock();
        let known = recent.files.iter().position(|(known, _)| *known == index);
        let file = match known {
            Some(at) => recent.files.remove(at).1,
            None => Arc::new(recent.folder.open(path)?),
        };
        if recent.files.len() >= OPEN_MAX {
            recent.files.remove(0);
        }
        recent.files.push((index, file.clone()));
        Ok(file)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// Three files with padding and an empty one between them, and one of which only parts are kept.
    fn places(folder: &Path) -> Vec<Place> {
        let file = |name: &str, len: u64| {
            File::create(folder.join(name)).unwrap().set_len(len).unwrap();
            Place { len, at: Where::Below(name.into()) }
        };
        let rest = Arc::new(tempfile::tempfile_in(folder).unwrap());
        vec![
            file("a", 10),
            Place { len: 6, at: Where::Zeros },
            file("empty", 0),
            file("b", 1),
            Place { len: 8, at: Where::Rest(rest) },
            file("c", 5),
        ]
    }

    #[test]
    fn bytes_land_in_their_files_wherever_they_are_cut() {
        let whole: Vec<u8> = (1..=30).map(|byte| if (11..=16).contains(&byte) { 0 } else { byte }).collect();
        for cut in 1..=30 {
            let folder = tempfile::tempdir().unwrap();
            let content = Content::new(folder.path().into(), places(folder.path()), true);
            assert_eq!(content.total_len(), 30);
            for (nth, part) in whole.chunks(cut).enumerate() {
                let (left, right) = part.split_at(part.len() / 2);
                let blocks = [Bytes::copy_from_slice(left), Bytes::new(), Bytes::copy_from_slice(right)];
                content.write_all_at(&blocks, (nth * cut) as u64).unwrap();
            }
            assert_eq!(fs::read(folder.path().join("a")).unwrap(), whole[..10]);
            assert_eq!(fs::read(folder.path().join("b")).unwrap(), whole[16..17]);
            assert_eq!(fs::read(folder.path().join("c")).unwrap(), whole[25..]);
            for begin in 0..30 {
                for end in begin..=30 {
                    assert_eq!(content.read_bytes_at(end - begin, begin as u64).unwrap(), whole[begin..end]);
                    let mut buffer = vec![99; end - begin];
                    content.read_exact_at(&mut buffer, begin as u64).unwrap();
                    assert_eq!(buffer, whole[begin..end]);
                }
            }
        }
    }

    #[test]
    fn nothing_is_read_or_written_behind_the_end() {
        let folder = tempfile::tempdir().unwrap();
        let content = Content::new(folder.path().into(), places(folder.path()), true);
        let is_behind = |result: io::Result<()>| result.unwrap_err().kind() == io::ErrorKind::UnexpectedEof;
        assert!(is_behind(content.read_bytes_at(2, 29).map(drop)));
        assert!(is_behind(content.read_bytes_at(1, u64::MAX).map(drop)));
        assert!(is_behind(content.write_all_at(&[Bytes::from_static(b"ab")], 29)));
        assert_eq!(fs::metadata(folder.path().join("c")).unwrap().len(), 5);
    }

    #[test]
    fn many_files_are_open_a_few_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let places = (0..3 * OPEN_MAX).map(|nth| {
            File::create(folder.path().join(nth.to_string())).unwrap();
            Place { len: 1, at: Where::Below(nth.to_string().into()) }
        });
        let content = Content::new(folder.path().into(), places.collect(), true);
        let bytes: Vec<u8> = (0..3 * OPEN_MAX).map(|nth| nth as u8).collect();
        content.write_all_at(&[bytes.clone().into()], 0).unwrap();
        assert_eq!(content.read_bytes_at(bytes.len(), 0).unwrap(), bytes);
        assert_eq!(content.open.lock().files.len(), OPEN_MAX);
    }
}
