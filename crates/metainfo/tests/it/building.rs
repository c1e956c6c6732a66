//! Making torrents.

use metainfo::{InfoBuilder, InfoError, LayoutError, Metainfo};
use sha1::{Digest, Sha1};

/// 307 200 bytes: two pieces, the last one shorter.
fn content() -> Vec<u8> {
    (0..=255).cycle().take(307_200).collect()
}

fn builder_with_digests(name: &str) -> InfoBuilder {
    let content = content();
    let mut builder = InfoBuilder::new(name, content.len() as u64, None).expect("a file that can be shared");
    let piece_len = builder.layout().nominal_piece_len() as usize;
    for (piece, data) in content.chunks(piece_len).enumerate() {
        builder.set_digest(piece as u32, Sha1::digest(data).into());
    }
    builder
}

#[test]
fn a_made_torrent_has_the_info_hash_that_any_other_program_computes() {
    let info = builder_with_digests("movie.mp4").finish().unwrap();
    // Bencoded and hashed by hand from the same content.
    assert_eq!(info.info_hash().to_string(), "64ebab84d1b0faaef448546ccfd5c1e6ed783de9");
    assert_eq!(info.name(), "movie.mp4");
    assert!(info.is_private());
    assert_eq!(info.layout().pieces(), 2);
    assert_eq!(info.layout().total_len(), 307_200);
    assert_eq!(info.digest(1), <[u8; 20]>::from(Sha1::digest(&content()[262_144..])));
    let [file] = info.files() else { panic!("a single file") };
    assert_eq!((&file.path[..], file.len), (&["movie.mp4".to_owned()][..], 307_200));
}

#[test]
fn a_torrent_file_survives_writing_and_reading() {
    let info = builder_with_digests("a b.mp4").finish().unwrap();
    for announce in [None, Some("http://t.example/announce/key".to_owned())] {
        let metainfo = Metainfo { info: info.clone(), announce };
        let read = Metainfo::parse(&metainfo.encode()).unwrap();
        assert_eq!(read, metainfo);
        assert_eq!(read.info.raw(), info.raw());
    }
}

#[test]
fn a_torrent_with_a_piece_that_was_not_hashed_is_not_made() {
    let mut builder = InfoBuilder::new("x", 307_200, None).unwrap();
    builder.set_digest(0, [1; 20]);
    assert_eq!(builder.finish().unwrap_err(), InfoError::DigestMissing(1));
}

#[test]
fn what_cannot_be_shared_is_refused_before_hashing() {
    assert_eq!(InfoBuilder::new("x", 0, None).unwrap_err(), InfoError::Layout(LayoutError::Empty));
    let odd = InfoBuilder::new("x", 1 << 20, Some(20_000)).unwrap_err();
    assert_eq!(odd, InfoError::Layout(LayoutError::PieceLen(20_000)));
    assert!(matches!(InfoBuilder::new("x", 8 << 30, Some(16_384)), Err(InfoError::TooManyPieces(524_288))));
    assert!(InfoBuilder::new("x", 512 << 30, None).is_ok());
}

#[test]
fn a_made_name_is_safe() {
    let mut builder = InfoBuilder::new("../../a\u{202E}b", 1, None).unwrap();
    builder.set_digest(0, [0; 20]);
    assert_eq!(builder.finish().unwrap().name(), "_._.._ab");
}
