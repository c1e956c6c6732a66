//! How many links one member has to one peer. Keys of one's own aside, more than two would only take places that others
//! could have.

use std::collections::HashMap;

use wire_protocol::control::{PeerName, SwarmName};
use wire_protocol::ids::MemberKey;

use crate::limits::LINKS_PER_MEMBER_AND_PEER;

/// How many links one member has to one peer.
#[derive(Debug, Default)]
pub struct PeerLoads(HashMap<(SwarmName, MemberKey, PeerName), usize>);

impl PeerLoads {
    /// Whether these two peers may have one more link, as far as their members' other peers leave room.
    pub fn have_room(&self, swarm: SwarmName, peers: [PeerName; 2]) -> bool {
        both(swarm, peers).all(|key| self.0.get(&key).is_none_or(|&links| links < LINKS_PER_MEMBER_AND_PEER))
    }

    /// These two have a link.
    pub fn add(&mut self, swarm: SwarmName, peers: [PeerName; 2]) {
        for key in both(swarm, peers) {
            *self.0.entry(key).or_default() += 1;
        }
    }

    /// They have it no more.
    pub fn remove(&mut self, swarm: SwarmName, peers: [PeerName; 2]) {
        for key in both(swarm, peers) {
            let Some(links) = self.0.get_mut(&key) else { continue };
            *links -= 1;
            if *links == 0 {
                self.0.remove(&key);
            }
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
