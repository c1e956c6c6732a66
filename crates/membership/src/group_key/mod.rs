//! The group's key, which no server ever sees, and how members give it to each other through one.
//!
//! | whoever gets it | how | who vouches for it |
//! |---|---|---|
//! | joins by an invite | [`seal_for_invite`]: under the invite's secret | whoever made the invite: nobody else knows the secret |
//! | is accepted by an admin | [`seal_for_member`]: to their key | the admin's signature; the admins are named in the invite |
//! | stays when somebody is removed | [`seal_for_member`]: to their key | the signature, and the group's key of before |
//!
//! The server keeps all of it, and can hold it back or show an old one, which is noticed at the next link. It can make none.

mod cipher;
mod invite;
mod member;

use std::fmt;

use zeroize::Zeroizing;

pub use invite::{ADMINS_MAX, INVITE_SEAL_LEN_MAX, InviteContents, InviteSealError, open_for_invite, seal_for_invite};
pub use member::{Delivery, MEMBER_SEAL_LEN_MAX, MemberSealError, open_for_member, seal_for_member};

/// What the links of a group are encrypted with. It is changed whenever somebody is removed; its bytes are wiped from memory
/// when it is dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct GroupKey {
    key: Zeroizing<[u8; 32]>,
    epoch: u32,
}

impl GroupKey {
    /// From 32 bytes of the system's own randomness, or as kept; `epoch` is the group's.
    pub fn new(key: [u8; 32], epoch: u32) -> Self {
        Self { key: Zeroizing::new(key), epoch }
    }

    /// The secret.
    pub fn key(&self) -> &Zeroizing<[u8; 32]> {
        &self.key
    }

    /// How often the group's key has been changed.
    pub fn epoch(&self) -> u32 {
        self.epoch
    }

    /// The one that follows, from fresh randomness. `None`: this was the last, after four thousand million removals.
    pub fn next(&self, key: [u8; 32]) -> Option<Self> {
        Some(Self::new(key, self.epoch.checked_add(1)?))
    }
}

/// Without the secret.
impl fmt::Debug for GroupKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GroupKey(epoch {})", self.epoch)
    }
}
