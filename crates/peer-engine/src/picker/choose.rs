//! Which piece to begin next, out of a mask of candidates.

use crate::availability::Availability;
use crate::config::PiecePolicy;

/// Until this many pieces are here, any will do: something to share comes before rarity (libtorrent's
/// `initial_picker_threshold`).
const RANDOM_FIRST_PIECES: u32 = 4;

/// The policy in force, given how much is here already.
pub fn effective(policy: PiecePolicy, pieces_have: u32) -> PiecePolicy {
    match policy {
        PiecePolicy::RarestFirst if pieces_have < RANDOM_FIRST_PIECES => PiecePolicy::Random,
        // The window is dealt with before; this is what lies behind it.
        PiecePolicy::Sequential => PiecePolicy::RarestFirst,
        policy => policy,
    }
}

/// One piece of the mask; `None` if it is empty. Uses up the mask.
pub fn choose(
    policy: PiecePolicy,
    mask: &mut [u64],
    availability: &Availability,
    rng: &mut fastrand::Rng,
) -> Option<u32> {
    match policy {
        PiecePolicy::Random => random(mask, rng),
        PiecePolicy::RarestFirst | PiecePolicy::Sequential | PiecePolicy::EqualSplit { .. } => {
            availability.keep_rarest(mask);
            random(mask, rng)
        }
    }
}

/// Each piece of the mask with the same chance.
fn random(mask: &[u64], rng: &mut fastrand::Rng) -> Option<u32> {
    let count: u32 = mask.iter().map(|word| word.count_ones()).sum();
    let mut skip = (count > 0).then(|| rng.u32(0..count))?;
    for (index, word) in mask.iter().enumerate() {
        if skip < word.count_ones() {
            let mut word = *word;
            for _ in 0..skip {
                word &= word - 1;
            }
            return Some(index as u32 * 64 + word.trailing_zeros());
        }
        skip -= word.count_ones();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_reaches_every_piece_of_the_mask_and_no_other() {
        let mask = [0b1001, 0, 1 << 63];
        let mut rng = fastrand::Rng::with_seed(1);
        let mut seen = std::collections::BTreeMap::new();
        for _ in 0..3_000 {
            *seen.entry(random(&mask, &mut rng).unwrap()).or_insert(0) += 1;
        }
        assert_eq!(seen.keys().copied().collect::<Vec<_>>(), [0, 3, 191]);
        assert!(seen.values().all(|times| (800..1_200).contains(times)), "{seen:?}");
        assert_eq!(random(&[0, 0], &mut rng), None);
    }
}
