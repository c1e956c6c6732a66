//! What only the inside knows: other implementations, and the end of the numbers.

use snow::HandshakeState;
use snow::params::NoiseParams;

use super::cipher::{Suite, portable};
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
        let mut link = LinkKeys::new(&mut ann, Suite::ChaChaPoly).link();
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
    let suite = Suite::ChaChaPoly;
    let (native, portable) = (RecordCipher::new(suite, &[5; 32]), portable::RecordCipher::new(suite, &[5; 32]));
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

/// Test case 14 of "The Galois/Counter Mode of Operation (GCM)" (McGrew, Viega): a block of zeros under a key of zeros,
/// at number 0.
#[test]
fn aes_records_are_the_standards_gcm_and_their_number_is_big_endian() {
    let cipher = RecordCipher::new(Suite::AesGcm, &[0; 32]);
    let mut block = [0; 16];
    let tag = cipher.seal(0, &mut block);
    assert_eq!(block, 0xcea7_403d_4d60_6b6e_074e_c5d3_baf3_9d18_u128.to_be_bytes());
    assert_eq!(tag, 0xd0d1_c8a7_9999_6bf0_265b_98b5_d48a_b919_u128.to_be_bytes());
    assert!(cipher.open(0, &mut block, &tag));
    assert_eq!(block, [0; 16]);
    assert_eq!(Suite::AesGcm.nonce(0x0102), [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2]);
    assert_eq!(Suite::ChaChaPoly.nonce(0x0102), [0, 0, 0, 0, 2, 1, 0, 0, 0, 0, 0, 0]);
}

#[test]
fn a_link_ends_long_before_its_numbers_do() {
    let mut sealer = Sealer::new(Suite::ChaChaPoly, &[1; 32]);
    let mut opener = Opener::new(Suite::ChaChaPoly, &[1; 32]);
    (sealer.cutter.records, opener.finder.records) = (RECORDS_MAX - 2, RECORDS_MAX - 2);
    let (segment, mut out) = ([Bytes::from_static(b"x")], Vec::new());
    sealer.seal(&segment, &mut out).unwrap();
    assert_eq!(opener.open(&out).unwrap(), "x");
    let before = out.clone();
    assert_eq!(sealer.seal(&segment, &mut out), Err(LinkError::Exhausted));
    assert_eq!(out, before);
    opener.finder.records = RECORDS_MAX;
    assert_eq!(opener.open(&before), Err(LinkError::Exhausted));
}
