//! Torrents of other programs, sound and not.

use bytes::Bytes;
use metainfo::{INFO_LEN_READ_MAX, Info, InfoError, LayoutError, METAINFO_LEN_MAX, Metainfo};
use sha1::{Digest, Sha1};

/// A bencoded string.
fn text(bytes: impl AsRef<[u8]>) -> Vec<u8> {
    let bytes = bytes.as_ref();
    [format!("{}:", bytes.len()).as_bytes(), bytes].concat()
}

/// A dictionary of keys (in order) and bencoded values.
fn dict(pairs: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let body = pairs.iter().flat_map(|(key, value)| [text(key), value.clone()].concat());
    [b"d".to_vec(), body.collect(), b"e".to_vec()].concat()
}

fn number(value: i64) -> Vec<u8> {
    format!("i{value}e").into_bytes()
}

fn list(items: &[Vec<u8>]) -> Vec<u8> {
    [b"l".to_vec(), items.concat(), b"e".to_vec()].concat()
}

fn file(path: &[&str], len: i64) -> Vec<u8> {
    let path: Vec<Vec<u8>> = path.iter().map(text).collect();
    dict(&[("length", number(len)), ("path", list(&path))])
}

/// A sound single file of one piece, with `change` made to its pairs.
fn single(change: impl FnOnce(&mut Vec<(&str, Vec<u8>)>)) -> Vec<u8> {
    let mut pairs = vec![
        ("length", number(1000)),
        ("name", text("a.bin")),
        ("piece length", number(32_768)),
        ("pieces", text([7; 20])),
    ];
    change(&mut pairs);
    dict(&pairs)
}

fn folder(files: &[Vec<u8>], pieces: usize) -> Vec<u8> {
    dict(&[
        ("files", list(files)),
        ("name", text("folder")),
        ("piece length", number(32_768)),
        ("pieces", text(vec![7; 20 * pieces])),
    ])
}

fn parse(raw: Vec<u8>) -> Result<Info, InfoError> {
    Info::parse(raw.into())
}

fn paths(info: &Info) -> Vec<String> {
    info.files().iter().map(|file| file.path.join("/")).collect()
}

#[test]
fn unknown_keys_are_part_of_the_info_hash() {
    let raw = dict(&[
        ("a key of another program", list(&[number(1), dict(&[("x", text("y"))])])),
        ("length", number(1000)),
        ("name", text("a.bin")),
        ("piece length", number(32_768)),
        ("pieces", text([7; 20])),
        ("source", text("somewhere")),
    ]);
    let info = parse(raw.clone()).unwrap();
    assert_eq!(info.info_hash().0, <[u8; 20]>::from(Sha1::digest(&raw)));
    assert_eq!(info.raw(), &raw);
    assert!(!info.is_private());
    let file = dict(&[("announce", text("http://t.example/")), ("comment", text("c")), ("info", raw.clone())]);
    let metainfo = Metainfo::parse(&file).unwrap();
    assert_eq!(metainfo.info, info);
    assert_eq!(metainfo.trackers, [["http://t.example/"]]);
    assert_eq!(Metainfo::parse(&[&file[..], b"\n"].concat()).unwrap(), metainfo);
}

#[test]
fn a_folder_is_the_sum_of_its_files() {
    let padding = dict(&[("attr", text("p")), ("length", number(768)), ("path", list(&[text(".pad"), text("768")]))]);
    let info =
        parse(folder(&[file(&["a", "b.txt"], 32_000), padding, file(&["empty"], 0), file(&["c"], 5)], 2)).unwrap();
    assert_eq!(info.name(), "folder");
    assert_eq!(info.layout().total_len(), 32_773);
    assert_eq!(paths(&info), ["folder/a/b.txt", "folder/_pad/768", "folder/empty", "folder/c"]);
    let padding: Vec<bool> = info.files().iter().map(|file| file.is_padding).collect();
    assert_eq!(padding, [false, true, false, false]);
}

