//! How many links one member has to one peer. Keys of one's own aside, more than two would only take places that others
//! could have.

use wire_protocol::control::{PeerName, SwarmName};
use wire_protocol::ids::MemberKey;

use crate::limits::LINKS_PER_MEMBER_AND_PEER;
use crate::tally::Tally;

/// How many links one member has to one peer.
#[derive(Debug, Default)]
pub struct PeerLoads(Tally<(SwarmName, MemberKey, PeerName)>);

impl PeerLoads {
    /// Whether these two peers may have one more link, as far as their members' other peers leave room.
    pub fn have_room(&self, swarm: SwarmName, peers: [PeerName; 2]) -> bool {
        both(swarm, peers).all(|key| self.0.of(&key) < LINKS_PER_MEMBER_AND_PEER)
    }

    /// These two have a link.
    pub fn add(&mut self, swarm: SwarmName, peers: [PeerName; 2]) {
        for key in both(swarm, peers) {
            self.0.add(key, 1);
        }
    }

    /// They have it no more.
    pub fn remove(&mut self, swarm: SwarmName, peers: [PeerName; 2]) {
        for key in both(swarm, peers) {
            self.0.subtract(key, 1);
        }
    }

    /// Nobody has any.
    #[cfg(test)]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Each of the two peers with the other's member. A person's own devices take nothing from others.
fn both(swarm: SwarmName, [a, b]: [PeerName; 2]) -> impl Iterator<Item = (SwarmName, MemberKey, PeerName)> {
    let keys = [(swarm, a.member, b), (swarm, b.member, a)];
    keys.into_iter().filter(move |_| a.member != b.member)
}
