//! Any bytes, in any pieces: never a panic, never a link, never a wrong byte.

use std::sync::Arc;

use bytes::Bytes;
use proptest::prelude::*;
use secure_link::*;

use crate::world::*;

fn cut(bytes: &[u8], lens: &[usize]) -> Vec<Vec<u8>> {
    let mut rest = bytes;
    let mut chunks = Vec::new();
    for len in lens.iter().cycle().take(bytes.len() + 1) {
        let (chunk, behind) = rest.split_at((*len).min(rest.len()));
        chunks.push(chunk.to_vec());
        rest = behind;
    }
    chunks.push(rest.to_vec());
    chunks
}

fn is_secured<H>(progress: Result<Progress<H>, LinkError>) -> bool {
    matches!(progress, Ok(Progress::Secured { .. }))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_was_sealed_opens_however_it_is_cut(
        segments in prop::collection::vec(0..40_000_usize, 0..6),
        batch in 1..4_usize,
        lens in prop::collection::vec(prop_oneof![0..40_usize, 1000..70_000_usize], 1..8),
    ) {
        prop_assume!(lens.iter().any(|len| *len > 0));
        let mut link = link();
        let segments: Vec<Bytes> =
            segments.iter().zip(0_u8..).map(|(len, byte)| Bytes::from(vec![byte; *len])).collect();
        let mut sealed = Vec::new();
        for batch in segments.chunks(batch) {
            link.ann.link.seal(batch, &mut sealed).unwrap();
        }
        let mut opened = Vec::new();
        for chunk in cut(&sealed, &lens) {
            opened.extend_from_slice(&link.bob.link.open(&chunk).unwrap());
        }
        prop_assert!(opened == segments.concat());
    }

    #[test]
    fn a_handshake_with_a_damaged_byte_never_opens(which in 0..3_usize, at in any::<prop::sample::Index>(), bit in 0..8_u8) {
        let mut crossed = link().crossed;
        let at = at.index(crossed[which].len());
        crossed[which][at] ^= 1 << bit;
        let [first, answer, last] = crossed;
        let (initiator, _) = Initiator::new(Arc::new(ann()), contact(&bob()), LINK, Seed::new([0x01; 32]));
        if which == 1 {
            let read = initiator.read(&mut Bytes::from(answer), NOW_MS);
            prop_assert!(!is_secured(read));
        } else if first[..2] == [0xc0, 1] {
            match accept(bob(), &first, None, LINK) {
                Err(_) => prop_assert!(which == 0),
                Ok((responder, _)) => {
                    prop_assert!(which == 2);
                    let read = responder.read(&mut Bytes::from(last), NOW_MS);
                    prop_assert!(!is_secured(read));
                }
            }
        }
    }

    #[test]
    fn random_bytes_open_nothing(bytes in prop::collection::vec(any::<u8>(), 0..700), len in 97..500_u16) {
        let whole = [&[0xc0, 1], &bytes[..]].concat();
        let key = bob().swarm.tag_key(bob().peer);
        if let Ok(Opening::Covey(first)) = Greeting::new().read(&mut Bytes::from(whole)) {
            prop_assert!(first.find([((), &key)]).is_err());
        }
        let framed = Bytes::from([&len.to_be_bytes(), &bytes[..]].concat());
        for input in [framed, Bytes::from(bytes)] {
            let (initiator, first) = Initiator::new(Arc::new(ann()), contact(&bob()), LINK, Seed::new([1; 32]));
            prop_assert!(!is_secured(initiator.read(&mut input.clone(), NOW_MS)));
            let (responder, _) = accept(bob(), &first, None, LINK).unwrap();
            prop_assert!(!is_secured(responder.read(&mut input.clone(), NOW_MS)));
            let opened = link().bob.link.open(&input);
            prop_assert!(opened.map_or(true, |plain| plain.is_empty()));
        }
    }
}
