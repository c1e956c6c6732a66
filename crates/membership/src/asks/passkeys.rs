//! What is asked about passkeys, with which ordinary BitTorrent clients announce.

use wire_protocol::control::{Passkey, Reply, Request};
use wire_protocol::ids::GroupId;

use super::{Ask, done};

/// Makes one more passkey; of more than four of this member in the group the oldest is revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MakePasskey {
    /// In which group it is good.
    pub group: GroupId,
}

impl Ask for MakePasskey {
    type Reply = Passkey;

    fn request(self) -> Request {
        Request::MakePasskey { group: self.group }
    }

    fn read(reply: Reply) -> Option<Passkey> {
        if let Reply::Passkey { passkey } = reply { Some(passkey) } else { None }
    }
}

/// Revokes all passkeys of this member in a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RevokePasskeys {
    /// In which group.
    pub group: GroupId,
}

impl Ask for RevokePasskeys {
    type Reply = ();

    fn request(self) -> Request {
        Request::RevokePasskeys { group: self.group }
    }

    fn read(reply: Reply) -> Option<()> {
        done(reply)
    }
}
