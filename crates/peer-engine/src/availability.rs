//! How many connected peers have each piece: bit-sliced counters.
//!
//! ```text
//!            piece   0 1 2 3 4 5 …          Plane k holds bit k of every piece's count, 64 pieces
//!   plane 0 (ones)   1 0 1 1 0 0            to a word. Adding a peer is a ripple-carry addition on
//!   plane 1 (twos)   0 1 1 0 0 0            whole words, finding the rarest a descent from the top
//!   plane 2 (fours)  0 0 0 0 0 1            plane that keeps the pieces whose bit is 0, if any.
//!            count   1 2 3 1 0 4
//! ```
//!
//! Peers that had everything when they came are one counter and touch no plane.

use crate::piece_set::PieceSet;

/// For every piece, how many connected peers have it.
#[derive(Debug)]
pub struct Availability {
    words: usize,
    planes: Vec<Vec<u64>>,
    seeders: u32,
}

impl Availability {
    /// For `pieces` pieces; nobody has any.
    pub fn new(pieces: u32) -> Self {
        Self { words: pieces.div_ceil(64) as usize, planes: Vec::new(), seeders: 0 }
    }

    /// A peer with everything came.
    pub fn add_seeder(&mut self) {
        self.seeders += 1;
    }

    /// A peer that was added with [`Availability::add_seeder`] went.
    pub fn remove_seeder(&mut self) {
        self.seeders -= 1;
    }

    /// Peers that had everything when they came.
    pub fn seeders(&self) -> u32 {
        self.seeders
    }

    /// A peer with these pieces came.
    pub fn add(&mut self, pieces: &PieceSet) {
        for (index, word) in pieces.words().iter().enumerate() {
            self.add_word(index, *word);
        }
    }

    /// A peer with these pieces went.
    pub fn remove(&mut self, pieces: &PieceSet) {
        for (index, word) in pieces.words().iter().enumerate() {
            let mut borrow = *word;
            for plane in &mut self.planes {
                if borrow == 0 {
                    break;
                }
                let next = !plane[index] & borrow;
                plane[index] ^= borrow;
                borrow = next;
            }
            debug_assert_eq!(borrow, 0, "more peers went than came");
        }
    }

    /// A peer got this piece.
    pub fn add_piece(&mut self, piece: u32) {
        self.add_word(piece as usize / 64, 1 << (piece % 64));
    }

    /// How many peers have it.
    pub fn count(&self, piece: u32) -> u32 {
        let (index, bit) = (piece as usize / 64, piece % 64);
        let bits = self.planes.iter().enumerate().map(|(k, plane)| ((plane[index] >> bit & 1) as u32) << k);
        self.seeders + bits.sum::<u32>()
    }

    /// Leaves in `mask` the pieces that the fewest peers have. O(words × planes).
    pub fn keep_rarest(&self, mask: &mut [u64]) {
        for plane in self.planes.iter().rev() {
            let any_without = mask.iter().zip(plane).any(|(mask, plane)| mask & !plane != 0);
            if any_without {
                for (mask, plane) in mask.iter_mut().zip(plane) {
                    *mask &= !plane;
                }
            }
        }
    }

    fn add_word(&mut self, index: usize, word: u64) {
        let mut carry = word;
        let mut k = 0;
        while carry != 0 {
            if k == self.planes.len() {
                self.planes.push(vec![0; self.words]);
            }
            let plane = &mut self.planes[k][index];
            let next = *plane & carry;
            *plane ^= carry;
            carry = next;
            k += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(pieces: &[u32]) -> PieceSet {
        let mut set = PieceSet::none(100);
        pieces.iter().for_each(|piece| assert!(set.insert(*piece)));
        set
    }

    #[test]
    fn counts_equal_a_naive_count_after_a_random_history() {
        let mut rng = fastrand::Rng::with_seed(7);
        let (mut availability, mut naive) = (Availability::new(100), [0u32; 100]);
        let mut peers: Vec<PieceSet> = Vec::new();
        for _ in 0..500 {
            if rng.u32(0..3) > 0 || peers.is_empty() {
                let peer = set(&(0..100).filter(|_| rng.bool()).collect::<Vec<_>>());
                availability.add(&peer);
                peer.iter().for_each(|piece| naive[piece as usize] += 1);
                peers.push(peer);
            } else {
                let peer = peers.swap_remove(rng.usize(0..peers.len()));
                availability.remove(&peer);
                peer.iter().for_each(|piece| naive[piece as usize] -= 1);
            }
            let piece = rng.u32(0..100);
            assert_eq!(availability.count(piece), naive[piece as usize]);
        }
    }

    #[test]
    fn the_rarest_of_a_mask_are_all_kept() {
        let mut availability = Availability::new(100);
        availability.add_seeder();
        availability.add(&set(&[1, 2, 3, 70]));
        availability.add(&set(&[1, 2]));
        availability.add_piece(1);
        let mut mask = set(&[1, 2, 3, 70]).words().to_vec();
        availability.keep_rarest(&mut mask);
        assert_eq!(mask, set(&[3, 70]).words());
        assert_eq!(availability.count(1), 4);
    }
}
