//! When the tracker is told how far this peer is.

use std::time::Duration;

use crate::Timestamp;
use crate::candidate::Progress;

/// Between two announces of mere progress: each goes to everybody who watches the swarm.
const EVERY: Duration = Duration::from_secs(5);

/// What was told last.
#[derive(Debug, Default)]
pub(crate) struct Announcing {
    told: Option<(u32, Timestamp)>,
    have: u32,
    /// A bridge's, instead of what it holds.
    reach: Option<u32>,
    total: u32,
}

impl Announcing {
    /// So many of the pieces are verified.
    pub fn set(&mut self, have: u32, total: u32) {
        (self.have, self.total) = (self.reach.map_or(have, |reach| reach.min(total)), total);
    }

    /// So many of the pieces can be had by way of this peer.
    pub fn set_reach(&mut self, pieces: u32) {
        self.reach = Some(pieces);
        self.set(pieces, self.total);
    }

    /// What to tell now: at once that we are there, that there is a first piece to be had and that all are;
    /// else every few seconds.
    pub fn poll(&mut self, now: Timestamp) -> Option<Progress> {
        if self.due()? > now {
            return None;
        }
        self.told = Some((self.have, now));
        Some(Progress::Pieces { have: self.have, total: self.total })
    }

    /// When there is something to tell.
    pub fn due(&self) -> Option<Timestamp> {
        let stage = |have: u32| u8::from(have > 0) + u8::from(have == self.total);
        match self.told {
            _ if self.total == 0 => None,
            None => Some(Timestamp(0)),
            Some((told, _)) if told == self.have => None,
            Some((told, _)) if stage(told) != stage(self.have) => Some(Timestamp(0)),
            Some((_, at)) => Some(at + EVERY),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_are_told_at_once_and_mere_progress_is_paced() {
        let mut announcing = Announcing::default();
        let second = |seconds: u64| Timestamp(seconds * 1_000_000);
        assert_eq!(announcing.poll(second(0)), None, "the torrent is not known yet");
        let mut told = Vec::new();
        for (at, have) in [(1, 0), (2, 1), (3, 2), (4, 3), (7, 3), (8, 4), (9, 8), (10, 8)] {
            announcing.set(have, 8);
            if let Some(Progress::Pieces { have, .. }) = announcing.poll(second(at)) {
                told.push((at, have));
            }
        }
        assert_eq!(told, [(1, 0), (2, 1), (7, 3), (9, 8)]);
        assert_eq!(announcing.due(), None);
    }

    #[test]
    fn of_a_bridge_its_reach_is_told_and_not_what_it_holds() {
        let mut announcing = Announcing::default();
        announcing.set(0, 8);
        announcing.set_reach(8);
        announcing.set(3, 8);
        assert_eq!(announcing.poll(Timestamp(0)), Some(Progress::Pieces { have: 8, total: 8 }));
    }

    #[test]
    fn what_was_not_told_yet_has_its_time() {
        let mut announcing = Announcing::default();
        for have in [1, 2] {
            announcing.set(have, 8);
            announcing.poll(Timestamp(7));
        }
        assert_eq!(announcing.due(), Some(Timestamp(7) + EVERY));
    }
}
