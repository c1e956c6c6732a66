//! Passes a link on between a program that downloads and a client that serves, and reads what they say to each other.

use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Result, ensure};
use bytes::BytesMut;
use peer_wire::{Decoder, ExtensionHandshake, Message};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use super::Ledger;

const CHUNK_LEN: usize = 64 * 1024;

/// Takes one connection at a time; ends when dropped.
pub struct CountingProxy {
    address: SocketAddr,
    books: Arc<Mutex<Books>>,
    task: JoinHandle<Result<()>>,
}

/// What it read.
#[derive(Debug, Default)]
pub struct Books {
    /// Of the side that dialed.
    pub ledger: Ledger,
    /// How many requests the client keeps, as it says.
    pub reqq: Option<u32>,
    /// Requests that the client rejected.
    pub rejects: usize,
    /// Whatever could not be read.
    trouble: Option<String>,
}

/// Who says something.
#[derive(Clone, Copy)]
enum Side {
    Dialer,
    Client,
}

impl CountingProxy {
    /// Waits for who wants this torrent of so many pieces from the client at `client`.
    ///
    /// # Errors
    /// If no port is free.
    pub async fn start(client: SocketAddrV4, pieces: u32) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let books = Arc::new(Mutex::new(Books::default()));
        let task = tokio::spawn(pass(listener, client, pieces, books.clone()));
        Ok(Self { address, books, task })
    }

    /// Where it waits.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What it has read so far.
    ///
    /// # Errors
    /// If that was not the peer wire.
    pub fn books(&self) -> Result<MutexGuard<'_, Books>> {
        let books = lock(&self.books);
        ensure!(books.trouble.is_none(), "{:?}", books.trouble);
        Ok(books)
    }
}

impl Drop for CountingProxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// One connection after the other: a client may close the first, which is dialed again.
async fn pass(listener: TcpListener, client: SocketAddrV4, pieces: u32, books: Arc<Mutex<Books>>) -> Result<()> {
    loop {
        let (dialer, _) = listener.accept().await?;
        // How it ended is in the books, if it was not the peer wire.
        let _ = pass_one(dialer, client, pieces, &books).await;
        lock(&books).ledger.on_closed();
    }
}

async fn pass_one(dialer: TcpStream, client: SocketAddrV4, pieces: u32, books: &Mutex<Books>) -> Result<()> {
    let client = TcpStream::connect(client).await?;
    dialer.set_nodelay(true)?;
    client.set_nodelay(true)?;
    let (dialer_reads, dialer_writes) = dialer.into_split();
    let (client_reads, client_writes) = client.into_split();
    let asking = pump(dialer_reads, client_writes, Side::Dialer, pieces, books);
    let serving = pump(client_reads, dialer_writes, Side::Client, pieces, books);
    tokio::select! {
        ended = asking => ended,
        ended = serving => ended,
    }
}

/// What is said is noted before it is passed on: a block that has arrived is never taken for one that is waited for.
async fn pump(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    side: Side,
    pieces: u32,
    books: &Mutex<Books>,
) -> Result<()> {
    let mut decoder = Decoder::new(pieces);
    let mut is_greeted = false;
    loop {
        let mut chunk = BytesMut::with_capacity(CHUNK_LEN);
        if from.read_buf(&mut chunk).await? == 0 {
            return Ok(());
        }
        let chunk = chunk.freeze();
        decoder.push(chunk.clone());
        if let Err(error) = note(&mut decoder, &mut is_greeted, side, books) {
            // A dial that was closed without a word is followed by an encrypted one, which is ended here.
            lock(books).trouble = is_greeted.then(|| format!("{error:#}"));
            return Err(error);
        }
        to.write_all(&chunk).await?;
    }
}

fn note(decoder: &mut Decoder, is_greeted: &mut bool, side: Side, books: &Mutex<Books>) -> Result<()> {
    *is_greeted = *is_greeted || decoder.next_handshake()?.is_some();
    while let Some(message) = if *is_greeted { decoder.next_message()? } else { None } {
        let mut books = lock(books);
        match side {
            Side::Dialer => books.ledger.on_asker(&message),
            Side::Client => books.ledger.on_asked(&message, true),
        }
        books.rejects += usize::from(matches!(message, Message::Reject(_)));
        if let (Side::Client, Message::Extended { id: 0, payload }) = (side, &message) {
            books.reqq = ExtensionHandshake::decode(payload).and_then(|said| said.request_queue_max).or(books.reqq);
        }
    }
    Ok(())
}

fn lock(books: &Mutex<Books>) -> MutexGuard<'_, Books> {
    books.lock().unwrap_or_else(PoisonError::into_inner)
}
