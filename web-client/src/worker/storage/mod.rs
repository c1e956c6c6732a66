//! One file's pieces: carries out the jobs of its engine, and hands each answer back.

mod blobs;
mod disk;
mod leftovers;
mod lock;
mod opening;
mod opfs;
mod source;
mod trial;

use std::pin::Pin;
use std::rc::Rc;

use bytes::Bytes;
use js_sys::Reflect;
use local_peer::Input;
use peer_engine::{Job, JobId, PieceIndex, StorageError, StorageErrorKind};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Blob, Url};

use super::Handle;
use super::clock::Now;
use super::crypto::{Hashing, sha1};
use blobs::{BlobPieces, Part};
use disk::DiskPieces;
pub(super) use leftovers::{look, remove};
pub(super) use opening::{Opened, Wanted, open};
pub(super) use source::SourceReader;
pub(super) use trial::try_disk;

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
    /// A piece in one, for whoever hashes or keeps it: used again and again.
    scratch: Vec<u8>,
    url: Option<String>,
}

impl Storage {
    /// The pieces of a transfer.
    pub(super) fn new(transfer: u64, handle: Handle, opened: Opened) -> Self {
        Self::with(transfer, handle, opened.pieces)
    }

    /// Of a File that this person shares.
    pub(super) fn of_source(transfer: u64, handle: Handle, source: Rc<SourceReader>) -> Self {
        Self::with(transfer, handle, Pieces::Source(source))
    }

    fn with(transfer: u64, handle: Handle, pieces: Pieces) -> Self {
        Self { transfer, handle, pieces, scratch: Vec::new(), url: None }
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
                    self.answer(
                        async move { Input::Stored { job, result: blobs::confirm(&blob).await.map_err(no_room) } },
                    );
                    return None;
                }
                kept => kept.map(drop),
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
        match self.part(piece, begin, len) {
            Ok(Part::Blob(blob)) => {
                self.answer(async move { Input::Loaded { job, result: blobs::read(blob).await.map_err(other) } });
                None
            }
            Ok(Part::Bytes(bytes)) => Some(Input::Loaded { job, result: Ok(bytes) }),
            Err(why) => Some(Input::Loaded { job, result: Err(other(why)) }),
        }
    }

    fn part(&self, piece: PieceIndex, begin: u32, len: u32) -> Result<Part, String> {
        match &self.pieces {
            Pieces::Disk(disk) => disk.load(piece, begin, len).map(Part::Bytes),
            Pieces::Blobs(blobs) => blobs.load(piece, begin, len),
            Pieces::Source(_) => Err("what is shared is read where it lies".to_owned()),
        }
    }

    /// Reads a part of a piece that is here, for whoever plays it.
    pub(super) fn read(
        &self,
        piece: PieceIndex,
        begin: u32,
        len: u32,
    ) -> impl Future<Output = Result<Bytes, String>> + use<> {
        let part = self.part(piece, begin, len);
        async move {
            match part? {
                Part::Bytes(bytes) => Ok(bytes),
                Part::Blob(blob) => blobs::read(blob).await,
            }
        }
    }

    /// Time has passed.
    ///
    /// # Errors
    /// The browser did not keep what it had taken.
    pub(super) fn tend(&mut self, now: Now) -> Result<(), String> {
        match &mut self.pieces {
            Pieces::Disk(disk) => disk.tend(now),
            Pieces::Blobs(_) | Pieces::Source(_) => Ok(()),
        }
    }

    /// When that is to be told next, milliseconds.
    pub(super) fn poll_timeout(&self) -> Option<u64> {
        match &self.pieces {
            Pieces::Disk(disk) => disk.poll_timeout(),
            Pieces::Blobs(_) | Pieces::Source(_) => None,
        }
    }

    /// Every piece is there: the whole file, once the browser is sure to have it.
    pub(super) fn finish(&mut self, now: Now) -> Pin<Box<dyn Future<Output = Result<Blob, String>>>> {
        match &mut self.pieces {
            Pieces::Disk(disk) => Box::pin(disk.finish(now)),
            Pieces::Blobs(blobs) => Box::pin(blobs.finish()),
            Pieces::Source(_) => Box::pin(async { Err("what is shared is not saved".to_owned()) }),
        }
    }

    /// Gives the whole file an address.
    pub(super) fn publish(&mut self, file: &Blob) -> Result<(), String> {
        self.url = Some(Url::create_object_url_with_blob(file).map_err(describe)?);
        Ok(())
    }

    /// Where the whole file is, once it is.
    pub(super) fn url(&self) -> Option<&str> {
        self.url.as_deref()
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
        if let Some(url) = &self.url {
            let _ = Url::revoke_object_url(url);
        }
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
    format!("this browser has no room for it ({})", name.unwrap_or_else(|| format!("{error:?}")))
}
