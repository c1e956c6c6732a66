//! Any bytes at every decoder: a value or an error, never a panic.

use ed25519_dalek::SigningKey;
use proptest::prelude::*;
use wire_protocol::control::{decode_from_member, decode_from_tracker, encode_from_member, encode_from_tracker};
use wire_protocol::invite::Invite;
use wire_protocol::link::LinkToken;
use wire_protocol::ticket::Ticket;

use crate::damage::damaged;
use crate::samples::{from_member, from_tracker, link_token, ticket};

/// What is read is written again as something that is read the same: a decoder invents nothing.
fn check(bytes: &[u8]) {
    if let Ok(message) = decode_from_member(bytes) {
        assert_eq!(decode_from_member(&encode_from_member(&message)), Ok(message));
    }
    if let Ok(message) = decode_from_tracker(bytes) {
        assert_eq!(decode_from_tracker(&encode_from_tracker(&message)), Ok(message));
    }
    let key = SigningKey::from_bytes(&[0xaa; 32]).verifying_key();
    assert!(LinkToken::open(bytes, &key, 0).is_err());
    assert!(Ticket::open(bytes, &key, 0).is_err());
    if let Ok(invite) = String::from_utf8_lossy(bytes).parse::<Invite>() {
        assert_eq!(invite.to_string().parse(), Ok(invite));
    }
}

proptest! {
    #[test]
    fn random_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..500)) {
        check(&bytes);
        check(&[&[2], &bytes[..]].concat());
    }

    #[test]
    fn damaged_control_messages_are_survived(
        which in any::<prop::sample::Index>(),
        damages in prop::collection::vec((any::<prop::sample::Index>(), 0..3_u8, any::<u8>()), 1..4),
    ) {
        let mut valid: Vec<Vec<u8>> = from_member().iter().map(encode_from_member).collect();
        valid.extend(from_tracker().iter().map(encode_from_tracker));
        let mut bytes = which.get(&valid).clone();
        for (at, how, byte) in damages {
            if !bytes.is_empty() {
                bytes = damaged(bytes, at, how, byte);
            }
        }
        check(&bytes);
    }

    #[test]
    fn a_damaged_token_admits_nobody(at in any::<prop::sample::Index>(), how in 0..3_u8, byte in any::<u8>()) {
        let key = SigningKey::from_bytes(&[0xaa; 32]);
        let valid = link_token().seal(&key);
        let bytes = damaged(valid.clone(), at, how, byte);
        prop_assert_eq!(LinkToken::open(&bytes, &key.verifying_key(), 0).is_ok(), bytes == valid);
    }

    #[test]
    fn a_damaged_ticket_makes_nobody_a_member(at in any::<prop::sample::Index>(), how in 0..3_u8, byte in any::<u8>()) {
        let key = SigningKey::from_bytes(&[0xaa; 32]);
        let valid = ticket().seal(&key);
        let bytes = damaged(valid.clone(), at, how, byte);
        let read = Ticket::open(&bytes, &key.verifying_key(), ticket().issued_ms);
        prop_assert_eq!(read.is_ok(), bytes == valid);
    }

    #[test]
    fn damaged_invites_are_survived(at in any::<prop::sample::Index>(), how in 0..3_u8, byte in any::<u8>()) {
        let valid = b"https://share.example:8080/covey/j/lively-otter#AAECAwQFBgcICQoLDA0ODw".to_vec();
        check(&damaged(valid, at, how, byte));
    }

    #[test]
    fn any_text_is_an_invite_or_an_error(text in "(http://|https://)?[a-z\\[/.:]{0,20}(/j/)?[a-z-]{0,10}#?[A-Za-z0-9_-]{20,24}|\\PC{0,60}") {
        check(text.as_bytes());
    }
}
