//! How a member logs in, and what it has to sign.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::ids::{GroupId, HistoryId, MemberKey, Signature};

/// Separates this signature from every other use of the key.
const DOMAIN: &[u8] = b"covey control login v2\0";

/// What a member signs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// The tracker's Ed25519 public key.
    pub server_key: [u8; 32],
    /// Names `server_key` among the keys of a tracker that changes them; link tokens and tickets say
    /// which one signed them.
    pub key_id: u32,
    /// Random, for this connection only.
    pub nonce: [u8; 32],
    /// The tracker's clock, Unix milliseconds. Browsers' clocks are hours off; members keep the difference.
    pub time_ms: u64,
}

/// Who a member is, and what they saw last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Login {
    /// Ed25519 public key. A person has another one at every origin.
    pub member: MemberKey,
    /// Over [`login_digest`].
    pub signature: Signature,
    /// What this client dialed: `https://share.example`, `http://[::1]:8080`. See [`Origin`].
    pub origin: String,
    /// What others shall call a person who is new here; who is known keeps their name.
    pub display_name: String,
    /// Program and version for the list of peers: `Firefox`, `native-peer 0.1.0`.
    pub client: String,
    /// Last event seen per group.
    pub resume: Vec<ResumePoint>,
}

/// The last event of a group that a member has seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResumePoint {
    pub group: GroupId,
    /// The history that `seq` counts in: [`Welcome::history`] when the event was seen.
    pub history: HistoryId,
    /// Its last seen `seq`.
    pub seq: u64,
}

/// Login accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Welcome {
    /// Program and version of the tracker, for logs.
    pub server: String,
    /// Random, made with the database. After a restore from a backup there is another one, and whoever
    /// saw events of the old one starts anew.
    pub history: HistoryId,
    /// What the tracker calls this person: the name they have here, not the one in the login.
    pub display_name: String,
}

/// The 32 bytes that a member signs: SHA-256 over domain, nonce, server key, the origin that the client
/// dialed (length first) and the member's key.
///
/// Binding scheme, host and server key keeps a rogue tracker from passing on the real one's nonce, and
/// somebody on an unencrypted path from passing it on to the encrypted server; hashing keeps the signature
/// from ever being over bytes that the tracker chose.
pub fn login_digest(hello: &Hello, origin: &str, member: &MemberKey) -> [u8; 32] {
    Sha256::new()
        .chain_update(DOMAIN)
        .chain_update(hello.nonce)
        .chain_update(hello.server_key)
        .chain_update((origin.len() as u64).to_be_bytes())
        .chain_update(origin.as_bytes())
        .chain_update(member.0)
        .finalize()
        .into()
}
