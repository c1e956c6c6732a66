//! A byte pipe to a peer, whatever it goes over.

use std::collections::VecDeque;
use std::io;

use bytes::Bytes;
use local_peer::Path;
use mse::Ciphers;
use tokio::net::TcpStream;

use super::{memory, relay, tcp};

/// A pipe on which nothing was sent or received yet.
#[derive(Debug)]
pub enum Pipe {
    /// Straight to the peer.
    Tcp(TcpStream),
    /// Through the server.
    Relay(Box<relay::RelaySocket>),
}

impl Pipe {
    /// For a task that reads and one that writes.
    pub fn split(self) -> (Reader, Writer) {
        match self {
            Self::Tcp(stream) => {
                let (reader, writer) = tcp::split(stream);
                (Reader::Tcp(reader), Writer::Tcp(writer))
            }
            Self::Relay(socket) => {
                let (reader, writer) = relay::split(*socket);
                (Reader::Relay(reader), Writer::Relay(writer))
            }
        }
    }
}

/// From here on both directions are hidden. Only ordinary clients want that, and none comes over the relay.
pub fn hide(reader: &mut Reader, writer: &mut Writer, ciphers: Ciphers) {
    if let (Reader::Tcp(reader), Writer::Tcp(writer)) = (reader, writer) {
        reader.decrypt(ciphers.receive);
        writer.encrypt(ciphers.send);
    }
}

/// What is received.
#[derive(Debug)]
pub enum Reader {
    Tcp(tcp::Reader),
    Relay(relay::Reader),
    Memory(memory::Reader),
}

impl Reader {
    /// What it goes over.
    pub fn path(&self) -> Path {
        match self {
            Self::Tcp(_) | Self::Memory(_) => Path::Direct,
            Self::Relay(_) => Path::Relay,
        }
    }

    /// The next bytes, at most 64 KiB; `None`: the pipe is gone.
    pub async fn next(&mut self) -> Option<Bytes> {
        match self {
            Self::Tcp(reader) => reader.next().await,
            Self::Relay(reader) => reader.next().await,
            Self::Memory(reader) => reader.next().await,
        }
    }
}

/// What is sent.
#[derive(Debug)]
pub enum Writer {
    Tcp(tcp::Writer),
    Relay(relay::Writer),
    Memory(memory::Writer),
}

impl Writer {
    /// Takes bytes off the front of `segments`, of which there are some; says how many.
    ///
    /// # Errors
    /// The pipe is broken.
    pub async fn write(&mut self, segments: &mut VecDeque<Bytes>) -> io::Result<usize> {
        match self {
            Self::Tcp(writer) => writer.write(segments).await,
            Self::Relay(writer) => writer.write(segments).await,
            Self::Memory(writer) => writer.write(segments).await,
        }
    }

    /// Writes what the pipe keeps back.
    ///
    /// # Errors
    /// The pipe is broken.
    pub async fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Tcp(_) | Self::Memory(_) => Ok(()),
            Self::Relay(writer) => writer.flush().await,
        }
    }

    /// Tells the other side that nothing more comes.
    pub async fn close(self) {
        match self {
            Self::Tcp(writer) => writer.close().await,
            Self::Relay(writer) => writer.close().await,
            Self::Memory(_) => {}
        }
    }
}
