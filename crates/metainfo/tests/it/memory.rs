//! Reading a torrent allocates no more than a constant factor of its bytes.

use allocation_counter::measure;
use metainfo::Metainfo;
use proptest::prelude::*;

/// The shortest file entry is 24 bytes on disk; in memory it is 64, with a list of two names.
const FACTOR: u64 = 24;
/// bendy keeps room for 2048 levels of nesting, whatever the limit, in each of two decoders.
const CONSTANT: u64 = 512 * 1024;

fn check(file: &[u8]) {
    let peak = measure(|| drop(Metainfo::parse(file))).bytes_max;
    let allowed = FACTOR * file.len() as u64 + CONSTANT;
    assert!(peak <= allowed, "{peak} bytes for a torrent of {}", file.len());
}

fn folder(entry: &str, times: usize) -> Vec<u8> {
    let entries = entry.repeat(times);
    let pieces = "x".repeat(20);
    format!("d4:infod5:filesl{entries}e4:name1:a12:piece lengthi16384e6:pieces20:{pieces}ee").into_bytes()
}

#[test]
fn the_costliest_lists_of_files_cost_a_constant_factor() {
    check(&folder("d6:lengthi0e4:pathl1:aee", 60_000));
    check(&folder("d6:lengthi0e4:pathl1:aee", 100_000));
    check(&folder(&format!("d6:lengthi0e4:pathl{}ee", "0:".repeat(32)), 30_000));
    check(&folder(&format!("d6:lengthi0e4:pathl{}ee", "1:\u{1}".repeat(31)), 30_000));
    check(&[b"d4:info".to_vec(), vec![b'l'; 1 << 20]].concat());
    check(b"d4:infod6:pieces99999999999:");
}

proptest! {
    #[test]
    fn random_torrents_cost_a_constant_factor(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
        check(&bytes);
        check(&[&b"d4:infod4:name"[..], &bytes].concat());
    }
}
