//! docs/protocol.md and the code say the same, byte for byte, in both directions.

use std::collections::BTreeMap;

use bytes::{Bytes, BytesMut};
use peer_wire::{BEHIND_MAX, Behind, Decoder, ExtensionHandshake, ExtensionIds, Handshake, InfoHash, Message, NotAnId};

use crate::documented::{PEER_WIRE, vectors};
use crate::samples::*;

fn encoded(message: &Message) -> Vec<u8> {
    let mut bytes = BytesMut::new();
    message.encode(&mut bytes);
    bytes.to_vec()
}

/// What this crate writes for every name.
fn written() -> BTreeMap<&'static str, Vec<u8>> {
    let mut written = BTreeMap::from([("handshake", handshake().encode().to_vec())]);
    for message in messages() {
        let name = message_name(&message);
        assert!(written.insert(name, encoded(&message)).is_none(), "two samples for {name}");
    }
    written
}

#[test]
fn every_documented_vector_is_what_is_written_and_every_message_is_documented() {
    let (documented, written) = (vectors(|chapter| chapter == PEER_WIRE), written());
    for (name, bytes) in &written {
        let documented = documented.get(name).unwrap_or_else(|| panic!("{name} is not in docs/protocol.md"));
        assert_eq!(hex(documented), hex(bytes), "{name}: docs/protocol.md on the left, the code on the right");
    }
    assert!(documented.keys().eq(written.keys()), "{:?}", documented.keys());
}

fn hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}

#[test]
fn every_documented_vector_is_read_as_the_value_that_it_stands_for() {
    let vectors = vectors(|chapter| chapter == PEER_WIRE);
    for message in messages() {
        let mut decoder = Decoder::new(PIECES);
        decoder.push(vectors["handshake"].clone().into());
        assert_eq!(decoder.next_handshake(), Ok(Some(handshake())));
        decoder.push(vectors[message_name(&message)].clone().into());
        assert_eq!(decoder.next_message(), Ok(Some(message)));
        assert_eq!(decoder.next_message(), Ok(None));
    }
}

#[test]
fn ids_are_read_in_either_case_and_at_their_full_length_only() {
    let id = InfoHash([0xab; 20]);
    assert_eq!(id.to_string().parse(), Ok(id));
    assert_eq!("AB".repeat(20).parse(), Ok(id));
    for text in ["", "ab", &"ab".repeat(19), &"ab".repeat(21), &"zz".repeat(20)] {
        assert_eq!(text.parse::<InfoHash>(), Err(NotAnId), "{text}");
    }
    assert_eq!(id.short(), "abababab");
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
        ids: ExtensionIds { metadata: Some(2), pex: Some(1), dont_have: Some(7) },
        metadata_len: Some(31_235),
        port: None,
        behind: None,
    };
    assert_eq!(read(libtorrent), Some(expected));
    assert_eq!(read(b"d4:reqqi-5e1:v3:a\0be").unwrap().client.as_deref(), Some("ab"));
    assert_eq!(read(b"d4:reqqi-5ee").unwrap().request_queue_max, None);
    assert_eq!(read(b"le"), None);
    assert_eq!(read(b"d1:m"), None);
    assert_eq!(read(&[&b"d1:x"[..], &[b'l'; 100_000]].concat()), None);
    let sample = ExtensionHandshake::default();
    assert_eq!(sample.encode(), b"d1:mdee");
    assert_eq!(read(&[sample.encode(), b"behind".to_vec()].concat()), Some(sample));
}

#[test]
fn a_bridge_names_the_clients_behind_it_and_no_more_than_eight_are_read() {
    let named = |client: &str, is_banned| Behind { client: client.to_owned(), is_banned };
    let behind = vec![named("qBittorrent 4.5.2", true), named("Transmission 3.00", false)];
    let handshake = ExtensionHandshake { behind: Some(behind), ..ExtensionHandshake::default() };
    let golden = b"d9:cv_bannedl17:qBittorrent 4.5.2e9:cv_behindl17:Transmission 3.00e1:mdee";
    assert_eq!(String::from_utf8_lossy(&handshake.encode()), String::from_utf8_lossy(golden));
    assert_eq!(ExtensionHandshake::decode(golden), Some(handshake));

    let nobody = ExtensionHandshake { behind: Some(Vec::new()), ..ExtensionHandshake::default() };
    assert_eq!(ExtensionHandshake::decode(&nobody.encode()), Some(nobody));
    let many = [&b"d9:cv_behindl"[..], &b"2:\x1bai1e".repeat(20), b"ee"].concat();
    let read = ExtensionHandshake::decode(&many).unwrap().behind.unwrap();
    assert_eq!(
        read,
        vec![named("a", false); BEHIND_MAX],
        "what is no name is skipped, and nothing unprintable is kept"
    );
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
