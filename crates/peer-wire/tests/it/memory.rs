//! No decoder allocates more than a constant factor of what it was given: a header's claim costs nothing.

use allocation_counter::measure;
use bytes::Bytes;
use peer_wire::{Decoder, ExtensionHandshake};
use proptest::prelude::*;

use crate::samples::handshake;

/// For what does not depend on the input at all.
const CONSTANT: u64 = 1024;
/// bendy keeps room for 2048 levels of nesting whatever the limit.
const BENCODE_CONSTANT: u64 = 256 * 1024;

/// The most bytes that were allocated at once while this ran.
fn peak(run: impl FnOnce()) -> u64 {
    measure(run).bytes_max
}

/// Takes and drops what is complete; `false`: the stream is not the peer wire.
fn take_all(decoder: &mut Decoder) -> bool {
    loop {
        match decoder.next_message() {
            Ok(Some(message)) => drop(message),
            Ok(None) => return true,
            Err(_) => return false,
        }
    }
}

proptest! {
    #[test]
    fn streams_of_peers_cost_no_more_than_their_bytes(
        bytes in prop::collection::vec(prop_oneof![2 => Just(0_u8), 1 => 0..21_u8, 1 => any::<u8>()], 0..3000),
        chunk_len in 1..500_usize,
    ) {
        let stream = Bytes::from([&handshake().encode()[..], &bytes].concat());
        let cuts = (0..stream.len()).step_by(chunk_len);
        let chunks: Vec<Bytes> = cuts.map(|at| stream.slice(at..stream.len().min(at + chunk_len))).collect();
        let peak = peak(|| {
            let mut decoder = Decoder::new(1 << 15);
            let mut is_open = false;
            for chunk in &chunks {
                decoder.push(chunk.clone());
                is_open = is_open || matches!(decoder.next_handshake(), Ok(Some(_)));
                if is_open && !take_all(&mut decoder) {
                    return;
                }
            }
        });
        prop_assert!(peak <= 4 * stream.len() as u64 + CONSTANT, "{} for {}", peak, stream.len());
    }

    #[test]
    fn extension_handshakes_cost_no_more_than_their_bytes(bytes in prop::collection::vec(any::<u8>(), 0..3000)) {
        let allowed = 16 * bytes.len() as u64 + CONSTANT + BENCODE_CONSTANT;
        let bencode = [b"d1:v9999:", &bytes[..]].concat();
        prop_assert!(peak(|| drop(ExtensionHandshake::decode(&bencode))) <= allowed);
    }
}

#[test]
fn the_header_of_the_largest_message_costs_nothing() {
    let piece = [&(9 + 16_384_u32).to_be_bytes()[..], &[7]].concat();
    let extended = [&65_536_u32.to_be_bytes()[..], &[20]].concat();
    for header in [piece, extended] {
        let stream = Bytes::from([&handshake().encode()[..], &header].concat());
        let peak = peak(|| {
            let mut decoder = Decoder::new(1);
            decoder.push(stream);
            decoder.next_handshake().unwrap();
            assert_eq!(decoder.next_message(), Ok(None));
        });
        assert!(peak <= 512, "{peak} bytes for a header");
    }
}

#[test]
fn a_deep_extension_handshake_costs_a_constant() {
    let deep = [&b"d1:x"[..], &vec![b'l'; 60_000]].concat();
    let peak = peak(|| assert_eq!(ExtensionHandshake::decode(&deep), None));
    assert!(peak <= BENCODE_CONSTANT, "{peak}");
}
