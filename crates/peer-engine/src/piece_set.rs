//! A set of pieces: one bit each, 64 to a word.

use bytes::Bytes;

/// Pieces out of `len`. Bits beyond `len` are never set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PieceSet {
    len: u32,
    count: u32,
    words: Vec<u64>,
}

impl PieceSet {
    /// No piece of `len`.
    pub fn none(len: u32) -> Self {
        Self { len, count: 0, words: vec![0; len.div_ceil(64) as usize] }
    }

    /// All of `len` pieces.
    pub fn all(len: u32) -> Self {
        let mut set = Self { len, count: len, words: vec![u64::MAX; len.div_ceil(64) as usize] };
        set.clear_spare_bits();
        set
    }

    /// From a peer's bitfield (BEP 3: most significant bit first). Spare bits are dropped, so that
    /// they never reach a count. `None` if the length is not `ceil(len / 8)`.
    pub fn from_bitfield(len: u32, bitfield: &[u8]) -> Option<Self> {
        if bitfield.len() != len.div_ceil(8) as usize {
            return None;
        }
        let mut set = Self::none(len);
        for (index, byte) in bitfield.iter().enumerate() {
            set.words[index / 8] |= u64::from(byte.reverse_bits()) << (index % 8 * 8);
        }
        set.clear_spare_bits();
        set.count = set.words.iter().map(|word| word.count_ones()).sum();
        Some(set)
    }

    /// As a bitfield for the peer wire.
    pub fn to_bitfield(&self) -> Bytes {
        let bytes = self.words.iter().flat_map(|word| word.to_le_bytes());
        bytes.take(self.len.div_ceil(8) as usize).map(u8::reverse_bits).collect()
    }

    /// How many pieces there are to be had.
    pub fn len(&self) -> u32 {
        self.len
    }

    /// Holds no piece.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// How many it holds.
    pub fn count(&self) -> u32 {
        self.count
    }

    /// Holds every piece.
    pub fn is_full(&self) -> bool {
        self.count == self.len
    }

    /// Holds this piece. `false` beyond the end.
    pub fn contains(&self, piece: u32) -> bool {
        self.words.get(piece as usize / 64).is_some_and(|word| word >> (piece % 64) & 1 == 1)
    }

    /// Adds a piece; `true` if it was not there. Beyond the end: `false`.
    pub fn insert(&mut self, piece: u32) -> bool {
        if piece >= self.len || self.contains(piece) {
            return false;
        }
        self.words[piece as usize / 64] |= 1 << (piece % 64);
        self.count += 1;
        true
    }

    /// Takes a piece out; `true` if it was there.
    pub fn remove(&mut self, piece: u32) -> bool {
        if !self.contains(piece) {
            return false;
        }
        self.words[piece as usize / 64] &= !(1 << (piece % 64));
        self.count -= 1;
        true
    }

    /// The pieces in order.
    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        self.words.iter().enumerate().flat_map(|(index, word)| bits_of(*word).map(move |bit| index as u32 * 64 + bit))
    }

    /// The pieces that both sets hold, in order.
    pub fn common<'a>(&'a self, other: &'a PieceSet) -> impl Iterator<Item = u32> + 'a {
        self.common_in(other, 0, self.len)
    }

    /// The pieces of `start..end` that both sets hold, in order.
    pub fn common_in<'a>(&'a self, other: &'a PieceSet, start: u32, end: u32) -> impl Iterator<Item = u32> + 'a {
        let end = end.min(self.len);
        let words = (start / 64) as usize..(end.div_ceil(64) as usize).max((start / 64) as usize);
        words.flat_map(move |index| {
            let first = index as u32 * 64;
            let mut word = self.words[index] & other.words[index];
            if first < start {
                word &= u64::MAX << (start - first);
            }
            if end < first + 64 {
                word &= (1u64 << (end - first)) - 1;
            }
            bits_of(word).map(move |bit| first + bit)
        })
    }

    /// The first piece of this set that is not in `have`.
    pub fn first_not_in(&self, have: &PieceSet) -> Option<u32> {
        let word = |(index, (ours, theirs)): (usize, (&u64, &u64))| {
            let missing = ours & !theirs;
            (missing != 0).then(|| index as u32 * 64 + missing.trailing_zeros())
        };
        self.words.iter().zip(&have.words).enumerate().find_map(word)
    }

    /// How many pieces of this set are wanted and not in `have`.
    pub fn count_lacking(&self, wanted: &PieceSet, have: &PieceSet) -> u32 {
        let words = self.words.iter().zip(&wanted.words).zip(&have.words);
        words.map(|((ours, wanted), have)| (ours & wanted & !have).count_ones()).sum()
    }

    /// 64 pieces to a word, the lowest piece in the lowest bit.
    pub fn words(&self) -> &[u64] {
        &self.words
    }

    fn clear_spare_bits(&mut self) {
        if let (Some(last), spare @ 1..) = (self.words.last_mut(), self.len % 64) {
            *last &= (1 << spare) - 1;
        }
    }
}

fn bits_of(mut word: u64) -> impl Iterator<Item = u32> {
    std::iter::from_fn(move || {
        let bit = (word != 0).then(|| word.trailing_zeros())?;
        word &= word - 1;
        Some(bit)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bitfield_survives_the_round_trip_and_loses_its_spare_bits() {
        let set = PieceSet::from_bitfield(10, &[0b1010_0000, 0b0111_1111]).unwrap();
        assert_eq!(set.iter().collect::<Vec<_>>(), [0, 2, 9]);
        assert_eq!(set.count(), 3);
        assert_eq!(&set.to_bitfield()[..], [0b1010_0000, 0b0100_0000]);
        assert!(PieceSet::from_bitfield(10, &[0; 3]).is_none());
    }

    #[test]
    fn a_common_range_keeps_to_its_ends() {
        let (all, mut some) = (PieceSet::all(200), PieceSet::none(200));
        [3, 63, 64, 65, 127, 128, 199].iter().for_each(|piece| assert!(some.insert(*piece)));
        let common = |start, end| all.common_in(&some, start, end).collect::<Vec<_>>();
        assert_eq!(common(0, 200), [3, 63, 64, 65, 127, 128, 199]);
        assert_eq!(all.common(&some).collect::<Vec<_>>(), common(0, 200));
        assert_eq!(common(4, 65), [63, 64]);
        assert_eq!(common(64, 128), [64, 65, 127]);
        assert_eq!(common(64, 64), [0u32; 0]);
        assert_eq!(common(199, 500), [199]);
        assert_eq!(all.first_not_in(&some), Some(0));
        assert_eq!(some.first_not_in(&PieceSet::none(200)), Some(3));
        assert_eq!(some.first_not_in(&all), None);
    }

    #[test]
    fn counts_follow_inserts_and_removes() {
        let mut set = PieceSet::none(130);
        assert!(set.insert(129) && !set.insert(129) && !set.insert(130));
        assert_eq!(set.count(), 1);
        assert!(set.remove(129) && !set.remove(129));
        assert!(set.is_empty());
        assert_eq!(PieceSet::all(130).iter().count(), 130);
        let all = PieceSet::all(130);
        set.insert(7);
        assert_eq!(all.count_lacking(&all, &set), 129);
        assert_eq!(all.count_lacking(&set, &PieceSet::none(130)), 1);
    }
}
