//! docs/protocol.md and the code say the same, byte for byte, in both directions.

use std::collections::BTreeMap;

use bytes::{Bytes, BytesMut};
use ed25519_dalek::SigningKey;
use serde::Serialize;
use wire_protocol::control::*;
use wire_protocol::invite::Invite;
use wire_protocol::link::{LinkSide, LinkToken};
use wire_protocol::peer_wire::{Decoder, ExtensionHandshake, Handshake, Message};

use crate::documented::vectors;
use crate::samples::*;

fn encoded(message: &Message) -> Vec<u8> {
    let mut bytes = BytesMut::new();
    message.encode(&mut bytes);
    bytes.to_vec()
}

fn signing_key() -> SigningKey {
    SigningKey::from_bytes(&[0xaa; 32])
}

/// What this crate writes for every name.
fn written() -> BTreeMap<&'static str, Vec<u8>> {
    let mut written = BTreeMap::new();
    written.insert("handshake", handshake().encode().to_vec());
    written.insert("link-token", link_token().seal(&signing_key()));
    written.insert("login-digest", login_digest(&hello(), &login().origin, &login().member).to_vec());
    written.insert("invite-auth", invite().auth_key().to_vec());
    let peer = peer_messages().into_iter().map(|message| (peer_message_name(&message), encoded(&message)));
    let member = from_member().into_iter().map(|message| (from_member_name(&message), encode_from_member(&message)));
    let tracker =
        from_tracker().into_iter().map(|message| (from_tracker_name(&message), encode_from_tracker(&message)));
    for (name, bytes) in peer.chain(member).chain(tracker) {
        assert!(written.insert(name, bytes).is_none(), "two samples for {name}");
    }
    written
}

fn invite() -> Invite {
    "https://share.example/j/lively-otter#AAECAwQFBgcICQoLDA0ODw".parse().expect("an invite")
}

#[test]
fn every_documented_vector_is_what_is_written_and_every_message_is_documented() {
    let (documented, written) = (vectors(), written());
    for (name, bytes) in &written {
        let documented = documented.get(name).unwrap_or_else(|| panic!("{name} is not in docs/protocol.md"));
        let (documented, bytes) = (hex(documented), hex(bytes));
        assert_eq!(documented, bytes, "{name}: docs/protocol.md on the left, the code on the right");
    }
    let names = |vectors: &BTreeMap<&'static str, Vec<u8>>| vectors.keys().copied().collect::<Vec<_>>();
    assert_eq!(names(&documented), names(&written));
}

fn hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}

#[test]
fn every_documented_vector_is_read_as_the_value_that_it_stands_for() {
    let vectors = vectors();
    for message in from_member() {
        assert_eq!(decode_from_member(&vectors[from_member_name(&message)]), Ok(message));
    }
    for message in from_tracker() {
        assert_eq!(decode_from_tracker(&vectors[from_tracker_name(&message)]), Ok(message));
    }
    for message in peer_messages() {
        let mut decoder = Decoder::new(PIECES);
        decoder.push(vectors["handshake"].clone().into());
        assert_eq!(decoder.next_handshake(), Ok(Some(handshake())));
        decoder.push(vectors[peer_message_name(&message)].clone().into());
        assert_eq!(decoder.next_message(), Ok(Some(message)));
        assert_eq!(decoder.next_message(), Ok(None));
    }
    let token = LinkToken::open(&vectors["link-token"], &signing_key().verifying_key(), 0);
    assert_eq!(token, Ok(link_token()));
}

/// The number that postcard gives a variant.
fn number(value: &impl Serialize) -> u8 {
    postcard::to_stdvec(value).expect("an enum always encodes")[0]
}

#[test]
fn small_enums_keep_their_numbers() {
    let refusals = [
        RefusalCode::BadLogin,
        RefusalCode::UnknownGroup,
        RefusalCode::BadInvite,
        RefusalCode::NotAllowed,
        RefusalCode::UnknownFile,
        RefusalCode::BadRequest,
        RefusalCode::TooMany,
        RefusalCode::ServerError,
        RefusalCode::UnknownVersion,
    ];
    assert!(refusals.iter().map(number).eq(0..9));
    let dials = [DialRefusal::NoSuchPeer, DialRefusal::AlreadyLinked, DialRefusal::TooMany, DialRefusal::NotAnnounced];
    assert!(dials.iter().map(number).eq(0..4));
    let announces = [
        AnnounceRefusal::NoSuchFile,
        AnnounceRefusal::TooMany,
        AnnounceRefusal::SwarmFull,
        AnnounceRefusal::BadProgress,
    ];
    assert!(announces.iter().map(number).eq(0..4));
    assert_eq!((number(&Source::Session), number(&Source::Announced)), (0, 1));
    assert_eq!((number(&Role::Member), number(&Role::Admin)), (0, 1));
    assert_eq!((number(&LinkSide::Dialer), number(&LinkSide::Acceptor)), (0, 1));
}

