//! A link over the relay: a WebSocket whose binary messages are a byte stream. Segments are coalesced,
//! because small messages cost browsers most of their throughput.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use peer_engine::LinkKey;
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::{self, Message};
use wire_protocol::link::{PAIRED, PAIRING_WAIT_MS, SUBPROTOCOL};

use super::queue::{Incoming, WriterEnd};
use crate::session::websocket::{self, OpenError, Socket, link_config};

/// A paired WebSocket.
pub type RelaySocket = Socket;

/// A message that is sent, bytes.
const MESSAGE_LEN_MAX: usize = 256 << 10;
/// Bytes handed to the engine at a time.
const CHUNK_LEN_MAX: usize = 64 << 10;
/// The relay's own wait, and time for it to say so.
const PAIRING_TIMEOUT: Duration = Duration::from_millis(PAIRING_WAIT_MS + 5_000);

/// Why a relay link did not come about.
#[derive(Debug, thiserror::Error)]
pub enum RelayError {
    /// The WebSocket did not open.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The WebSocket broke.
    #[error("{0}")]
    WebSocket(#[from] Box<tungstenite::Error>),
    /// The other peer did not come.
    #[error("the other peer did not come")]
    NotPaired,
}

/// Presents the token and waits for the other side.
///
/// # Errors
/// [`RelayError`].
pub async fn open_granted(url: &str, token: Vec<u8>) -> Result<RelaySocket, RelayError> {
    let mut socket = websocket::open(url, SUBPROTOCOL, link_config()).await?;
    socket.send(Message::Binary(token.into())).await.map_err(Box::new)?;
    let paired = tokio::time::timeout(PAIRING_TIMEOUT, wait_for_pair(&mut socket));
    paired.await.map_err(|_| RelayError::NotPaired)??;
    Ok(socket)
}

async fn wait_for_pair(socket: &mut RelaySocket) -> Result<(), RelayError> {
    loop {
        match socket.next().await {
            Some(Ok(Message::Binary(bytes))) if bytes == PAIRED => return Ok(()),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
            Some(Err(error)) => return Err(Box::new(error).into()),
            _ => return Err(RelayError::NotPaired),
        }
    }
}

/// For a reader and a writer.
pub fn split(socket: RelaySocket) -> (SplitSink<RelaySocket, Message>, SplitStream<RelaySocket>) {
    socket.split()
}

/// At most one message is held while the channel is full.
pub async fn read(key: LinkKey, mut socket: SplitStream<RelaySocket>, incoming: mpsc::Sender<Incoming>) {
    loop {
        let mut bytes = match socket.next().await {
            Some(Ok(Message::Binary(bytes))) => bytes,
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => continue,
            _ => {
                let _ = incoming.send(Incoming::Closed(key)).await;
                return;
            }
        };
        while !bytes.is_empty() {
            let chunk = bytes.split_to(bytes.len().min(CHUNK_LEN_MAX));
            if incoming.send(Incoming::Received(key, chunk)).await.is_err() {
                return;
            }
        }
    }
}

pub async fn write(mut socket: SplitSink<RelaySocket, Message>, mut end: WriterEnd) {
    while let Some(batch) = end.next_batch().await {
        if write_batches(&mut socket, batch, &mut end).await.is_err() {
            return;
        }
    }
    let _ = socket.close().await;
}

/// Sends messages as long as there is something to send, and flushes once there is not.
async fn write_batches(
    socket: &mut SplitSink<RelaySocket, Message>,
    batch: Vec<Bytes>,
    end: &mut WriterEnd,
) -> Result<(), tungstenite::Error> {
    let mut message = BytesMut::new();
    let mut next = Some(batch);
    while let Some(batch) = next {
        for segment in batch {
            if message.len() + segment.len() > MESSAGE_LEN_MAX {
                feed(socket, &mut message, end).await?;
            }
            message.extend_from_slice(&segment);
        }
        next = end.try_next_batch();
    }
    feed(socket, &mut message, end).await?;
    socket.flush().await
}

async fn feed(
    socket: &mut SplitSink<RelaySocket, Message>,
    message: &mut BytesMut,
    end: &mut WriterEnd,
) -> Result<(), tungstenite::Error> {
    if message.is_empty() {
        return Ok(());
    }
    let bytes = message.split().freeze();
    let len = bytes.len();
    socket.feed(Message::Binary(bytes)).await?;
    end.written(len);
    Ok(())
}