#[test]
fn no_path_leads_out_of_the_folder_and_none_is_there_twice() {
    let files = [
        file(&["..", "..", "etc", "passwd"], 1),
        file(&["/abs"], 1),
        file(&["same.txt"], 1),
        file(&["SAME.txt"], 1),
        file(&["same (2).txt"], 1),
        file(&["same.txt"], 1),
        file(&["sa\0me.txt"], 1),
    ];
    let info = parse(folder(&files, 1)).unwrap();
    assert_eq!(
        paths(&info),
        [
            "folder/unnamed/unnamed/etc/passwd",
            "folder/_abs",
            "folder/same.txt",
            "folder/SAME (2).txt",
            "folder/same (2) (2).txt",
            "folder/same (3).txt",
            "folder/same (4).txt",
        ]
    );
}

/// No disk has a file and a folder of one name.
#[test]
fn a_file_that_has_the_name_of_a_folder_gets_another_one() {
    let files = [
        file(&["a"], 1),
        file(&["A", "b"], 1),
        file(&["a (2)", "c"], 1),
        file(&["a", "b", "c.txt"], 1),
        file(&["ab"], 1),
    ];
    let info = parse(folder(&files, 1)).unwrap();
    let expected = ["folder/a (3)", "folder/A/b (2)", "folder/a (2)/c", "folder/a/b/c.txt", "folder/ab"];
    assert_eq!(paths(&info), expected);
}

#[test]
fn the_utf8_name_is_taken_where_there_are_two() {
    let info = parse(single(|pairs| {
        pairs[1].1 = text(b"\xff\xfe.bin");
        pairs.insert(2, ("name.utf-8", text("ü.bin")));
    }));
    assert_eq!(info.unwrap().name(), "ü.bin");
    let info = parse(single(|pairs| pairs[1].1 = text(b"\xff.bin"))).unwrap();
    assert_eq!(info.name(), "\u{FFFD}.bin");
}

#[test]
fn lengths_that_make_no_sense_are_refused() {
    let error = |change: fn(&mut Vec<(&str, Vec<u8>)>)| parse(single(change)).unwrap_err();
    assert_eq!(error(|p| p[0].1 = number(0)), InfoError::Layout(LayoutError::Empty));
    assert_eq!(error(|p| p[0].1 = number(-5)), InfoError::WrongType("length"));
    assert_eq!(error(|p| p[0].1 = b"i99999999999999999999999e".to_vec()), InfoError::WrongType("length"));
    assert_eq!(error(|p| p[0].1 = number(40_000)), InfoError::PiecesLen { expected: 40, found: 20 });
    assert_eq!(error(|p| p[3].1 = text([7; 19])), InfoError::PiecesLen { expected: 20, found: 19 });
    assert_eq!(error(|p| p[2].1 = number(0)), InfoError::Layout(LayoutError::PieceLen(0)));
    assert_eq!(error(|p| p[2].1 = number(1_023)), InfoError::Layout(LayoutError::PieceLen(1_023)));
    assert_eq!(error(|p| p[2].1 = number(1 << 40)), InfoError::Layout(LayoutError::PieceLen(1 << 40)));
    assert!(matches!(error(|p| p[0].1 = number(i64::MAX)), InfoError::Layout(LayoutError::TooManyPieces(_))));
    let huge = [file(&["a"], i64::MAX), file(&["b"], i64::MAX), file(&["c"], i64::MAX)];
    assert_eq!(parse(folder(&huge, 1)).unwrap_err(), InfoError::WrongType("length"));
}

#[test]
fn what_every_torrent_has_is_demanded() {
    for (at, key) in [(0, "length"), (1, "name"), (2, "piece length"), (3, "pieces")] {
        let error = parse(single(|pairs| drop(pairs.remove(at)))).unwrap_err();
        assert_eq!(error, InfoError::Missing(key));
        let error = parse(single(|pairs| pairs[at].1 = list(&[]))).unwrap_err();
        assert_eq!(error, InfoError::WrongType(key));
    }
    let both = single(|pairs| pairs.insert(0, ("files", list(&[file(&["a"], 1)]))));
    assert_eq!(parse(both).unwrap_err(), InfoError::WrongType("files"));
    let only_v2 = dict(&[("meta version", number(2)), ("name", text("a")), ("piece length", number(32_768))]);
    assert_eq!(parse(only_v2).unwrap_err(), InfoError::OnlyV2);
    assert_eq!(Metainfo::parse(b"d8:announce1:xe").unwrap_err(), InfoError::Missing("info"));
    assert_eq!(Metainfo::parse(b"d4:infoi1ee").unwrap_err(), InfoError::WrongType("info"));
}

