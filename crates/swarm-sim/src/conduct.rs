//! How nodes behave. Most misconduct is the real engine behind a crooked disk or line; what the
//! engine cannot be brought to do is in `rogue`.

use bytes::{BufMut, Bytes, BytesMut};
use peer_wire::{HANDSHAKE_LEN, Message};

/// How a node behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Conduct {
    /// As the engine does.
    Honest,
    /// One block in `one_in` that it sends is bad.
    Corrupt {
        /// 1: every block.
        one_in: u32,
    },
    /// Promises everything and never sends a block.
    Silent,
    /// Promises everything and rejects every request.
    Rejects,
    /// Sends one block a minute: its engine's upload limit is set so.
    SlowLoris,
    /// Downloads and never unchokes anybody.
    FreeRider,
    /// Claims a quarter of the pieces, at random, whether it has them or not.
    FalseHaves,
    /// Requests without end, choked or not, and reads no answer. Not an engine.
    Floods,
    /// Is interested and asks for nothing. Not an engine.
    Idle,
    /// As ordinary clients do: unchokes nobody before its next round, and closes a link on which nothing was asked for a
    /// minute.
    Ordinary,
    /// One end of a bridge, which wants nothing of its own.
    Bridges,
    /// Is interested and asks for a block now and then while it is unchoked. Not an engine.
    Asks,
}

impl Conduct {
    /// No engine behind it.
    pub(crate) fn is_rogue(self) -> bool {
        matches!(self, Conduct::Floods | Conduct::Idle | Conduct::Asks)
    }

    /// A run waits for it to complete.
    pub(crate) fn is_waited_for(self) -> bool {
        matches!(self, Conduct::Honest | Conduct::FreeRider)
    }

    /// Goes over what its engine wants to send on a link. Returns the bytes that are left.
    pub(crate) fn rewrite(self, segments: &mut [Bytes], pieces: u32, rng: &mut fastrand::Rng) -> usize {
        if let (Conduct::FreeRider | Conduct::FalseHaves, Some(first)) = (self, segments.first_mut()) {
            *first = self.rewritten(first, pieces, rng);
        }
        segments.iter().map(Bytes::len).sum()
    }

    fn rewritten(self, bytes: &Bytes, pieces: u32, rng: &mut fastrand::Rng) -> Bytes {
        let mut out = BytesMut::with_capacity(bytes.len());
        let mut rest = &bytes[..];
        if rest.first() == Some(&19) {
            let (handshake, frames) = rest.split_at(HANDSHAKE_LEN.min(rest.len()));
            out.put_slice(handshake);
            rest = frames;
        }
        while let Some((len, id)) = frame(rest) {
            let (this, next) = rest.split_at(len);
            if !(self == Conduct::FreeRider && id == Some(1)) {
                out.put_slice(this);
            }
            if self == Conduct::FalseHaves && matches!(id, Some(5 | 14 | 15)) {
                (0..pieces.div_ceil(4)).for_each(|_| Message::Have(rng.u32(0..pieces)).encode(&mut out));
            }
            rest = next;
        }
        out.put_slice(rest);
        out.freeze()
    }
}

/// Somebody says that he is interested.
pub(crate) fn is_interested(segments: &[Bytes]) -> bool {
    segments.iter().any(|bytes| {
        let mut rest = &bytes[if bytes.first() == Some(&19) { HANDSHAKE_LEN.min(bytes.len()) } else { 0 }..];
        while let Some((len, id)) = frame(rest) {
            if id == Some(2) {
                return true;
            }
            rest = &rest[len..];
        }
        false
    })
}

/// Length and id of the frame that begins here, if it is whole.
fn frame(bytes: &[u8]) -> Option<(usize, Option<u8>)> {
    let len = 4 + u32::from_be_bytes(*bytes.first_chunk()?) as usize;
    (len <= bytes.len()).then(|| (len, bytes[..len].get(4).copied()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_free_riders_unchokes_are_lost_and_nothing_else() {
        let mut out = BytesMut::new();
        [Message::HaveNone, Message::Unchoke, Message::Interested].iter().for_each(|message| message.encode(&mut out));
        let mut segments = [out.freeze(), Bytes::from_static(b"\0\0\x40\x09\x07")];
        let len = Conduct::FreeRider.rewrite(&mut segments, 8, &mut fastrand::Rng::with_seed(1));
        assert_eq!(segments[0][..], [0, 0, 0, 1, 15, 0, 0, 0, 1, 2]);
        assert_eq!(len, 15);
    }
}
