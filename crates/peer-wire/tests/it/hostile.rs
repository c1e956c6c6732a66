//! Any bytes at every decoder but the stream's (see `chunks`): a value or an error, never a panic.

use peer_wire::{ExtensionHandshake, Handshake};
use proptest::prelude::*;

use crate::damage::damaged;

/// What is read is written again as something that is read the same: a decoder invents nothing.
fn check(bytes: &[u8]) {
    if let Some(handshake) = ExtensionHandshake::decode(bytes) {
        assert_eq!(ExtensionHandshake::decode(&handshake.encode()), Some(handshake));
    }
    if let Some(Ok(handshake)) = bytes.first_chunk().map(|bytes| Handshake::decode(bytes).ok_or(())) {
        assert_eq!(Handshake::decode(&handshake.encode()), Some(handshake));
    }
}

proptest! {
    #[test]
    fn random_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..500)) {
        check(&bytes);
    }

    #[test]
    fn damaged_extension_handshakes_are_survived(at in any::<prop::sample::Index>(), how in 0..3_u8, byte in any::<u8>()) {
        let valid = b"d1:md11:ut_metadatai3ee4:reqqi512e11:upload_onlyi1e1:v17:native-peer 0.1.0e".to_vec();
        check(&damaged(valid, at, how, byte));
    }
}

#[test]
fn what_a_client_calls_itself_is_one_visible_line() {
    let v = "Transmission\u{202E} 4\n\u{200B}\u{1b}[2J";
    let handshake = ExtensionHandshake::decode(format!("d1:v{}:{v}e", v.len()).as_bytes()).unwrap();
    assert_eq!(handshake.client.as_deref(), Some("Transmission 4 [2J"));
}
