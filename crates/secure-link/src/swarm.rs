//! What a swarm's peers know of it, and the tags by which they know each other.

use std::fmt;

use blake2::Blake2sMac;
use blake2::digest::consts::U16;
use blake2::digest::{KeyInit, Mac};
use hkdf::Hkdf;
use sha2::Sha256;
use wire_protocol::ids::{GroupId, InfoHash, LinkId, PeerId};
use zeroize::Zeroizing;

use crate::noise::{KEY_LEN, TAG_LEN};

const PROLOGUE: &[u8] = b"covey link v1\0";
const KEY_INFO: &[u8] = b"covey link tag v1\0";
const FIRST: &[u8] = b"first\0";
const ANSWER: &[u8] = b"answer\0";

/// One swarm, as only its group's members know it.
#[derive(Clone)]
pub struct Swarm {
    pub group: GroupId,
    pub info_hash: InfoHash,
    /// The group's key.
    pub key: Zeroizing<[u8; 32]>,
}

impl Swarm {
    /// By what a peer of this swarm is addressed.
    pub fn tag_key(&self, responder: PeerId) -> TagKey {
        let mut key = Zeroizing::new([0; 32]);
        let info = [KEY_INFO, &self.group.0, &self.info_hash.0, &responder.0].concat();
        Hkdf::<Sha256>::new(None, &*self.key).expand(&info, &mut *key).expect("32 bytes is a valid HKDF-SHA256 length");
        TagKey { key, responder }
    }

    /// What both sides must agree on before the first byte. The one who dials is the initiator, so their sides
    /// need no naming here.
    pub(crate) fn prologue(&self, responder: PeerId, link: LinkId) -> Vec<u8> {
        [PROLOGUE, &link.0, &self.group.0, &self.info_hash.0, &responder.0].concat()
    }
}

/// Without the key and the info-hash.
impl fmt::Debug for Swarm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Swarm(of {})", self.group.short())
    }
}

/// The key by which members tell, from a first message, that it is for one peer of one swarm. Whoever does not know
/// the group's key can neither make such a message nor see for whom one is.
#[derive(Clone)]
pub struct TagKey {
    key: Zeroizing<[u8; 32]>,
    responder: PeerId,
}

impl TagKey {
    /// Whose it is.
    pub fn responder(&self) -> PeerId {
        self.responder
    }

    /// Goes with the initiator's ephemeral key.
    pub(crate) fn first(&self, ephemeral: &[u8]) -> [u8; TAG_LEN] {
        self.mac(FIRST, &[ephemeral]).finalize().into_bytes().into()
    }

    pub(crate) fn is_first(&self, ephemeral: &[u8], tag: &[u8]) -> bool {
        self.mac(FIRST, &[ephemeral]).verify_slice(tag).is_ok()
    }

    /// Says to the initiator, before it tells who it is, that whoever answers is of this swarm too: the psk
    /// enters the handshake only with the last message.
    pub(crate) fn answer(&self, hash: &[u8; 32], own_static: &[u8; KEY_LEN]) -> [u8; TAG_LEN] {
        self.mac(ANSWER, &[hash, own_static]).finalize().into_bytes().into()
    }

    pub(crate) fn is_answer(&self, hash: &[u8; 32], remote_static: &[u8; KEY_LEN], tag: &[u8]) -> bool {
        self.mac(ANSWER, &[hash, remote_static]).verify_slice(tag).is_ok()
    }

    fn mac(&self, domain: &[u8], parts: &[&[u8]]) -> Blake2sMac<U16> {
        let mac = <Blake2sMac<U16> as KeyInit>::new_from_slice(&*self.key).expect("BLAKE2s takes a key of 32 bytes");
        parts.iter().fold(mac.chain_update(domain), |mac, part| mac.chain_update(part))
    }
}

/// Without the key.
impl fmt::Debug for TagKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TagKey(..)")
    }
}
