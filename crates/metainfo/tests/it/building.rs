//! Making torrents.

use metainfo::{InfoBuilder, InfoError, LayoutError, Metainfo, NewFile};
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
    for trackers in [Vec::new(), vec![vec!["http://t.example/announce/key".to_owned()]]] {
        let metainfo = Metainfo { trackers, ..Metainfo::from(info.clone()) };
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
    let odd = InfoBuilder::new("x", 1 << 20, Some(1_000)).unwrap_err();
    assert_eq!(odd, InfoError::Layout(LayoutError::PieceLen(1_000)));
    assert!(matches!(InfoBuilder::new("x", 8 << 30, Some(16_384)), Err(InfoError::TooManyPieces(524_288))));
    assert!(InfoBuilder::new("x", 512 << 30, None).is_ok());
}

#[test]
fn a_made_name_is_safe() {
    let mut builder = InfoBuilder::new("../../a\u{202E}b", 1, None).unwrap();
    builder.set_digest(0, [0; 20]);
    assert_eq!(builder.finish().unwrap().name(), "_._.._ab");
}

fn new_file(path: &str, len: u64) -> NewFile {
    NewFile { path: path.split('/').map(str::to_owned).collect(), len }
}

#[test]
fn a_folder_is_ordered_by_the_bytes_of_full_paths_and_keeps_empty_files() {
    let files = [("sub/x", 5), ("sub.txt", 7), ("B", 0), ("a", 1), ("é", 2), (".hidden", 3)];
    let files = files.map(|(path, len)| new_file(path, len)).to_vec();
    let mut builder = InfoBuilder::folder("folder", files, Some(16_384)).unwrap().private(false);
    let order: Vec<String> = builder.files().iter().map(|file| file.path.join("/")).collect();
    assert_eq!(order, [".hidden", "B", "a", "sub.txt", "sub/x", "é"]);
    builder.set_digest(0, [b'x'; 20]);
    let info = builder.finish().unwrap();
    let expected = "d5:filesl\
        d6:lengthi3e4:pathl7:.hiddeneed6:lengthi0e4:pathl1:Beed6:lengthi1e4:pathl1:aee\
        d6:lengthi7e4:pathl7:sub.txteed6:lengthi5e4:pathl3:sub1:xeed6:lengthi2e4:pathl2:éee\
        e4:name6:folder12:piece lengthi16384e6:pieces20:xxxxxxxxxxxxxxxxxxxxe";
    assert_eq!(String::from_utf8_lossy(info.raw()), expected);
    assert!(!info.is_private() && !info.is_hybrid());
    assert_eq!(info.files().iter().map(|file| file.offset).collect::<Vec<_>>(), [0, 3, 3, 4, 11, 16]);
}

#[test]
fn a_folder_is_private_if_it_is_said_to_be() {
    let mut builder = InfoBuilder::folder("f", vec![new_file("a", 1)], None).unwrap().private(true);
    builder.set_digest(0, [0; 20]);
    let info = builder.finish().unwrap();
    assert!(info.is_private() && info.raw().ends_with(b"7:privatei1ee"));
}

#[test]
fn a_folder_that_is_none_is_refused_before_hashing() {
    let error = |paths: &[&str]| {
        let files = paths.iter().map(|path| new_file(path, 1)).collect();
        InfoBuilder::folder("f", files, None).unwrap_err()
    };
    assert_eq!(error(&[]), InfoError::Layout(LayoutError::Empty));
    for path in ["..", "a/../b", "a//b", "/a", "a\0b", "."] {
        assert_eq!(error(&[path]), InfoError::BadPath(path.to_owned()));
    }
    assert_eq!(error(&["b", "a", "b"]), InfoError::BadPath("b".to_owned()));
    assert_eq!(
        error(&["a/".repeat(32).as_str().trim_end_matches('/'), &format!("{}a", "a/".repeat(32))]),
        InfoError::PathTooDeep
    );
    assert_eq!(
        InfoBuilder::folder("..", vec![new_file("a", 1)], None).unwrap_err(),
        InfoError::BadPath("..".to_owned())
    );
    let empty = InfoBuilder::folder("f", vec![new_file("a", 0)], None).unwrap_err();
    assert_eq!(empty, InfoError::Layout(LayoutError::Empty));
    let endless = vec![new_file("a", u64::MAX), new_file("b", 1)];
    assert_eq!(InfoBuilder::folder("f", endless, None).unwrap_err(), InfoError::WrongType("length"));
}

#[test]
fn the_largest_folder_that_is_made_can_be_read() {
    let name = |number: usize| format!("{number:05}{}", "n".repeat(30));
    let mut count = 20_000;
    // Files until there is no room for more.
    while InfoBuilder::folder("f", (0..count + 8000).map(|n| new_file(&name(n), 1 << 20)).collect(), None).is_ok() {
        count += 8000;
    }
    assert!((20_000..65_536).contains(&count), "{count}");
    let mut builder =
        InfoBuilder::folder("f", (0..count).map(|n| new_file(&name(n), 1 << 20)).collect(), None).unwrap();
    (0..builder.layout().pieces()).for_each(|piece| builder.set_digest(piece, [0xff; 20]));
    assert_eq!(builder.finish().unwrap().files().len(), count);
    let many = (0..65_537).map(|n| new_file(&name(n), 1)).collect();
    assert_eq!(InfoBuilder::folder("f", many, None).unwrap_err(), InfoError::TooManyFiles);
}
