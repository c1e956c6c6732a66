//! Bytes to files and back, beside a model that looks at every byte.

use std::collections::BTreeSet;

use metainfo::Info;
use peer_wire::Block;
use proptest::prelude::*;

const PIECE_LEN: u64 = 16_384;

/// Files of these lengths; `true`: padding.
fn torrent(files: &[(u64, bool)]) -> Info {
    let total: u64 = files.iter().map(|(len, _)| len).sum();
    let entries = files.iter().enumerate().map(|(n, (len, is_padding))| {
        let attributes = if *is_padding { "4:attr1:p" } else { "" };
        let name = format!("f{n}");
        format!("d{attributes}6:lengthi{len}e4:pathl{}:{name}ee", name.len())
    });
    let pieces = total.div_ceil(PIECE_LEN) as usize * 20;
    let raw = format!(
        "d5:filesl{}e4:name1:t12:piece lengthi{PIECE_LEN}e6:pieces{pieces}:{}e",
        entries.collect::<String>(),
        "x".repeat(pieces)
    );
    Info::parse(raw.into()).expect("a sound torrent")
}

/// For every byte of the torrent: its file, and where it is in it.
fn owners(files: &[(u64, bool)]) -> Vec<(usize, u64)> {
    let owners = files.iter().enumerate().flat_map(|(file, (len, _))| (0..*len).map(move |offset| (file, offset)));
    owners.collect()
}

fn lens() -> impl Strategy<Value = Vec<(u64, bool)>> {
    let len = prop_oneof![3 => Just(0_u64), 3 => 1..100_u64, 3 => 0..60_000_u64, 1 => Just(PIECE_LEN)];
    prop::collection::vec((len, prop::bool::weighted(0.2)), 1..12)
        .prop_filter("no empty torrents", |files| files.iter().any(|(len, _)| *len > 0))
}

proptest! {
    #[test]
    fn spans_say_what_every_byte_says(files in lens(), at in any::<prop::sample::Index>(), len in 0..40_000_u32) {
        let (info, owners) = (torrent(&files), owners(&files));
        let start = at.index(owners.len());
        let (piece, begin) = (start as u64 / PIECE_LEN, start as u64 % PIECE_LEN);
        let block = Block { piece: piece as u32, begin: begin as u32, len };
        let mut seen = Vec::new();
        for span in info.spans(&block) {
            prop_assert!(span.len > 0);
            prop_assert_eq!(span.begin as usize, seen.len());
            prop_assert_eq!(span.is_padding, files[span.file].1);
            seen.extend((0..u64::from(span.len)).map(|n| (span.file, span.offset + n)));
        }
        let end = (start + len as usize).min(owners.len());
        prop_assert_eq!(&seen[..], &owners[start..end]);
    }

    #[test]
    fn chosen_files_need_the_pieces_with_their_bytes(files in lens(), chosen in prop::collection::vec(any::<bool>(), 12)) {
        let (info, owners) = (torrent(&files), owners(&files));
        let chosen: Vec<usize> = (0..files.len()).filter(|file| chosen[*file]).collect();
        let needed: BTreeSet<u32> = (0..)
            .zip(&owners)
            .filter(|(_, (file, _))| chosen.contains(file) && !files[*file].1)
            .map(|(at, _): (u64, _)| (at / PIECE_LEN) as u32)
            .collect();
        let ranges = info.pieces_of_all(&chosen);
        prop_assert!(ranges.windows(2).all(|pair| pair[0].end < pair[1].start), "{:?}", ranges);
        prop_assert_eq!(ranges.into_iter().flatten().collect::<BTreeSet<u32>>(), needed);
    }
}

#[test]
fn beyond_the_end_there_is_nothing() {
    let info = torrent(&[(20_000, false)]);
    assert_eq!(info.spans(&Block { piece: 2, begin: 0, len: 1 }).count(), 0);
    assert_eq!(info.spans(&Block { piece: u32::MAX, begin: u32::MAX, len: u32::MAX }).count(), 0);
    let rest: Vec<u32> = info.spans(&Block { piece: 1, begin: 0, len: u32::MAX }).map(|span| span.len).collect();
    assert_eq!(rest, [20_000 - 16_384]);
}
