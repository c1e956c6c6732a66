//! No decoder allocates more than a constant factor of what it was given: a header's claim costs nothing.

use allocation_counter::measure;
use ed25519_dalek::SigningKey;
use proptest::prelude::*;
use wire_protocol::control::{
    MESSAGE_LEN_MAX, PreviewFile, decode_from_member, decode_from_tracker, encode_from_member, encode_from_tracker,
};
use wire_protocol::invite::Invite;
use wire_protocol::link::LinkToken;
use wire_protocol::ticket::Ticket;

use crate::samples::{from_member, from_tracker};

/// What was read, against its bytes: a socket address is 7 bytes on the wire and 32 in memory, an empty peer
/// 60 and 200, and a growing list may hold twice what it needs and its old half.
const FACTOR: u64 = 16;
/// postcard makes room for as many elements as a list claims if at least that many bytes follow; the
/// largest element is this long in memory.
const ELEMENT: u64 = size_of::<PreviewFile>() as u64;
/// And never more than this: serde's caution.
const RESERVED_MAX: u64 = 1024 * 1024;
/// For what does not depend on the input at all.
const CONSTANT: u64 = 1024;
/// The most bytes that were allocated at once while this ran.
fn peak(run: impl FnOnce()) -> u64 {
    measure(run).bytes_max
}

fn check_control(bytes: &[u8]) {
    let len = bytes.len() as u64;
    let allowed = (ELEMENT * len).min(RESERVED_MAX) + FACTOR * len + CONSTANT;
    let member = peak(|| drop(decode_from_member(bytes)));
    assert!(member <= allowed, "{member} bytes for a member's message of {}", bytes.len());
    let tracker = peak(|| drop(decode_from_tracker(bytes)));
    assert!(tracker <= allowed, "{tracker} bytes for a tracker's message of {}", bytes.len());
}

/// Puts the largest lengths at every place of a message.
fn with_claims(message: &[u8]) -> Vec<Vec<u8>> {
    let claims: [&[u8]; 5] = [&[0x7f], &[0xff, 0x7f], &[0xff, 0xff, 0x03], &[0xff, 0xff, 0xff, 0x7f], &[0xff; 9]];
    let mut claimed = Vec::new();
    for at in 1..message.len() {
        for claim in claims {
            let mut bytes = [&message[..at], claim, &message[at + 1..]].concat();
            claimed.push(bytes.clone());
            bytes.resize(MESSAGE_LEN_MAX, 0);
            claimed.push(bytes);
        }
    }
    claimed
}

#[test]
fn a_length_that_a_control_message_claims_costs_no_more_than_its_bytes() {
    let mut valid: Vec<Vec<u8>> = from_member().iter().map(encode_from_member).collect();
    valid.extend(from_tracker().iter().map(encode_from_tracker));
    for message in valid {
        check_control(&message);
        with_claims(&message).iter().for_each(|bytes| check_control(bytes));
    }
}

proptest! {
    #[test]
    fn random_control_messages_cost_no_more_than_their_bytes(bytes in prop::collection::vec(any::<u8>(), 0..2000), zeros in 0..60_000_usize) {
        check_control(&[&[2], &bytes[..], &vec![0; zeros]].concat());
    }

    #[test]
    fn other_decoders_cost_no_more_than_their_bytes(bytes in prop::collection::vec(any::<u8>(), 0..3000)) {
        let allowed = FACTOR * bytes.len() as u64 + CONSTANT;
        let key = SigningKey::from_bytes(&[1; 32]).verifying_key();
        prop_assert!(peak(|| drop(LinkToken::open(&bytes, &key, 0))) <= allowed);
        prop_assert!(peak(|| drop(Ticket::open(&bytes, &key, 0))) <= allowed);
        let text = format!("https://a/j/{}", String::from_utf8_lossy(&bytes));
        prop_assert!(peak(|| drop(text.parse::<Invite>())) <= allowed);
    }
}
