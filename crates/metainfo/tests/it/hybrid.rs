//! Torrents of BEP 52, made by hand.

use metainfo::{Info, InfoError, Metainfo};
use peer_wire::Block;

/// A root of a file tree: 32 bytes that are no text.
fn root(of: u8) -> Vec<u8> {
    [&b"d0:d6:lengthi"[..], of.to_string().as_bytes(), b"e11:pieces root32:", &[0xf0 | of; 32], b"ee"].concat()
}

/// Two files, `a` of 5 bytes and `b` of 7, on pieces of their own.
fn hybrid_folder() -> Vec<u8> {
    [
        &b"d9:file treed1:a"[..],
        &root(5),
        b"1:b",
        &root(7),
        b"e5:filesld6:lengthi5e4:pathl1:aeed4:attr1:p6:lengthi16379e4:pathl4:.pad5:16379eed6:lengthi7e4:pathl1:beee\
        12:meta versioni2e4:name1:f12:piece lengthi16384e6:pieces40:aaaaaaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbbbbbe",
    ]
    .concat()
}

fn only_v2() -> Vec<u8> {
    [&b"d9:file treed1:a"[..], &root(5), b"e12:meta versioni2e4:name1:a12:piece lengthi16384ee"].concat()
}

fn torrent(info: &[u8]) -> Vec<u8> {
    [
        b"d4:info",
        info,
        b"12:piece layersd32:\xf5\xf5\xf5\xf5\xf5\xf5\xf5\xf5\xf5\xf5\xf5\xf5\xf5\xf5\xf5\xf5\
    \xf5\xf5\xf5\xf5\xf5\xf5\xf5\xf5\xf5\xf5\xf5\xf5\xf5\xf5\xf5\xf532:\xf5\xf5\xf5\xf5\xf5\xf5\xf5\xf5\xf5\xf5\xf5\xf5\
    \xf5\xf5\xf5\xf5\xf5\xf5\xf5\xf5\xf5\xf5\xf5\xf5\xf5\xf5\xf5\xf5\xf5\xf5\xf5\xf5ee",
    ]
    .concat()
}

#[test]
fn a_hybrid_torrent_is_read_by_its_v1_half() {
    let info = Metainfo::parse(&torrent(&hybrid_folder())).unwrap().info;
    assert_eq!(info, Info::parse(hybrid_folder().into()).unwrap());
    assert!(info.is_hybrid());
    assert_eq!(info.layout().pieces(), 2);
    let shown: Vec<_> = info.numbered_files().map(|(n, at, file)| (n, at, file.path.join("/"), file.offset)).collect();
    assert_eq!(shown, [(1, 0, "f/a".to_owned(), 0), (2, 2, "f/b".to_owned(), 16_384)]);
    let spans: Vec<_> = info.spans(&Block { piece: 0, begin: 0, len: 16_384 }).collect();
    assert_eq!(
        spans.iter().map(|span| (span.file, span.len, span.is_padding)).collect::<Vec<_>>(),
        [(0, 5, false), (1, 16_379, true)]
    );
    assert_eq!(info.pieces_of_all(&[0, 1, 2]).into_iter().flatten().collect::<Vec<u32>>(), [0, 1]);
    assert_eq!(info.pieces_of_all(&[1]), []);
}

#[test]
fn a_hybrid_file_is_read_by_its_v1_half() {
    let raw = [
        &b"d9:file treed1:a"[..],
        &root(5),
        b"e6:lengthi5e12:meta versioni2e4:name1:a12:piece lengthi16384e6:pieces20:aaaaaaaaaaaaaaaaaaaae",
    ];
    let info = Info::parse(raw.concat().into()).unwrap();
    assert!(info.is_hybrid());
    assert_eq!(info.files().len(), 1);
}

#[test]
fn a_torrent_of_v2_only_is_refused_and_says_what_to_do() {
    assert_eq!(Info::parse(only_v2().into()).unwrap_err(), InfoError::OnlyV2);
    let error = Metainfo::parse(&torrent(&only_v2())).unwrap_err();
    assert_eq!(error, InfoError::OnlyV2);
    assert!(error.to_string().contains("ask for a version 1 or hybrid torrent"), "{error}");
}
