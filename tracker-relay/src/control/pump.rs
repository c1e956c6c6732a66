//! The socket and what waits for it, polled together by one task. Whatever is sent is fetched only when the
//! socket has room: first the group that was read last, then the outbox, then what is new in the swarms.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::{Sink, Stream};
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Message;
use wire_protocol::control::TrackerToMember;
use wire_protocol::ids::GroupId;

use crate::limits::OUTBOX_BYTES_READ_PAUSE;
use crate::metrics::Metrics;
use crate::tracker::outbox::{Outbox, Overflown, encode};
use crate::tracker::participant::Participant;
use crate::tracker::queue::Popped;
use crate::tracker::watching::Watching;
use crate::websocket::Socket;

/// The socket and what waits for it.
#[derive(Debug)]
pub struct Pump {
    pub socket: Socket,
    pub watching: Watching,
    participant: Arc<Participant>,
    /// Goes before everything else.
    first: VecDeque<TrackerToMember>,
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
    /// Nothing more is written before this group has been read, from `seen` on.
    Behind { group: GroupId, seen: Option<u64> },
}

impl Pump {
    pub fn new(socket: Socket, participant: Arc<Participant>) -> Self {
        let (watching, first) = (Watching::default(), VecDeque::new());
        Self { socket, watching, participant, first, is_unflushed: false }
    }

    /// What waits for this socket.
    pub fn outbox(&self) -> &Outbox {
        &self.participant.outbox
    }

    /// Sends these before everything else that waits.
    pub fn send_first(&mut self, messages: impl IntoIterator<Item = TrackerToMember>) {
        self.first.extend(messages);
    }

    /// Writes what waits; reads the next message if `may_read` and not too much waits.
    pub fn poll_next(&mut self, cx: &mut Context<'_>, may_read: bool, metrics: &Metrics) -> Poll<Pumped> {
        if let Poll::Ready(Err(pumped)) = self.poll_write(cx, metrics) {
            return Poll::Ready(pumped);
        }
        // Whoever asks faster than they read the answers is not read either.
        if !may_read || self.outbox().bytes() > OUTBOX_BYTES_READ_PAUSE {
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

    /// A number that grows while the member does anything: sends, or takes what waits for them (then nothing that
    /// they send may be read).
    pub fn progress(&self) -> u64 {
        let gate = self.socket.get_ref();
        let is_waiting = !self.first.is_empty() || self.outbox().is_behind() || self.outbox().bytes() > 0;
        if is_waiting { gate.bytes_read() + gate.bytes_written() } else { gate.bytes_read() }
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
            match self.poll_message(cx) {
                Poll::Ready(Err(pumped)) => return Poll::Ready(Err(pumped)),
                Poll::Ready(Ok(message)) => {
                    metrics.control_out.inc();
                    metrics.control_out_bytes.add(message.len() as u64);
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

    /// The next message for which there is room.
    fn poll_message(&mut self, cx: &mut Context<'_>) -> Poll<Result<Bytes, Pumped>> {
        if let Some(message) = self.first.pop_front() {
            if self.first.is_empty() {
                self.first = VecDeque::new();
            }
            return Poll::Ready(Ok(encode(&message)));
        }
        match self.outbox().poll_pop(cx) {
            Poll::Ready(Err(Overflown)) => Poll::Ready(Err(Pumped::Overflown)),
            Poll::Ready(Ok(Popped::Message(message))) => Poll::Ready(Ok(message)),
            Poll::Ready(Ok(Popped::Behind { group, seen })) => Poll::Ready(Err(Pumped::Behind { group, seen })),
            // Nobody is told of a group's swarms before they know the group.
            Poll::Pending if self.outbox().is_behind() => Poll::Pending,
            Poll::Pending => self.next_of_swarms(),
        }
    }

    fn next_of_swarms(&mut self) -> Poll<Result<Bytes, Pumped>> {
        let now = Instant::now();
        if self.outbox().is_nudged() {
            self.watching.nudge(now);
        }
        let news = self.watching.next(&self.participant, now);
        news.map_or(Poll::Pending, |message| Poll::Ready(Ok(encode(&message))))
    }

    /// The socket takes nothing: the outbox alone can still say that it is over.
    fn check_overflow(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Pumped>> {
        if self.outbox().poll_overflown(cx) { Poll::Ready(Err(Pumped::Overflown)) } else { Poll::Pending }
    }
}
