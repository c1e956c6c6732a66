//! What docs/protocol.md says of the member's key.

use membership::Identity;

use crate::vectors::{PEER_WIRE, vectors};

#[test]
fn a_members_key_is_derived_as_documented() {
    let identity = Identity::from_seed([0x77; 32]);
    let at = |origin: &str| identity.for_origin(&origin.parse().expect("an origin")).key().0.to_vec();
    let vectors = vectors(|chapter| chapter != PEER_WIRE);
    assert_eq!(vectors["member-key"], at("https://share.example"));
    assert_eq!(vectors["member-key/elsewhere"], at("http://127.0.0.1:8080"));
}
