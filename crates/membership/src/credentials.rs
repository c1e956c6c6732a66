//! What a member needs to prove itself to others of a group.

use std::sync::Arc;

use ed25519_dalek::{SigningKey, VerifyingKey};
use secure_link::{Local, Swarm, TagKey};
use wire_protocol::ids::{GroupId, InfoHash, PeerId};
use zeroize::Zeroizing;

/// Good for links in one group, as long as its ticket is.
#[derive(Clone)]
pub struct Credentials {
    /// The member's key at this server.
    pub identity: SigningKey,
    /// The tracker's key, which signs tickets.
    pub tracker: VerifyingKey,
    /// As the tracker sealed it.
    pub ticket: Vec<u8>,
    /// The group's key.
    pub key: Zeroizing<[u8; 32]>,
    /// Of that key.
    pub epoch: u32,
}

/// How one peer of this member proves itself in one swarm.
#[derive(Debug, Clone)]
pub struct SwarmCredentials {
    pub local: Arc<Local>,
    /// By what first messages for it are known.
    pub tag: TagKey,
}

impl Credentials {
    /// `group`: the one that they are for. `has_aes`: this end is fast at AES-GCM, as
    /// [`secure_link::has_aes_instructions`] says of this program, and a tab of its browser.
    pub fn in_swarm(&self, group: GroupId, info_hash: InfoHash, peer: PeerId, has_aes: bool) -> SwarmCredentials {
        let Self { identity, tracker, ticket, key, epoch } = self.clone();
        let swarm = Swarm { group, info_hash, key };
        let tag = swarm.tag_key(peer);
        SwarmCredentials { local: Arc::new(Local { identity, peer, ticket, swarm, epoch, tracker, has_aes }), tag }
    }
}

impl PartialEq for Credentials {
    fn eq(&self, other: &Self) -> bool {
        (&self.ticket, self.epoch, &*self.key) == (&other.ticket, other.epoch, &*other.key)
    }
}

/// Without keys.
impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Credentials(epoch {})", self.epoch)
    }
}
