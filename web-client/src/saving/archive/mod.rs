//! A ZIP archive of a folder, written from its beginning to its end: entries are stored as they are, since films and
//! pictures are compressed already. What is big goes into the archive by its place in the torrent, so that no byte of it is
//! copied through this program; it is read once, for its checksum.

use std::cell::RefCell;
use std::io::{self, Write};
use std::ops::Range;
use std::rc::Rc;

use metainfo::FileEntry;
use rawzip::ZipArchiveWriter;

use super::{Trouble, steps};

/// Content of that length and more is handed on by its place, bytes.
pub const BY_REFERENCE: u64 = 1 << 20;
/// So much of the rest is gathered before it is handed on, bytes.
const GATHERED_LEN: usize = 4 << 20;

/// What an archive is made of, in its order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// These bytes.
    Bytes(Vec<u8>),
    /// Bytes of the torrent.
    Content(Range<u64>),
}

/// Where content is read.
pub trait Source {
    /// Reads some bytes of the torrent, and hands them to `use_them`.
    fn read(&mut self, bytes: Range<u64>, use_them: impl FnMut(&[u8])) -> impl Future<Output = Result<(), Trouble>>;
}

/// Where the archive goes.
pub trait Sink {
    /// The next part. `done`: so many bytes of content are in the archive then.
    fn take(&mut self, part: Part, done: u64) -> impl Future<Output = Result<(), Trouble>>;
}

/// Writes an archive of these files.
///
/// # Errors
/// What kept the source from reading or the sink from taking it.
pub async fn write_zip(files: &[FileEntry], source: &mut impl Source, sink: &mut impl Sink) -> Result<(), Trouble> {
    let frame = Frame::default();
    let mut archive = ZipArchiveWriter::new(frame.clone());
    let mut done = 0;
    for file in files {
        let path = file.path.join("/");
        let (mut entry, config) = archive.new_file(path.as_str()).start().map_err(no_archive)?;
        let mut content = config.wrap(&mut entry);
        for step in steps(file.offset..file.offset + file.len) {
            let is_by_reference = step.end - step.start >= BY_REFERENCE;
            if is_by_reference && !frame.is_empty() {
                sink.take(frame.take(), done).await?;
            }
            frame.leave_out(is_by_reference);
            let mut written = Ok(());
            source.read(step.clone(), |bytes| written = content.write_all(bytes)).await?;
            frame.leave_out(false);
            written.map_err(no_archive)?;
            done += step.end - step.start;
            if is_by_reference {
                sink.take(Part::Content(step), done).await?;
            } else if frame.len() >= GATHERED_LEN {
                sink.take(frame.take(), done).await?;
            }
        }
        let (_, checked) = content.finish().map_err(no_archive)?;
        entry.finish(checked).map_err(no_archive)?;
    }
    archive.finish().map_err(no_archive)?;
    sink.take(frame.take(), done).await
}

fn no_archive(error: impl std::fmt::Display) -> Trouble {
    Trouble::Other(error.to_string())
}

/// What the archive's writer writes, but for content that goes in by its place.
#[derive(Debug, Clone, Default)]
struct Frame(Rc<RefCell<Framed>>);

#[derive(Debug, Default)]
struct Framed {
    bytes: Vec<u8>,
    is_left_out: bool,
}

impl Frame {
    fn leave_out(&self, is_left_out: bool) {
        self.0.borrow_mut().is_left_out = is_left_out;
    }

    fn len(&self) -> usize {
        self.0.borrow().bytes.len()
    }

    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn take(&self) -> Part {
        Part::Bytes(std::mem::take(&mut self.0.borrow_mut().bytes))
    }
}

impl Write for Frame {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut framed = self.0.borrow_mut();
        if !framed.is_left_out {
            framed.bytes.extend_from_slice(bytes);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
