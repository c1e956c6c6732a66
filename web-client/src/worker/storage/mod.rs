//! One file's pieces: carries out the jobs of its engine, and hands each answer back.

mod blobs;
mod source;

use std::rc::Rc;

use peer_engine::{Job, StorageError, StorageErrorKind};
use wasm_bindgen_futures::spawn_local;

use super::Handle;
use super::crypto::sha1;
pub(super) use blobs::{PieceStore, prepare};
use local_peer::Input;
pub(super) use source::SourceReader;

/// The pieces, and who is told what came of a job.
pub(super) struct Storage {
    /// Names the transfer in the answers: a file may be stopped and begun again.
    transfer: u64,
    handle: Handle,
    pub(super) pieces: PieceStore,
    /// What is shared out of a File is not kept here, but read there.
    source: Option<Rc<SourceReader>>,
}

impl Storage {
    /// For so many pieces of a transfer.
    pub(super) fn new(transfer: u64, handle: Handle, pieces: u32) -> Self {
        Self { transfer, handle, pieces: PieceStore::new(pieces), source: None }
    }

    /// Of a File that this person shares.
    pub(super) fn of_source(transfer: u64, handle: Handle, source: Rc<SourceReader>) -> Self {
        Self { source: Some(source), ..Self::new(transfer, handle, 0) }
    }

    /// Begins a job; its answer is an input of the transfer.
    pub(super) fn submit(&mut self, job: Job) {
        match job {
            Job::Hash { job, piece, data } => {
                let buffer = self.pieces.gather(job, piece, &data);
                self.answer(async move { Input::Hashed { job, digest: sha1(&buffer).await.map_err(other) } });
            }
            Job::Store { job, piece, data, hashed_by } => {
                let kept = self.pieces.store(piece, &data, hashed_by);
                self.answer(async move { Input::Stored { job, result: kept.await.map_err(no_room) } });
            }
            Job::Load { job, piece, begin, len, .. } => match &self.source {
                Some(source) => {
                    let load = source.load(piece, begin, len);
                    self.answer(async move { Input::Loaded { job, result: load.await } });
                }
                None => {
                    let load = self.pieces.load(piece, begin, len);
                    self.answer(async move { Input::Loaded { job, result: load.await.map_err(other) } });
                }
            },
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

/// What the browser says when it keeps something is always of room.
fn no_room(detail: String) -> StorageError {
    StorageError::new(StorageErrorKind::NoRoom, detail)
}

fn other(detail: String) -> StorageError {
    StorageError::new(StorageErrorKind::Other, detail)
}
