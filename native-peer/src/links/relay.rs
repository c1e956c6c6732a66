//! A pipe over the relay: a WebSocket whose binary messages are a byte stream. Segments are coalesced,
//! because small messages cost browsers most of their throughput.

use std::collections::VecDeque;
use std::io;

use bytes::{Bytes, BytesMut};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use local_peer::LinkFailure;
use tokio_tungstenite::tungstenite::Message;
use transport::{Trouble, WebSocket};
use wire_protocol::link::{PAIRED, SUBPROTOCOL};

use crate::session::websocket::link_config;

/// A paired WebSocket.
pub type RelaySocket = WebSocket;

/// A message that is sent, bytes.
const MESSAGE_LEN_MAX: usize = 256 << 10;
/// Bytes handed to the engine at a time.
const CHUNK_LEN_MAX: usize = 64 << 10;

/// Presents the token and waits for the other side, for as long as it is polled.
///
/// # Errors
/// Whose fault it is that there is no pair.
pub async fn open_granted(url: &str, token: Vec<u8>) -> Result<RelaySocket, LinkFailure> {
    let opened = transport::open(url, SUBPROTOCOL, link_config()).await;
    let mut socket = opened.map_err(|error| {
        tracing::debug!(%error, "the relay was not reached");
        failure_of_open(&error)
    })?;
    socket.send(Message::Binary(token.into())).await.map_err(|_| LinkFailure::NotPaired)?;
    loop {
        match socket.next().await {
            Some(Ok(Message::Binary(bytes))) if bytes == PAIRED => return Ok(socket),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
            _ => return Err(LinkFailure::NotPaired),
        }
    }
}

fn failure_of_open(trouble: &Trouble) -> LinkFailure {
    match trouble {
        // A relay that answers otherwise than with a WebSocket is one that wants no more of them.
        Trouble::Refuses { .. } | Trouble::AnotherServer { .. } | Trouble::UpgradeLost => LinkFailure::TooMany,
        _ => LinkFailure::TimedOut,
    }
}

/// For a task that reads and one that writes.
pub fn split(socket: RelaySocket) -> (Reader, Writer) {
    let (sink, stream) = socket.split();
    (Reader { socket: stream, rest: Bytes::new() }, Writer(sink))
}

#[derive(Debug)]
pub struct Reader {
    socket: SplitStream<RelaySocket>,
    /// Of the last message.
    rest: Bytes,
}

impl Reader {
    /// The next bytes; `None`: the connection is gone.
    pub async fn next(&mut self) -> Option<Bytes> {
        while self.rest.is_empty() {
            match self.socket.next().await {
                Some(Ok(Message::Binary(bytes))) => self.rest = bytes,
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                _ => return None,
            }
        }
        Some(self.rest.split_to(self.rest.len().min(CHUNK_LEN_MAX)))
    }
}

#[derive(Debug)]
pub struct Writer(SplitSink<RelaySocket, Message>);

impl Writer {
    /// Sends one message of what waits.
    ///
    /// # Errors
    /// The connection is broken.
    pub async fn write(&mut self, segments: &mut VecDeque<Bytes>) -> io::Result<usize> {
        let mut message = BytesMut::new();
        while let Some(segment) = segments.front()
            && (message.is_empty() || message.len() + segment.len() <= MESSAGE_LEN_MAX)
        {
            message.extend_from_slice(segment);
            segments.pop_front();
        }
        let len = message.len();
        self.0.feed(Message::Binary(message.freeze())).await.map_err(io::Error::other)?;
        Ok(len)
    }

    /// Writes what the socket keeps back.
    ///
    /// # Errors
    /// The connection is broken.
    pub async fn flush(&mut self) -> io::Result<()> {
        self.0.flush().await.map_err(io::Error::other)
    }

    /// Tells the other side that nothing more comes.
    pub async fn close(mut self) {
        // It may be broken already.
        let _ = self.0.close().await;
    }
}
