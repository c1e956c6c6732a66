//! The yardsticks of browser downloads: a server that sends, and a worker that copies what it gets into
//! WASM memory; and one that also does with it what every download has to.

use std::net::SocketAddr;

use anyhow::Result;
use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_tungstenite::{accept_async, tungstenite};

/// The size that Chromium takes fastest.
const MESSAGE_LEN: usize = 256 * 1024;

const PAGE: &str = r#"<!doctype html><meta charset="utf-8"><title>bare</title><body><script>
new Worker('/worker.js').onmessage = (event) => { document.body.dataset.milliseconds = event.data; };
</script>"#;

/// Copies, and does nothing else.
const RECEIVE: &str = r#"
const memory = new Uint8Array(new WebAssembly.Memory({ initial: 64 }).buffer);
const socket = new WebSocket('ws://WEBSOCKET');
socket.binaryType = 'arraybuffer';
const started = performance.now();
let received = 0;
socket.onmessage = (event) => {
  memory.set(new Uint8Array(event.data), 0);
  received += event.data.byteLength;
  if (received >= LENGTH) {
    postMessage(String(performance.now() - started));
    socket.close();
  }
};
"#;

/// Copies, hashes every MiB with WebCrypto and keeps it as a Blob.
const KEEP: &str = r#"
const PIECE = 1 << 20;
const memory = new Uint8Array(new WebAssembly.Memory({ initial: 64 }).buffer);
const socket = new WebSocket('ws://WEBSOCKET');
socket.binaryType = 'arraybuffer';
const started = performance.now();
const blobs = [];
let received = 0, kept = 0, filled = 0;
const keep = async (piece) => {
  await crypto.subtle.digest('SHA-1', piece);
  blobs.push(new Blob([piece]));
  kept += piece.byteLength;
  if (kept >= LENGTH) {
    const file = new Blob(blobs);
    await file.slice(0, 1).arrayBuffer();
    postMessage(String(performance.now() - started));
    socket.close();
  }
};
socket.onmessage = (event) => {
  memory.set(new Uint8Array(event.data), filled);
  filled += event.data.byteLength;
  received += event.data.byteLength;
  if (filled >= PIECE || received >= LENGTH) {
    keep(memory.slice(0, filled));
    filled = 0;
  }
};
"#;

/// What the worker does with the bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Receiver {
    /// Copies them.
    Copies,
    /// Copies, hashes and keeps them.
    Keeps,
}

/// Ends when dropped.
pub struct BareServer {
    page: SocketAddr,
    _tasks: JoinSet<()>,
}

impl BareServer {
    /// Serves the page, and `len` bytes to whoever opens the WebSocket.
    pub async fn start(receiver: Receiver, len: u64) -> Result<Self> {
        let pages = TcpListener::bind(("127.0.0.1", 0)).await?;
        let sockets = TcpListener::bind(("127.0.0.1", 0)).await?;
        let worker = match receiver {
            Receiver::Copies => RECEIVE,
            Receiver::Keeps => KEEP,
        };
        let worker = worker.replace("WEBSOCKET", &sockets.local_addr()?.to_string());
        let worker = worker.replace("LENGTH", &len.to_string());
        let page = pages.local_addr()?;
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            while let Ok((stream, _)) = pages.accept().await {
                // A browser opens connections that it does not use.
                let worker = worker.clone();
                tokio::spawn(async move { answer(stream, &worker).await });
            }
        });
        tasks.spawn(async move {
            while let Ok((stream, _)) = sockets.accept().await {
                // It closes when it has all of it.
                let _ = send(stream, len).await;
            }
        });
        Ok(Self { page, _tasks: tasks })
    }

    /// Where the page is.
    pub fn url(&self) -> String {
        format!("http://{}/", self.page)
    }
}

async fn answer(mut stream: TcpStream, worker: &str) -> std::io::Result<()> {
    let mut request = Vec::new();
    while !request.windows(4).any(|end| end == b"\r\n\r\n") {
        if stream.read_buf(&mut request).await? == 0 {
            return Ok(());
        }
    }
    let (kind, body) = match request.starts_with(b"GET /worker.js ") {
        true => ("text/javascript", worker),
        false => ("text/html", PAGE),
    };
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body.as_bytes()).await
}

async fn send(stream: TcpStream, len: u64) -> Result<()> {
    let mut socket = accept_async(stream).await?;
    let message = Bytes::from(vec![7; MESSAGE_LEN]);
    let mut left = len;
    while left > 0 {
        let part = left.min(MESSAGE_LEN as u64) as usize;
        socket.feed(tungstenite::Message::Binary(message.slice(..part))).await?;
        left -= part as u64;
    }
    socket.flush().await?;
    while let Some(Ok(_)) = socket.next().await {}
    Ok(())
}
