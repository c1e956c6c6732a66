//! Links that open, in every way that bytes can arrive, and what a listener tells apart.

use std::sync::Arc;

use bytes::Bytes;
use secure_link::*;
use wire_protocol::control::Role;
use wire_protocol::ids::{InfoHash, PeerId};

use crate::world::*;

#[test]
fn both_sides_learn_who_the_other_is_and_what_they_may_do() {
    let mut dialer = ann();
    let admin = wire_protocol::ticket::Ticket { role: Role::Admin, ..ticket_for(&dialer.identity) };
    dialer.ticket = admin.seal(&tracker());
    let link = Attempt::new(dialer, bob()).run().ok().unwrap();
    let proven = |local: Local, role| {
        let Contact { member, peer } = contact(&local);
        Proven { member, peer, role, epoch: EPOCH, has_aes: false }
    };
    assert_eq!(link.ann.peer, proven(bob(), Role::Member));
    assert_eq!(link.bob.peer, proven(ann(), Role::Admin));
}

#[test]
fn an_accepted_connection_learns_who_it_is_without_expecting_anybody() {
    let link = Attempt { expected: None, links: (NO_LINK, NO_LINK), ..Attempt::new(ann(), bob()) }.run();
    assert_eq!(link.ok().unwrap().bob.peer.member, contact(&ann()).member);
}

#[test]
fn bytes_go_both_ways() {
    let mut link = link();
    let mut out = Vec::new();
    link.ann.link.seal(&[Bytes::from_static(b"one "), Bytes::new(), Bytes::from_static(b"two")], &mut out).unwrap();
    assert_eq!(link.bob.link.open(&out).unwrap(), "one two");
    out.clear();
    link.bob.link.seal(&[Bytes::from_static(b"three")], &mut out).unwrap();
    assert_eq!(link.ann.link.open(&out).unwrap(), "three");
}

#[test]
fn records_are_aes_between_two_who_both_say_that_they_are_fast_at_it() {
    // The keys are the same, whatever is said.
    let record = |ours, theirs| {
        let (ann, bob) = (Local { has_aes: ours, ..ann() }, Local { has_aes: theirs, ..bob() });
        let mut link = Attempt::new(ann, bob).run().ok().unwrap();
        let (mut there, mut back) = (Vec::new(), Vec::new());
        link.ann.link.seal(&[Bytes::from_static(b"there")], &mut there).unwrap();
        link.bob.link.seal(&[Bytes::from_static(b"back")], &mut back).unwrap();
        assert_eq!(link.bob.link.open(&there).unwrap(), "there");
        assert_eq!(link.ann.link.open(&back).unwrap(), "back");
        there
    };
    let chacha = record(false, false);
    assert_eq!(record(true, false), chacha);
    assert_eq!(record(false, true), chacha);
    assert_ne!(record(true, true), chacha);
}

#[test]
fn a_handshake_opens_byte_by_byte_and_leaves_the_records_behind_it_alone() {
    let mut link = link();
    let mut record = Vec::new();
    link.ann.link.seal(&[Bytes::from_static(b"early")], &mut record).unwrap();
    let [first, answer, last] = link.crossed;

    let mut greeting = Greeting::new();
    for (at, byte) in first[..FIRST_LEN - 1].iter().enumerate() {
        let opening = greeting.read(&mut Bytes::copy_from_slice(&[*byte])).unwrap();
        assert!(matches!(opening, Opening::More(more) if more == FIRST_LEN - at - 1));
    }
    let mut rest = Bytes::copy_from_slice(&[first[FIRST_LEN - 1], 99]);
    assert!(matches!(greeting.read(&mut rest).unwrap(), Opening::Covey(_)));
    assert_eq!(rest, [99][..], "what stands behind it is not taken");

    let (mut initiator, _) = Initiator::new(Arc::new(ann()), contact(&bob()), LINK, Seed::new([0x01; 32]));
    for byte in &answer[..answer.len() - 1] {
        initiator = more(initiator.read(&mut Bytes::copy_from_slice(&[*byte]), NOW_MS));
    }
    let mut rest = Bytes::copy_from_slice(&[answer[answer.len() - 1], 99]);
    assert_eq!(whole(initiator.read(&mut rest, NOW_MS)).unwrap().0, last, "the same seed writes the same");
    assert_eq!(rest, [99][..]);

    let (mut responder, _) = accept(bob(), &first, None, LINK).unwrap();
    for byte in &last[..last.len() - 1] {
        responder = more(responder.read(&mut Bytes::copy_from_slice(&[*byte]), NOW_MS));
    }
    let mut rest = Bytes::from([&last[last.len() - 1..], &record].concat());
    let (_, secured) = whole(responder.read(&mut rest, NOW_MS)).unwrap();
    assert_eq!(secured.keys.link().open(&rest).unwrap(), "early");
}

