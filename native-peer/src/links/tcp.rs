//! A link over TCP: plain reads into shared chunks, vectored writes of many segments at a time.

use std::collections::VecDeque;
use std::io::{self, IoSlice};

use bytes::{Buf, Bytes, BytesMut};
use peer_engine::LinkKey;
use tokio::io::AsyncWriteExt;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::mpsc;

use super::queue::{Incoming, WriterEnd};

/// A received chunk, bytes. A block keeps its chunk alive, so chunks are not larger.
const CHUNK_LEN: usize = 64 << 10;
/// A chunk is used up when less than this is left of it, bytes.
const CHUNK_REST_MIN: usize = 16 << 10;
/// Segments in one write: a block is two of them.
const SEGMENTS_MAX: usize = 64;

pub async fn read(key: LinkKey, socket: OwnedReadHalf, incoming: mpsc::Sender<Incoming>) {
    let mut chunk = BytesMut::new();
    loop {
        // A place in the channel is taken only while there is something to put there: links that are
        // silent must not keep the others from it.
        let is_readable = socket.readable().await;
        let Ok(permit) = incoming.reserve().await else {
            return;
        };
        if chunk.capacity() < CHUNK_REST_MIN {
            chunk = BytesMut::with_capacity(CHUNK_LEN);
        }
        match is_readable.and_then(|()| socket.try_read_buf(&mut chunk)) {
            Ok(1..) => permit.send(Incoming::Received(key, chunk.split().freeze())),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Ok(0) | Err(_) => {
                permit.send(Incoming::Closed(key));
                return;
            }
        }
    }
}

pub async fn write(mut socket: OwnedWriteHalf, mut end: WriterEnd) {
    let mut segments: VecDeque<Bytes> = VecDeque::new();
    while let Some(batch) = end.next_batch().await {
        segments.extend(batch);
        if write_all(&mut socket, &mut segments, &mut end).await.is_err() {
            // The reader sees the broken connection, too, and reports it.
            return;
        }
    }
    let _ = socket.shutdown().await;
}

async fn write_all(socket: &mut OwnedWriteHalf, segments: &mut VecDeque<Bytes>, end: &mut WriterEnd) -> io::Result<()> {
    loop {
        // What came meanwhile goes into the same write.
        while let Some(batch) = end.try_next_batch() {
            segments.extend(batch);
        }
        if segments.is_empty() {
            return Ok(());
        }
        let mut written = {
            let mut slices = [IoSlice::new(&[]); SEGMENTS_MAX];
            let count = segments.len().min(SEGMENTS_MAX);
            for (slice, segment) in slices.iter_mut().zip(segments.iter()) {
                *slice = IoSlice::new(segment);
            }
            socket.write_vectored(&slices[..count]).await?
        };
        if written == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        end.written(written);
        while let Some(first) = segments.front_mut() {
            if first.len() > written {
                first.advance(written);
                break;
            }
            written -= first.len();
            segments.pop_front();
        }
    }
}