#[test]
fn envelopes_of_other_versions_and_lengths_are_refused() {
    let good = encode_from_tracker(&TrackerToMember::Restarting { after_ms: 1 });
    assert_eq!(decode_from_tracker(&[]), Err(DecodeError::Empty));
    assert_eq!(decode_from_tracker(&[&[1], &good[1..]].concat()), Err(DecodeError::UnknownVersion(1)));
    assert_eq!(decode_from_tracker(&[&good[..], &[0]].concat()), Err(DecodeError::Malformed));
    assert_eq!(decode_from_tracker(&[2, 99]), Err(DecodeError::Malformed), "a variant of a newer tracker");
    assert_eq!(decode_from_tracker(&vec![2; MESSAGE_LEN_MAX + 1]), Err(DecodeError::TooLong));
    for len in 0..good.len() {
        assert!(decode_from_tracker(&good[..len]).is_err(), "cut to {len}");
    }
}

#[test]
fn a_login_with_all_its_resume_points_fits_before_login_and_a_full_list_of_peers_after() {
    let mut full = login();
    full.display_name = "\u{1F600}".repeat(DISPLAY_NAME_CHARS_MAX);
    full.origin = "h".repeat(ORIGIN_LEN_MAX);
    full.resume = vec![ResumePoint { seq: u64::MAX, ..full.resume[0] }; RESUME_POINTS_MAX];
    assert!(encode_from_member(&MemberToTracker::Login(full)).len() <= MESSAGE_LEN_MAX_BEFORE_LOGIN);
    let bytes = vec![0; INFO_PART_LEN_MAX];
    let part =
        MemberToTracker::InfoPart(InfoPart { file: wire_protocol::ids::FileId([0; 16]), offset: u32::MAX, bytes });
    assert!(encode_from_member(&part).len() <= MESSAGE_LEN_MAX);
    let usual = from_tracker().into_iter().find_map(|message| match message {
        TrackerToMember::SwarmPeers(list) => {
            let (peers, left) = (vec![list.peers[0].clone(); LIST_LEN_MAX], vec![list.left[0]; LIST_LEN_MAX]);
            Some(TrackerToMember::SwarmPeers(SwarmPeers { peers, left, ..list }))
        }
        _ => None,
    });
    assert!(encode_from_tracker(&usual.unwrap()).len() <= MESSAGE_LEN_MAX);
}

#[test]
fn a_handshake_of_another_client_is_read_and_another_protocol_is_not() {
    let mut bytes = handshake().encode();
    bytes[20..28].fill(0xff);
    assert_eq!(Handshake::decode(&bytes), Some(handshake()));
    bytes[20..28].fill(0);
    let plain = Handshake::decode(&bytes).unwrap();
    assert!(!plain.reserved.fast && !plain.reserved.extensions);
    assert_eq!(plain.encode(), bytes);
    bytes[5] ^= 1;
    assert_eq!(Handshake::decode(&bytes), None);
}

#[test]
fn extension_handshakes_of_other_clients_are_read() {
    let read = |text: &[u8]| ExtensionHandshake::decode(text);
    assert_eq!(read(b"de"), Some(ExtensionHandshake::default()));
    let libtorrent = b"d12:complete_agoi1e1:md11:lt_donthavei7e10:share_modei8e11:upload_onlyi3e12:ut_holepunchi4e\
        11:ut_metadatai2e6:ut_pexi1ee13:metadata_sizei31235e4:reqqi2000e11:upload_onlyi1e1:v18:libtorrent/2.0.9.06:yourip4:\x7f\0\0\x01e";
    let expected = ExtensionHandshake {
        client: Some("libtorrent/2.0.9.0".to_owned()),
        request_queue_max: Some(2000),
        upload_only: true,
    };
    assert_eq!(read(libtorrent), Some(expected));
    assert_eq!(read(b"d4:reqqi-5e1:v3:a\0be").unwrap().client.as_deref(), Some("ab"));
    assert_eq!(read(b"d4:reqqi-5ee").unwrap().request_queue_max, None);
    assert_eq!(read(b"le"), None);
    assert_eq!(read(b"d1:m"), None);
    assert_eq!(read(&[&b"d1:x"[..], &[b'l'; 100_000]].concat()), None);
    let sample = ExtensionHandshake { client: None, request_queue_max: None, upload_only: false };
    assert_eq!(sample.encode(), b"d1:mdee");
    assert_eq!(read(&[sample.encode(), b"behind".to_vec()].concat()), Some(sample));
}

#[test]
fn messages_that_are_not_known_are_skipped() {
    let mut decoder = Decoder::new(PIECES);
    decoder.push(Bytes::copy_from_slice(&handshake().encode()));
    decoder.next_handshake().unwrap();
    decoder.push(Bytes::from_static(&[0, 0, 0, 3, 9, 0x1a, 0xe1, 0, 0, 0, 1, 2]));
    assert_eq!(decoder.next_message(), Ok(Some(Message::Unknown(9))), "the DHT port of BEP 5");
    assert_eq!(decoder.next_message(), Ok(Some(Message::Interested)));
}
