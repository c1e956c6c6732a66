//! Any bytes: a torrent or an error, never a panic.

use metainfo::{Info, InfoBuilder, Metainfo};
use peer_wire::text::file_name;
use proptest::prelude::*;

use crate::damage::damaged;

/// A sound torrent file of several pieces.
fn sound() -> Vec<u8> {
    let mut builder = InfoBuilder::new("movie.mp4", 1 << 20, None).expect("a file that can be shared");
    (0..4).for_each(|piece| builder.set_digest(piece, [piece as u8; 20]));
    let url = |text: &str| text.to_owned();
    Metainfo {
        trackers: vec![
            vec![url("http://t.example/announce"), url("udp://u.example:1")],
            vec![url("https://v.example")],
        ],
        web_seeds: vec![url("https://w.example/"), url("http://x.example/")],
        comment: Some("made by hand".to_owned()),
        created_by: Some("nobody".to_owned()),
        created_at_s: Some(1_700_000_000),
        ..Metainfo::from(builder.finish().expect("every digest is set"))
    }
    .encode()
}

fn check(bytes: &[u8]) {
    if let Ok(metainfo) = Metainfo::parse(bytes) {
        assert_eq!(Metainfo::parse(&metainfo.encode()), Ok(metainfo.clone()));
        assert_eq!(metainfo.magnet().to_string().parse(), Ok(metainfo.magnet()));
        let info = &metainfo.info;
        (0..info.layout().pieces()).for_each(|piece| assert_eq!(info.digest(piece).len(), 20));
        assert_eq!(info.files().iter().map(|file| file.len).sum::<u64>(), info.layout().total_len());
        for part in info.files().iter().flat_map(|file| &file.path) {
            assert_eq!(file_name(part), *part);
        }
    }
    drop(Info::parse(bytes.to_vec().into()));
}

proptest! {
    #[test]
    fn random_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        check(&bytes);
    }

    #[test]
    fn bencode_like_bytes_are_survived(
        tokens in prop::collection::vec(prop::sample::select(vec![
            "d", "l", "e", "i", "-", "0", "1:", "4:info", "5:files", "4:path", "6:length", "i1e", "i-1e", "6:pieces", "0:",
            "99999999999999999999:", "12:piece length", "i32768e", "4:name", "1:a", "20:aaaaaaaaaaaaaaaaaaaa",
        ]), 0..60)
    ) {
        check(tokens.concat().as_bytes());
        check(format!("d4:info{}e", tokens.concat()).as_bytes());
    }

    #[test]
    fn damaged_torrents_are_survived(at in any::<prop::sample::Index>(), how in 0..3_u8, byte in any::<u8>()) {
        check(&damaged(sound(), at, how, byte));
    }
}
