//! Records: their sizes, and everything that somebody in the middle can do to them.

use bytes::Bytes;
use secure_link::*;

use crate::world::link;

/// Some records of one direction, and who reads them.
fn records(plain: &[&[u8]]) -> (Vec<Vec<u8>>, Opener) {
    let link = link();
    let mut sealer = link.ann.link.sealer;
    let sealed = plain.iter().map(|plain| {
        let mut record = Vec::new();
        sealer.seal(&[Bytes::copy_from_slice(plain)], &mut record).expect("a new link carries records");
        record
    });
    (sealed.collect(), link.bob.link.opener)
}

#[test]
fn whatever_is_dropped_moved_replayed_or_sent_back_ends_the_link() {
    let (first, second, third) = (0, 1, 2);
    let damages: [&[usize]; 6] = [
        &[second],
        &[first, third],
        &[second, first],
        &[first, first],
        &[first, second, first],
        &[first, third, second],
    ];
    for damage in damages {
        let (records, mut opener) = records(&[b"first", b"second", b"third"]);
        let results: Vec<_> = damage.iter().map(|at| opener.open(&records[*at])).collect();
        assert_eq!(results.last(), Some(&Err(LinkError::Decrypt)), "{damage:?}");
    }
    let mut link = link();
    let mut own = Vec::new();
    link.ann.link.seal(&[Bytes::from_static(b"own")], &mut own).unwrap();
    assert_eq!(link.ann.link.open(&own), Err(LinkError::Decrypt), "a reflection");
}

#[test]
fn a_broken_link_reads_nothing_more() {
    let (records, mut opener) = records(&[b"first", b"second"]);
    assert_eq!(opener.open(&records[1]), Err(LinkError::Decrypt));
    assert_eq!(opener.open(&records[0]), Err(LinkError::Decrypt));
    assert_eq!(opener.open(&[]), Err(LinkError::Decrypt));
}

#[test]
fn every_bit_of_a_record_counts() {
    let (records, _) = records(&[b"first"]);
    for bit in 0..records[0].len() * 8 {
        let mut opener = link().bob.link.opener;
        let mut record = records[0].clone();
        record[bit / 8] ^= 1 << (bit % 8);
        // A longer length waits for more, and does not decrypt then.
        let read = opener.open(&record).and_then(|plain| match plain.is_empty() {
            true => opener.open(&[0; 40_000]),
            false => Ok(plain),
        });
        assert!(read.is_err(), "bit {bit}");
    }
}

#[test]
fn lengths_that_no_record_has_are_refused_by_their_header() {
    for len in [0_u16, 1, 16, 32 * 1024 + 17, 65_535] {
        let mut opener = link().bob.link.opener;
        assert_eq!(opener.open(&len.to_be_bytes()), Err(LinkError::Malformed), "{len}");
    }
    for len in [17_u16, 32 * 1024 + 16] {
        let mut opener = link().bob.link.opener;
        assert_eq!(opener.open(&len.to_be_bytes()), Ok(Bytes::new()), "{len}");
        assert_eq!(opener.open(&vec![0; usize::from(len)]), Err(LinkError::Decrypt), "{len}");
    }
}

#[test]
fn a_record_that_is_cut_off_gives_nothing() {
    let (records, _) = records(&[b"first"]);
    for len in 0..records[0].len() {
        assert_eq!(link().bob.link.opener.open(&records[0][..len]), Ok(Bytes::new()));
    }
}

#[test]
fn no_more_than_one_record_is_held() {
    let (records, mut opener) = records(&[&[7; RECORD_PLAIN_MAX / 2], b"second"]);
    for byte in &records[0][..records[0].len() - 1] {
        assert!(opener.open(&[*byte]).unwrap().is_empty());
    }
    assert!(format!("{opener:?}").contains(&format!("{} bytes", records[0].len() - 1)));
    let rest = [&records[0][records[0].len() - 1..], &records[1], &[0]].concat();
    assert_eq!(opener.open(&rest).unwrap().len(), RECORD_PLAIN_MAX / 2 + 6);
    assert!(format!("{opener:?}").contains("1 bytes"));
}

#[test]
fn all_of_a_chunk_comes_in_one_buffer() {
    let (records, mut opener) = records(&[&[1; 16_384], &[2; 16_384], b"third"]);
    let plain = opener.open(&records.concat()).unwrap();
    assert_eq!(plain, [&[1; 16_384][..], &[2; 16_384], b"third"].concat());
}

#[test]
fn two_full_records_are_one_message_of_sixty_kibibytes() {
    let mut link = link();
    let mut message = Vec::new();
    link.ann.link.seal(&[Bytes::from(vec![7; MESSAGE_PLAIN_MAX])], &mut message).unwrap();
    assert_eq!(message.len(), 60 * 1024);
    assert_eq!(link.bob.link.open(&message).unwrap().len(), MESSAGE_PLAIN_MAX);
}

#[test]
fn no_message_fits_into_a_power_of_two_only_without_its_header() {
    let mut link = link();
    for power in [4096, 8192, 16_384, 32_768, 65_536, 131_072] {
        for plain in power - 120..power + 20 {
            let mut message = Vec::new();
            link.ann.link.seal(&[Bytes::from(vec![7; plain])], &mut message).unwrap();
            let spare = message.len().next_power_of_two() - message.len();
            assert!(spare >= 14, "{plain} bytes make a message of {}", message.len());
            assert!(message.len() <= plain + 18 * (plain / 30_702 + 2));
            assert_eq!(link.bob.link.open(&message).unwrap().len(), plain);
        }
    }
}

#[test]
fn nothing_to_seal_makes_no_record() {
    let mut out = vec![9];
    link().ann.link.seal(&[], &mut out).unwrap();
    link().ann.link.seal(&[Bytes::new(), Bytes::new()], &mut out).unwrap();
    assert_eq!(out, [9]);
}
