//! One of the two directions of a link: reads one side, writes the other, and knows how long either has been silent.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::link_end::LinkEnd;
use super::link_memory::Allowance;
use super::reframing::{Asked, Reframing};
use crate::limits::{LINK_DEAD_AFTER, LINK_PING_AFTER, LINK_STALL_MAX, LINK_TICK};
use crate::metrics::{Metrics, Present};
use crate::websocket::Gate;

/// Bytes that one direction moves before the other gets its turn.
const TURN_BYTES: usize = 512 * 1024;
/// With less room than this, bytes, what was read is written first.
const ROOM_MIN: usize = 4 * 1024;

/// What came of polling a direction.
pub enum Moved {
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
pub struct Direction<'a> {
    pub frames: Reframing,
    /// What the sender wants of the relay, which goes the other way.
    asked: Asked,
    /// The receiver takes nothing now.
    is_blocked: bool,
    /// Counts this direction among the stalled ones.
    stalled: Option<Present<'a>>,
    /// The sender's bytes when last looked at, and since when they have been that.
    heard: Progress,
    /// The receiver's bytes likewise.
    taken: Progress,
    is_pinged: bool,
    metrics: &'a Metrics,
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
    /// Nothing has come yet.
    pub fn new(now: Instant, sender: &Gate, allowance: Allowance, metrics: &'a Metrics) -> Self {
        Self {
            frames: Reframing::new(allowance),
            asked: Asked::default(),
            is_blocked: false,
            stalled: None,
            heard: Progress { bytes: sender.bytes_read(), since: now },
            taken: Progress { bytes: 0, since: now },
            is_pinged: false,
            metrics,
        }
    }

    /// Moves what can be moved. A side is read only when all that came before is with the other's kernel.
    pub fn poll(&mut self, cx: &mut Context<'_>, sender: &mut Gate, receiver: &mut Gate) -> Moved {
        let mut moved = 0;
        loop {
            match self.poll_write(cx, receiver) {
                Poll::Pending => return Moved::Waiting,
                Poll::Ready(Ok(())) => {}
                Poll::Ready(Err(_)) if self.frames.is_closed() => return Moved::Closed,
                Poll::Ready(Err(_)) => return Moved::End(LinkEnd::Lost),
            }
            if self.frames.is_closed() {
                return Moved::Closed;
            }
            if moved >= TURN_BYTES {
                return Moved::Turn;
            }
            match self.poll_read(cx, sender) {
                Poll::Pending => return Moved::Waiting,
                Poll::Ready(Ok(count)) => moved += count,
                Poll::Ready(Err(end)) => return Moved::End(end),
            }
        }
    }

    /// Moves what belongs to the frame under way, then the goodbye that is owed to the receiver. Ready when that is
    /// done or cannot be.
    pub fn poll_goodbye(&mut self, cx: &mut Context<'_>, sender: &mut Gate, receiver: &mut Gate) -> Poll<()> {
        loop {
            let written = ready!(self.poll_write(cx, receiver));
            if written.is_err() || !self.frames.is_mid_frame() || self.frames.has_said_goodbye() {
                return Poll::Ready(());
            }
            let is_over = ready!(self.poll_read(cx, sender)).is_err();
            if is_over && self.frames.is_mid_frame() {
                return Poll::Ready(());
            }
        }
    }

    /// What the sender wants of the relay, once.
    pub fn take_asked(&mut self) -> Asked {
        std::mem::take(&mut self.asked)
    }

    /// Reads what is there, a buffer at most. Returns the bytes of it.
    fn poll_read(&mut self, cx: &mut Context<'_>, sender: &mut Gate) -> Poll<Result<usize, LinkEnd>> {
        let (mut read, mut payload) = (0, 0);
        let outcome = loop {
            let room = self.frames.room();
            if read > 0 && room.len() < ROOM_MIN {
                break Poll::Ready(Ok(read));
            }
            let mut room = ReadBuf::new(room);
            let polled = Pin::new(&mut *sender).poll_read(cx, &mut room);
            let count = room.filled().len();
            match polled {
                Poll::Pending if read == 0 => break Poll::Pending,
                Poll::Pending => break Poll::Ready(Ok(read)),
                Poll::Ready(Ok(())) if count > 0 => {}
                Poll::Ready(Ok(()) | Err(_)) => break Poll::Ready(Err(LinkEnd::Lost)),
            }
            read += count;
            match self.frames.note_read(count, &mut payload) {
                Ok(asked) => self.asked.merge(asked),
                Err(_) => break Poll::Ready(Err(LinkEnd::BadMessage)),
            }
            if self.frames.is_closed() {
                break Poll::Ready(Ok(read));
            }
        };
        self.metrics.link_bytes.add(payload as u64);
        outcome
    }

    /// Writes all there is, the relay's own frames included.
    fn poll_write(&mut self, cx: &mut Context<'_>, receiver: &mut Gate) -> Poll<io::Result<()>> {
        self.is_blocked = false;
        loop {
            if self.frames.is_drained() {
                self.frames.say_owed();
            }
            let (slices, count) = self.frames.slices();
            if count == 0 {
                self.frames.note_written(0);
                // TLS may hold back what the kernel did not take.
                let flushed = Pin::new(&mut *receiver).poll_flush(cx);
                self.is_blocked = flushed.is_pending();
                return flushed;
            }
            match Pin::new(&mut *receiver).poll_write_vectored(cx, &slices[..count]) {
                Poll::Pending => {
                    self.is_blocked = true;
                    return Poll::Pending;
                }
                Poll::Ready(Ok(0)) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                Poll::Ready(Ok(written)) => self.frames.note_written(written),
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
            }
        }
    }

    /// How long the receiver has taken nothing, and the sender sent nothing. `back`: the other direction, in which
    /// the sender is pinged.
    pub fn look_at_clocks(
        &mut self,
        now: Instant,
        sender: &Gate,
        receiver: &Gate,
        back: &mut Direction<'a>,
    ) -> Option<LinkEnd> {
        let taken_none_for = self.taken.none_for(receiver.bytes_written(), now);
        if !self.is_blocked {
            self.taken.since = now;
            self.stalled = None;
        } else if taken_none_for >= LINK_STALL_MAX {
            return Some(LinkEnd::Stalled);
        } else if taken_none_for >= LINK_TICK {
            self.stalled.get_or_insert_with(|| self.metrics.links_stalled.enter());
        }
        let heard_none_for = self.heard.none_for(sender.bytes_read(), now);
        if heard_none_for >= LINK_TICK {
            self.frames.shrink();
        }
        // Whoever has begun a frame has to end it, pinged or not. Whoever waits for the end of one cannot be pinged.
        let is_excused = back.frames.is_mid_frame() && !self.frames.is_mid_frame();
        if self.is_blocked || back.is_blocked || self.frames.is_closed() || is_excused {
            // We do not read this side now, or it cannot answer: its silence means nothing.
            self.heard.since = now;
            self.is_pinged = false;
        } else if heard_none_for >= LINK_DEAD_AFTER {
            return Some(LinkEnd::Dead);
        } else if heard_none_for < LINK_PING_AFTER {
            self.is_pinged = false;
        } else if !self.is_pinged {
            self.is_pinged = true;
            back.frames.owe_ping();
        }
        None
    }
}