fn more<H>(progress: Result<Progress<H>, LinkError>) -> H {
    match progress {
        Ok(Progress::More(side)) => side,
        Ok(Progress::Secured { .. }) => panic!("secured before the message is whole"),
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn a_listener_finds_the_one_peer_that_is_meant_among_many() {
    let meant = bob();
    let (_, first) = Initiator::new(Arc::new(ann()), contact(&meant), NO_LINK, Seed::new([7; 32]));
    let other_swarm = Swarm { info_hash: InfoHash([9; 20]), ..meant.swarm.clone() };
    let next_key = Swarm { key: [9; 32].into(), ..meant.swarm.clone() };
    let keys = [
        ("another torrent", other_swarm.tag_key(meant.peer)),
        ("another peer", meant.swarm.tag_key(PeerId([9; 20]))),
        ("the group's next key", next_key.tag_key(meant.peer)),
        ("it", meant.swarm.tag_key(meant.peer)),
        ("yet another torrent", other_swarm.tag_key(PeerId([9; 20]))),
    ];
    let find = |keys: &[(&'static str, TagKey)]| {
        let Opening::Covey(first) = Greeting::new().read(&mut Bytes::copy_from_slice(&first)).unwrap() else {
            panic!("not whole")
        };
        first.find(keys.iter().map(|(name, key)| (*name, key))).map(|(name, _)| name)
    };
    assert_eq!(find(&keys), Ok("it"));
    assert_eq!(find(&keys[..3]), Err(LinkError::NotForUs));
    assert_eq!(find(&[]), Err(LinkError::NotForUs));
}

#[test]
fn plain_bittorrent_is_told_by_its_first_byte_and_left_in_the_input() {
    let mut input = Bytes::from_static(b"\x13BitTorrent protocol");
    assert!(matches!(Greeting::new().read(&mut input), Ok(Opening::Plain)));
    assert_eq!(input, "\x13BitTorrent protocol");
    let mut nothing = Bytes::new();
    assert!(matches!(Greeting::new().read(&mut nothing), Ok(Opening::More(FIRST_LEN))));
}

#[test]
fn what_is_neither_is_refused_by_its_first_two_bytes() {
    for begin in [&b"G"[..], b"GET /", &[0xc0, 0], &[0xc0, 2], &[0xc1]] {
        let error = Greeting::new().read(&mut Bytes::copy_from_slice(begin)).err();
        assert_eq!(error, Some(LinkError::UnknownVersion), "{begin:?}");
    }
    assert!(matches!(Greeting::new().read(&mut Bytes::from_static(&[0xc0, 1])), Ok(Opening::More(_))));
    let mut greeting = Greeting::new();
    greeting.read(&mut Bytes::from_static(&[0xc0])).unwrap();
    let late = greeting.read(&mut Bytes::from_static(&[0x13])).err();
    assert_eq!(late, Some(LinkError::UnknownVersion), "a 0x13 that is not the first byte is no plain handshake");
}

#[test]
fn nothing_that_is_printed_shows_a_secret() {
    let dialer = ann();
    let key = dialer.swarm.tag_key(bob().peer);
    let (initiator, first) = Initiator::new(Arc::new(ann()), contact(&bob()), LINK, Seed::new([0x01; 32]));
    let (responder, _) = accept(bob(), &first, None, LINK).unwrap();
    let link = link();
    let shown = format!("{dialer:?} {key:?} {initiator:?} {responder:?} {:?} {:?}", link.ann, Seed::new([0x61; 32]));
    for secret in ["6161", "97, 97", "a1a1", "161, 161", "info-hash", &INFO_HASH.to_string()] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
}
