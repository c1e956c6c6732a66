//! The connection under a WebSocket: counts its bytes, and lets a stranger send only a few.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Buf, Bytes};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use transport::Stream;

use super::Held;

/// The connection under a WebSocket. Until [`Gate::open`] it reads a bounded number of bytes: a
/// login (or a token) that is not complete by then never will be. What a client sends right behind
/// it waits and is not lost.
#[derive(Debug)]
pub struct Gate {
    stream: Stream,
    /// What hyper had read beyond the upgrade request.
    leftover: Bytes,
    /// Bytes that may still be read; `None` = open.
    allowance: Option<usize>,
    read: u64,
    written: u64,
    /// Wherever the connection goes, and whoever serves it.
    _held: Held,
}

impl Gate {
    /// A gate that lets `allowance` bytes pass.
    pub fn new(stream: Stream, leftover: Bytes, allowance: usize, held: Held) -> Self {
        // An empty slice still keeps hyper's whole read buffer.
        let leftover = if leftover.is_empty() { Bytes::new() } else { leftover };
        Self { stream, leftover, allowance: Some(allowance), read: 0, written: 0, _held: held }
    }

    /// From here on the WebSocket's own limits hold.
    pub fn open(&mut self) {
        self.allowance = None;
    }

    /// The kernel takes at most about so many bytes beyond those under way: a receiver that takes nothing
    /// would otherwise have megabytes of them wait for it.
    pub fn bound_unsent(&self, bytes: u32) {
        #[cfg(target_os = "linux")]
        // Without it everything works, with more memory.
        let _ = socket2::SockRef::from(self.stream.tcp()).set_tcp_notsent_lowat(bytes);
        #[cfg(not(target_os = "linux"))]
        let _ = bytes;
    }

    /// The kernel keeps at most about twice so many unread bytes. By itself it lets them grow to megabytes while they
    /// come fast, and does not take that back when nobody reads any more.
    pub fn bound_unread(&self, bytes: usize) {
        #[cfg(target_os = "linux")]
        // Without it everything works, with more memory.
        let _ = socket2::SockRef::from(self.stream.tcp()).set_recv_buffer_size(bytes);
        #[cfg(not(target_os = "linux"))]
        let _ = bytes;
    }

    /// Bytes read so far. Grows while the other side sends anything, pongs included.
    pub fn bytes_read(&self) -> u64 {
        self.read
    }

    /// Bytes that the kernel has taken so far. Grows while the other side reads.
    pub fn bytes_written(&self) -> u64 {
        self.written
    }

    fn note_read(&mut self, count: usize) {
        self.read += count as u64;
        if let Some(allowance) = &mut self.allowance {
            *allowance -= count;
        }
    }
}

impl AsyncRead for Gate {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let room = buf.remaining().min(self.allowance.unwrap_or(usize::MAX));
        if room == 0 {
            return Poll::Ready(Err(io::Error::other("more bytes than a stranger may send")));
        }
        if !self.leftover.is_empty() {
            let count = room.min(self.leftover.len());
            buf.put_slice(&self.leftover[..count]);
            self.leftover.advance(count);
            self.note_read(count);
            return Poll::Ready(Ok(()));
        }
        let mut part = ReadBuf::new(buf.initialize_unfilled_to(room));
        let polled = Pin::new(&mut self.stream).poll_read(cx, &mut part);
        let count = part.filled().len();
        buf.advance(count);
        self.note_read(count);
        polled
    }
}

impl AsyncWrite for Gate {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(cx, buf);
        if let Poll::Ready(Ok(count)) = polled {
            self.written += count as u64;
        }
        polled
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        // One slice goes the plain way: tokio knows there that less than all means a full socket.
        if let [slice] = slices {
            return self.poll_write(cx, slice);
        }
        let polled = Pin::new(&mut self.stream).poll_write_vectored(cx, slices);
        if let Poll::Ready(Ok(count)) = polled {
            self.written += count as u64;
        }
        polled
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
