//! Info dictionaries, torrent files, magnet links, extension handshakes, and the messages of `ut_metadata` and `ut_pex`.

use std::collections::BTreeSet;

use bytes::Bytes;
use metainfo::{Info, Magnet, Metainfo};
use peer_wire::text::{FILE_NAME_BYTES_MAX, file_name};
use peer_wire::{ExtensionHandshake, MetadataMessage, PexMessage};
use sha1::{Digest, Sha1};

/// Room for the number that tells two files of one name apart, bytes.
const NUMBER_LEN_MAX: usize = 15;

/// Target: what parses is consistent, and is the same after it was written and read again.
pub fn bencode(data: &[u8]) {
    if let Ok(info) = Info::parse(Bytes::copy_from_slice(data)) {
        assert_eq!(info.raw(), data);
        check(&info);
    }
    if let Ok(metainfo) = Metainfo::parse(data) {
        check(&metainfo.info);
        assert_eq!(Metainfo::parse(&metainfo.encode()).as_ref(), Ok(&metainfo));
    }
    if let Ok(magnet) = String::from_utf8_lossy(data).parse::<Magnet>() {
        assert_eq!(magnet.to_string().parse(), Ok(magnet));
    }
    if let Some(handshake) = ExtensionHandshake::decode(data) {
        assert_eq!(ExtensionHandshake::decode(&handshake.encode()), Some(handshake));
    }
    if let Some(message) = MetadataMessage::decode(&Bytes::copy_from_slice(data)) {
        assert_eq!(MetadataMessage::decode(&message.encode().into()), Some(message));
    }
    if let Some(message) = PexMessage::decode(data) {
        // Mapped addresses are written as what they are.
        let written = PexMessage::decode(&message.encode()).expect("what was written is read");
        assert_eq!(written.added.len(), message.added.len());
    }
}

fn check(info: &Info) {
    assert_eq!(info.info_hash().0, <[u8; 20]>::from(Sha1::digest(info.raw())));
    assert_eq!(Info::parse(info.raw().clone()).as_ref(), Ok(info));
    check_layout(info);
    check_names(info);
    let trackers = vec![vec!["https://share.example/announce".to_owned()]];
    let metainfo = Metainfo { trackers, ..Metainfo::from(info.clone()) };
    assert_eq!(Metainfo::parse(&metainfo.encode()), Ok(metainfo));
}

fn check_layout(info: &Info) {
    let layout = info.layout();
    let (pieces, total_len) = (layout.pieces(), layout.total_len());
    assert_eq!(info.files().iter().map(|file| file.len).sum::<u64>(), total_len);
    let whole = u64::from(pieces - 1) * u64::from(layout.nominal_piece_len());
    assert_eq!(whole + u64::from(layout.piece_len(pieces - 1)), total_len);
    let digests: Vec<u8> = (0..pieces).flat_map(|piece| info.digest(piece)).collect();
    assert!(info.raw().windows(digests.len()).any(|window| window == digests));
}

/// Every name is one safe path component, and no two files are one file on a disk that ignores case.
fn check_names(info: &Info) {
    assert_eq!(file_name(info.name()), info.name());
    let mut paths = BTreeSet::new();
    for file in info.files() {
        assert_eq!(file.path.first().map(String::as_str), Some(info.name()));
        for part in &file.path {
            assert!(!part.is_empty() && part != "." && part != "..", "{part:?}");
            assert!(!part.contains(['/', '\\', '\0', ':']), "{part:?}");
            assert!(part.len() <= FILE_NAME_BYTES_MAX + NUMBER_LEN_MAX, "{part:?}");
        }
        if !file.is_padding {
            let path = file.path.join("/").to_lowercase();
            assert!(paths.insert(path), "{:?} is there twice", file.path);
        }
    }
}
