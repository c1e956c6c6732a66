//! WebSocket frames as links have them (RFC 6455 section 5): what may come from a client, and what goes to one.

/// Of a client's frame with the longest length, bytes.
pub const HEADER_LEN_MAX: usize = 14;
/// Of a control frame (section 5.5), bytes.
pub const CONTROL_PAYLOAD_MAX: usize = 125;

const FINAL: u8 = 0x80;
const RESERVED: u8 = 0x70;
const OPCODE: u8 = 0x0f;
const MASKED: u8 = 0x80;

/// What a frame is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The next part of a message.
    Continuation = 0x0,
    /// A message, or the first part of one.
    Binary = 0x2,
    /// A goodbye.
    Close = 0x8,
    /// Asks for a pong with the same payload.
    Ping = 0x9,
    /// Proof of life.
    Pong = 0xa,
}

impl Kind {
    /// Goes between data frames, and is whole.
    pub fn is_control(self) -> bool {
        matches!(self, Self::Close | Self::Ping | Self::Pong)
    }
}

/// What no link carries: the sender's fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadFrame {
    /// Links carry bytes.
    #[error("a text message")]
    Text,
    /// Of no known kind, or of an extension that nobody agreed on.
    #[error("a frame of an unknown kind")]
    Unknown,
    /// Clients mask (section 5.1).
    #[error("a frame without a mask")]
    Unmasked,
    /// In fragments, or longer than [`CONTROL_PAYLOAD_MAX`].
    #[error("a control frame that is not short and whole")]
    Control,
    /// A part of no message, or a message within another.
    #[error("a frame out of order")]
    OutOfOrder,
    /// More than a link carries.
    #[error("a message that is too long")]
    TooLong,
}

/// Of a client's frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// What it is.
    pub kind: Kind,
    /// The last frame of its message.
    pub is_final: bool,
    /// Its payload is xored with this, over and over.
    pub mask: [u8; 4],
    /// Of the payload, bytes.
    pub payload_len: u64,
    /// Its own, bytes.
    pub len: usize,
}

impl Header {
    /// Reads a header; `None`: there is more to come.
    ///
    /// # Errors
    /// [`BadFrame`].
    pub fn parse(bytes: &[u8]) -> Result<Option<Self>, BadFrame> {
        let &[first, second, ref rest @ ..] = bytes else { return Ok(None) };
        let kind = kind(first)?;
        let is_final = first & FINAL != 0;
        if second & MASKED == 0 {
            return Err(BadFrame::Unmasked);
        }
        let (payload_len, rest) = match second & !MASKED {
            126 => match rest.split_first_chunk::<2>() {
                Some((len, rest)) => (u64::from(u16::from_be_bytes(*len)), rest),
                None => return Ok(None),
            },
            127 => match rest.split_first_chunk::<8>() {
                Some((len, rest)) => (u64::from_be_bytes(*len), rest),
                None => return Ok(None),
            },
            len => (u64::from(len), rest),
        };
        if kind.is_control() && (!is_final || payload_len > CONTROL_PAYLOAD_MAX as u64) {
            return Err(BadFrame::Control);
        }
        let Some((&mask, rest)) = rest.split_first_chunk::<4>() else { return Ok(None) };
        Ok(Some(Self { kind, is_final, mask, payload_len, len: bytes.len() - rest.len() }))
    }

    /// The same frame's header for a client: without a mask, so at least four bytes shorter.
    pub fn to_client(self) -> ([u8; HEADER_LEN_MAX], usize) {
        let mut header = [0; HEADER_LEN_MAX];
        header[0] = self.kind as u8 | if self.is_final { FINAL } else { 0 };
        let len = match self.payload_len {
            len @ ..=125 => {
                header[1] = len as u8;
                2
            }
            len @ ..=0xffff => {
                header[1] = 126;
                header[2..4].copy_from_slice(&(len as u16).to_be_bytes());
                4
            }
            len => {
                header[1] = 127;
                header[2..10].copy_from_slice(&len.to_be_bytes());
                10
            }
        };
        (header, len)
    }
}

