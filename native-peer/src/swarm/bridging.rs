//! What a bridge has to know of the swarms at its two ends.

use bridge::Seeder;
use local_peer::{PeerSnapshot, Who};
use membership::candidates::candidate;
use peer_engine::{Engine, PieceSet};
use peer_wire::PeerId;

use super::BridgeEnd;
use super::in_group::GroupSide;
use super::task::Task;

/// Seeders that lied and are remembered.
const BANNED_MAX: usize = 64;

impl Task {
    /// With the state. `peers`: who is connected, and others.
    pub(super) fn tell_bridge(&self, peers: &[PeerSnapshot]) {
        match &self.bridge {
            Some(BridgeEnd::Upstream(told)) => tell(told, self.seeders(peers)),
            Some(BridgeEnd::Downstream(told)) => {
                tell(told, self.group.as_ref().map(GroupSide::other_bridges).unwrap_or_default());
            }
            None => {}
        }
    }

    /// Who is connected, and who is banned.
    fn seeders(&self, peers: &[PeerSnapshot]) -> Vec<Seeder> {
        let Some(engine) = self.peer.engine() else {
            return Vec::new();
        };
        let connected = peers.iter().filter_map(|peer| seeder(engine, peer));
        connected.chain(self.banned.iter().cloned()).collect()
    }

    pub(super) fn note_banned(&mut self, who: &Who) {
        if matches!(self.bridge, Some(BridgeEnd::Upstream(_))) && self.banned.len() < BANNED_MAX {
            let pieces = self.peer.engine().map_or(0, |engine| engine.info().layout().pieces());
            let (key, client) = (key(who), client(who));
            self.banned.push(Seeder { key, client, pieces: PieceSet::none(pieces), is_banned: true });
        }
    }
}

impl GroupSide {
    /// Other peers of the swarm that bridge to all of it.
    pub(super) fn other_bridges(&self) -> Vec<PeerId> {
        let peers = self.peers();
        let is_one = |peer: &&wire_protocol::control::SwarmPeer| {
            peer.offers.bridge && candidate(peer, "").progress.is_complete()
        };
        let mut bridges: Vec<PeerId> = peers.iter().filter(is_one).map(|peer| peer.name.peer).collect();
        bridges.sort_unstable();
        bridges
    }
}

fn tell<T: PartialEq>(told: &tokio::sync::watch::Sender<T>, now: T) {
    told.send_if_modified(|before| {
        let is_new = *before != now;
        *before = now;
        is_new
    });
}

/// A peer with a link.
fn seeder(engine: &Engine, peer: &PeerSnapshot) -> Option<Seeder> {
    let pieces = engine.pieces_of(peer.link?)?.clone();
    Some(Seeder { key: key(&peer.who), client: client(&peer.who), pieces, is_banned: false })
}

/// The address: an ordinary client's name for us.
fn key(who: &Who) -> String {
    if who.name.is_empty() { who.peer.to_string() } else { who.name.clone() }
}

fn client(who: &Who) -> String {
    if who.client.is_empty() { "a BitTorrent client".to_owned() } else { who.client.clone() }
}
