//! Which of several bridges fetches which piece: the one whose id and the piece have the greatest hash together
//! (rendezvous hashing), so that all agree without a word, and a bridge that goes moves its own pieces only.

use local_peer::PeerId;

/// Of these bridges and us, the piece is ours to fetch.
pub fn is_ours(piece: u32, ours: PeerId, others: &[PeerId]) -> bool {
    let weight = |id: PeerId| (mix(id, piece), id);
    others.iter().all(|other| weight(*other) <= weight(ours))
}

/// SplitMix64 over the id's random end and the piece: every bridge computes the same.
fn mix(id: PeerId, piece: u32) -> u64 {
    let id = id.0[12..].iter().fold(0u64, |sum, byte| sum << 8 | u64::from(*byte));
    let mut z = (id ^ u64::from(piece)).wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: u8) -> PeerId {
        PeerId::covey([number; 12])
    }

    #[test]
    fn every_piece_is_one_bridges_and_each_gets_its_part() {
        let all: Vec<PeerId> = (1..=3).map(id).collect();
        let mut counts = [0; 3];
        for piece in 0..3_000 {
            let owners: Vec<usize> = (0..3)
                .filter(|nth| {
                    let others: Vec<PeerId> = all.iter().copied().filter(|other| *other != all[*nth]).collect();
                    is_ours(piece, all[*nth], &others)
                })
                .collect();
            assert_eq!(owners.len(), 1, "piece {piece}");
            counts[owners[0]] += 1;
        }
        assert!(counts.iter().all(|count| (900..1_100).contains(count)), "{counts:?}");
        assert!((0..100).all(|piece| is_ours(piece, id(1), &[])), "alone it fetches all");
    }

    #[test]
    fn the_shares_are_what_they_always_were() {
        let ours: Vec<u32> = (0..16).filter(|piece| is_ours(*piece, id(1), &[id(2)])).collect();
        assert_eq!(ours, GOLDEN, "bridges of two versions would fetch pieces twice, or not at all");
    }

    const GOLDEN: [u32; 9] = [0, 1, 2, 3, 4, 8, 11, 13, 14];
}
