//! What is asked about a group's key, which the tracker keeps sealed.

use wire_protocol::control::{KeyFor, Reply, Request, Sealed};
use wire_protocol::ids::GroupId;

use super::{Ask, done};

/// Keeps the group's key for this member; their other devices get it from the tracker. A [`crate::Conversation`] does it by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeepKey {
    /// Which group.
    pub group: GroupId,
    /// The group's.
    pub epoch: u32,
    /// To this member.
    pub sealed: Sealed,
}

impl Ask for KeepKey {
    type Reply = ();

    fn request(self) -> Request {
        Request::KeepKey { group: self.group, epoch: self.epoch, sealed: self.sealed }
    }

    fn read(reply: Reply) -> Option<()> {
        done(reply)
    }
}

/// The key that the tracker keeps for this member cannot be opened: others are asked for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ForgetKey {
    /// Which group.
    pub group: GroupId,
    /// The group's.
    pub epoch: u32,
}

impl Ask for ForgetKey {
    type Reply = ();

    fn request(self) -> Request {
        Request::ForgetKey { group: self.group, epoch: self.epoch }
    }

    fn read(reply: Reply) -> Option<()> {
        done(reply)
    }
}

/// Gives the key to members who have none. A [`crate::Conversation`] of an admin does it by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GiveKeys {
    /// Which group.
    pub group: GroupId,
    /// The group's.
    pub epoch: u32,
    /// For each of them.
    pub keys: Vec<KeyFor>,
}

impl Ask for GiveKeys {
    type Reply = ();

    fn request(self) -> Request {
        Request::GiveKeys { group: self.group, epoch: self.epoch, keys: self.keys }
    }

    fn read(reply: Reply) -> Option<()> {
        done(reply)
    }
}
