//! How two peers get a relay link.

use serde::{Deserialize, Serialize};

use super::swarms::{PeerName, SwarmName, SwarmPeer};
use crate::ids::LinkId;

/// Asks for a relay link to a peer of the same swarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dial {
    /// Chosen by the member; comes back in the answer.
    pub dial: u32,
    /// The swarm that both are in.
    pub swarm: SwarmName,
    /// Whom to reach.
    pub to: PeerName,
}

/// One side of a relay link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkGrant {
    /// The asker's own number; `None` for the side that was asked.
    pub dial: Option<u32>,
    pub link: LinkId,
    /// The first message on `/link`.
    pub token: Vec<u8>,
    /// The origin of the relay; `None` = the tracker's own.
    pub relay: Option<String>,
    /// The swarm that both are in.
    pub swarm: SwarmName,
    /// Who is at the other end.
    pub peer: SwarmPeer,
}

/// Why there is no link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum DialRefusal {
    /// The peer is not in the swarm (any more).
    NoSuchPeer,
    /// There is a link between the two already, or one on its way.
    AlreadyLinked,
    /// A limit of the asker, the asked or the relay; try again later.
    TooMany,
    /// The asking member is not in the swarm.
    NotAnnounced,
    /// The other one dials: seeders never do, and of two leechers the one with the greater peer id does.
    NotYours,
}
