//! The two ends of a link.

use wire_protocol::control::{PeerName, SwarmName};
use wire_protocol::ids::MemberKey;

use super::session_id::SessionId;
use crate::shares::Who;

/// Two peers of one swarm, in either order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Pair {
    pub swarm: SwarmName,
    pub peers: [PeerName; 2],
}

impl Pair {
    /// The pair of `a` and `b` is the pair of `b` and `a`.
    pub fn new(swarm: SwarmName, a: PeerName, b: PeerName) -> Self {
        Self { swarm, peers: if a < b { [a, b] } else { [b, a] } }
    }
}

/// One end of a link.
#[derive(Debug, Clone, Copy)]
pub struct Side {
    /// Where it was asked for.
    pub session: SessionId,
    /// Whose, and where the tracker sees them come from.
    pub who: Who,
}

impl Side {
    /// Whose.
    pub fn member(self) -> MemberKey {
        self.who.member
    }
}
