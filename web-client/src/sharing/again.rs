//! A share of an earlier visit that goes on: the browser has forgotten the file, and its hashes are noted. What is picked
//! again is not hashed anew if it has the same name and lengths, and some of its pieces are what they were.

use metainfo::{Info, InfoBuilder};
use serde::{Deserialize, Serialize};
use wire_protocol::ids::{FileId, GroupId};

use crate::storing::record::StoredPieces;
use crate::storing::resume::Check;
use peer_engine::PieceSet;

/// What is noted of a share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SharedRecord {
    /// In which group.
    pub group: GroupId,
    /// Its card.
    pub file: FileId,
    /// A bare file name.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// How many files a folder has; `None`: it is a single file.
    pub files: Option<u32>,
    /// The info dictionary.
    pub info: Vec<u8>,
}

/// What was picked, if it can be what `known` was made of: names, lengths and pieces give the same torrent.
pub fn same_torrent(picked: &InfoBuilder, known: &Info) -> Option<Info> {
    if picked.layout() != known.layout() {
        return None;
    }
    let mut builder = picked.clone();
    for piece in 0..known.layout().pieces() {
        builder.set_digest(piece, known.digest(piece));
    }
    builder.finish().ok().filter(|info| info.info_hash() == known.info_hash())
}

/// Pieces that are hashed all the same: the first, the last and some between. Whatever is served is compared with its
/// hashes anyway; this finds what is something else before anybody is told of it.
pub fn spots(info: &Info, seed: u64) -> Vec<u32> {
    let pieces = info.layout().pieces();
    let all = PieceSet::all(pieces);
    Check::new(&StoredPieces::new(&all, &all, 0), pieces, seed).first().collect()
}

#[cfg(test)]
mod tests {
    use metainfo::NewFile;

    use super::*;

    const MIB: u64 = 1 << 20;

    fn finished(mut builder: InfoBuilder) -> Info {
        for piece in 0..builder.layout().pieces() {
            builder.set_digest(piece, [piece as u8; 20]);
        }
        builder.finish().unwrap()
    }

    fn folder(files: &[(&str, u64)]) -> InfoBuilder {
        let new = |(name, len): &(&str, u64)| NewFile { path: vec![(*name).to_owned()], len: *len };
        InfoBuilder::folder("season", files.iter().map(new).collect(), None).unwrap()
    }

    #[test]
    fn the_same_name_and_length_are_the_same_torrent_and_others_are_not() {
        let file = |name, len| InfoBuilder::new(name, len, None).unwrap();
        let known = finished(file("film.mkv", 100 * MIB));
        assert_eq!(same_torrent(&file("film.mkv", 100 * MIB), &known).unwrap().raw(), known.raw());
        for other in [file("film 2.mkv", 100 * MIB), file("film.mkv", 100 * MIB - 1), file("film.mkv", 4)] {
            assert!(same_torrent(&other, &known).is_none());
        }
    }

    #[test]
    fn of_a_folder_each_file_counts() {
        let known = finished(folder(&[("a", 5), ("b", 6)]));
        assert!(same_torrent(&folder(&[("b", 6), ("a", 5)]), &known).is_some());
        for other in [folder(&[("a", 6), ("b", 5)]), folder(&[("a", 11)]), folder(&[("a", 5), ("c", 6)])] {
            assert!(same_torrent(&other, &known).is_none());
        }
    }

    #[test]
    fn few_pieces_are_hashed_the_first_and_the_last_among_them() {
        let known = finished(InfoBuilder::new("film.mkv", 1_000 * MIB, None).unwrap());
        let spots = spots(&known, 7);
        assert!(spots.len() <= 8, "{spots:?}");
        assert!(spots.contains(&0) && spots.contains(&(known.layout().pieces() - 1)));
    }
}
