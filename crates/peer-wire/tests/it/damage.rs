//! What becomes of bytes on a bad way. Other crates' tests take this file in, too.

use proptest::sample::Index;

/// One byte changed, put in, or everything behind it cut off. `how`: 0, 1, 2.
pub fn damaged(mut bytes: Vec<u8>, at: Index, how: u8, byte: u8) -> Vec<u8> {
    let at = at.index(bytes.len());
    match how {
        0 => bytes[at] = byte,
        1 => bytes.insert(at, byte),
        _ => bytes.truncate(at),
    }
    bytes
}
