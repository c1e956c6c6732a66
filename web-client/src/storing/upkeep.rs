//! When what was written is flushed to the disk, and when it is noted which pieces are there.

use peer_engine::PieceSet;

/// So much is written at most before it is flushed, bytes: a flush takes half a millisecond for each MiB, and stops the worker.
const FLUSH_LEN: u64 = 64 << 20;
/// What was written is flushed after this at the latest, milliseconds.
const FLUSH_AFTER_MS: u64 = 5_000;
/// What was written is noted after this, milliseconds: a tab that is killed loses no more.
const NOTE_AFTER_MS: u64 = 500;

/// What is to be done now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// Flush, then tell [`Upkeep::on_flushed`].
    Flush,
    /// Note both sets, then tell [`Upkeep::on_noted`].
    Note,
}

/// Of one file that is being written.
#[derive(Debug)]
pub struct Upkeep {
    /// Pieces whose bytes the disk has for sure.
    flushed: PieceSet,
    /// Pieces that were written: a machine that loses its power may have lost some.
    written: PieceSet,
    unflushed_len: u64,
    /// Of the first write since the last flush.
    unflushed_since_ms: Option<u64>,
    /// Of the first change since the last note.
    unnoted_since_ms: Option<u64>,
}

impl Upkeep {
    /// With what is there already.
    pub fn new(have: PieceSet) -> Self {
        Self {
            flushed: have.clone(),
            written: have,
            unflushed_len: 0,
            unflushed_since_ms: None,
            unnoted_since_ms: None,
        }
    }

    /// A piece of `len` bytes was written.
    pub fn on_written(&mut self, piece: u32, len: u32, now_ms: u64) {
        self.written.insert(piece);
        self.unflushed_len += u64::from(len);
        self.unflushed_since_ms.get_or_insert(now_ms);
        self.unnoted_since_ms.get_or_insert(now_ms);
    }

    /// Everything that was written is on disk.
    pub fn on_flushed(&mut self, now_ms: u64) {
        self.flushed = self.written.clone();
        self.unflushed_len = 0;
        self.unflushed_since_ms = None;
        self.unnoted_since_ms.get_or_insert(now_ms);
    }

    /// The browser did not flush: nothing is lost yet, and it is tried again later.
    pub fn on_flush_failed(&mut self, now_ms: u64) {
        self.unflushed_len = 0;
        self.unflushed_since_ms = Some(now_ms);
    }

    /// Both sets are noted.
    pub fn on_noted(&mut self) {
        self.unnoted_since_ms = None;
    }

    /// The first thing that is due.
    pub fn due(&self, now_ms: u64) -> Option<Due> {
        if self.unflushed_len >= FLUSH_LEN || self.flush_at_ms().is_some_and(|at| at <= now_ms) {
            return Some(Due::Flush);
        }
        self.note_at_ms().is_some_and(|at| at <= now_ms).then_some(Due::Note)
    }

    /// When something is due, if nothing more is written.
    pub fn poll_timeout(&self) -> Option<u64> {
        [self.flush_at_ms(), self.note_at_ms()].into_iter().flatten().min()
    }

    /// Something was written that is not flushed.
    pub fn is_dirty(&self) -> bool {
        self.unflushed_since_ms.is_some()
    }

    /// On disk for sure.
    pub fn flushed(&self) -> &PieceSet {
        &self.flushed
    }

    /// Written, those included.
    pub fn written(&self) -> &PieceSet {
        &self.written
    }

    fn flush_at_ms(&self) -> Option<u64> {
        Some(self.unflushed_since_ms? + FLUSH_AFTER_MS)
    }

    fn note_at_ms(&self) -> Option<u64> {
        Some(self.unnoted_since_ms? + NOTE_AFTER_MS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u32 = 1 << 20;

    #[test]
    fn what_was_written_is_noted_soon_and_flushed_later() {
        let mut upkeep = Upkeep::new(PieceSet::none(100));
        assert_eq!((upkeep.due(0), upkeep.poll_timeout()), (None, None));
        upkeep.on_written(3, MIB, 1_000);
        assert_eq!((upkeep.due(1_499), upkeep.poll_timeout()), (None, Some(1_500)));
        assert_eq!(upkeep.due(1_500), Some(Due::Note));
        upkeep.on_noted();
        assert_eq!((upkeep.due(5_999), upkeep.poll_timeout()), (None, Some(6_000)));
        assert_eq!(upkeep.due(6_000), Some(Due::Flush));
    }

    #[test]
    fn much_is_flushed_at_once() {
        let mut upkeep = Upkeep::new(PieceSet::none(100));
        for piece in 0..63 {
            upkeep.on_written(piece, MIB, 0);
            assert_eq!(upkeep.due(0), None);
        }
        upkeep.on_written(63, MIB, 0);
        assert_eq!(upkeep.due(0), Some(Due::Flush));
        upkeep.on_flushed(0);
        assert_eq!(upkeep.due(0), None);
        assert!(!upkeep.is_dirty());
    }

    #[test]
    fn only_what_was_flushed_counts_as_on_disk_for_sure() {
        let mut upkeep = Upkeep::new(PieceSet::none(8));
        upkeep.on_written(1, MIB, 0);
        upkeep.on_flushed(1);
        upkeep.on_written(2, MIB, 2);
        assert_eq!(upkeep.flushed().iter().collect::<Vec<_>>(), [1]);
        assert_eq!(upkeep.written().iter().collect::<Vec<_>>(), [1, 2]);
    }

    #[test]
    fn a_flush_that_fails_is_tried_again_later_and_not_at_once() {
        let mut upkeep = Upkeep::new(PieceSet::none(100));
        upkeep.on_written(3, 64 * MIB, 0);
        assert_eq!(upkeep.due(0), Some(Due::Flush));
        upkeep.on_flush_failed(0);
        upkeep.on_noted();
        assert_eq!((upkeep.due(4_999), upkeep.poll_timeout()), (None, Some(5_000)));
        assert_eq!(upkeep.due(5_000), Some(Due::Flush));
        assert!(upkeep.flushed().is_empty() && upkeep.is_dirty());
    }

    #[test]
    fn a_flush_alone_is_noted_too() {
        let mut upkeep = Upkeep::new(PieceSet::none(8));
        upkeep.on_written(1, MIB, 0);
        upkeep.on_noted();
        upkeep.on_flushed(5_000);
        assert_eq!(upkeep.due(5_500), Some(Due::Note));
    }
}
