//! Somebody watches while the file comes: when playback starts, and how often it stalls.

use std::time::Duration;

use peer_engine::Timestamp;

/// What is watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlayerConfig {
    /// The film's bit rate, bytes per second.
    pub bytes_per_second: u64,
    /// Playback starts when so many pieces from the beginning are there.
    pub start_pieces: u32,
}

/// How the film went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Playback {
    /// When it started.
    pub started_at: Option<Timestamp>,
    /// Pieces that were not there at their time.
    pub stalls: u32,
    /// How long it stood still after the start, microseconds.
    pub stalled_us: u64,
    /// When the last piece was over.
    pub ended_at: Option<Timestamp>,
}

/// Plays piece by piece.
#[derive(Debug)]
pub(crate) struct Player {
    pub config: PlayerConfig,
    pub playback: Playback,
    /// The piece that is wanted next.
    pub next: u32,
    /// Since when it is wanted and not there.
    pub waiting_since: Option<Timestamp>,
}

/// What the player does about a piece that came or that is due.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Goes on waiting.
    Waits,
    /// Plays the piece before `next`; the next is due after this.
    Plays(Duration),
    /// The film is over.
    Ends,
}

impl Player {
    pub fn new(config: PlayerConfig, now: Timestamp) -> Self {
        Self { config, playback: Playback::default(), next: 0, waiting_since: Some(now) }
    }

    /// A piece came while it waits, or the next piece is due.
    pub fn step(&mut self, has: impl Fn(u32) -> bool, piece_len: u32, pieces: u32, now: Timestamp) -> Step {
        if self.next == pieces {
            self.playback.ended_at.get_or_insert(now);
            return Step::Ends;
        }
        let ahead = if self.playback.started_at.is_none() { self.config.start_pieces.max(1) } else { 1 };
        if !(self.next..(self.next + ahead).min(pieces)).all(has) {
            if self.waiting_since.is_none() {
                self.waiting_since = Some(now);
                self.playback.stalls += 1;
            }
            return Step::Waits;
        }
        let waited = self.waiting_since.take().map_or(0, |since| now.since(since).as_micros() as u64);
        if self.playback.started_at.is_none() {
            self.playback.started_at = Some(now);
        } else {
            self.playback.stalled_us += waited;
        }
        self.next += 1;
        let micros = u64::from(piece_len) * 1_000_000 / self.config.bytes_per_second.max(1);
        Step::Plays(Duration::from_micros(micros))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_piece_that_is_not_there_at_its_time_is_a_stall() {
        let config = PlayerConfig { bytes_per_second: 1_000, start_pieces: 2 };
        let mut player = Player::new(config, Timestamp(0));
        assert_eq!(player.step(|piece| piece == 0, 1_000, 3, Timestamp(5)), Step::Waits);
        assert_eq!(player.step(|piece| piece < 2, 1_000, 3, Timestamp(9)), Step::Plays(Duration::from_secs(1)));
        assert_eq!(player.step(|piece| piece < 2, 1_000, 3, Timestamp(1_000_009)), Step::Plays(Duration::from_secs(1)));
        assert_eq!(player.step(|piece| piece < 2, 1_000, 3, Timestamp(2_000_009)), Step::Waits);
        assert_eq!(player.step(|_| true, 1_000, 3, Timestamp(2_500_009)), Step::Plays(Duration::from_secs(1)));
        assert_eq!(player.step(|_| true, 1_000, 3, Timestamp(3_500_009)), Step::Ends);
        assert_eq!((player.playback.stalls, player.playback.stalled_us), (1, 500_000));
    }
}
