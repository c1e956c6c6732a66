//! Incremental framing: right for every split of the stream, without copying blocks that arrive whole.

use bytes::{Buf, Bytes, BytesMut};

use crate::handshake::{HANDSHAKE_LEN, Handshake, PROTOCOL};
use crate::message::{BLOCK_LEN_MAX, Block, Message, PIECE_HEADER_LEN};

/// The stream is not the peer wire; close the link. All are the remote peer's fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// The first bytes are not a BitTorrent handshake.
    #[error("not a BitTorrent handshake")]
    NotBitTorrent,
    /// A frame longer than this kind of message can be.
    #[error("message {id} of {len} bytes is too long")]
    TooLong {
        /// The message's id.
        id: u8,
        /// Its length with the id, bytes.
        len: u32,
    },
    /// A frame of the wrong length for its kind.
    #[error("message {id} has a wrong length of {len} bytes")]
    WrongLength {
        /// The message's id.
        id: u8,
        /// Its length with the id, bytes.
        len: u32,
    },
}

/// An extension message, bytes with the id: far above any handshake that clients send.
const EXTENDED_LEN_MAX: u32 = 64 * 1024;
/// Unknown messages are skipped up to this length, bytes.
const UNKNOWN_LEN_MAX: u32 = 64 * 1024;
/// Length prefix and id.
const PREFIX_LEN: usize = 5;

/// Turns received chunks into a handshake and messages.
///
/// Push chunks, then take messages until `None`. Memory: what was pushed and not yet taken, and at
/// most one message that is not complete.
#[derive(Debug)]
pub struct Decoder {
    pieces: u32,
    handshaken: bool,
    /// Received, not yet looked at.
    chunk: Bytes,
    /// The beginning of a frame whose rest has not arrived.
    partial: BytesMut,
}

impl Decoder {
    /// For one link; `pieces` bounds the bitfield.
    pub fn new(pieces: u32) -> Self {
        Self { pieces, handshaken: false, chunk: Bytes::new(), partial: BytesMut::new() }
    }

    /// Adds received bytes. Take all messages before pushing more: otherwise the two chunks are
    /// copied together.
    pub fn push(&mut self, chunk: Bytes) {
        if self.chunk.is_empty() {
            self.chunk = chunk;
        } else {
            let mut joined = BytesMut::with_capacity(self.chunk.len() + chunk.len());
            joined.extend_from_slice(&self.chunk);
            joined.extend_from_slice(&chunk);
            self.chunk = joined.freeze();
        }
    }

    /// The handshake, once; `None` until its 68 bytes are there. Call it before `next_message`.
    ///
    /// # Errors
    /// [`WireError::NotBitTorrent`] at the first wrong byte.
    pub fn next_handshake(&mut self) -> Result<Option<Handshake>, WireError> {
        self.fill_partial(HANDSHAKE_LEN);
        let begun = self.partial.len().min(PROTOCOL.len());
        if self.partial[..begun] != PROTOCOL[..begun] {
            return Err(WireError::NotBitTorrent);
        }
        if self.partial.len() < HANDSHAKE_LEN {
            return Ok(None);
        }
        let bytes = self.partial.split_to(HANDSHAKE_LEN);
        let bytes: &[u8; HANDSHAKE_LEN] = bytes[..].try_into().expect("just split to this length");
        self.handshaken = true;
        Handshake::decode(bytes).map(Some).ok_or(WireError::NotBitTorrent)
    }

    /// The next message; `None` until it is complete.
    ///
    /// # Errors
    /// [`WireError`]; the decoder is of no further use then.
    pub fn next_message(&mut self) -> Result<Option<Message>, WireError> {
        debug_assert!(self.handshaken, "take the handshake first");
        // The common case: the whole frame lies in the chunk, and a block can share its storage.
        if self.partial.is_empty()
            && let Some(len) = frame_len(&self.chunk, self.pieces)?
            && self.chunk.len() >= len
        {
            let frame = self.chunk.split_to(len);
            return parse(frame).map(Some);
        }
        self.next_split_message()
    }

