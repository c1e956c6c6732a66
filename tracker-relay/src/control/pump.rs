//! The socket and the outbox, polled together by one task.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::{Sink, Stream};
use tokio_tungstenite::tungstenite::Message;

use crate::limits::OUTBOX_BYTES_READ_PAUSE;
use crate::metrics::Metrics;
use crate::tracker::outbox::{Outbox, Overflown};
use crate::websocket::Socket;

/// The socket and what waits for it.
#[derive(Debug)]
pub struct Pump {
    pub socket: Socket,
    pub outbox: Arc<Outbox>,
    is_unflushed: bool,
}

/// What the pump brings up.
#[derive(Debug)]
pub enum Pumped {
    /// A control message.
    Message(Bytes),
    /// Not a control message, or one that is too long.
    Nonsense,
    /// The connection is over.
    Gone,
    /// The member does not read.
    Overflown,
}

impl Pump {
    pub fn new(socket: Socket, outbox: Arc<Outbox>) -> Self {
        Self { socket, outbox, is_unflushed: false }
    }

    /// Writes what waits; reads the next message if `may_read` and not too much waits.
    pub fn poll_next(&mut self, cx: &mut Context<'_>, may_read: bool, metrics: &Metrics) -> Poll<Pumped> {
        if let Poll::Ready(Err(pumped)) = self.poll_write(cx, metrics) {
            return Poll::Ready(pumped);
        }
        // Whoever asks faster than they read the answers is not read either.
        if !may_read || self.outbox.bytes() > OUTBOX_BYTES_READ_PAUSE {
            return Poll::Pending;
        }
        loop {
            match Pin::new(&mut self.socket).poll_next(cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Some(Ok(Message::Binary(bytes)))) => return Poll::Ready(Pumped::Message(bytes)),
                Poll::Ready(Some(Ok(Message::Ping(_) | Message::Pong(_)))) => {}
                Poll::Ready(Some(Ok(Message::Text(_) | Message::Frame(_)))) => return Poll::Ready(Pumped::Nonsense),
                Poll::Ready(Some(Err(tokio_tungstenite::tungstenite::Error::Capacity(_)))) => {
                    return Poll::Ready(Pumped::Nonsense);
                }
                Poll::Ready(Some(Ok(Message::Close(_)) | Err(_)) | None) => return Poll::Ready(Pumped::Gone),
            }
        }
    }

    /// Ready once everything that waits is with the kernel.
    pub fn poll_drained(&mut self, cx: &mut Context<'_>, metrics: &Metrics) -> Poll<Result<(), Pumped>> {
        self.poll_write(cx, metrics)
    }

    /// Queues a ping behind what waits.
    pub fn ping(&mut self) {
        // A full buffer has better proof of life coming than a pong.
        if Pin::new(&mut self.socket).start_send(Message::Ping(Bytes::new())).is_ok() {
            self.is_unflushed = true;
        }
    }

    fn poll_write(&mut self, cx: &mut Context<'_>, metrics: &Metrics) -> Poll<Result<(), Pumped>> {
        loop {
            match Pin::new(&mut self.socket).poll_ready(cx) {
                Poll::Pending => return self.check_overflow(cx),
                Poll::Ready(Err(_)) => return Poll::Ready(Err(Pumped::Gone)),
                Poll::Ready(Ok(())) => {}
            }
            match self.outbox.poll_pop(cx) {
                Poll::Ready(Err(Overflown)) => return Poll::Ready(Err(Pumped::Overflown)),
                Poll::Ready(Ok(message)) => {
                    metrics.control_out.inc();
                    self.is_unflushed = true;
                    if Pin::new(&mut self.socket).start_send(Message::Binary(message)).is_err() {
                        return Poll::Ready(Err(Pumped::Gone));
                    }
                }
                Poll::Pending if !self.is_unflushed => return Poll::Ready(Ok(())),
                Poll::Pending => match Pin::new(&mut self.socket).poll_flush(cx) {
                    Poll::Pending => return Poll::Pending,
                    Poll::Ready(Err(_)) => return Poll::Ready(Err(Pumped::Gone)),
                    Poll::Ready(Ok(())) => self.is_unflushed = false,
                },
            }
        }
    }

    /// The socket takes nothing: the outbox alone can still say that it is over.
    fn check_overflow(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Pumped>> {
        if self.outbox.poll_overflown(cx) { Poll::Ready(Err(Pumped::Overflown)) } else { Poll::Pending }
    }
}
