//! Which pieces lie in which Blob that the browser keeps in its database: where a page has no disk of its own, that is what
//! a later visit goes on with.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use wire_protocol::ids::InfoHash;

/// What is not a Blob yet becomes one after this, milliseconds: a tab that is killed loses no more.
pub const STAGED_MAX_MS: u64 = 5_000;

/// By info-hash, visit and number: a Blob.
pub const BLOB: &str = "blob:";

/// One Blob.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Batch {
    /// Two tabs may keep the same file: no Blob has another one's name.
    pub visit: u64,
    pub number: u32,
    /// One behind the other.
    pub pieces: Vec<u32>,
}

impl Batch {
    /// Its name in the database.
    pub fn key(&self, torrent: &InfoHash) -> String {
        format!("{BLOB}{torrent}:{:016x}:{}", self.visit, self.number)
    }
}

/// The torrent of a Blob, by its name in the database.
pub fn torrent_of(key: &str) -> Option<InfoHash> {
    key.strip_prefix(BLOB)?.split(':').next()?.parse().ok()
}

/// All Blobs of one file, in the order in which they were kept.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Batches(pub Vec<Batch>);

impl Batches {
    /// Those that can be true of a file of so many pieces: each is there once, in one of them.
    #[must_use]
    pub fn sound(self, pieces: u32) -> Self {
        let mut seen = BTreeSet::new();
        let is_sound = |batch: &Batch| batch.pieces.iter().all(|piece| *piece < pieces && seen.insert(*piece));
        Self(self.0.into_iter().filter(is_sound).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(number: u32, pieces: &[u32]) -> Batch {
        Batch { visit: 7, number, pieces: pieces.to_vec() }
    }

    #[test]
    fn a_blob_is_found_by_its_torrent() {
        let torrent = InfoHash([0xab; 20]);
        let key = batch(3, &[]).key(&torrent);
        assert_eq!(torrent_of(&key), Some(torrent));
        assert_eq!(torrent_of("blob:"), None);
        assert_eq!(torrent_of("file:abab"), None);
    }

    #[test]
    fn notes_that_name_a_piece_twice_or_one_that_is_none_are_left_out() {
        let all = Batches(vec![batch(0, &[1, 2]), batch(1, &[2, 3]), batch(2, &[4]), batch(3, &[10])]);
        let numbers: Vec<u32> = all.sound(10).0.iter().map(|batch| batch.number).collect();
        assert_eq!(numbers, [0, 2]);
    }
}