    /// A frame that arrives in several chunks. The partial buffer grows as bytes arrive, never by
    /// what a header claims. Once a block's header is there, a chunk that holds exactly the rest
    /// of its data is still shared, not copied.
    fn next_split_message(&mut self) -> Result<Option<Message>, WireError> {
        if self.partial.len() < PREFIX_LEN {
            self.fill_partial(4);
            let is_keepalive = self.partial.len() == 4 && self.partial[..] == [0; 4];
            if !is_keepalive {
                self.fill_partial(PREFIX_LEN);
            }
        }
        let Some(len) = frame_len(&self.partial, self.pieces)? else {
            return Ok(None);
        };
        if len >= PREFIX_LEN && self.partial[4] == 7 {
            self.fill_partial(PIECE_HEADER_LEN.min(len));
            let data_len = len - PIECE_HEADER_LEN.min(len);
            if self.partial.len() == PIECE_HEADER_LEN && data_len > 0 && self.chunk.len() >= data_len {
                let header = std::mem::take(&mut self.partial);
                let data = self.chunk.split_to(data_len);
                return Ok(Some(Message::Piece { piece: be_u32(&header[5..]), begin: be_u32(&header[9..]), data }));
            }
        }
        self.fill_partial(len);
        if self.partial.len() < len {
            return Ok(None);
        }
        parse(std::mem::take(&mut self.partial).freeze()).map(Some)
    }

    /// Moves bytes from the chunk until `partial` holds `len` bytes or the chunk is empty.
    fn fill_partial(&mut self, len: usize) {
        let missing = len.saturating_sub(self.partial.len()).min(self.chunk.len());
        if missing > 0 {
            self.partial.extend_from_slice(&self.chunk[..missing]);
            self.chunk.advance(missing);
        }
    }
}

/// Whole length of the frame that begins here, prefix included; `None` if that cannot be said yet.
/// Refuses by the header alone what is too long for its kind.
fn frame_len(bytes: &[u8], pieces: u32) -> Result<Option<usize>, WireError> {
    if bytes.len() < 4 {
        return Ok(None);
    }
    let len = be_u32(bytes);
    if len == 0 {
        return Ok(Some(4));
    }
    let Some(&id) = bytes.get(4) else {
        return Ok(None);
    };
    check_len(id, len, pieces)?;
    Ok(Some(4 + len as usize))
}

/// `len` counts the id and the payload.
fn check_len(id: u8, len: u32, pieces: u32) -> Result<(), WireError> {
    let wrong = WireError::WrongLength { id, len };
    let too_long = WireError::TooLong { id, len };
    match id {
        0..=3 | 14 | 15 if len != 1 => Err(wrong),
        4 | 13 | 17 if len != 5 => Err(wrong),
        // Exactly ceil(pieces / 8) bytes, as all clients demand.
        5 if len != 1 + pieces.div_ceil(8) => Err(wrong),
        6 | 8 | 16 if len != 13 => Err(wrong),
        7 if len < 9 => Err(wrong),
        7 if len > 9 + BLOCK_LEN_MAX => Err(too_long),
        20 if len < 2 => Err(wrong),
        20 if len > EXTENDED_LEN_MAX => Err(too_long),
        0..=8 | 13..=17 | 20 => Ok(()),
        _ if len > UNKNOWN_LEN_MAX => Err(too_long),
        _ => Ok(()),
    }
}

/// `frame` is whole and its length was checked.
fn parse(mut frame: Bytes) -> Result<Message, WireError> {
    frame.advance(4);
    if frame.is_empty() {
        return Ok(Message::KeepAlive);
    }
    let id = frame.get_u8();
    Ok(match id {
        0 => Message::Choke,
        1 => Message::Unchoke,
        2 => Message::Interested,
        3 => Message::NotInterested,
        4 => Message::Have(frame.get_u32()),
        5 => Message::Bitfield(frame),
        6 => Message::Request(parse_block(&mut frame)),
        7 => Message::Piece { piece: frame.get_u32(), begin: frame.get_u32(), data: frame },
        8 => Message::Cancel(parse_block(&mut frame)),
        13 => Message::SuggestPiece(frame.get_u32()),
        14 => Message::HaveAll,
        15 => Message::HaveNone,
        16 => Message::Reject(parse_block(&mut frame)),
        17 => Message::AllowedFast(frame.get_u32()),
        20 => Message::Extended { id: frame.get_u8(), payload: frame },
        _ => Message::Unknown(id),
    })
}

fn parse_block(frame: &mut Bytes) -> Block {
    Block { piece: frame.get_u32(), begin: frame.get_u32(), len: frame.get_u32() }
}

fn be_u32(bytes: &[u8]) -> u32 {
    u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])
}
