//! One client's masked frames become the other's unmasked ones, in the buffer that they were read into and
//! without waiting for whole messages: a frame's header goes out as soon as it is known, its payload as it comes.
//! So a direction holds a buffer, however long messages are, and nothing is copied.
//!
//! ```text
//!   read     | header | mask | payload      | header | mask | payl
//!   written        | header  | payload      |      | header | payl      (two slices, one write)
//! ```
//!
//! Frames stay what they are: as many, as long, and as final. Control frames are the relay's own business: what
//! it has to say itself goes between two frames.

use std::collections::VecDeque;
use std::io::IoSlice;
use std::ops::Range;

use bytes::{Buf, Bytes};

use super::frame::{BadFrame, Header, Kind, control_frame, unmask};
use super::link_memory::Allowance;
use crate::limits::{LINK_BUFFER, LINK_BUFFER_FIRST, LINK_MESSAGE_MAX};

/// A frame of at most this many bytes is moved up to the one before it: cheaper than a slice of its own, and
/// there are never more than a few dozen slices.
const MOVED_MAX: usize = 4 * 1024;
/// Slices of one write.
const SLICES_MAX: usize = 16;

/// From one client's frames to the other's.
#[derive(Debug, Default)]
pub struct Reframing {
    /// Empty while nothing comes.
    buffer: Vec<u8>,
    /// Bytes read into the buffer.
    filled: usize,
    /// Bytes of them that have been looked at.
    seen: usize,
    /// What is to be written.
    parts: VecDeque<Part>,
    /// Payload of the data frame under way that has not come yet, bytes.
    left: usize,
    /// Its mask, beginning with the next byte's.
    mask: [u8; 4],
    /// Bytes of the unfinished message, all its frames counted.
    message: Option<usize>,
    /// What the relay itself has to say at the next opportunity.
    owed: Owed,
    /// The receiver has been told goodbye: nothing goes to it any more.
    has_said_goodbye: bool,
    /// The sender has said goodbye: nothing comes from it any more.
    is_closed: bool,
    /// `None`: buffers are as large as they like.
    allowance: Option<Allowance>,
}

#[derive(Debug)]
enum Part {
    /// Of the buffer.
    Slice(Range<usize>),
    /// The relay's own.
    Own(Bytes),
}

/// The relay's own frames that wait for the end of the frame under way. The latest of a kind is enough.
#[derive(Debug, Default)]
struct Owed {
    ping: Option<Bytes>,
    pong: Option<Bytes>,
    close: Option<Bytes>,
}

/// What the sender wants of the relay.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// A pong with this payload.
    pub pong: Option<Bytes>,
    /// A goodbye with this payload, which answers its own.
    pub close: Option<Bytes>,
}

impl Asked {
    /// The latest of each.
    pub fn merge(&mut self, later: Self) {
        self.pong = later.pong.or(self.pong.take());
        self.close = later.close.or(self.close.take());
    }
}

impl Reframing {
    /// Nothing has come yet. `allowance`: whether there is room for a large buffer.
    pub fn new(allowance: Allowance) -> Self {
        Self { allowance: Some(allowance), ..Self::default() }
    }

    /// Where the next bytes go; empty if what is there has to be written first.
    pub fn room(&mut self) -> &mut [u8] {
        if self.filled == self.buffer.len() {
            // Most directions carry little: only who fills the first buffer gets a large one.
            let len = if self.buffer.is_empty() {
                LINK_BUFFER_FIRST
            } else if self.allowance.as_mut().is_none_or(Allowance::enlarge) {
                LINK_BUFFER
            } else {
                self.buffer.len()
            };
            self.buffer.resize(len.max(self.buffer.len()), 0);
        }
        &mut self.buffer[self.filled..]
    }

    /// Takes note of bytes that were read into the room; payload bytes are added to `payload`.
    ///
    /// # Errors
    /// [`BadFrame`]. What came before it can still be written.
    pub fn note_read(&mut self, count: usize, payload: &mut usize) -> Result<Asked, BadFrame> {
        self.filled += count;
        let mut asked = Asked::default();
        while !self.is_closed {
            if self.left > 0 {
                let part = self.left.min(self.filled - self.seen);
                if part == 0 {
                    break;
                }
                *payload += part;
                self.take_payload(self.seen, part, self.seen);
                continue;
            }
            self.say_owed();
            let Some(header) = Header::parse(&self.buffer[self.seen..self.filled])? else { break };
            if !header.kind.is_control() {
                self.begin_frame(header, payload)?;
            } else if !self.handle_control(header, &mut asked) {
                break;
            }
        }
        Ok(asked)
    }

    /// Says a ping to the receiver, as soon as it may be said. The latest is enough, so that these wait in bounds.
    pub fn owe_ping(&mut self) {
        self.owed.ping = Some(control_frame(Kind::Ping, &[]).into());
    }

    /// Answers the receiver's ping.
    pub fn owe_pong(&mut self, payload: &[u8]) {
        self.owed.pong = Some(control_frame(Kind::Pong, payload).into());
    }

    /// Says goodbye to the receiver; after that nothing else.
    pub fn owe_close(&mut self, payload: &[u8]) {
        self.owed.close.get_or_insert_with(|| control_frame(Kind::Close, payload).into());
    }

    /// The receiver waits for the rest of a frame, and nothing else can be said to it.
    pub fn is_mid_frame(&self) -> bool {
        self.left > 0
    }

