//! The yardstick of `cargo xtask bench --server`: a plain tokio-tungstenite server of default settings that does the
//! same work as tracker-relay without anything of Covey. Prints `listening on ADDRESS`; the path says what a
//! connection is for.
//!
//! - `/splice/NAME`: waits for the other one of that name, says one byte to both, and passes messages on.
//! - `/login`: three messages, as Hello, Login and Welcome are; then silence.
//! - `/room/NAME`: every message goes to all who are in the room.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{broadcast, oneshot};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::{WebSocketStream, accept_hdr_async};

/// Messages that a slow member of a room may be behind.
const ROOM_MESSAGES_MAX: usize = 64 * 1024;

type Socket = WebSocketStream<TcpStream>;

#[derive(Default)]
struct Bare {
    waiting: Mutex<HashMap<String, oneshot::Sender<Socket>>>,
    rooms: Mutex<HashMap<String, broadcast::Sender<Bytes>>>,
}

#[tokio::main]
async fn main() -> Result<()> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    println!("listening on {}", listener.local_addr()?);
    let bare = Arc::new(Bare::default());
    loop {
        let (stream, _) = listener.accept().await?;
        let bare = bare.clone();
        // Whoever leaves is no fault of this server.
        tokio::spawn(async move { drop(bare.serve(stream).await) });
    }
}

impl Bare {
    async fn serve(&self, stream: TcpStream) -> Result<()> {
        stream.set_nodelay(true)?;
        let mut path = String::new();
        #[expect(clippy::result_large_err, reason = "the trait wants it so")]
        let note = |request: &Request, response: Response| -> Result<Response, ErrorResponse> {
            path = request.uri().path().to_owned();
            Ok(response)
        };
        let socket = accept_hdr_async(stream, note).await?;
        match path.rsplit_once('/') {
            Some(("/splice", name)) => self.splice(socket, name).await,
            Some(("/room", name)) => self.room(socket, name).await,
            _ => login(socket).await,
        }
    }

    async fn splice(&self, socket: Socket, name: &str) -> Result<()> {
        let first = {
            let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            match waiting.remove(name) {
                Some(first) => Ok(first),
                None => {
                    let (sender, receiver) = oneshot::channel();
                    waiting.insert(name.to_owned(), sender);
                    Err(receiver)
                }
            }
        };
        let first = match first {
            Ok(first) => first,
            Err(second) => return pass_on(socket, second.await?).await,
        };
        // It is gone if nobody takes the other end.
        let _ = first.send(socket);
        Ok(())
    }

    async fn room(&self, mut socket: Socket, name: &str) -> Result<()> {
        let room = {
            let mut rooms = self.rooms.lock().unwrap_or_else(PoisonError::into_inner);
            rooms.entry(name.to_owned()).or_insert_with(|| broadcast::Sender::new(ROOM_MESSAGES_MAX)).clone()
        };
        let mut news = room.subscribe();
        loop {
            tokio::select! {
                message = socket.next() => match message {
                    // An error is that nobody is there.
                    Some(Ok(Message::Binary(bytes))) => drop(room.send(bytes)),
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => return Ok(()),
                },
                told = news.recv() => {
                    socket.feed(Message::Binary(told?)).await?;
                    while let Ok(more) = news.try_recv() {
                        socket.feed(Message::Binary(more)).await?;
                    }
                    socket.flush().await?;
                }
            }
        }
    }
}

async fn pass_on(mut first: Socket, mut second: Socket) -> Result<()> {
    first.send(Message::binary(&[1][..])).await?;
    second.send(Message::binary(&[1][..])).await?;
    let ((to_first, from_first), (to_second, from_second)) = (first.split(), second.split());
    // `forward` gathers while there is something to read, and flushes when there is not.
    let _ = tokio::join!(from_first.forward(to_second), from_second.forward(to_first));
    Ok(())
}

async fn login(mut socket: Socket) -> Result<()> {
    socket.send(Message::binary(vec![1; 100])).await?;
    let _ = socket.next().await;
    socket.send(Message::binary(vec![2; 100])).await?;
    while let Some(Ok(_)) = socket.next().await {}
    Ok(())
}
