//! What a member signs to log in.

use sha2::{Digest, Sha256};

use super::messages::Hello;
use crate::ids::MemberKey;

/// Separates this signature from every other use of the key.
const DOMAIN: &[u8] = b"covey control login v1\0";

/// The 32 bytes that a member signs: SHA-256 over domain, nonce, server key, the host that the
/// client dialled (length first) and the member's key.
///
/// Binding host and server key keeps a rogue tracker from passing on the real one's nonce; hashing
/// keeps the signature from ever being over bytes that the tracker chose.
pub fn login_digest(hello: &Hello, dialled_host: &str, member: &MemberKey) -> [u8; 32] {
    Sha256::new()
        .chain_update(DOMAIN)
        .chain_update(hello.nonce)
        .chain_update(hello.server_key)
        .chain_update((dialled_host.len() as u64).to_be_bytes())
        .chain_update(dialled_host.as_bytes())
        .chain_update(member.0)
        .finalize()
        .into()
}
