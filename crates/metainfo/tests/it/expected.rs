//! A torrent is the one that was announced, or refused.

use metainfo::{Expected, Info, InfoBuilder, InfoError};

const LEN: u64 = 5 << 16;

fn torrent(name: &str) -> Info {
    let mut builder = InfoBuilder::new(name, LEN, Some(1 << 16)).expect("a file that can be shared");
    (0..5).for_each(|piece| builder.set_digest(piece, [9; 20]));
    builder.finish().expect("every digest is set")
}

#[test]
fn a_torrent_that_is_not_what_was_announced_is_refused() {
    let info = torrent("movie.mp4");
    let right = Expected { info_hash: info.info_hash(), name: "movie.mp4", total_len: LEN, pieces: 5 };
    assert_eq!(right.parse(info.raw().clone()).unwrap(), info);
    let other = torrent(".bash_profile");
    for (expected, what) in [
        (Expected { info_hash: other.info_hash(), ..right }, "info-hash"),
        (Expected { name: "holiday.mp4", ..right }, "name"),
        (Expected { total_len: LEN + 1, ..right }, "length"),
        (Expected { pieces: 6, ..right }, "number of pieces"),
    ] {
        assert_eq!(expected.parse(info.raw().clone()).unwrap_err(), InfoError::Differs(what));
    }
    assert!(matches!(right.parse(vec![7; 400].into()), Err(InfoError::NotBencode(_))));
}

#[test]
fn names_are_compared_as_they_are_written_to_disk() {
    // Made by another program, which left the name as it was.
    let raw = b"d6:lengthi5e4:name7:.bashrc12:piece lengthi32768e6:pieces20:aaaaaaaaaaaaaaaaaaaae";
    let info = Info::parse(raw.to_vec().into()).unwrap();
    assert_eq!(info.name(), "_bashrc");
    for name in [".bashrc", "_bashrc", "\u{200B}.bashrc. "] {
        let expected = Expected { info_hash: info.info_hash(), name, total_len: 5, pieces: 1 };
        assert!(expected.parse(raw.to_vec().into()).is_ok(), "{name:?}");
    }
}
