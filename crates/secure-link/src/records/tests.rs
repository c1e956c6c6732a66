//! What only the inside knows: other implementations, and the end of the numbers.

use snow::params::NoiseParams;

use super::cipher::portable;
use super::*;
use crate::noise::{self, Seed};

/// Both ends of a finished handshake, without proofs.
fn ends() -> (HandshakeState, HandshakeState) {
    let mut ann = noise::handshake(true, b"", &[3; 32], &Seed::new([1; 32]));
    let mut bob = noise::handshake(false, b"", &[3; 32], &Seed::new([2; 32]));
    for from_ann in [true, false, true] {
        let (from, to) = if from_ann { (&mut ann, &mut bob) } else { (&mut bob, &mut ann) };
        let message = noise::write(from, b"payload");
        assert_eq!(noise::read(to, &message).as_deref(), Some(&b"payload"[..]));
    }
    (ann, bob)
}

#[test]
fn records_are_transport_messages_of_the_noise_protocol_in_both_directions() {
    assert!(noise::PROTOCOL.parse::<NoiseParams>().is_ok());
    for (mut ann, bob) in [ends(), (ends().1, ends().0)] {
        let mut link = SecureLink::new(&mut ann);
        let mut bob = bob.into_transport_mode().unwrap();
        for plain in [&b"one"[..], &[7; 20_000]] {
            let (mut sealed, mut opened) = (Vec::new(), vec![0; 65_535]);
            link.seal(&[Bytes::copy_from_slice(plain)], &mut sealed).unwrap();
            let len = bob.read_message(&sealed[HEADER_LEN..], &mut opened).unwrap();
            assert_eq!(&opened[..len], plain);
            let len = bob.write_message(plain, &mut opened).unwrap();
            let record = [&u16::try_from(len).unwrap().to_be_bytes(), &opened[..len]].concat();
            assert_eq!(link.open(&record).unwrap(), plain);
        }
    }
}

#[test]
fn both_implementations_of_the_cipher_write_the_same() {
    let (native, portable) = (RecordCipher::new(&[5; 32]), portable::RecordCipher::new(&[5; 32]));
    for len in [0, 1, 63, 64, 65, 1_000, RECORD_PLAIN_MAX] {
        let (mut first, mut second) = (vec![9; len], vec![9; len]);
        let tag = native.seal(len as u64, &mut first);
        assert_eq!(portable.seal(len as u64, &mut second), tag);
        assert_eq!(first, second);
        assert!(native.open(len as u64, &mut second, &tag));
        assert!(portable.open(len as u64, &mut first, &tag));
        assert!(!portable.open(len as u64 + 1, &mut first, &tag));
        assert_eq!(second, vec![9; len]);
    }
}

#[test]
fn a_link_ends_long_before_its_numbers_do() {
    let mut sealer = Sealer::new(&[1; 32]);
    let mut opener = Opener::new(&[1; 32]);
    (sealer.records, opener.records) = (RECORDS_MAX - 2, RECORDS_MAX - 2);
    let (segment, mut out) = ([Bytes::from_static(b"x")], Vec::new());
    sealer.seal(&segment, &mut out).unwrap();
    assert_eq!(opener.open(&out).unwrap(), "x");
    let before = out.clone();
    assert_eq!(sealer.seal(&segment, &mut out), Err(LinkError::Exhausted));
    assert_eq!(out, before);
    opener.records = RECORDS_MAX;
    assert_eq!(opener.open(&before), Err(LinkError::Exhausted));
}
