//! A pipe over TCP: plain reads into shared chunks, vectored writes of many segments at a time.

use std::collections::VecDeque;
use std::io::{self, IoSlice};

use bytes::{Buf, Bytes, BytesMut};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};

/// A received chunk, bytes. A block keeps its chunk alive, so chunks are not larger.
const CHUNK_LEN: usize = 64 << 10;
/// A chunk is used up when less than this is left of it, bytes.
const CHUNK_REST_MIN: usize = 16 << 10;
/// Segments in one write: a block is two of them.
const SEGMENTS_MAX: usize = 64;

/// For a task that reads and one that writes.
pub fn split(stream: TcpStream) -> (Reader, Writer) {
    let (read, write) = stream.into_split();
    (Reader { socket: read, chunk: BytesMut::new() }, Writer(write))
}

#[derive(Debug)]
pub struct Reader {
    socket: OwnedReadHalf,
    chunk: BytesMut,
}

impl Reader {
    /// The next bytes; `None`: the connection is gone.
    pub async fn next(&mut self) -> Option<Bytes> {
        loop {
            // Memory is taken only once there is something to read.
            self.socket.readable().await.ok()?;
            if self.chunk.capacity() < CHUNK_REST_MIN {
                self.chunk = BytesMut::with_capacity(CHUNK_LEN);
            }
            match self.socket.try_read_buf(&mut self.chunk) {
                Ok(1..) => return Some(self.chunk.split().freeze()),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Ok(0) | Err(_) => return None,
            }
        }
    }
}

#[derive(Debug)]
pub struct Writer(OwnedWriteHalf);

impl Writer {
    /// Writes once, as much as the socket takes of what waits.
    ///
    /// # Errors
    /// The connection is broken.
    pub async fn write(&mut self, segments: &mut VecDeque<Bytes>) -> io::Result<usize> {
        let written = {
            let mut slices = [IoSlice::new(&[]); SEGMENTS_MAX];
            let count = segments.len().min(SEGMENTS_MAX);
            for (slice, segment) in slices.iter_mut().zip(segments.iter()) {
                *slice = IoSlice::new(segment);
            }
            self.0.write_vectored(&slices[..count]).await?
        };
        if written == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
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
        let _ = self.0.shutdown().await;
    }
}
