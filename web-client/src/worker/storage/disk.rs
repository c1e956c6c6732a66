//! Pieces in a file on the browser's disk, each at its place in it.

use std::ops::Range;

use bytes::Bytes;
use metainfo::{Info, Layout};
use peer_engine::{PieceIndex, PieceSet};
use sha1::{Digest, Sha1};
use web_sys::{Blob, FileSystemDirectoryHandle};

use super::lock::Lock;
use super::opfs::{self, SyncFile};
use crate::storing::WhyMemory;
use crate::storing::record::{StoredFile, StoredPieces};
use crate::storing::resume::Check;
use crate::storing::upkeep::{Due, Upkeep};
use crate::worker::clock::{Now, unix_ms};
use crate::worker::crypto::random_u64;
use crate::worker::scope::{log, pause};
use crate::worker::shelf::Notes;

/// A file is tried to be opened so often: nobody else has it then, but for a worker that is being ended, which may still be busy
/// with what it has written.
const OPENINGS: u32 = 50;
/// Between two attempts, milliseconds.
const OPENING_PAUSE_MS: u32 = 200;

/// Who holds the lock of this name writes the file.
pub(super) fn lock_name(file: &str) -> String {
    format!("covey-pieces-{file}")
}

/// The pieces of one file.
pub(super) struct DiskPieces {
    layout: Layout,
    file: SyncFile,
    upkeep: Upkeep,
    notes: Notes,
    /// Let go after the file is closed.
    _lock: Lock,
}

impl DiskPieces {
    /// Opens the file of a torrent, with what `noted` says of it as far as that is right.
    ///
    /// # Errors
    /// Why the pieces go to memory.
    pub(super) async fn open(
        info: &Info,
        noted: Option<StoredPieces>,
        notes: Notes,
        stored: &StoredFile,
    ) -> Result<(Self, PieceSet), WhyMemory> {
        let layout = *info.layout();
        let name = info.info_hash().to_string();
        let folder = opfs::folder().await.ok_or(WhyMemory::NoDisk)?;
        let lock = Lock::take(&lock_name(&name)).await.ok_or(WhyMemory::OtherTab)?;
        let file = open_patiently(&folder, &name).await.ok_or(WhyMemory::Failing)?;
        let noted = notes.pieces().await.or(noted).filter(|_| file.len() == layout.total_len());
        let have = match noted {
            Some(noted) => believed(&file, info, &noted),
            None => PieceSet::none(layout.pieces()),
        };
        // Takes the room, so that what was begun can be ended.
        if let Err(why) = file.set_len(layout.total_len()) {
            log(&format!("no room on disk: {why}"));
            drop(file);
            let _ = opfs::remove(&folder, &name).await;
            return Err(WhyMemory::Full);
        }
        notes.write_file(stored);
        let mut pieces = Self { layout, file, upkeep: Upkeep::new(have.clone()), notes, _lock: lock };
        pieces.note();
        Ok((pieces, have))
    }

    /// Keeps a verified piece.
    pub(super) fn store(&mut self, piece: PieceIndex, bytes: &[u8], now: Now) -> Result<(), String> {
        self.file.write(self.layout.piece_offset(piece.0), bytes)?;
        self.upkeep.on_written(piece.0, bytes.len() as u32, now.ms());
        self.tend(now)
    }

    /// A part of a stored piece.
    pub(super) fn load(&self, piece: PieceIndex, begin: u32, len: u32) -> Result<Bytes, String> {
        let at = self.layout.piece_offset(piece.0) + u64::from(begin);
        self.file.read(at, len as usize).map(Bytes::from)
    }

    /// Some bytes of stored pieces.
    pub(super) fn read(&self, bytes: &Range<u64>) -> Result<Vec<u8>, String> {
        self.file.read(bytes.start, (bytes.end - bytes.start) as usize)
    }

    /// Flushes and notes what is due.
    pub(super) fn tend(&mut self, now: Now) -> Result<(), String> {
        while let Some(due) = self.upkeep.due(now.ms()) {
            match due {
                Due::Flush => self.flush(now)?,
                Due::Note => self.note(),
            }
        }
        Ok(())
    }

    /// When something is due, milliseconds.
    pub(super) fn poll_timeout(&self) -> Option<u64> {
        self.upkeep.poll_timeout()
    }

    /// Every piece is there.
    pub(super) fn finish(&mut self, now: Now) -> impl Future<Output = Result<Blob, String>> + use<> {
        let flushed = if self.upkeep.is_dirty() { self.flush(now) } else { Ok(()) };
        self.note();
        let file = self.file.snapshot();
        async move {
            flushed?;
            file.await
        }
    }

    fn flush(&mut self, now: Now) -> Result<(), String> {
        match self.file.flush() {
            Ok(()) => self.upkeep.on_flushed(now.ms()),
            Err(why) => {
                self.upkeep.on_flush_failed(now.ms());
                return Err(why);
            }
        }
        Ok(())
    }

    fn note(&mut self) {
        self.notes.write_pieces(StoredPieces::new(self.upkeep.flushed(), self.upkeep.written(), unix_ms()));
        self.upkeep.on_noted();
    }
}

/// The worker of a page that is loaded again lets go of its lock a moment before it lets go of its file.
async fn open_patiently(folder: &FileSystemDirectoryHandle, name: &str) -> Option<SyncFile> {
    for _ in 0..OPENINGS {
        match SyncFile::open(folder, name).await {
            Ok(file) => return Some(file),
            Err(_) => pause(OPENING_PAUSE_MS).await,
        }
    }
    None
}

/// Which of the pieces that were noted are there.
fn believed(file: &SyncFile, info: &Info, noted: &StoredPieces) -> PieceSet {
    let pieces = info.layout().pieces();
    let check = Check::new(noted, pieces, random_u64());
    let right = right_of(file, info, check.first());
    match check.judge(&right) {
        Ok(have) => have,
        Err(all) => right_of(file, info, all.into_iter()),
    }
}

fn right_of(file: &SyncFile, info: &Info, pieces: impl Iterator<Item = u32>) -> PieceSet {
    let mut right = PieceSet::none(info.layout().pieces());
    for piece in pieces {
        let (at, len) = (info.layout().piece_offset(piece), info.layout().piece_len(piece));
        let bytes = file.read(at, len as usize);
        if bytes.is_ok_and(|bytes| Sha1::digest(&bytes).as_slice() == info.digest(piece)) {
            right.insert(piece);
        }
    }
    right
}
