//! Our pieces in the order in which they were verified, and when peers hear of them.
//!
//! Each peer remembers how far it was told of the log, so that a piece costs one entry whatever the number of
//! peers. Few peers hear of a piece at once; among many, telling each of every piece would cost more than the
//! piece, so they hear of several at a time. Whoever sends us something hears at once.

use std::ops::Range;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use peer_wire::Message;

use crate::time::Timestamp;

/// Up to this many peers hear of a verified piece at once.
const TOLD_AT_ONCE_PEERS_MAX: usize = 32;
/// More peers hear of it within this time.
const TELL_WITHIN: Duration = Duration::from_millis(100);
/// A have on the wire, bytes.
const HAVE_LEN: usize = 9;

/// See the module.
#[derive(Debug, Default)]
pub struct HaveLog {
    /// Pieces of the log that all peers know of and that are not kept.
    forgotten: usize,
    pieces: Vec<u32>,
    /// The latest `have`s on the wire: most links are told the same ones, so they are encoded once.
    encoded: (Range<usize>, Bytes),
    /// When the peers are told of the latest pieces.
    tell_at: Option<Timestamp>,
}

impl HaveLog {
    /// So far is a peer that is never told of any piece.
    pub const NEVER: usize = usize::MAX;

    /// A piece was verified.
    pub fn push(&mut self, piece: u32) {
        self.pieces.push(piece);
    }

    /// Pieces so far: where a peer begins that was told everything otherwise.
    pub fn len(&self) -> usize {
        self.forgotten + self.pieces.len()
    }

    /// Pieces from there on.
    pub fn since(&self, from: usize) -> &[u32] {
        &self.pieces[from.saturating_sub(self.forgotten)..]
    }

    /// Everybody was told of everything.
    pub fn forget(&mut self) {
        self.forgotten = self.len();
        self.pieces.clear();
    }

    /// There is something new for so many peers. `true`: they are to be told now; else later, see
    /// [`HaveLog::take_due`].
    pub fn is_told_at_once(&mut self, peers: usize, now: Timestamp) -> bool {
        if peers <= TOLD_AT_ONCE_PEERS_MAX {
            return true;
        }
        self.tell_at.get_or_insert(now + TELL_WITHIN);
        false
    }

    /// It is time to tell the peers.
    pub fn take_due(&mut self, now: Timestamp) -> bool {
        self.tell_at.take_if(|at| now >= *at).is_some()
    }

    /// The peers are being told, due or not.
    pub fn on_told(&mut self) {
        self.tell_at = None;
    }

    /// When it is time to tell them.
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        self.tell_at
    }

    /// `have`s of what was not told yet (`told`: so many pieces were), at most `room` bytes; they are told now.
    pub fn tell(&mut self, told: &mut usize, room: usize) -> Bytes {
        let range = *told..self.len().min(told.saturating_add(room / HAVE_LEN));
        if range.is_empty() {
            return Bytes::new();
        }
        *told = range.end;
        if self.encoded.0 != range {
            let mut buffer = BytesMut::with_capacity(range.len() * HAVE_LEN);
            self.since(range.start)[..range.len()].iter().for_each(|piece| Message::Have(*piece).encode(&mut buffer));
            self.encoded = (range, buffer.freeze());
        }
        self.encoded.1.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_peer_is_told_what_it_was_not_told_and_as_much_as_there_is_room_for() {
        let mut log = HaveLog::default();
        [7, 3, 5].into_iter().for_each(|piece| log.push(piece));
        let (mut quick, mut slow) = (1, 0);
        assert_eq!(log.tell(&mut quick, 100).len(), 2 * HAVE_LEN);
        assert_eq!(log.tell(&mut slow, HAVE_LEN)[..], [0, 0, 0, 5, 4, 0, 0, 0, 7]);
        assert_eq!((quick, slow), (3, 1));
        assert!(log.tell(&mut slow, HAVE_LEN - 1).is_empty());
        assert!(log.tell(&mut quick, 100).is_empty());
        assert_eq!(log.since(slow), [3, 5]);
    }

    #[test]
    fn few_peers_hear_at_once_and_many_within_a_tenth_of_a_second() {
        let mut log = HaveLog::default();
        assert!(log.is_told_at_once(TOLD_AT_ONCE_PEERS_MAX, Timestamp(0)));
        assert_eq!(log.poll_timeout(), None);
        assert!(!log.is_told_at_once(TOLD_AT_ONCE_PEERS_MAX + 1, Timestamp(0)));
        assert!(!log.is_told_at_once(TOLD_AT_ONCE_PEERS_MAX + 1, Timestamp(50_000)));
        assert_eq!(log.poll_timeout(), Some(Timestamp(100_000)));
        assert!(!log.take_due(Timestamp(99_999)));
        assert!(log.take_due(Timestamp(100_000)));
        assert!(!log.take_due(Timestamp(200_000)), "once");
    }
}
