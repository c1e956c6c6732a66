//! Who we are to the other members of a swarm.

use std::sync::Arc;

use local_peer::Candidate;
use membership::candidates::peer_name;
use secure_link::{Contact, has_aes_instructions};
use tokio::sync::watch;
use wire_protocol::control::{PeerName, SwarmName};
use wire_protocol::ids::{InfoHash, PeerId};

use super::Presence;
use crate::links::{Credentials, Security, Strangers};
use crate::session::GroupState;

/// What one swarm's links hang on.
#[derive(Debug)]
pub struct Trust {
    swarm: SwarmName,
    info_hash: InfoHash,
    /// Whom the group's tracker lists without a name.
    strangers: Strangers,
    local: PeerId,
    /// Off for measuring only.
    is_encrypted: bool,
    /// As the session told last.
    own: Option<Arc<membership::Credentials>>,
    /// The same for this swarm; the listener sees it too.
    credentials: watch::Sender<Option<Credentials>>,
}

impl Trust {
    /// Nobody is known yet, and nothing can be proved.
    pub fn new(presence: &Presence, info_hash: InfoHash, is_encrypted: bool) -> Self {
        Self {
            swarm: presence.swarm,
            info_hash,
            strangers: Strangers::new(info_hash),
            local: presence.local,
            is_encrypted,
            own: None,
            credentials: watch::Sender::default(),
        }
    }

    /// How we prove ourselves, and when that changes.
    pub fn credentials(&self) -> watch::Receiver<Option<Credentials>> {
        self.credentials.subscribe()
    }

    /// How a link to or from this peer is secured; `None`: we cannot prove ourselves yet.
    pub fn security(&self, peer: &Candidate, side: fn(Credentials, Contact) -> Security) -> Option<Security> {
        let Some(PeerName { member, peer }) = peer_name(peer).filter(|_| self.is_encrypted) else {
            return Some(Security::Stranger(self.strangers.clone()));
        };
        Some(side(self.credentials.borrow().clone()?, Contact { member, peer }))
    }

    /// The group changed, and perhaps how we prove ourselves.
    pub fn renew(&mut self, group: &GroupState) {
        if self.own == group.credentials {
            return;
        }
        self.own.clone_from(&group.credentials);
        let renewed = group.credentials.as_ref().zip(group.clock).map(|(own, clock)| Credentials {
            proof: own.in_swarm(self.swarm.group, self.info_hash, self.local, has_aes_instructions()),
            clock,
        });
        self.credentials.send_replace(renewed);
    }
}
