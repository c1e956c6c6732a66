//! What is noted of a file whose pieces are on disk, so that a later visit goes on with it. Two notes: one that is written
//! once, and a small one for what changes.

use peer_engine::PieceSet;
use serde::{Deserialize, Serialize};
use wire_protocol::ids::{FileId, GroupId};

/// A file, as it was when it was begun.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredFile {
    /// In which group.
    pub group: GroupId,
    /// Its card.
    pub file: FileId,
    /// A bare file name.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// How many pieces that is.
    pub pieces: u32,
    /// The info dictionary. Checked against the card's info-hash before it is used.
    pub info: Vec<u8>,
}

/// Which of its pieces are there.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct StoredPieces {
    /// On disk for sure, as a bitfield.
    flushed: Vec<u8>,
    /// Written, those included.
    written: Vec<u8>,
    /// When this was noted, Unix milliseconds.
    pub at_ms: u64,
}

impl StoredPieces {
    /// As they are now.
    pub fn new(flushed: &PieceSet, written: &PieceSet, at_ms: u64) -> Self {
        Self { flushed: flushed.to_bitfield().to_vec(), written: written.to_bitfield().to_vec(), at_ms }
    }

    /// On disk for sure; none if the note is damaged.
    pub fn flushed(&self, pieces: u32) -> PieceSet {
        PieceSet::from_bitfield(pieces, &self.flushed).unwrap_or_else(|| PieceSet::none(pieces))
    }

    /// Written; none if the note is damaged.
    pub fn written(&self, pieces: u32) -> PieceSet {
        PieceSet::from_bitfield(pieces, &self.written).unwrap_or_else(|| PieceSet::none(pieces))
    }
}

/// A file of an earlier visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Which.
    pub file: StoredFile,
    /// What is there of it.
    pub pieces: StoredPieces,
}

impl Stored {
    /// Bytes that are there, about.
    pub fn have_len(&self) -> u64 {
        let have = u64::from(self.pieces.written(self.file.pieces).count());
        match u64::from(self.file.pieces) {
            0 => 0,
            all if have == all => self.file.size,
            all => (u128::from(self.file.size) * u128::from(have) / u128::from(all)) as u64,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored(pieces: StoredPieces) -> Stored {
        let (group, file) = (GroupId([1; 16]), FileId([2; 16]));
        Stored { file: StoredFile { group, file, name: "a".into(), size: 1_000, pieces: 10, info: vec![] }, pieces }
    }

    #[test]
    fn notes_come_back_as_they_were() {
        let (mut flushed, mut written) = (PieceSet::none(10), PieceSet::none(10));
        flushed.insert(3);
        written.insert(3);
        written.insert(9);
        let bytes = postcard::to_stdvec(&StoredPieces::new(&flushed, &written, 7)).unwrap();
        let read: StoredPieces = postcard::from_bytes(&bytes).unwrap();
        assert_eq!((read.flushed(10), read.written(10), read.at_ms), (flushed, written, 7));
        assert_eq!(stored(read).have_len(), 200);
    }

    #[test]
    fn a_note_of_another_length_says_nothing() {
        let pieces = StoredPieces::new(&PieceSet::all(100), &PieceSet::all(100), 0);
        assert!(pieces.written(10).is_empty());
        assert_eq!(stored(pieces).have_len(), 0);
        assert_eq!(stored(StoredPieces::default()).have_len(), 0);
    }

    #[test]
    fn a_whole_file_has_all_of_its_bytes() {
        let all = PieceSet::all(10);
        assert_eq!(stored(StoredPieces::new(&all, &all, 0)).have_len(), 1_000);
    }
}
