//! What crosses the wire is nothing that anybody outside knows.

use std::collections::BTreeSet;

use bytes::Bytes;

use crate::world::*;

/// So many bytes in a row are no accident.
const RUN_LEN: usize = 6;

#[test]
fn no_name_no_key_and_no_byte_of_a_file_crosses_the_wire() {
    let mut link = link();
    let file: Vec<u8> = (0..100_000_u32).flat_map(|number| number.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
    let handshake = [&b"\x13BitTorrent protocol"[..], &[0; 8], &INFO_HASH.0, &bob().peer.0].concat();
    let mut crossed = link.crossed.concat();
    link.ann.link.seal(&[handshake.clone().into(), Bytes::from(file.clone())], &mut crossed).unwrap();
    link.bob.link.seal(&[handshake.clone().into(), Bytes::from_static(b"movie.mp4")], &mut crossed).unwrap();
    assert!(crossed.len() > file.len());

    let seen: BTreeSet<&[u8]> = crossed.windows(RUN_LEN).collect();
    let (ann, bob) = (ann(), bob());
    let secrets: [(&str, &[u8]); 12] = [
        ("the file", &file),
        ("the plain handshake", &handshake),
        ("the file's name", b"movie.mp4"),
        ("the info-hash", &INFO_HASH.0),
        ("the group", &GROUP.0),
        ("the group's key", &GROUP_KEY),
        ("the link", &LINK.0),
        ("the dialer's member key", &key_of(&ann.identity).0),
        ("the acceptor's member key", &key_of(&bob.identity).0),
        ("the dialer's peer id", &ann.peer.0),
        ("the dialer's ticket", &ann.ticket),
        ("the acceptor's ticket", &bob.ticket),
    ];
    for (name, secret) in secrets {
        assert!(!secret.windows(RUN_LEN).any(|run| seen.contains(run)), "{name} crosses the wire");
    }
    assert!(!seen.contains(&&bob.peer.0[..RUN_LEN]), "the acceptor's peer id crosses the wire");
}

#[test]
fn two_handshakes_of_the_same_two_have_no_key_in_common() {
    use std::sync::Arc;

    use secure_link::{Initiator, Seed};
    let first = |seed: u8| Initiator::new(Arc::new(ann()), contact(&bob()), LINK, Seed::new([seed; 32])).1;
    let (one, other) = (first(1), first(2));
    let seen: BTreeSet<&[u8]> = one.windows(RUN_LEN).collect();
    assert!(!other[2..].windows(RUN_LEN).any(|run| seen.contains(run)), "a first message says who was there before");
}
