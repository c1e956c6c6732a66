//! A pipe over TCP: plain reads into shared chunks, vectored writes of many segments at a time. An ordinary client's may be
//! hidden under a stream cipher.

use std::collections::VecDeque;
use std::io::{self, IoSlice};

use bytes::{Buf, Bytes, BytesMut};
use mse::Cipher;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};

/// A received chunk, bytes. A block keeps its chunk alive, so chunks are not larger.
const CHUNK_LEN: usize = 64 << 10;
/// A chunk is used up when less than this is left of it, bytes.
const CHUNK_REST_MIN: usize = 16 << 10;
/// Segments in one write: a block is two of them.
const SEGMENTS_MAX: usize = 64;
/// Bytes that are hidden at once.
const HIDE_AT_ONCE: usize = 128 << 10;

/// For a task that reads and one that writes.
pub fn split(stream: TcpStream) -> (Reader, Writer) {
    let (read, write) = stream.into_split();
    (Reader { socket: read, chunk: BytesMut::new(), cipher: None }, Writer { socket: write, cipher: None })
}

#[derive(Debug)]
pub struct Reader {
    socket: OwnedReadHalf,
    chunk: BytesMut,
    cipher: Option<Box<Cipher>>,
}

impl Reader {
    /// From here on.
    pub fn decrypt(&mut self, cipher: Cipher) {
        self.cipher = Some(Box::new(cipher));
    }

    /// The next bytes; `None`: the connection is gone.
    pub async fn next(&mut self) -> Option<Bytes> {
        loop {
            // Memory is taken only once there is something to read.
            self.socket.readable().await.ok()?;
            if self.chunk.capacity() < CHUNK_REST_MIN {
                self.chunk = BytesMut::with_capacity(CHUNK_LEN);
            }
            match self.socket.try_read_buf(&mut self.chunk) {
                Ok(1..) => {
                    let mut read = self.chunk.split();
                    if let Some(cipher) = &mut self.cipher {
                        cipher.apply(&mut read);
                    }
                    return Some(read.freeze());
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Ok(0) | Err(_) => return None,
            }
        }
    }
}

#[derive(Debug)]
pub struct Writer {
    socket: OwnedWriteHalf,
    cipher: Option<Box<Cipher>>,
}

impl Writer {
    /// From here on.
    pub fn encrypt(&mut self, cipher: Cipher) {
        self.cipher = Some(Box::new(cipher));
    }

    /// Writes once, as much as the socket takes of what waits; under a cipher, all that it has hidden.
    ///
    /// # Errors
    /// The connection is broken.
    pub async fn write(&mut self, segments: &mut VecDeque<Bytes>) -> io::Result<usize> {
        let written = match &mut self.cipher {
            Some(cipher) => {
                let hidden = hide(cipher, segments);
                self.socket.write_all(&hidden).await?;
                hidden.len()
            }
            None => write_some(&mut self.socket, segments).await?,
        };
        let mut left = written;
        while let Some(first) = segments.front_mut() {
            if first.len() > left {
                first.advance(left);
                break;
            }
            left -= first.len();
            segments.pop_front();
        }
        Ok(written)
    }

    /// Tells the other side that nothing more comes.
    pub async fn close(mut self) {
        // It may be broken already.
        let _ = self.socket.shutdown().await;
    }
}

async fn write_some(socket: &mut OwnedWriteHalf, segments: &VecDeque<Bytes>) -> io::Result<usize> {
    let mut slices = [IoSlice::new(&[]); SEGMENTS_MAX];
    let count = segments.len().min(SEGMENTS_MAX);
    for (slice, segment) in slices.iter_mut().zip(segments) {
        *slice = IoSlice::new(segment);
    }
    match socket.write_vectored(&slices[..count]).await? {
        0 => Err(io::ErrorKind::WriteZero.into()),
        written => Ok(written),
    }
}

/// What is to be written next. A cipher goes over each byte once, so all of it must be.
fn hide(cipher: &mut Cipher, segments: &VecDeque<Bytes>) -> Vec<u8> {
    let mut hidden = Vec::new();
    for segment in segments {
        let part = segment.len().min(HIDE_AT_ONCE - hidden.len());
        hidden.extend_from_slice(&segment[..part]);
    }
    cipher.apply(&mut hidden);
    hidden
}
