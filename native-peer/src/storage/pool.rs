//! Threads that read, hash and write pieces, so that the swarm's task never waits for a disk.
//!
//! ```text
//!   swarm's task ── Job ──► backlog ──► bounded channel ──► threads (pread, SHA-1, pwritev)
//!        ▲                                                      │
//!        └──────────────── Input (bounded channel) ◄────────────┘
//! ```
//!
//! The engine bounds how many jobs there can be (bytes requested, unverified and read ahead), so the
//! backlog is bounded by its configuration.

use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread;

use local_peer::Input;
use metainfo::Layout;
use peer_engine::{Job, StorageError, StorageErrorKind};
use tokio::sync::mpsc;

use super::content::Content;
use crate::hashing::hash_blocks;

/// Jobs handed to the threads and not yet taken.
const QUEUE_LEN: usize = 64;
/// Answers that the swarm's task has not taken.
const ANSWERS_LEN: usize = 256;
/// Threads for one torrent. Two hide the disk behind the hashing; four are enough for 10 Gbit/s.
const THREADS_MIN: usize = 2;
const THREADS_MAX: usize = 4;

/// The answers' channel.
pub type Completion = mpsc::Receiver<Input>;

/// Handle to the threads. They end when it is dropped, after the job that each is at.
#[derive(Debug)]
pub struct StoragePool {
    jobs: SyncSender<Job>,
    backlog: VecDeque<Job>,
}

impl StoragePool {
    /// Starts the threads for one torrent.
    pub fn start(content: Arc<Content>, layout: Layout) -> (Self, Completion) {
        let (jobs, queue) = sync_channel(QUEUE_LEN);
        let (answers, completions) = mpsc::channel(ANSWERS_LEN);
        let queue = Arc::new(Mutex::new(queue));
        for _ in 0..crate::hashing::threads().clamp(THREADS_MIN, THREADS_MAX) {
            let worker = Worker { content: content.clone(), layout, queue: queue.clone(), answers: answers.clone() };
            thread::Builder::new()
                .name("storage".to_owned())
                .spawn(move || worker.run())
                .expect("a thread can be started");
        }
        (Self { jobs, backlog: VecDeque::new() }, completions)
    }

    /// Takes a job; never waits.
    pub fn submit(&mut self, job: Job) {
        self.backlog.push_back(job);
        self.refill();
    }

    /// Hands waiting jobs on. Call it after answers were taken.
    pub fn refill(&mut self) {
        while let Some(job) = self.backlog.pop_front() {
            if let Err(TrySendError::Full(job) | TrySendError::Disconnected(job)) = self.jobs.try_send(job) {
                self.backlog.push_front(job);
                return;
            }
        }
    }
}

struct Worker {
    content: Arc<Content>,
    layout: Layout,
    queue: Arc<Mutex<Receiver<Job>>>,
    answers: mpsc::Sender<Input>,
}

impl Worker {
    fn run(self) {
        while let Some(job) = self.next() {
            if self.answers.blocking_send(self.perform(job)).is_err() {
                return;
            }
        }
    }

    fn next(&self) -> Option<Job> {
        self.queue.lock().expect("no thread panics while it holds this").recv().ok()
    }

    fn perform(&self, job: Job) -> Input {
        match job {
            Job::Load { job, piece, begin, len, .. } => {
                let offset = self.layout.piece_offset(piece.0) + u64::from(begin);
                let result = self.content.read_bytes_at(len as usize, offset);
                Input::Loaded { job, result: result.map_err(|error| storage_error("reading", &error)) }
            }
            Job::Hash { job, data, .. } => Input::Hashed { job, digest: Ok(hash_blocks(&data)) },
            Job::Store { job, piece, data, .. } => {
                let result = self.content.write_all_at(&data, self.layout.piece_offset(piece.0));
                Input::Stored { job, result: result.map_err(|error| storage_error("writing", &error)) }
            }
        }
    }
}

fn storage_error(doing: &str, error: &std::io::Error) -> StorageError {
    let kind = match error.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => StorageErrorKind::NoRoom,
        std::io::ErrorKind::UnexpectedEof => StorageErrorKind::Gone,
        _ => StorageErrorKind::Other,
    };
    StorageError::new(kind, format!("{doing} failed: {error}"))
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use peer_engine::{JobId, PieceIndex};
    use sha1::{Digest, Sha1};

    use super::*;

    #[tokio::test]
    async fn more_jobs_than_the_queue_holds_are_all_answered() {
        let file = Arc::new(tempfile::tempfile().unwrap());
        let layout = Layout::new(500 * 16_384, 16_384).unwrap();
        file.set_len(layout.total_len()).unwrap();
        let content = Content::of_file(file, layout.total_len());
        let (mut pool, mut completions) = StoragePool::start(Arc::new(content), layout);
        for piece in 0..500_u32 {
            let data = vec![Bytes::from(vec![piece as u8; 10_000]), Bytes::from(vec![!piece as u8; 6_384])];
            let (job, hashed_by) = (JobId(u64::from(piece)), JobId(1_000));
            pool.submit(Job::Store { job, piece: PieceIndex(piece), data, hashed_by });
        }
        for _ in 0..500 {
            assert!(matches!(completions.recv().await, Some(Input::Stored { result: Ok(()), .. })));
            pool.refill();
        }
        pool.submit(Job::Load { job: JobId(1), piece: PieceIndex(77), begin: 9_999, len: 2, who: None });
        let Some(Input::Loaded { result: Ok(bytes), .. }) = completions.recv().await else { panic!("not loaded") };
        assert_eq!(bytes[..], [77, !77]);
        let data = vec![Bytes::from_static(b"ab"), Bytes::from_static(b"c")];
        pool.submit(Job::Hash { job: JobId(2), piece: PieceIndex(0), data });
        let Some(Input::Hashed { digest: Ok(digest), .. }) = completions.recv().await else { panic!("not hashed") };
        assert_eq!(digest, <[u8; 20]>::from(Sha1::digest(b"abc")));
    }
}
