//! One file's pieces: carries out the jobs of its engine, and hands each answer back.

mod blobs;
mod copy;
mod disk;
mod keeper;
mod keeping;
mod leftovers;
mod lock;
mod opening;
mod opfs;
mod source;
mod trial;
mod whole;

use std::pin::Pin;
use std::rc::Rc;

use bytes::Bytes;
use js_sys::Reflect;
use local_peer::Input;
use peer_engine::{Job, JobId, PieceIndex, StorageError, StorageErrorKind};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;
use web_sys::Blob;

use super::Handle;
use super::clock::Now;
use super::crypto::{Hashing, sha1};
use crate::screen::downloads::no_room_why;
use blobs::{BlobPieces, Part};
pub(super) use copy::Copy;
use disk::DiskPieces;
use keeper::Keeper;
pub(super) use leftovers::{look, open_files, remove};
pub(super) use opening::{Opened, Wanted, open};
pub(super) use source::SourceReader;
pub(super) use trial::try_disk;

/// What is saved is never shown, whatever it calls itself: an HTML file must not run as a page of this origin.
const OPAQUE: &str = "application/octet-stream";

/// Where the pieces are.
enum Pieces {
    /// In a file on the browser's disk.
    Disk(DiskPieces),
    /// In the browser's memory.
    Blobs(BlobPieces),
    /// In a File that this person shares: all of them, from the beginning.
    Source(Rc<SourceReader>),
}

/// The pieces, and who is told what came of a job.
pub(super) struct Storage {
    /// Names the transfer in the answers: a file may be stopped and begun again.
    transfer: u64,
    handle: Handle,
    pieces: Pieces,
    /// Keeps Blobs in the browser's database.
    keeper: Option<Keeper>,
    /// A piece in one, for whoever hashes or keeps it: used again and again.
    scratch: Vec<u8>,
    /// All of it, once it is complete, and its address.
    whole: Option<(Blob, String)>,
}

impl Storage {
    /// The pieces of a transfer.
    pub(super) fn new(transfer: u64, handle: Handle, opened: Opened) -> Self {
        let mut storage = Self::with(transfer, handle, opened.pieces);
        storage.keeper = opened.keeper;
        storage
    }

    /// Of a File that this person shares.
    pub(super) fn of_source(transfer: u64, handle: Handle, source: Rc<SourceReader>) -> Self {
        Self::with(transfer, handle, Pieces::Source(source))
    }

    fn with(transfer: u64, handle: Handle, pieces: Pieces) -> Self {
        Self { transfer, handle, pieces, keeper: None, scratch: Vec::new(), whole: None }
    }

    /// Does a job, or begins it. Its answer is an input of the transfer: the one that is returned, or one that comes.
    pub(super) fn submit(&mut self, job: Job, now: Now) -> Option<Input> {
        match job {
            Job::Hash { job, data, .. } => self.hash(job, &data),
            Job::Store { job, piece, data, .. } => self.store(job, piece, &data, now),
            Job::Load { job, piece, begin, len, .. } => self.load(job, piece, begin, len),
        }
    }

    fn hash(&mut self, job: JobId, data: &[Bytes]) -> Option<Input> {
        gather(data, &mut self.scratch);
        match sha1(&self.scratch) {
            Hashing::Done(digest) => Some(Input::Hashed { job, digest: Ok(digest) }),
            Hashing::Begun(digest) => {
                self.answer(async move { Input::Hashed { job, digest: digest.await.map_err(other) } });
                None
            }
        }
    }

    fn store(&mut self, job: JobId, piece: PieceIndex, data: &[Bytes], now: Now) -> Option<Input> {
        gather(data, &mut self.scratch);
        let result = match &mut self.pieces {
            Pieces::Disk(disk) => disk.store(piece, &self.scratch, now),
            Pieces::Blobs(blobs) => match blobs.store(piece, &self.scratch) {
                Ok(Some(blob)) => {
                    self.keep_last(&blob);
                    self.answer(
                        async move { Input::Stored { job, result: blobs::confirm(&blob).await.map_err(no_room) } },
                    );
                    return None;
                }
                kept => {
                    if let Some(keeper) = &mut self.keeper {
                        keeper.on_staged(now);
                    }
                    kept.map(drop)
                }
            },
            Pieces::Source(_) => Err("what is shared is not written to".to_owned()),
        };
        Some(Input::Stored { job, result: result.map_err(no_room) })
    }

