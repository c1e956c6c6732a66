//! Golden bytes, made by tests/golden.py, which shares nothing with this crate.

mod sides;

use data_encoding::HEXLOWER;
use mse::{Cipher, Established, InfoHash, Initiator, Methods, MseError, Responder};
use sides::{done, more, seed};

const YA: &str = concat!(
    "9ca3be10af67261f185b97df8534d9ee7a9e97d55fde2ba825230e138fc256e31be61a9cc8d5e580ac8c2f918360f1e3",
    "b16aec77dc7a4b7954ce54e5f13690afb4de5c7518d7eef602ab9da0d5c9fe37aedacdcd0d6fa3fbb1870007ef728a27",
);
const YB: &str = concat!(
    "eea899441b5da7063cf2afce6bf504d45010a1f147fc0056c22f151a22bd60ef096e680c2ce09e74481811e49d25b262",
    "1cf7270a55ea2cda09e0a935cccb9a40f7174f30f7a8be04c69ff3c0fc0349c8a8aab975b53bfd8510bb2fa3e1281295",
);
const OFFER: &str = concat!(
    "3aefab6e8f8469747aedf72654174c39d7345e10e0aca339b5701a67a82249296b2e2137504af5ffe3142af3b4a2c26c",
    "07e497158999e1505f29d607da725e7e",
);
const SELECTION: &str = "586e0af64dce0e1c57ce077159ac2bbd";
const THEN_A: &str = "e15308baf5f4";
const THEN_B: &str = "fbb25e96859d";
const OWN_OFFER: &str = concat!(
    "3aefab6e8f8469747aedf72654174c39d7345e10e0aca339b5701a67a82249296b2e2137504af5ffe3142af3b4a2c26c",
    "07e49714899a8032",
);
const OWN_SELECTION: &str = "586e0af64dce0e1c57ce077159ae";
const THEN_A_OF_OWN: &str = "5a5bbc029f5f";
const THEN_B_OF_OWN: &str = "29aaf2ad11b9";

fn torrent() -> InfoHash {
    InfoHash(std::array::from_fn(|at| at as u8))
}

fn bytes(hex: &str) -> Vec<u8> {
    HEXLOWER.decode(hex.as_bytes()).expect("hex")
}

fn through(cipher: &mut Cipher, text: &[u8]) -> String {
    let mut text = text.to_vec();
    cipher.apply(&mut text);
    HEXLOWER.encode(&text)
}

#[test]
fn an_initiator_says_and_reads_what_another_implementation_does() {
    let (side, first) = Initiator::new(torrent(), Methods::RC4, &seed(0xa1, 0));
    assert_eq!(HEXLOWER.encode(&first), YA);
    let (side, offer) = more(side.read(&bytes(YB)).unwrap());
    assert_eq!(HEXLOWER.encode(&offer), OWN_OFFER);
    let answer = [&b"padding"[..], &bytes(SELECTION), &bytes(THEN_B)].concat();
    let (send, Established { ciphers, payload, info_hash }) = done(side.read(&answer).unwrap());
    assert_eq!((&send[..], &payload[..], info_hash), (&b""[..], &b"from B"[..], torrent()));
    assert_eq!(through(&mut ciphers.unwrap().send, b"from A"), THEN_A_OF_OWN);
}

#[test]
fn a_responder_says_and_reads_what_another_implementation_does() {
    let side = Responder::new(vec![InfoHash([9; 20]), torrent()], Methods::RC4, &seed(0xb2, 0));
    let (side, key) = more(side.read(&bytes(YA)).unwrap());
    assert_eq!(HEXLOWER.encode(&key), YB);
    let offer = [&b"padding"[..], &bytes(OFFER), &bytes(THEN_A)].concat();
    let (send, Established { ciphers, payload, info_hash }) = done(side.read(&offer).unwrap());
    assert_eq!(HEXLOWER.encode(&send), OWN_SELECTION);
    assert_eq!((&payload[..], info_hash), (&b"hellofrom A"[..], torrent()));
    assert_eq!(through(&mut ciphers.unwrap().send, b"from B"), THEN_B_OF_OWN);
}

#[test]
fn a_torrent_that_is_not_served_is_not_told_from_none() {
    let side = Responder::new(vec![InfoHash([9; 20])], Methods::ALL, &seed(0xb2, 0));
    let (side, _) = more(side.read(&bytes(YA)).unwrap());
    assert_eq!(side.read(&bytes(OFFER)).unwrap_err(), MseError::NotServed);
}

#[test]
fn what_is_no_handshake_is_answered_with_a_key_and_no_more() {
    let side = Responder::new(vec![torrent()], Methods::ALL, &seed(0xb2, 512));
    let (side, key) = more(side.read(&[0x47; 96]).unwrap());
    assert_eq!(key.len(), 96 + 512);
    // As long as a hash may still follow the longest padding.
    let (side, none) = more(side.read(&[0x47; 512 + 19]).unwrap());
    assert!(none.is_empty());
    assert_eq!(side.read(&[0x47]).unwrap_err(), MseError::NotFound);
}

#[test]
fn a_method_that_was_not_offered_is_not_taken() {
    let mut wrong = bytes(OWN_OFFER);
    // The low byte of the offer: RC4 becomes a method of later days.
    wrong[40 + 11] ^= 2 ^ 4;
    let side = Responder::new(vec![torrent()], Methods::ALL, &seed(0xb2, 0));
    let (side, _) = more(side.read(&bytes(YA)).unwrap());
    assert_eq!(side.read(&wrong).unwrap_err(), MseError::NoCommonMethod);
    let (side, _) = Initiator::new(torrent(), Methods::RC4, &seed(0xa1, 0));
    let (side, _) = more(side.read(&bytes(YB)).unwrap());
    let mut wrong = bytes(OWN_SELECTION);
    wrong[11] ^= 2 ^ 1;
    assert_eq!(side.read(&wrong).unwrap_err(), MseError::NoCommonMethod);
}

#[test]
fn padding_is_bounded_and_zeros_are_zeros() {
    let read = |offer: &[u8]| {
        let side = Responder::new(vec![torrent()], Methods::ALL, &seed(0xb2, 0));
        let (side, _) = more(side.read(&bytes(YA)).unwrap());
        side.read(offer).map(drop).unwrap_err()
    };
    let mut long = bytes(OFFER);
    long[40 + 12] ^= 2;
    assert_eq!(read(&long), MseError::PaddingTooLong(515));
    let mut damaged = bytes(OFFER);
    damaged[40] ^= 1;
    assert_eq!(read(&damaged), MseError::Decrypt);
}

#[test]
fn plaintext_is_selected_where_both_take_it_and_the_initial_payload_is_encrypted_all_the_same() {
    let (side, first) = Initiator::new(torrent(), Methods::ALL, &seed(0xa1, 20));
    let acceptor = Responder::new(vec![torrent()], Methods::ALL, &seed(0xb2, 30));
    let (acceptor, key) = more(acceptor.read(&first).unwrap());
    let (side, offer) = more(side.read(&key).unwrap());
    let (selection, accepted) = done(acceptor.read(&[&offer[..], b"clear"].concat()).unwrap());
    let (_, dialed) = done(side.read(&[&selection[..], b"words"].concat()).unwrap());
    assert!(accepted.ciphers.is_none() && dialed.ciphers.is_none());
    assert_eq!((&accepted.payload[..], &dialed.payload[..]), (&b"clear"[..], &b"words"[..]));
}
