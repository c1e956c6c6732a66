//! What a member needs to prove itself to others of a group.

use ed25519_dalek::{SigningKey, VerifyingKey};
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
