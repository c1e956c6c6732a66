//! The pipe: what one side sends the other gets, both ways, until one of them leaves.
//!
//! One task polls both directions, and each by itself: a direction whose receiver takes nothing
//! does not hold up the other. A side is read only when its partner's write buffer has drained, so
//! a direction holds at most one message beyond what the kernel holds, and TCP tells the sender to
//! wait. Nothing is shared with other links.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::{Sink, Stream};
use tokio::time::{Interval, MissedTickBehavior, interval};
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::limits::{LINK_DEAD_AFTER, LINK_HALF_CLOSED_MAX, LINK_PING_AFTER, LINK_STALL_MAX, LINK_TICK};
use crate::metrics::{Metrics, Present};
use crate::tracker::link_term::Cut;
use crate::websocket::Socket;

/// Bytes that one direction moves before the other gets its turn.
const TURN_BYTES: usize = 512 * 1024;

/// How a link ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkEnd {
    /// A side said goodbye, and the other has what was on its way.
    Closed,
    /// A side's connection broke.
    Lost,
    /// A receiver took nothing for too long.
    Stalled,
    /// A side has not been heard of for too long.
    Dead,
    /// A side sent what no link carries.
    BadMessage,
    /// The server stops.
    Stop,
    /// The tracker wants it to end.
    Cut(Cut),
}

impl LinkEnd {
    /// Counts it.
    pub fn count(self, metrics: &Metrics) {
        match self {
            Self::Closed => &metrics.link_closes_closed,
            Self::Lost => &metrics.link_closes_lost,
            Self::Stalled => &metrics.link_closes_stalled,
            Self::Dead => &metrics.link_closes_dead,
            Self::BadMessage => &metrics.link_closes_bad_message,
            Self::Stop => &metrics.link_closes_stop,
            Self::Cut(Cut::Left) => &metrics.link_closes_left,
            Self::Cut(Cut::Absent) => &metrics.link_closes_absent,
        }
        .inc();
    }

    /// What both sides are told.
    pub fn close_frame(self) -> (CloseCode, &'static str) {
        match self {
            Self::Closed => (CloseCode::Normal, ""),
            Self::Lost => (CloseCode::Away, "the other peer is gone"),
            Self::Stalled => (CloseCode::Away, "the receiver took nothing for too long"),
            Self::Dead => (CloseCode::Away, "a peer did not answer for too long"),
            Self::BadMessage => (CloseCode::Policy, "a link carries binary messages of at most 1 MiB"),
            Self::Stop => (CloseCode::Restart, "the server restarts"),
            Self::Cut(Cut::Left) => (CloseCode::Policy, "a peer or the file has left the group"),
            Self::Cut(Cut::Absent) => (CloseCode::Away, "a peer has been offline for too long"),
        }
    }
}

/// Carries bytes both ways until a side leaves.
pub async fn splice(first: &mut Socket, second: &mut Socket, metrics: &Metrics) -> LinkEnd {
    let mut tick = interval(LINK_TICK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let now = Instant::now();
    let mut pipe = Pipe {
        there: Direction::new(now, first),
        back: Direction::new(now, second),
        closing_since: None,
        tick,
        metrics,
    };
    poll_fn(|cx| pipe.poll(cx, first, second)).await
}

struct Pipe<'a> {
    /// First to second.
    there: Direction<'a>,
    /// Second to first.
    back: Direction<'a>,
    /// Since one side has said goodbye.
    closing_since: Option<Instant>,
    tick: Interval,
    metrics: &'a Metrics,
}

impl<'a> Pipe<'a> {
    fn poll(&mut self, cx: &mut Context<'_>, first: &mut Socket, second: &mut Socket) -> Poll<LinkEnd> {
        loop {
            let there = self.there.poll(cx, first, second, self.metrics);
            let back = self.back.poll(cx, second, first, self.metrics);
            for moved in [&there, &back] {
                if let Moved::End(end) = moved {
                    return Poll::Ready(*end);
                }
            }
            if let (Moved::Closed, Moved::Closed) = (&there, &back) {
                return Poll::Ready(LinkEnd::Closed);
            }
            if self.closing_since.is_none() {
                match (&there, &back) {
                    (Moved::Closed, _) => self.say_goodbye(cx, second),
                    (_, Moved::Closed) => self.say_goodbye(cx, first),
                    _ => {}
                }
            }
            while self.tick.poll_tick(cx).is_ready() {
                if let Some(end) = self.look_at_clocks(cx, first, second) {
                    return Poll::Ready(end);
                }
            }
            if !matches!(there, Moved::Turn) && !matches!(back, Moved::Turn) {
                return Poll::Pending;
            }
        }
    }

