//! `sequential`: in order within a window ahead of a read position, for playing while downloading.
//!
//! ```text
//!        read position
//!   ██████▼┌──────── window ────────┐·················
//!    have  │ strictly in order, each│  rarest-first
//!          │ piece with a deadline  │
//!          └────────────────────────┘
//! ```

use std::ops::Range;
use std::time::Duration;

use crate::time::Timestamp;

/// Window without a player, bytes.
const WINDOW_BYTES: u64 = 32 << 20;
/// Window with a player: this much playing time.
const WINDOW_TIME: Duration = Duration::from_secs(30);

/// Where somebody reads, and how fast.
#[derive(Debug, Clone, Copy)]
pub struct Stream {
    piece_len: u64,
    position: u32,
    playing: Option<Playing>,
}

#[derive(Debug, Clone, Copy)]
struct Playing {
    /// When `from` is wanted.
    since: Timestamp,
    from: u32,
    bytes_per_second: u64,
}

impl Stream {
    pub fn new(piece_len: u32) -> Self {
        Self { piece_len: u64::from(piece_len), position: 0, playing: None }
    }

    /// Somebody reads from `piece` on at this rate from now on.
    pub fn play(&mut self, piece: u32, bytes_per_second: u64, now: Timestamp) {
        self.position = piece;
        self.playing = Some(Playing { since: now, from: piece, bytes_per_second: bytes_per_second.max(1) });
    }

    /// Nobody reads any more.
    pub fn stop(&mut self) {
        self.playing = None;
    }

    /// Somebody reads.
    pub fn is_playing(&self) -> bool {
        self.playing.is_some()
    }

    /// Without a player the window follows what is missing.
    pub fn advance_to(&mut self, first_missing: u32) {
        if self.playing.is_none() {
            self.position = first_missing;
        }
    }

    /// Pieces in the window. It starts where the player was last seen, since what is late is still wanted, and
    /// its end goes on with the player.
    pub fn window(&self, now: Timestamp) -> Range<u32> {
        let bytes = match self.playing {
            Some(Playing { since, bytes_per_second, .. }) => {
                let time = now.since(since) + WINDOW_TIME;
                u128::from(bytes_per_second) * time.as_micros() / 1_000_000
            }
            None => u128::from(WINDOW_BYTES),
        };
        let pieces = bytes.div_ceil(u128::from(self.piece_len)).clamp(4, u128::from(u32::MAX / 2)) as u32;
        self.position..self.position.saturating_add(pieces)
    }

    /// When a piece is wanted. `None`: nobody is waiting.
    pub fn deadline(&self, piece: u32) -> Option<Timestamp> {
        let playing = self.playing?;
        let ahead = u64::from(piece.saturating_sub(playing.from)) * self.piece_len;
        let micros = u128::from(ahead) * 1_000_000 / u128::from(playing.bytes_per_second);
        Some(playing.since + Duration::from_micros(micros.min(u128::from(u64::MAX / 4)) as u64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_goes_on_with_the_player_and_keeps_what_is_late() {
        let mut stream = Stream::new(1_000);
        stream.play(100, 2_000, Timestamp(0));
        assert_eq!(stream.window(Timestamp(0)), 100..160, "30 s of two pieces each");
        assert_eq!(stream.window(Timestamp(10_000_000)), 100..180, "ten seconds later");
        assert_eq!(stream.deadline(120), Some(Timestamp(10_000_000)));
    }

    #[test]
    fn once_nobody_reads_nothing_is_due() {
        let mut stream = Stream::new(1_000);
        stream.play(100, 2_000, Timestamp(0));
        stream.stop();
        assert!(!stream.is_playing() && stream.deadline(120).is_none());
        stream.advance_to(7);
        assert_eq!(stream.window(Timestamp(0)).start, 7);
    }

    #[test]
    fn without_a_player_the_window_follows_what_is_missing() {
        let mut stream = Stream::new(1 << 20);
        stream.advance_to(7);
        assert_eq!(stream.window(Timestamp(0)), 7..39);
    }
}
