//! The yardsticks of browser downloads: a server that sends, and a worker that copies what it gets into
//! WASM memory; one that also does with it what every download has to; and one that does that with encrypted bytes and the
//! browser's disk.

use anyhow::{Context, Result};
use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, accept_async};

use crate::bare_records::{KEY, Messages};
use crate::bare_workers::{KEEP, OPEN, PAGE, RECEIVE};
use crate::pages::Pages;

/// The size that Chromium takes fastest.
const MESSAGE_LEN: usize = 256 * 1024;
/// Encrypted messages on their way, at most: some 15 MB.
const UNDERWAY_MAX: usize = 64;

/// What the worker does with the bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Receiver {
    /// Copies them.
    Copies,
    /// Copies, hashes and keeps them.
    Keeps,
    /// Decrypts and hashes them, and writes them to the browser's disk.
    Opens,
}

/// Ends when dropped.
pub struct BareServer {
    pages: Pages,
    _task: JoinSet<()>,
}

impl BareServer {
    /// Serves the page, and `len` bytes to whoever opens the WebSocket.
    pub async fn start(receiver: Receiver, len: u64) -> Result<Self> {
        let sockets = TcpListener::bind(("127.0.0.1", 0)).await?;
        let worker = match receiver {
            Receiver::Copies => RECEIVE,
            Receiver::Keeps => KEEP,
            Receiver::Opens => OPEN,
        };
        let worker = worker.replace("WEBSOCKET", &sockets.local_addr()?.to_string());
        let worker = worker.replace("LENGTH", &len.to_string()).replace("KEY", &format!("{KEY:?}"));
        let pages = Pages::serve(vec![("/", PAGE.to_owned()), ("/worker.js", worker)]).await?;
        let mut task = JoinSet::new();
        task.spawn(async move {
            while let Ok((stream, _)) = sockets.accept().await {
                // It closes when it has all of it.
                let _ = send(stream, receiver, len).await;
            }
        });
        Ok(Self { pages, _task: task })
    }

    /// Where the page is.
    pub fn url(&self) -> String {
        self.pages.url()
    }
}

async fn send(stream: TcpStream, receiver: Receiver, len: u64) -> Result<()> {
    let mut socket = accept_async(stream).await?;
    if receiver == Receiver::Opens {
        send_sealed(&mut socket, len).await?
    } else {
        send_plain(&mut socket, len).await?
    }
    while let Some(Ok(_)) = socket.next().await {}
    Ok(())
}

async fn send_plain(socket: &mut WebSocketStream<TcpStream>, len: u64) -> Result<()> {
    let message = Bytes::from(vec![7; MESSAGE_LEN]);
    let mut left = len;
    while left > 0 {
        let part = left.min(MESSAGE_LEN as u64) as usize;
        socket.feed(Message::Binary(message.slice(..part))).await?;
        left -= part as u64;
    }
    Ok(socket.flush().await?)
}

/// A message for each that the worker is done with.
async fn send_sealed(socket: &mut WebSocketStream<TcpStream>, len: u64) -> Result<()> {
    let mut messages = Messages::new(len)?;
    for message in messages.by_ref().take(UNDERWAY_MAX) {
        socket.feed(Message::Binary(message.into())).await?;
    }
    socket.flush().await?;
    for message in messages {
        socket.next().await.context("the worker is gone")??;
        socket.send(Message::Binary(message.into())).await?;
    }
    Ok(())
}