    fn load(&mut self, job: JobId, piece: PieceIndex, begin: u32, len: u32) -> Option<Input> {
        if let Pieces::Source(source) = &self.pieces {
            let load = source.load(piece, begin, len);
            self.answer(async move { Input::Loaded { job, result: load.await } });
            return None;
        }
        match self.block(piece, begin, len) {
            Ok(Part::Blob(blob)) => {
                self.answer(async move { Input::Loaded { job, result: blobs::read(blob).await.map_err(other) } });
                None
            }
            Ok(Part::Bytes(bytes)) => Some(Input::Loaded { job, result: Ok(bytes) }),
            Err(why) => Some(Input::Loaded { job, result: Err(other(why)) }),
        }
    }

    fn block(&self, piece: PieceIndex, begin: u32, len: u32) -> Result<Part, String> {
        match &self.pieces {
            Pieces::Disk(disk) => disk.load(piece, begin, len).map(Part::Bytes),
            Pieces::Blobs(blobs) => blobs.load(piece, begin, len),
            Pieces::Source(_) => Err("what is shared is read where it lies".to_owned()),
        }
    }

    /// Reads a part of a piece that is here, for whoever plays it.
    pub(super) fn read_block(
        &self,
        piece: PieceIndex,
        begin: u32,
        len: u32,
    ) -> Pin<Box<dyn Future<Output = Result<Bytes, String>>>> {
        if let Pieces::Source(source) = &self.pieces {
            let load = source.load(piece, begin, len);
            return Box::pin(async move { load.await.map_err(|why| why.to_string()) });
        }
        let part = self.block(piece, begin, len);
        Box::pin(async move {
            match part? {
                Part::Bytes(bytes) => Ok(bytes),
                Part::Blob(blob) => blobs::read(blob).await,
            }
        })
    }

    /// Time has passed.
    ///
    /// # Errors
    /// The browser did not keep what it had taken.
    pub(super) fn tend(&mut self, now: Now) -> Result<(), String> {
        match &mut self.pieces {
            Pieces::Disk(disk) => disk.tend(now),
            Pieces::Blobs(_) if self.keeper.as_ref().is_some_and(|keeper| keeper.is_due(now)) => self.flush_blobs(),
            Pieces::Blobs(_) | Pieces::Source(_) => Ok(()),
        }
    }

    /// When that is to be told next, milliseconds.
    pub(super) fn poll_timeout(&self) -> Option<u64> {
        match &self.pieces {
            Pieces::Disk(disk) => disk.poll_timeout(),
            Pieces::Blobs(_) => self.keeper.as_ref().and_then(Keeper::poll_timeout),
            Pieces::Source(_) => None,
        }
    }

    /// Every piece is there: the whole file, once the browser is sure to have it.
    pub(super) fn finish(&mut self, now: Now) -> Pin<Box<dyn Future<Output = Result<Blob, String>>>> {
        if let Err(why) = self.flush_blobs() {
            return Box::pin(async { Err(why) });
        }
        match &mut self.pieces {
            Pieces::Disk(disk) => Box::pin(disk.finish(now)),
            Pieces::Blobs(blobs) => Box::pin(blobs.finish()),
            Pieces::Source(_) => Box::pin(async { Err("what is shared is not saved".to_owned()) }),
        }
    }

    fn answer(&self, answer: impl Future<Output = Input> + 'static) {
        let (transfer, handle) = (self.transfer, self.handle.clone());
        spawn_local(async move {
            let answer = answer.await;
            handle.run(|driver| driver.on_answer(transfer, answer));
        });
    }
}

impl Drop for Storage {
    fn drop(&mut self) {
        self.revoke();
    }
}

fn gather(data: &[Bytes], into: &mut Vec<u8>) {
    into.clear();
    data.iter().for_each(|block| into.extend_from_slice(block));
}

/// What the browser says when it keeps something is always of room.
fn no_room(detail: String) -> StorageError {
    StorageError::new(StorageErrorKind::NoRoom, detail)
}

fn other(detail: String) -> StorageError {
    StorageError::new(StorageErrorKind::Other, detail)
}

/// By its name (`NotReadableError`): Chromium's sentence speaks of permissions, whatever the cause.
fn describe(error: JsValue) -> String {
    let name = Reflect::get(&error, &"name".into()).ok().and_then(|name| name.as_string());
    no_room_why(Some(&name.unwrap_or_else(|| format!("{error:?}"))))
}