/// A whole control frame for a client, cut to what fits.
pub fn control_frame(kind: Kind, payload: &[u8]) -> Vec<u8> {
    let payload = &payload[..payload.len().min(CONTROL_PAYLOAD_MAX)];
    [&[FINAL | kind as u8, payload.len() as u8], payload].concat()
}

/// Takes a mask off, or puts it on.
pub fn unmask(payload: &mut [u8], mask: [u8; 4]) {
    let [a, b, c, d] = mask;
    let word = u64::from_ne_bytes([a, b, c, d, a, b, c, d]);
    let (words, rest) = payload.as_chunks_mut::<8>();
    for bytes in words {
        *bytes = (u64::from_ne_bytes(*bytes) ^ word).to_ne_bytes();
    }
    for (byte, mask) in rest.iter_mut().zip(mask.iter().cycle()) {
        *byte ^= mask;
    }
}

fn kind(first: u8) -> Result<Kind, BadFrame> {
    if first & RESERVED != 0 {
        return Err(BadFrame::Unknown);
    }
    match first & OPCODE {
        0x0 => Ok(Kind::Continuation),
        0x1 => Err(BadFrame::Text),
        0x2 => Ok(Kind::Binary),
        0x8 => Ok(Kind::Close),
        0x9 => Ok(Kind::Ping),
        0xa => Ok(Kind::Pong),
        _ => Err(BadFrame::Unknown),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_read_whole_or_not_at_all() {
        // FIN and binary; masked, 16-bit length; 300; the mask.
        let bytes = [0x82, 0xfe, 0x01, 0x2c, 1, 2, 3, 4];
        for cut in 0..bytes.len() {
            assert_eq!(Header::parse(&bytes[..cut]), Ok(None), "{cut}");
        }
        let header = Header { kind: Kind::Binary, is_final: true, mask: [1, 2, 3, 4], payload_len: 300, len: 8 };
        assert_eq!(Header::parse(&bytes), Ok(Some(header)));
        let (to_client, len) = header.to_client();
        assert_eq!(to_client[..len], [0x82, 126, 0x01, 0x2c]);
    }

    #[test]
    fn every_length_is_shorter_to_a_client() {
        for (payload_len, extra) in [(0, 0), (125, 0), (126, 2), (0xffff, 2), (0x1_0000, 8), (u64::MAX, 8)] {
            let header =
                Header { kind: Kind::Continuation, is_final: false, mask: [0; 4], payload_len, len: 6 + extra };
            assert_eq!(header.to_client().1, 2 + extra);
        }
    }

    #[test]
    fn what_no_link_carries_is_told_apart() {
        let cases: [(&[u8], BadFrame); 7] = [
            (&[0x81, 0x80], BadFrame::Text),
            (&[0x83, 0x80], BadFrame::Unknown),
            (&[0xc2, 0x80], BadFrame::Unknown),
            (&[0x82, 0x05], BadFrame::Unmasked),
            (&[0x09, 0x80], BadFrame::Control),
            (&[0x88, 0xfe, 0x00, 0x7e], BadFrame::Control),
            (&[0x8b, 0x80], BadFrame::Unknown),
        ];
        for (bytes, expected) in cases {
            assert_eq!(Header::parse(bytes), Err(expected), "{bytes:02x?}");
        }
    }

    #[test]
    fn a_mask_comes_off_bytes_of_any_number() {
        for len in 0..40 {
            let plain: Vec<u8> = (0..len).collect();
            let mut masked: Vec<u8> = plain.iter().enumerate().map(|(at, byte)| byte ^ [9, 8, 7, 6][at % 4]).collect();
            unmask(&mut masked, [9, 8, 7, 6]);
            assert_eq!(masked, plain);
        }
    }
}
