//! `sequential`: in order within a window ahead of a read position, for playing while downloading.
//!
//! ```text
//!        read position
//!   ██████▼┌──────── window ────────┐·················
//!    have  │ strictly in order, each│  rarest-first
//!          │ piece with a deadline  │
//!          └────────────────────────┘
//! ```

use std::time::Duration;

use crate::time::Instant;

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
    since: Instant,
    from: u32,
    bytes_per_second: u64,
}

impl Stream {
    pub fn new(piece_len: u32) -> Self {
        Self { piece_len: u64::from(piece_len), position: 0, playing: None }
    }

    /// Somebody reads from `piece` on at this rate from now on.
    pub fn play(&mut self, piece: u32, bytes_per_second: u64, now: Instant) {
        self.position = piece;
        self.playing = Some(Playing { since: now, from: piece, bytes_per_second: bytes_per_second.max(1) });
    }

    /// First piece of the window.
    pub fn position(&self) -> u32 {
        self.position
    }

    /// Without a player the window follows what is missing.
    pub fn advance_to(&mut self, first_missing: u32) {
        if self.playing.is_none() {
            self.position = first_missing;
        }
    }

    /// Pieces in the window.
    pub fn window(&self) -> u32 {
        let bytes = match self.playing {
            Some(playing) => playing.bytes_per_second.saturating_mul(WINDOW_TIME.as_secs()),
            None => WINDOW_BYTES,
        };
        (bytes.div_ceil(self.piece_len)).clamp(4, u64::from(u32::MAX / 2)) as u32
    }

    /// When a piece is wanted. `None`: nobody is waiting.
    pub fn deadline(&self, piece: u32) -> Option<Instant> {
        let playing = self.playing?;
        let ahead = u64::from(piece.saturating_sub(playing.from)) * self.piece_len;
        let micros = u128::from(ahead) * 1_000_000 / u128::from(playing.bytes_per_second);
        Some(playing.since + Duration::from_micros(micros.min(u128::from(u64::MAX / 4)) as u64))
    }
}
