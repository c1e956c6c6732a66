//! Which pieces are believed after a reload. Hashing a whole film would take seconds before the first new piece is asked for:
//! what was flushed is believed if some of it is right, and all else is hashed.

use peer_engine::PieceSet;

use super::record::StoredPieces;

/// Flushed pieces that are hashed all the same.
const SAMPLES: u32 = 6;

/// What is to be hashed, and what is believed if that is right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// Believed if all samples are right.
    flushed: PieceSet,
    /// Of those.
    samples: Vec<u32>,
    /// Written after the last flush: each is right or not there.
    doubtful: Vec<u32>,
}

impl Check {
    /// From what was noted. `seed` chooses the samples.
    pub fn new(noted: &StoredPieces, pieces: u32, seed: u64) -> Self {
        let (flushed, written) = (noted.flushed(pieces), noted.written(pieces));
        let doubtful = written.iter().filter(|piece| !flushed.contains(*piece)).collect();
        Self { samples: samples(&flushed, seed), flushed, doubtful }
    }

    /// Pieces to be hashed first.
    pub fn first(&self) -> impl Iterator<Item = u32> + '_ {
        self.samples.iter().chain(&self.doubtful).copied()
    }

    /// What is there, by which of [`Check::first`] were right. `Err`: a sample was wrong, so nothing is believed, and these are
    /// to be hashed.
    ///
    /// # Errors
    /// See above.
    pub fn judge(self, right: &PieceSet) -> Result<PieceSet, Vec<u32>> {
        let Self { flushed, samples, doubtful } = self;
        if samples.iter().any(|piece| !right.contains(*piece)) {
            return Err(flushed.iter().chain(doubtful).collect());
        }
        let mut have = flushed;
        for piece in doubtful.into_iter().filter(|piece| right.contains(*piece)) {
            have.insert(piece);
        }
        Ok(have)
    }
}

/// The first, the last and some between.
fn samples(flushed: &PieceSet, seed: u64) -> Vec<u32> {
    let all: Vec<u32> = flushed.iter().collect();
    let len = all.len() as u64;
    let between = |at: u64| {
        // A part of its own for each sample, and any place in it.
        let (begin, end) = (len * at / u64::from(SAMPLES), len * (at + 1) / u64::from(SAMPLES));
        (end > begin).then(|| begin + seed.rotate_left(at as u32 * 8) % (end - begin))
    };
    let mut chosen: Vec<u64> = (0..u64::from(SAMPLES)).filter_map(between).collect();
    chosen.extend([0, len.saturating_sub(1)].iter().filter(|_| len > 0));
    chosen.sort_unstable();
    chosen.dedup();
    chosen.into_iter().map(|at| all[at as usize]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(pieces: impl IntoIterator<Item = u32>) -> PieceSet {
        let mut set = PieceSet::none(1_000);
        for piece in pieces {
            set.insert(piece);
        }
        set
    }

    fn check(flushed: impl IntoIterator<Item = u32>, written: impl IntoIterator<Item = u32>) -> Check {
        Check::new(&StoredPieces::new(&set(flushed), &set(written), 0), 1_000, 0x1234_5678_9abc_def0)
    }

    #[test]
    fn few_of_the_flushed_pieces_are_hashed_and_all_of_the_others() {
        let check = check(0..700, 0..710);
        let first: Vec<u32> = check.first().collect();
        assert!(first.len() <= SAMPLES as usize + 2 + 10, "{first:?}");
        assert!(first.contains(&0) && first.contains(&699) && (700..710).all(|piece| first.contains(&piece)));
        let right = set(first.into_iter().filter(|piece| *piece != 705));
        let have = check.judge(&right).unwrap();
        assert_eq!(have, set((0..710).filter(|piece| *piece != 705)));
    }

    #[test]
    fn one_wrong_sample_and_nothing_is_believed() {
        let check = check(0..700, 0..701);
        let right = set(check.first().skip(1));
        assert_eq!(check.judge(&right), Err((0..701).collect()));
    }

    #[test]
    fn nothing_noted_is_nothing_there() {
        let check = check([], []);
        assert_eq!(check.first().count(), 0);
        assert_eq!(check.judge(&set([])), Ok(set([])));
    }

    #[test]
    fn one_flushed_piece_is_a_sample() {
        assert_eq!(check([7], [7]).first().collect::<Vec<_>>(), [7]);
    }
}
