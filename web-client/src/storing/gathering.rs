//! Which pieces lie in which Blob: one for each piece costs the browser's own process 5 ms a MiB, one of 16 MiB a fifth of
//! that. Until a Blob is made, its pieces are in one buffer, which is used again and again.

/// Bytes of a Blob, at least, but for the last one.
pub const BATCH_LEN: u32 = 16 << 20;

/// Where a piece is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spot {
    /// The Blob's number; the buffer's if there is none of that number yet.
    pub batch: u32,
    /// Bytes from its beginning.
    pub at: u32,
}

/// The pieces of one file.
#[derive(Debug)]
pub struct Gathering {
    spots: Vec<Option<Spot>>,
    /// Bytes in the buffer.
    staged: u32,
    /// Blobs that were made.
    batches: u32,
}

impl Gathering {
    /// None of so many pieces.
    pub fn new(pieces: u32) -> Self {
        Self { spots: vec![None; pieces as usize], staged: 0, batches: 0 }
    }

    /// With the Blobs of an earlier visit: the pieces of each, one behind the other.
    pub fn restore<'a>(pieces: u32, batches: impl Iterator<Item = &'a [u32]>, len_of: impl Fn(u32) -> u32) -> Self {
        let mut gathering = Self::new(pieces);
        for batch in batches {
            for piece in batch {
                gathering.add(*piece, len_of(*piece));
            }
            gathering.take_rest();
        }
        gathering
    }

    /// The pieces of a Blob, one behind the other.
    pub fn pieces_of(&self, batch: u32) -> Vec<u32> {
        let spots = (0..).zip(&self.spots).filter_map(|(piece, spot)| Some((piece, (*spot)?)));
        let mut here: Vec<(u32, u32)> =
            spots.filter(|(_, spot)| spot.batch == batch).map(|(piece, spot)| (spot.at, piece)).collect();
        here.sort_unstable();
        here.into_iter().map(|(_, piece)| piece).collect()
    }

    /// A buffer that takes what comes before a Blob is made.
    pub fn buffer_len(piece_len_max: u32) -> u32 {
        BATCH_LEN.max(piece_len_max) + piece_len_max
    }

    /// A verified piece of `len` bytes: where in the buffer it goes. `None`: it is there already, or is no piece.
    pub fn add(&mut self, piece: u32, len: u32) -> Option<Spot> {
        let slot = self.spots.get_mut(piece as usize).filter(|slot| slot.is_none())?;
        let spot = Spot { batch: self.batches, at: self.staged };
        *slot = Some(spot);
        self.staged += len;
        Some(spot)
    }

    /// The buffer is to become a Blob: so many bytes of it.
    pub fn take_full(&mut self) -> Option<u32> {
        if self.staged >= BATCH_LEN { self.take_rest() } else { None }
    }

    /// The same of the last one, which may be shorter.
    pub fn take_rest(&mut self) -> Option<u32> {
        let len = std::mem::take(&mut self.staged);
        (len > 0).then(|| {
            self.batches += 1;
            len
        })
    }

    /// Where a piece is.
    pub fn spot(&self, piece: u32) -> Option<Spot> {
        self.spots.get(piece as usize).copied().flatten()
    }

    /// Whether that is in the buffer.
    pub fn is_staged(&self, spot: Spot) -> bool {
        spot.batch == self.batches
    }

    /// The file in order, as parts of Blobs: the first byte and the one behind the last. Neighbours are one part.
    pub fn parts(&self, len_of: impl Fn(u32) -> u32) -> Vec<(u32, u32, u32)> {
        let mut parts: Vec<(u32, u32, u32)> = Vec::new();
        for (piece, spot) in (0..).zip(&self.spots) {
            let Some(Spot { batch, at }) = *spot else { continue };
            let end = at + len_of(piece);
            match parts.last_mut() {
                Some(last) if last.0 == batch && last.2 == at => last.2 = end,
                _ => parts.push((batch, at, end)),
            }
        }
        parts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PIECE: u32 = 6 << 20;

    #[test]
    fn pieces_share_a_blob_once_they_are_enough() {
        let mut gathering = Gathering::new(4);
        for (at, piece) in [3, 1].into_iter().enumerate() {
            assert_eq!(gathering.add(piece, PIECE), Some(Spot { batch: 0, at: at as u32 * PIECE }));
            assert_eq!(gathering.take_full(), None);
        }
        assert!(gathering.is_staged(gathering.spot(1).unwrap()));
        gathering.add(0, PIECE);
        assert_eq!(gathering.take_full(), Some(3 * PIECE));
        assert!(!gathering.is_staged(gathering.spot(1).unwrap()));
        assert_eq!(gathering.add(2, 7), Some(Spot { batch: 1, at: 0 }));
        assert_eq!(gathering.take_rest(), Some(7));
        assert_eq!(gathering.take_rest(), None);
    }

    #[test]
    fn blobs_of_an_earlier_visit_are_found_again_and_others_come_behind_them() {
        let mut before = Gathering::new(6);
        for batch in [&[4, 1][..], &[0]] {
            for piece in batch {
                before.add(*piece, PIECE);
            }
            before.take_rest();
        }
        let batches = [before.pieces_of(0), before.pieces_of(1)];
        assert_eq!(batches, [vec![4, 1], vec![0]]);
        let mut after = Gathering::restore(6, batches.iter().map(Vec::as_slice), |_| PIECE);
        assert!((0..6).all(|piece| after.spot(piece) == before.spot(piece)));
        assert_eq!(after.add(2, PIECE), Some(Spot { batch: 2, at: 0 }));
    }

    #[test]
    fn a_piece_is_kept_once() {
        let mut gathering = Gathering::new(1);
        assert!(gathering.add(0, PIECE).is_some());
        assert!(gathering.add(0, PIECE).is_none() && gathering.add(1, PIECE).is_none());
    }

    #[test]
    fn the_buffer_takes_whatever_comes_before_a_blob_is_made() {
        for piece_len in [1024, PIECE, BATCH_LEN, 64 << 20] {
            let mut gathering = Gathering::new(100_000);
            let mut end = 0;
            for piece in 0.. {
                end = gathering.add(piece, piece_len).unwrap().at + piece_len;
                if gathering.take_full().is_some() {
                    break;
                }
            }
            assert!(end <= Gathering::buffer_len(piece_len));
        }
    }

    #[test]
    fn the_file_is_its_pieces_in_order_and_neighbours_are_one_part() {
        let mut gathering = Gathering::new(4);
        for piece in [2, 0, 1] {
            gathering.add(piece, PIECE);
        }
        gathering.take_rest();
        gathering.add(3, 5);
        gathering.take_rest();
        let len_of = |piece| if piece == 3 { 5 } else { PIECE };
        assert_eq!(gathering.parts(len_of), [(0, PIECE, 3 * PIECE), (0, 0, PIECE), (1, 0, 5)]);
    }
}
