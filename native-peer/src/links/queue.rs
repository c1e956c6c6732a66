//! What waits between the swarm's task and a link's reader and writer.

use std::sync::Arc;

use bytes::Bytes;
use peer_engine::LinkKey;
use tokio::sync::mpsc;

use super::backlog::Backlog;

/// A batch counts as at least this many bytes while it waits, so that the backlog bounds their number, too.
const BATCH_CHARGE_MIN: usize = 16 << 10;
/// Batches that may wait for one writer: the backlog's 1 MiB of the smallest ones, and some room.
pub const BATCHES_MAX: usize = 80;

/// What readers hand to the swarm's task.
#[derive(Debug)]
pub enum Incoming {
    /// Bytes arrived.
    Received(LinkKey, Bytes),
    /// The pipe is gone.
    Closed(LinkKey),
}

/// Where links report to.
#[derive(Debug, Clone)]
pub struct LinkChannels {
    /// Received bytes of all links. Full = nobody reads any socket.
    pub incoming: mpsc::Sender<Incoming>,
    /// Links that have room again. A link has at most one notice in it.
    pub rooms: mpsc::Sender<LinkKey>,
}

/// Segments that were polled together.
#[derive(Debug)]
struct Batch {
    segments: Vec<Bytes>,
    /// What it counts for beyond its bytes.
    padding: usize,
}

/// The bounded queue of one link. `rooms` is told its key when there is room again.
pub fn queue(key: LinkKey, rooms: mpsc::Sender<LinkKey>) -> (TaskEnd, WriterEnd) {
    let (sender, batches) = mpsc::channel(BATCHES_MAX);
    let backlog = Arc::new(Backlog::default());
    (TaskEnd { batches: sender, backlog: backlog.clone() }, WriterEnd { key, batches, backlog, rooms })
}

/// Where the task puts bytes. Dropping it lets the writer write the rest and end.
#[derive(Debug)]
pub struct TaskEnd {
    batches: mpsc::Sender<Batch>,
    backlog: Arc<Backlog>,
}

impl TaskEnd {
    /// Bytes that may be queued now; `None`: wait for the notice of room.
    pub fn room(&self) -> Option<usize> {
        loop {
            if let Some(room) = self.backlog.room() {
                return Some(room);
            }
            if self.backlog.ask_for_room() {
                return None;
            }
        }
    }

    /// Queues bytes, at most the room that there was.
    pub fn send(&self, segments: Vec<Bytes>, bytes: usize) {
        let padding = BATCH_CHARGE_MIN.saturating_sub(bytes);
        self.backlog.add(bytes + padding);
        // The writer ended: the reader will say that the link is closed.
        if self.batches.try_send(Batch { segments, padding }).is_err() {
            tracing::trace!("bytes for a link that is closing");
        }
    }
}

/// What a writer works with.
pub struct WriterEnd {
    key: LinkKey,
    batches: mpsc::Receiver<Batch>,
    backlog: Arc<Backlog>,
    rooms: mpsc::Sender<LinkKey>,
}

impl WriterEnd {
    /// Waits for segments; `None`: the link closes.
    pub async fn next_batch(&mut self) -> Option<Vec<Bytes>> {
        let batch = self.batches.recv().await?;
        self.written(batch.padding);
        Some(batch.segments)
    }

    /// Segments that are there already.
    pub fn try_next_batch(&mut self) -> Option<Vec<Bytes>> {
        let batch = self.batches.try_recv().ok()?;
        self.written(batch.padding);
        Some(batch.segments)
    }

    /// Some bytes are written.
    pub fn written(&self, bytes: usize) {
        if self.backlog.written(bytes) {
            // One notice per link at most, and there is room for as many as there are links.
            let _ = self.rooms.try_send(self.key);
        }
    }
}
