//! What whoever connected speaks, by their first bytes. Those of encryption look like nothing: they are what remains.

use bytes::{Bytes, BytesMut};

use super::pipe::Reader;
use super::secure::{self, SecureError};

/// How a plain BitTorrent handshake begins.
pub const PROTOCOL: &[u8; 20] = b"\x13BitTorrent protocol";
/// How a member's peer begins. So does a key of encryption, once in 65,536 times: that one is refused, and its successor is not.
const COVEY: &[u8; 2] = &[0xc0, 1];

/// By the first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beginning {
    /// BitTorrent in the clear.
    Plain,
    /// A member's peer.
    Covey,
    /// Perhaps BitTorrent under Message Stream Encryption.
    Other,
}

/// Reads until it is clear; also what was read.
///
/// # Errors
/// The pipe is gone.
pub async fn read(reader: &mut Reader) -> Result<(Beginning, Bytes), SecureError> {
    let mut head = BytesMut::new();
    loop {
        head.extend_from_slice(&secure::next(reader, Bytes::new()).await?);
        if let Some(beginning) = of(&head) {
            return Ok((beginning, head.freeze()));
        }
    }
}

/// `None`: too few bytes.
fn of(head: &[u8]) -> Option<Beginning> {
    if head.starts_with(PROTOCOL) {
        return Some(Beginning::Plain);
    }
    if PROTOCOL.starts_with(head) || COVEY.starts_with(head) && head.len() < COVEY.len() {
        return None;
    }
    Some(if head.starts_with(COVEY) { Beginning::Covey } else { Beginning::Other })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_may_begin_as_a_plain_handshake_does() {
        assert_eq!(of(b""), None);
        assert_eq!(of(b"\x13BitTorrent protoco"), None);
        assert_eq!(of(b"\x13BitTorrent protocol\0"), Some(Beginning::Plain));
        assert_eq!(of(b"\x13Bitte"), Some(Beginning::Other));
        assert_eq!(of(b"\xc0\x01"), Some(Beginning::Covey));
        assert_eq!(of(b"\xc0"), None);
        assert_eq!(of(b"\xc0\xc0"), Some(Beginning::Other));
        assert_eq!(of(b"GET / HTTP/1.1"), Some(Beginning::Other));
    }
}