    /// The sender has said goodbye.
    pub fn is_closed(&self) -> bool {
        self.is_closed
    }

    /// The receiver has been told goodbye, or will be by what is to be written.
    pub fn has_said_goodbye(&self) -> bool {
        self.has_said_goodbye
    }

    /// Between two frames: says what is owed.
    pub fn say_owed(&mut self) {
        if self.left > 0 || self.has_said_goodbye {
            return;
        }
        let Owed { ping, pong, close } = std::mem::take(&mut self.owed);
        self.has_said_goodbye = close.is_some();
        self.parts.extend([pong, ping, close].into_iter().flatten().map(Part::Own));
    }

    /// Everything has been written.
    pub fn is_drained(&self) -> bool {
        self.parts.is_empty()
    }

    /// What is to be written next, in one go.
    pub fn slices(&self) -> ([IoSlice<'_>; SLICES_MAX], usize) {
        let mut slices = [IoSlice::new(&[]); SLICES_MAX];
        let count = self.parts.len().min(SLICES_MAX);
        for (slice, part) in slices.iter_mut().zip(&self.parts) {
            *slice = IoSlice::new(match part {
                Part::Slice(range) => &self.buffer[range.clone()],
                Part::Own(bytes) => bytes,
            });
        }
        (slices, count)
    }

    /// Takes note of bytes that were written. Once all are, the buffer is free again.
    pub fn note_written(&mut self, mut count: usize) {
        while let Some(part) = self.parts.front_mut() {
            let len = part.len();
            if count < len {
                part.advance(count);
                return;
            }
            count -= len;
            self.parts.pop_front();
        }
        // What is left is less than a control frame.
        self.buffer.copy_within(self.seen..self.filled, 0);
        self.filled -= self.seen;
        self.seen = 0;
    }

    /// Gives an unused buffer back.
    pub fn shrink(&mut self) {
        if self.filled == 0 && self.parts.is_empty() {
            self.buffer = Vec::new();
            self.parts = VecDeque::new();
            if let Some(allowance) = &mut self.allowance {
                allowance.shrink();
            }
        }
    }

    fn begin_frame(&mut self, header: Header, payload: &mut usize) -> Result<(), BadFrame> {
        let before = match (header.kind, self.message) {
            (Kind::Continuation, Some(before)) => before,
            (Kind::Binary, None) => 0,
            _ => return Err(BadFrame::OutOfOrder),
        };
        let len = usize::try_from(header.payload_len).map_err(|_| BadFrame::TooLong)?;
        if len > LINK_MESSAGE_MAX - before {
            return Err(BadFrame::TooLong);
        }
        self.message = (!header.is_final).then_some(before + len);
        let (to_client, to_client_len) = header.to_client();
        let begin = self.seen + header.len;
        let part = len.min(self.filled - begin);
        let to = match self.parts.back() {
            Some(Part::Slice(last)) if part <= MOVED_MAX => last.end,
            _ => begin - to_client_len,
        };
        self.buffer[to..to + to_client_len].copy_from_slice(&to_client[..to_client_len]);
        self.push_slice(to..to + to_client_len);
        (self.left, self.mask, self.seen) = (len, header.mask, begin);
        *payload += part;
        self.take_payload(begin, part, to + to_client_len);
        Ok(())
    }

    /// Unmasks payload that has come, at `from`, and puts it where it is written from, at `to`.
    fn take_payload(&mut self, from: usize, len: usize, to: usize) {
        if self.has_said_goodbye {
            // Nobody looks at it.
        } else {
            if to != from {
                self.buffer.copy_within(from..from + len, to);
            }
            unmask(&mut self.buffer[to..to + len], self.mask);
            self.push_slice(to..to + len);
        }
        self.mask.rotate_left(len % 4);
        self.left -= len;
        self.seen = from + len;
    }

    fn push_slice(&mut self, range: Range<usize>) {
        if self.has_said_goodbye || range.is_empty() {
            return;
        }
        match self.parts.back_mut() {
            Some(Part::Slice(last)) if last.end == range.start => last.end = range.end,
            _ => self.parts.push_back(Part::Slice(range)),
        }
    }

    /// A control frame at the place that is looked at; `false` if it is not whole yet.
    fn handle_control(&mut self, header: Header, asked: &mut Asked) -> bool {
        let begin = self.seen + header.len;
        let end = begin + header.payload_len as usize;
        if end > self.filled {
            return false;
        }
        let payload = &mut self.buffer[begin..end];
        unmask(payload, header.mask);
        match header.kind {
            Kind::Ping => asked.pong = Some(Bytes::copy_from_slice(payload)),
            Kind::Close => {
                // The code alone, if there is one.
                asked.close = Some(Bytes::copy_from_slice(payload.get(..2).unwrap_or_default()));
                self.is_closed = true;
            }
            Kind::Pong | Kind::Binary | Kind::Continuation => {}
        }
        // What follows a goodbye is nobody's.
        self.seen = if self.is_closed { self.filled } else { end };
        true
    }
}

impl Part {
    fn len(&self) -> usize {
        match self {
            Self::Slice(range) => range.len(),
            Self::Own(bytes) => bytes.len(),
        }
    }

    fn advance(&mut self, count: usize) {
        match self {
            Self::Slice(range) => range.start += count,
            Self::Own(bytes) => bytes.advance(count),
        }
    }
}

#[cfg(test)]
mod tests;
