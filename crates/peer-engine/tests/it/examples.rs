//! The examples do what they say.

#![allow(clippy::disallowed_methods, reason = "the other end of the connection is a thread")]

use std::fs::File;
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;

use metainfo::InfoBuilder;
use peer_engine::{Direction, PieceSet};
use sha1::{Digest, Sha1};

#[allow(dead_code, reason = "its `main` is for people")]
#[path = "../../examples/leech.rs"]
mod leech;
#[allow(dead_code, reason = "its `main` is for people")]
#[path = "../../examples/two_peers.rs"]
mod two_peers;

fn sample(len: u32) -> Vec<u8> {
    (0..len).map(|number| (number.wrapping_mul(2_654_435_761) >> 24) as u8).collect()
}

#[test]
fn two_peers_in_memory_move_a_file() {
    for len in [1, 16_384, 300_001] {
        let file = sample(len);
        assert_eq!(two_peers::move_file(&file), file, "{len} bytes");
    }
}

#[test]
fn a_leech_downloads_a_file_over_tcp() {
    const PIECE: u32 = 65_536;
    let bytes = sample(3_000_001);
    let mut builder = InfoBuilder::new("file", bytes.len() as u64, Some(PIECE)).unwrap();
    for (piece, data) in (0..).zip(bytes.chunks(PIECE as usize)) {
        builder.set_digest(piece, Sha1::digest(data).into());
    }
    let info = Arc::new(builder.finish().unwrap());
    let pieces = info.layout().pieces();
    let folder = tempfile::tempdir().unwrap();
    let (there, here) = (folder.path().join("there"), folder.path().join("here"));
    std::fs::write(&there, &bytes).unwrap();

    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (all, file, torrent) = (PieceSet::all(pieces), File::open(&there).unwrap(), info.clone());
    let seeder = std::thread::spawn(move || {
        let stream = listener.accept().unwrap().0;
        leech::Peer::new(torrent, all, file, stream, Direction::Accepted).run().map_err(|error| error.to_string())
    });
    let stream = TcpStream::connect(address).unwrap();
    let file = leech::create(here.to_str().unwrap(), bytes.len() as u64).unwrap();
    let is_complete = leech::Peer::new(info, PieceSet::none(pieces), file, stream, Direction::Dialed).run().unwrap();
    assert!(is_complete);
    assert_eq!(seeder.join().unwrap(), Ok(true));
    assert!(std::fs::read(&here).unwrap() == bytes, "the same bytes");
}
