//! Which files of a torrent are saved, and in which steps.

use std::ops::Range;

use metainfo::{FileEntry, Info};
use peer_engine::PieceSet;

/// Written at once, bytes: between two steps it is told how far it is, and may be cancelled.
pub const STEP_LEN: u64 = 8 << 20;

/// Whether it is a folder, if only of one file.
pub fn is_folder(info: &Info) -> bool {
    info.files().iter().any(|file| file.path.len() > 1)
}

/// What a person gets of it, in the order of its bytes: padding is nobody's.
pub fn wanted(info: &Info) -> impl Iterator<Item = &FileEntry> {
    info.files().iter().filter(|file| !file.is_padding)
}

/// Bytes of that.
pub fn saved_len(info: &Info) -> u64 {
    wanted(info).map(|file| file.len).sum()
}

/// Of each of those files whether all of its pieces are there: a bit each, the first one the highest of the first byte.
pub fn ready(info: &Info, have: &PieceSet) -> Vec<u8> {
    let is_ready = |file: usize| info.pieces_of(file).all(|piece| have.contains(piece));
    let files = info.files().iter().enumerate().filter(|(_, entry)| !entry.is_padding);
    let mut bits = Vec::new();
    for (at, (file, _)) in files.enumerate() {
        if at % 8 == 0 {
            bits.push(0);
        }
        if let Some(byte) = bits.last_mut().filter(|_| is_ready(file)) {
            *byte |= 0x80 >> (at % 8);
        }
    }
    bits
}

/// Some bytes in steps.
pub fn steps(bytes: Range<u64>) -> impl Iterator<Item = Range<u64>> {
    let end = bytes.end;
    let begins = std::iter::successors(Some(bytes.start), |begin| begin.checked_add(STEP_LEN));
    begins.take_while(move |begin| *begin < end).map(move |begin| begin..end.min(begin.saturating_add(STEP_LEN)))
}

/// A name, and what it may be called if that is taken: `season`, `season (2)`, …
pub fn free_names(name: &str) -> impl Iterator<Item = String> + '_ {
    (1..1_000).map(move |number| if number == 1 { name.to_owned() } else { format!("{name} ({number})") })
}

#[cfg(test)]
mod tests {
    use metainfo::{InfoBuilder, NewFile};

    use super::*;

    const PIECE: u64 = 16 << 10;

    fn info(files: &[(&str, u64)]) -> Info {
        let new = |(path, len): &(&str, u64)| NewFile { path: path.split('/').map(str::to_owned).collect(), len: *len };
        let files = files.iter().map(new).collect();
        let mut builder = InfoBuilder::folder("season", files, Some(PIECE as u32)).unwrap();
        for piece in 0..builder.layout().pieces() {
            builder.set_digest(piece, [0; 20]);
        }
        builder.finish().unwrap()
    }

    #[test]
    fn a_file_is_ready_with_its_last_piece_and_one_without_bytes_at_once() {
        let info = info(&[("a", PIECE + 1), ("b", PIECE), ("c/d", 5), ("e", 0)]);
        let mut have = PieceSet::none(info.layout().pieces());
        assert_eq!(ready(&info, &have), [0b0001_0000]);
        have.insert(0);
        have.insert(1);
        assert_eq!(ready(&info, &have), [0b1001_0000]);
        have.insert(2);
        assert_eq!(ready(&info, &have), [0b1111_0000]);
        assert_eq!((saved_len(&info), is_folder(&info)), (2 * PIECE + 6, true));
    }

    #[test]
    fn a_folder_of_one_file_is_a_folder_and_a_file_is_none() {
        assert!(is_folder(&info(&[("a", 1)])));
        let mut file = InfoBuilder::new("a", 1, None).unwrap();
        file.set_digest(0, [0; 20]);
        assert!(!is_folder(&file.finish().unwrap()));
    }

    #[test]
    fn steps_are_all_of_it_in_order() {
        assert_eq!(steps(5..5).count(), 0);
        let all: Vec<_> = steps(5..2 * STEP_LEN + 6).collect();
        assert_eq!(all, [5..STEP_LEN + 5, STEP_LEN + 5..2 * STEP_LEN + 5, 2 * STEP_LEN + 5..2 * STEP_LEN + 6]);
    }

    #[test]
    fn a_name_that_is_taken_gets_a_number() {
        let names: Vec<_> = free_names("season").take(3).collect();
        assert_eq!(names, ["season", "season (2)", "season (3)"]);
    }
}
