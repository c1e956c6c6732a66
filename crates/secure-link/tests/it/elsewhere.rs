//! A driver that has the cipher itself, as a browser has: the same bytes as this crate's own.

use bytes::Bytes;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use secure_link::*;

use crate::world::{Attempt, ann, bob};

fn key(bytes: &[u8; 32]) -> LessSafeKey {
    LessSafeKey::new(UnboundKey::new(&AES_256_GCM, bytes).expect("32 bytes are a key"))
}

fn nonce(number: u64) -> Nonce {
    Nonce::assume_unique_for_key(Suite::AesGcm.nonce(number))
}

/// The keys of an open link whose two ends have AES.
fn keys() -> (LinkKeys, LinkKeys) {
    let with_aes = |local: Local| Local { has_aes: true, ..local };
    match Attempt::new(with_aes(ann()), with_aes(bob())).secured() {
        Ok((ann, bob, _)) => (ann.keys, bob.keys),
        Err(fault) => panic!("{fault:?}"),
    }
}

#[test]
fn what_is_sealed_elsewhere_is_opened_here_and_the_other_way_round() {
    let (ann, bob) = keys();
    assert_eq!((ann.suite(), bob.suite()), (Suite::AesGcm, Suite::AesGcm));
    assert_eq!(format!("{ann:?}"), "LinkKeys(AesGcm)", "without the keys");
    let (sealing, opening) = (key(ann.sealing()), key(ann.opening()));
    let (mut cutter, mut finder, mut bob) = (Cutter::default(), Finder::default(), bob.link());
    for len in [0, 1, 16_384, 30_702, 30_703, MESSAGE_PLAIN_MAX, 65_500, 245_000] {
        let plain = vec![len as u8; len];
        let cuts = cutter.cut(0, len).unwrap();
        let (mut sealed, mut at, sealed_len) = (Vec::new(), 0, cuts.sealed_len());
        for (number, len) in cuts {
            let mut record = plain[at..at + len].to_vec();
            sealing.seal_in_place_append_tag(nonce(number), Aad::empty(), &mut record).unwrap();
            sealed.extend_from_slice(&[&header(len)[..], &record].concat());
            at += len;
        }
        assert_eq!((sealed.len(), at), (sealed_len, len));
        assert_eq!(bob.open(&sealed).unwrap(), plain);

        let (mut back, mut opened) = (Vec::new(), Vec::new());
        bob.seal(&[Bytes::from(plain.clone())], &mut back).unwrap();
        for chunk in back.chunks(20_001) {
            finder
                .find(chunk, |number, sealed| {
                    let mut record = sealed.to_vec();
                    let plain = opening.open_in_place(nonce(number), Aad::empty(), &mut record);
                    opened.extend_from_slice(plain.map_err(|_| LinkError::Decrypt)?);
                    Ok(())
                })
                .unwrap();
        }
        assert_eq!(opened, plain);
    }
}
