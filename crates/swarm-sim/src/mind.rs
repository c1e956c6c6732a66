//! What decides for a node: the same local peer that the programs run, or a rogue.

use bytes::Bytes;
use local_peer::{Candidate, Input, LocalPeer, Output, Path, Room};
use peer_engine::{Engine, LinkKey, Timestamp};

use crate::rogue::Rogue;

#[derive(Debug)]
pub(crate) enum Mind {
    Peer(Box<LocalPeer>),
    Rogue(Box<Rogue>),
}

impl Mind {
    pub fn engine(&self) -> Option<&Engine> {
        match self {
            Mind::Peer(peer) => peer.engine(),
            Mind::Rogue(_) => None,
        }
    }

    pub fn handle(&mut self, input: Input, now: Timestamp) {
        match self {
            Mind::Peer(peer) => peer.handle(input, now),
            Mind::Rogue(rogue) => rogue.handle(input, now),
        }
    }

    /// Another node wants a link. `None`: it is refused.
    pub fn accept(&mut self, from: Candidate, path: Path, room: &mut Room, now: Timestamp) -> Option<LinkKey> {
        match self {
            Mind::Peer(peer) => peer.accept(from, path, room, now).ok(),
            Mind::Rogue(rogue) => Some(rogue.accept(path)),
        }
    }

    pub fn poll_output(&mut self, room: &mut Room, now: Timestamp) -> Option<Output> {
        match self {
            Mind::Peer(peer) => peer.poll_output(room, now),
            Mind::Rogue(rogue) => rogue.poll_output(),
        }
    }

    pub fn transmit(&mut self, link: LinkKey, budget: usize, out: &mut Vec<Bytes>, now: Timestamp) -> usize {
        match self {
            Mind::Peer(peer) => peer.transmit(link, budget, out, now),
            Mind::Rogue(rogue) => rogue.transmit(link, out),
        }
    }

    pub fn poll_timeout(&self, now: Timestamp) -> Option<Timestamp> {
        match self {
            Mind::Peer(peer) => peer.poll_timeout(now),
            Mind::Rogue(rogue) => rogue.poll_timeout(),
        }
    }

    /// What of its program's room it uses. Rogues keep to none.
    pub fn occupies(&self) -> Room {
        match self {
            Mind::Peer(peer) => peer.occupies(),
            Mind::Rogue(_) => Room::default(),
        }
    }

    pub fn is_complete(&self) -> bool {
        self.engine().is_some_and(Engine::is_complete)
    }

    pub fn check(&self) {
        if let Mind::Peer(peer) = self {
            peer.check();
        }
    }
}
