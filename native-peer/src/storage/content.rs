//! A torrent's bytes on disk: one file, or a folder of them, read and written by their place in the torrent.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;

use super::open_files::{Growth, OpenFiles, There};
use super::positional;
use super::root::Root;
use super::stamp::FileStamp;

/// What is kept of files that nobody wants, below the folder. No file of a torrent has a name with a dot in front.
pub const REST: &str = ".rest";
/// Its place among the open files, behind those of all files.
const REST_INDEX: usize = usize::MAX;

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
    /// A file below the torrent's folder, opened when it is needed, and made with its first byte.
    Below(PathBuf),
    /// A file that nobody wants, so that only what shares a piece with one that somebody wants is kept: in a file for all
    /// of those, at its place in the torrent.
    Rest,
    /// Padding (BEP 47): not on disk.
    Zeros,
}

/// A part of a place.
struct Part<'a> {
    index: usize,
    /// Of the place, bytes.
    len: u64,
    at: &'a Where,
    /// Of the place.
    range: Range<u64>,
    /// Of its first byte, in the torrent.
    torrent_offset: u64,
}

impl Content {
    /// Of a single file.
    pub fn of_file(file: Arc<File>, len: u64) -> Self {
        Self::new(PathBuf::new(), vec![Place { len, at: Where::Open(file) }])
    }

    /// Of several below this folder, to read.
    pub fn new(folder: PathBuf, places: Vec<Place>) -> Self {
        Self::growing(folder, places, Growth::None, There::default())
    }

    /// Of several below a folder that others may rename, to read.
    pub fn below(root: Arc<Root>, places: Vec<Place>) -> Self {
        Self::of_places(places, OpenFiles::below(root))
    }

    /// Reads only what looks as it did: a file that was written to since has other bytes, and nobody is sent those.
    #[must_use]
    pub fn while_unchanged(mut self, stamps: impl IntoIterator<Item = FileStamp>) -> Self {
        self.stamps = stamps.into_iter().filter(|stamp| stamp.len > 0).collect();
        self
    }

    /// Of a download.
    pub fn growing(folder: PathBuf, places: Vec<Place>, growth: Growth, there: There) -> Self {
        Self::of_places(places, OpenFiles::new(folder, growth, there))
    }

    fn of_places(places: Vec<Place>, open: OpenFiles) -> Self {
        let places: Vec<Place> = places.into_iter().filter(|place| place.len > 0).collect();
        let mut total_len = 0;
        let begin = |place: &Place| {
            total_len += place.len;
            total_len - place.len
        };
        let begins = places.iter().map(begin).collect();
        Self { places, begins, total_len, open, stamps: Vec::new() }
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
            match self.to_read(&part)? {
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
            match part.at {
                Where::Open(file) => positional::write_all_at(file, &taken, part.range.start)?,
                Where::Rest => self.write((REST_INDEX, Path::new(REST), 0), &taken, part.torrent_offset)?,
                Where::Below(path) => self.write((part.index, path, part.len), &taken, part.range.start)?,
                Where::Zeros => {}
            }
        }
        Ok(())
    }

    fn write(&self, (index, path, len): (usize, &Path, u64), blocks: &[Bytes], offset: u64) -> io::Result<()> {
        let to_write = self.open.to_write(index, path, len)?;
        let written = positional::write_all_at(&to_write.file, blocks, offset);
        if written.is_err() {
            self.open.unmake(index, path, &to_write);
        }
        written
    }

    /// The folder has another name now.
    pub fn move_to(&self, folder: PathBuf) {
        self.open.move_to(folder);
    }

    /// The folder of a download is there, whether or not it has a byte.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn make_folder(&self) -> io::Result<()> {
        self.open.make_folder()
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
        let Some((file, offset)) = self.to_read(part)? else {
            return Ok(vec![0; len].into());
        };
        let bytes = positional::read_bytes_at(&file, len, offset)?;
        self.check_unchanged(part.index, &file)?;
        Ok(bytes)
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

    /// The file that has the part, and where in it; `None`: it is on no disk.
    fn to_read(&self, part: &Part<'_>) -> io::Result<Option<(Arc<File>, u64)>> {
        Ok(Some(match part.at {
            Where::Open(file) => (file.clone(), part.range.start),
            Where::Rest => (self.open.to_read(REST_INDEX, Path::new(REST))?, part.torrent_offset),
            Where::Below(path) => (self.open.to_read(part.index, path)?, part.range.start),
            Where::Zeros => return Ok(None),
        }))
    }

    /// The files that these bytes lie in, in order.
    fn parts(&self, bytes: Range<u64>) -> impl Iterator<Item = Part<'_>> {
        let first = self.begins.partition_point(|begin| *begin <= bytes.start).saturating_sub(1);
        let placed = self.begins[first..].iter().zip(&self.places[first..]).enumerate();
        let lying_in = placed.take_while(move |(_, (begin, _))| **begin < bytes.end);
        lying_in.map(move |(nth, (begin, place))| Part {
            index: first + nth,
            len: place.len,
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

#[cfg(test)]
mod tests {
    use std::fs;

    use super::super::open_files::OPEN_MAX;
    use super::*;

    /// Three files with padding and an empty one between them, and one of which only parts are kept.
    fn places() -> Vec<Place> {
        let file = |name: &str, len: u64| Place { len, at: Where::Below(name.into()) };
        vec![
            file("a", 10),
            Place { len: 6, at: Where::Zeros },
            file("empty", 0),
            file("b", 1),
            Place { len: 8, at: Where::Rest },
            file("c", 5),
        ]
    }

    fn growing(folder: &Path, places: Vec<Place>) -> Content {
        Content::growing(folder.into(), places, Growth::Folder, There::default())
    }

    #[test]
    fn bytes_land_in_their_files_wherever_they_are_cut() {
        let whole: Vec<u8> = (1..=30).map(|byte| if (11..=16).contains(&byte) { 0 } else { byte }).collect();
        for cut in 1..=30 {
            let folder = tempfile::tempdir().unwrap();
            let content = growing(folder.path(), places());
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
        let content = growing(folder.path(), places());
        let is_behind = |result: io::Result<()>| result.unwrap_err().kind() == io::ErrorKind::UnexpectedEof;
        assert!(is_behind(content.read_bytes_at(2, 29).map(drop)));
        assert!(is_behind(content.read_bytes_at(1, u64::MAX).map(drop)));
        assert!(is_behind(content.write_all_at(&[Bytes::from_static(b"ab")], 29)));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "no byte, no file");
    }

    #[test]
    fn many_files_are_open_a_few_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let places = (0..3 * OPEN_MAX).map(|nth| Place { len: 1, at: Where::Below(nth.to_string().into()) });
        let content = growing(folder.path(), places.collect());
        let bytes: Vec<u8> = (0..3 * OPEN_MAX).map(|nth| nth as u8).collect();
        content.write_all_at(&[bytes.clone().into()], 0).unwrap();
        assert_eq!(content.read_bytes_at(bytes.len(), 0).unwrap(), bytes);
        assert_eq!(content.open.count(), OPEN_MAX);
    }
}
