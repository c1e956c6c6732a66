//! docs/protocol.md and the code say the same.

use bytes::Bytes;

use crate::documented::vectors;
use crate::world::*;

const CHAPTER: &str = "6. Secure link";

#[test]
fn every_byte_of_a_handshake_is_what_is_documented() {
    let mut link = link();
    let mut record = Vec::new();
    link.ann.link.seal(&[Bytes::from_static(b"hello")], &mut record).unwrap();
    let [first, answer, last] = &link.crossed;
    let written = [
        ("secure-link/first", first),
        ("secure-link/answer", answer),
        ("secure-link/last", last),
        ("secure-link/record", &record),
    ];
    let documented = vectors(|chapter| chapter == CHAPTER);
    for (name, bytes) in written {
        assert_eq!(hex(&documented[name]), hex(bytes), "{name}: docs/protocol.md on the left, the code on the right");
    }
    assert_eq!(documented.len(), written.len());
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