    /// One side is done and the other has all of it: tells the other, which then has a moment to
    /// answer. What it still sends is for nobody.
    fn say_goodbye(&mut self, cx: &mut Context<'_>, other: &mut Socket) {
        self.closing_since = Some(Instant::now());
        if Pin::new(&mut *other).start_send(Message::Close(None)).is_ok() {
            // An error shows up where the socket is polled next.
            let _ = Pin::new(&mut *other).poll_flush(cx);
        }
    }

    fn look_at_clocks(&mut self, cx: &mut Context<'_>, first: &mut Socket, second: &mut Socket) -> Option<LinkEnd> {
        let now = Instant::now();
        if self.closing_since.is_some_and(|since| now - since >= LINK_HALF_CLOSED_MAX) {
            return Some(LinkEnd::Closed);
        }
        let metrics = self.metrics;
        let blocked = (self.there.is_blocked, self.back.is_blocked);
        // What a side has sent is seen only while it is read: not while its partner is blocked.
        self.there
            .look_at_clocks(cx, now, first, second, blocked.1, metrics)
            .or_else(|| self.back.look_at_clocks(cx, now, second, first, blocked.0, metrics))
    }
}

/// What came of polling a direction.
enum Moved {
    /// Nothing more now; wakers are set.
    Waiting,
    /// There may be more, but the other direction shall have its turn.
    Turn,
    /// The sender said goodbye, and all it sent before is with the receiver's kernel.
    Closed,
    /// The link is over.
    End(LinkEnd),
}

/// From one side to the other.
struct Direction<'a> {
    /// The sender said goodbye.
    is_closed: bool,
    /// The receiver's write buffer holds something.
    is_unflushed: bool,
    /// The receiver takes nothing now.
    is_blocked: bool,
    /// Counts this direction among the stalled ones.
    stalled: Option<Present<'a>>,
    /// The sender's bytes when last looked at, and since when they have been that.
    heard: Progress,
    /// The receiver's bytes likewise.
    taken: Progress,
    is_pinged: bool,
}

#[derive(Clone, Copy)]
struct Progress {
    bytes: u64,
    since: Instant,
}

impl Progress {
    /// How long there has been none.
    fn none_for(&mut self, bytes: u64, now: Instant) -> Duration {
        if bytes != self.bytes {
            *self = Self { bytes, since: now };
        }
        now - self.since
    }
}

impl<'a> Direction<'a> {
    fn new(now: Instant, sender: &Socket) -> Self {
        let heard = Progress { bytes: sender.get_ref().bytes_read(), since: now };
        Self {
            is_closed: false,
            is_unflushed: false,
            is_blocked: false,
            stalled: None,
            heard,
            taken: Progress { bytes: 0, since: now },
            is_pinged: false,
        }
    }

    fn poll(&mut self, cx: &mut Context<'_>, sender: &mut Socket, receiver: &mut Socket, metrics: &Metrics) -> Moved {
        let mut moved = 0;
        loop {
            match Pin::new(&mut *receiver).poll_ready(cx) {
                Poll::Pending => {
                    self.is_blocked = true;
                    return Moved::Waiting;
                }
                Poll::Ready(Err(_)) if self.is_closed => return Moved::Closed,
                Poll::Ready(Err(error)) => return Moved::End(end_of(&error)),
                Poll::Ready(Ok(())) => self.is_blocked = false,
            }
            if moved >= TURN_BYTES {
                return Moved::Turn;
            }
            match self.poll_read(cx, sender) {
                Poll::Pending => return self.poll_flush(cx, receiver),
                Poll::Ready(Err(end)) => return Moved::End(end),
                Poll::Ready(Ok(payload)) => {
                    moved += payload.len();
                    metrics.link_bytes.add(payload.len() as u64);
                    self.is_unflushed = true;
                    match Pin::new(&mut *receiver).start_send(Message::Binary(payload)) {
                        Ok(()) => {}
                        // The receiver has said goodbye; what comes for it now is nobody's.
                        Err(Error::Protocol(_) | Error::ConnectionClosed | Error::AlreadyClosed) => {}
                        Err(error) => return Moved::End(end_of(&error)),
                    }
                }
            }
        }
    }

