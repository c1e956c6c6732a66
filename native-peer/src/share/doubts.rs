//! Looking at what was sent to others, when one of them ends a link: whoever is sent bad data does that. Nobody's word is
//! needed for it, so nobody can make a sharer stop by lying.

use std::collections::VecDeque;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use metainfo::Info;
use tokio::time::{Instant, sleep_until};

use crate::hashing::PieceDigest;
use crate::source::{Hashing, other_piece};
use crate::storage::Content;

/// Between two looks: many who come and go must not keep the disk busy.
const PAUSE: Duration = Duration::from_secs(3);
/// What is read in one look, bytes; one piece at least.
const LOOK_BYTES_MAX: u64 = 64 << 20;

type Reading = Pin<Box<dyn Future<Output = io::Result<Vec<(u32, PieceDigest)>>> + Send>>;

/// What is to be looked at, and the look that is on its way.
pub struct Doubts {
    content: Arc<Content>,
    info: Arc<Info>,
    /// Pieces, the newest last.
    waiting: VecDeque<u32>,
    reading: Option<Reading>,
    next: Instant,
}

impl Doubts {
    pub fn new(content: Arc<Content>, info: Arc<Info>) -> Self {
        Self { content, info, waiting: VecDeque::new(), reading: None, next: Instant::now() }
    }

    /// These were sent to somebody who ended a link.
    pub fn add(&mut self, pieces: &[u32]) {
        let room = (LOOK_BYTES_MAX / u64::from(self.info.layout().nominal_piece_len())).max(1) as usize;
        self.waiting.retain(|piece| !pieces.contains(piece));
        self.waiting.extend(pieces);
        self.waiting.drain(..self.waiting.len().saturating_sub(room));
    }

    /// Waits until a piece turns out not to be what it was; for ever while all are. May be dropped and called again.
    pub async fn next(&mut self) -> u32 {
        loop {
            let Some(reading) = &mut self.reading else {
                if self.waiting.is_empty() {
                    std::future::pending::<()>().await;
                }
                sleep_until(self.next).await;
                let pieces = self.waiting.drain(..).collect();
                let hashing = Hashing::start(self.content.clone(), *self.info.layout(), pieces);
                self.reading = Some(Box::pin(hashing.finish_unseen()));
                continue;
            };
            let read = reading.await;
            self.reading = None;
            self.next = Instant::now() + PAUSE;
            // What cannot be read is not sent either, which is seen elsewhere.
            if let Some(piece) = read.ok().and_then(|digests| other_piece(&self.info, digests)) {
                return piece;
            }
        }
    }
}