#[test]
fn what_is_not_canonical_or_not_whole_is_refused() {
    let sound = single(|_| {});
    assert!(parse(sound.clone()).is_ok());
    assert_eq!(parse([&sound[..], b"e"].concat()).unwrap_err(), InfoError::TrailingBytes);
    assert_eq!(parse([&sound[..], b"i1e"].concat()).unwrap_err(), InfoError::TrailingBytes);
    for len in 0..sound.len() {
        assert!(parse(sound[..len].to_vec()).is_err(), "cut to {len}");
    }
    let twice = single(|pairs| pairs.insert(1, ("length", number(5))));
    assert!(matches!(parse(twice), Err(InfoError::NotBencode(_))));
    let unsorted = single(|pairs| pairs.swap(0, 1));
    assert!(matches!(parse(unsorted), Err(InfoError::NotBencode(_))));
    assert!(parse(b"i5e".to_vec()).is_err());
    assert!(parse(b"<html>".to_vec()).is_err());
}

#[test]
fn sizes_and_depths_have_bounds() {
    let long = Info::parse(Bytes::from(vec![b'l'; INFO_LEN_READ_MAX + 1]));
    assert_eq!(long.unwrap_err(), InfoError::TooLong(INFO_LEN_READ_MAX + 1));
    assert!(matches!(Metainfo::parse(&vec![b'l'; METAINFO_LEN_MAX + 1]), Err(InfoError::TooLong(_))));
    let deep = |depth: usize| single(|pairs| pairs.push(("x", [vec![b'l'; depth], vec![b'e'; depth]].concat())));
    assert!(parse(deep(50)).is_ok());
    assert!(matches!(parse(deep(100_000)), Err(InfoError::NotBencode(_))));
    assert_eq!(parse(folder(&[file(&["a"; 33], 1)], 1)).unwrap_err(), InfoError::PathTooDeep);
    let many: Vec<Vec<u8>> = (0..65_537).map(|_| file(&["a"], 1)).collect();
    assert_eq!(parse(folder(&many, 1)).unwrap_err(), InfoError::TooManyFiles);
}

#[test]
fn the_longest_list_of_equal_paths_is_read_in_linear_time() {
    let many: Vec<Vec<u8>> = (0..65_536).map(|_| file(&["a"], 1)).collect();
    let info = parse(folder(&many, 2)).unwrap();
    assert_eq!(info.files().len(), 65_536);
    assert_eq!(info.files()[65_535].path, ["folder", "a (65536)"]);
}

#[test]
fn raw_paths_are_what_the_maker_wrote_one_for_each_file() {
    let raw = |info: &Info| -> Vec<String> {
        let paths = info.raw_paths();
        paths
            .iter()
            .map(|path| path.iter().map(|part| part.escape_ascii().to_string()).collect::<Vec<_>>().join("|"))
            .collect()
    };
    let one = parse(single(|pairs| pairs[1].1 = text(b"a/\xfc?.bin"))).unwrap();
    assert_eq!(raw(&one), [r"a/\xfc?.bin"]);
    let mut utf8 = vec![("length", number(1)), ("path", list(&[text(b"\xfc")]))];
    utf8.push(("path.utf-8", list(&[text("u")])));
    let files = [file(&["con", ".."], 1), file(&["x", "same"], 0), file(&["x", "same"], 1), dict(&utf8)];
    let several = parse(folder(&files, 1)).unwrap();
    assert_eq!(raw(&several), ["folder|con|..", "folder|x|same", "folder|x|same", "folder|u"]);
    assert_ne!(paths(&several)[1], paths(&several)[2], "which have two names on a disk");
}