    /// The next payload; pending forever once the sender said goodbye.
    fn poll_read(&mut self, cx: &mut Context<'_>, sender: &mut Socket) -> Poll<Result<Bytes, LinkEnd>> {
        while !self.is_closed {
            match Pin::new(&mut *sender).poll_next(cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Some(Ok(Message::Binary(payload)))) => return Poll::Ready(Ok(payload)),
                // tungstenite has queued the pong, the next poll sends it.
                Poll::Ready(Some(Ok(Message::Ping(_) | Message::Pong(_)))) => {}
                Poll::Ready(Some(Ok(Message::Close(_)))) | Poll::Ready(None) => self.is_closed = true,
                Poll::Ready(Some(Ok(Message::Text(_) | Message::Frame(_)))) => {
                    return Poll::Ready(Err(LinkEnd::BadMessage));
                }
                Poll::Ready(Some(Err(error))) => return Poll::Ready(Err(end_of(&error))),
            }
        }
        Poll::Pending
    }

    /// The sender has nothing ready: what was gathered goes out now.
    fn poll_flush(&mut self, cx: &mut Context<'_>, receiver: &mut Socket) -> Moved {
        if self.is_unflushed {
            match Pin::new(&mut *receiver).poll_flush(cx) {
                Poll::Pending => {
                    self.is_blocked = true;
                    return Moved::Waiting;
                }
                Poll::Ready(Ok(())) => self.is_unflushed = false,
                Poll::Ready(Err(_)) if self.is_closed => return Moved::Closed,
                Poll::Ready(Err(error)) => return Moved::End(end_of(&error)),
            }
        }
        if self.is_closed { Moved::Closed } else { Moved::Waiting }
    }

    fn look_at_clocks(
        &mut self,
        cx: &mut Context<'_>,
        now: Instant,
        sender: &mut Socket,
        receiver: &Socket,
        sender_is_blocked: bool,
        metrics: &'a Metrics,
    ) -> Option<LinkEnd> {
        let taken_none_for = self.taken.none_for(receiver.get_ref().bytes_written(), now);
        if !self.is_blocked {
            self.taken.since = now;
            self.stalled = None;
        } else if taken_none_for >= LINK_STALL_MAX {
            return Some(LinkEnd::Stalled);
        } else if taken_none_for >= LINK_TICK {
            self.stalled.get_or_insert_with(|| metrics.links_stalled.enter());
        }
        let heard_none_for = self.heard.none_for(sender.get_ref().bytes_read(), now);
        if self.is_blocked || sender_is_blocked || self.is_closed {
            // We do not read this side now, or it cannot answer: its silence means nothing.
            self.heard.since = now;
            self.is_pinged = false;
        } else if heard_none_for >= LINK_DEAD_AFTER {
            return Some(LinkEnd::Dead);
        } else if heard_none_for < LINK_PING_AFTER {
            self.is_pinged = false;
        } else if !self.is_pinged {
            self.is_pinged = true;
            ping(cx, sender);
        }
        None
    }
}

/// Only to a side whose write buffer is not blocked, so one small frame always fits.
fn ping(cx: &mut Context<'_>, socket: &mut Socket) {
    if let Poll::Ready(Ok(())) = Pin::new(&mut *socket).poll_ready(cx)
        && Pin::new(&mut *socket).start_send(Message::Ping(Bytes::new())).is_ok()
    {
        // An error shows up where the socket is polled next.
        let _ = Pin::new(&mut *socket).poll_flush(cx);
    }
}

fn end_of(error: &Error) -> LinkEnd {
    match error {
        Error::Capacity(_) | Error::Utf8(_) | Error::WriteBufferFull(_) => LinkEnd::BadMessage,
        // A connection that breaks without a close frame is a protocol error in tungstenite's words.
        _ => LinkEnd::Lost,
    }
}
