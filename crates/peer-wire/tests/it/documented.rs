//! The golden bytes, as docs/protocol.md has them.

use std::collections::BTreeMap;

const PROTOCOL: &str = include_str!("../../../../docs/protocol.md");

/// Every ```` ```hex name ```` block under a chapter that `belongs`. In a block each line is bytes, two spaces,
/// and a comment.
pub fn vectors(belongs: impl Fn(&str) -> bool) -> BTreeMap<&'static str, Vec<u8>> {
    let mut vectors = BTreeMap::new();
    let mut lines = PROTOCOL.lines();
    let mut is_ours = false;
    while let Some(line) = lines.next() {
        if let Some(chapter) = line.strip_prefix("## ") {
            is_ours = belongs(chapter);
        }
        let Some(name) = line.strip_prefix("```hex ").filter(|_| is_ours) else {
            continue;
        };
        let block = lines.by_ref().take_while(|line| *line != "```");
        let bytes = block.flat_map(|line| bytes(line.split("  ").next().unwrap_or_default())).collect();
        assert!(vectors.insert(name, bytes).is_none(), "{name} is there twice");
    }
    vectors
}

/// The chapter that crate `peer-wire` writes.
pub const PEER_WIRE: &str = "1. Peer wire";

/// `13 00*5 ff`.
fn bytes(hex: &str) -> Vec<u8> {
    let groups = hex.split(' ').flat_map(|group| {
        let (byte, times) = group.split_once('*').unwrap_or((group, "1"));
        let byte = u8::from_str_radix(byte, 16).unwrap_or_else(|_| panic!("{byte:?} in {hex:?} is not a byte"));
        vec![byte; times.parse().expect("a number of times")]
    });
    groups.collect()
}
