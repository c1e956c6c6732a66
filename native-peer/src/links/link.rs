//! One open link as the engine's task holds it.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use peer_engine::LinkKey;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::task::AbortOnDropHandle;

use super::backlog::Backlog;
use super::relay::{self, RelaySocket};
use super::tcp;

/// A batch counts as at least this many bytes while it waits, so that the backlog bounds their number, too.
const BATCH_CHARGE_MIN: usize = 16 << 10;
/// Batches that may wait for one writer: the backlog's 1 MiB of the smallest ones, and some room.
const BATCHES_MAX: usize = 80;
/// A closing link has this long to write what was promised.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(5);

/// What readers hand to the engine's task.
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

/// A pipe on which nothing was sent or received yet.
#[derive(Debug)]
pub enum Pipe {
    /// Straight to the peer.
    Tcp(TcpStream),
    /// Through the server.
    Relay(Box<RelaySocket>),
}

/// An open link. Dropping it closes the pipe at once; [`Link::close`] writes what is queued first.
#[derive(Debug)]
pub struct Link {
    batches: mpsc::Sender<Batch>,
    backlog: Arc<Backlog>,
    reader: AbortOnDropHandle<()>,
    writer: AbortOnDropHandle<()>,
}

/// Segments that were polled together.
#[derive(Debug)]
struct Batch {
    segments: Vec<Bytes>,
    /// What it counts for beyond its bytes.
    padding: usize,
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

impl Link {
    /// Begins to read and write.
    pub fn start(key: LinkKey, pipe: Pipe, channels: &LinkChannels) -> Self {
        let (batches, queue) = mpsc::channel(BATCHES_MAX);
        let backlog = Arc::new(Backlog::default());
        let end = WriterEnd { key, batches: queue, backlog: backlog.clone(), rooms: channels.rooms.clone() };
        let incoming = channels.incoming.clone();
        let (reader, writer): (JoinHandle<()>, JoinHandle<()>) = match pipe {
            Pipe::Tcp(stream) => {
                let (read, write) = stream.into_split();
                (tokio::spawn(tcp::read(key, read, incoming)), tokio::spawn(tcp::write(write, end)))
            }
            Pipe::Relay(socket) => {
                let (sink, stream) = relay::split(*socket);
                (tokio::spawn(relay::read(key, stream, incoming)), tokio::spawn(relay::write(sink, end)))
            }
        };
        Self { batches, backlog, reader: AbortOnDropHandle::new(reader), writer: AbortOnDropHandle::new(writer) }
    }

    /// Bytes that the link takes now; `None`: wait for its notice of room.
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

    /// Writes what is queued, for a few seconds, and closes. Nothing more is read.
    pub async fn close(self) {
        let Self { batches, reader, writer, backlog: _ } = self;
        drop((batches, reader));
        let _ = tokio::time::timeout(CLOSE_TIMEOUT, writer).await;
    }
}
