//! All swarms of this tab, which share its places for links.

use std::collections::BTreeMap;

use local_peer::{Output, Room};
use peer_engine::LinkKey;
use wire_protocol::control::SwarmName;
use wire_protocol::ids::{FileId, GroupId};

use super::clock::Now;
use super::swarm::Swarm;
use super::transfer::Transfer;

/// Places of this tab: more links connecting at once slow each other down in browsers.
pub(super) const LIMIT: Room = Room { connecting: 6, links: 24 };

/// All of them.
#[derive(Default)]
pub(super) struct Swarms {
    /// By a number that is never used twice: a file may be stopped and begun again.
    by_key: BTreeMap<u64, Swarm>,
    last: u64,
    /// Which link of which swarm the tracker was asked for, by the number of the dial.
    dials: BTreeMap<u32, (u64, LinkKey)>,
}

impl Swarms {
    /// One more.
    pub(super) fn add(&mut self, swarm: Swarm) -> u64 {
        self.last += 1;
        self.by_key.insert(self.last, swarm);
        self.last
    }

    pub(super) fn remove(&mut self, key: u64) -> Option<Swarm> {
        self.by_key.remove(&key)
    }

    pub(super) fn get(&self, key: u64) -> Option<&Swarm> {
        self.by_key.get(&key)
    }

    pub(super) fn get_mut(&mut self, key: u64) -> Option<&mut Swarm> {
        self.by_key.get_mut(&key)
    }

    /// Oldest first.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Swarm> {
        self.by_key.values()
    }

    /// The same, to be changed.
    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Swarm> {
        self.by_key.values_mut()
    }

    /// The same, with their keys.
    pub(super) fn entries(&self) -> impl Iterator<Item = (u64, &Swarm)> {
        self.by_key.iter().map(|(key, swarm)| (*key, swarm))
    }

    pub(super) fn keys(&self) -> Vec<u64> {
        self.by_key.keys().copied().collect()
    }

    /// Those of a group.
    pub(super) fn keys_of(&self, group: GroupId) -> Vec<u64> {
        self.by_key.iter().filter(|(_, swarm)| swarm.id.group == group).map(|(key, _)| *key).collect()
    }

    pub(super) fn key_of(&self, id: SwarmName) -> Option<u64> {
        self.by_key.iter().find(|(_, swarm)| swarm.id == id).map(|(key, _)| *key)
    }

    pub(super) fn key_of_file(&self, file: FileId) -> Option<u64> {
        self.by_key.iter().find(|(_, swarm)| swarm.id.file == file).map(|(key, _)| *key)
    }

    pub(super) fn transfer(&mut self, key: u64) -> Option<&mut Transfer> {
        self.by_key.get_mut(&key)?.transfer_mut()
    }

    pub(super) fn transfers(&self) -> impl Iterator<Item = &Transfer> {
        self.by_key.values().filter_map(Swarm::transfer)
    }

    pub(super) fn transfers_mut(&mut self) -> impl Iterator<Item = &mut Transfer> {
        self.by_key.values_mut().filter_map(Swarm::transfer_mut)
    }

    // ------------------------------------------------------------ places

    /// What is left of this tab's places.
    pub(super) fn room(&self) -> Room {
        LIMIT.left(self.transfers().map(|transfer| transfer.peer.occupies()))
    }

    /// The next thing that a swarm wants.
    pub(super) fn poll_output(&mut self, key: u64, now: Now) -> Option<Output> {
        let mut room = self.room();
        self.transfer(key)?.peer.poll_output(&mut room, now.timestamp())
    }

    // ------------------------------------------------------------ dials

    /// The tracker is asked for a link.
    pub(super) fn add_dial(&mut self, dial: u32, swarm: u64, link: LinkKey) {
        self.dials.insert(dial, (swarm, link));
        if let Some(transfer) = self.transfer(swarm) {
            transfer.on_asked(link);
        }
    }

    /// The tracker has answered: for which link.
    pub(super) fn take_dial(&mut self, dial: u32) -> Option<(&mut Transfer, LinkKey)> {
        let (swarm, link) = self.dials.remove(&dial)?;
        Some((self.transfer(swarm)?, link))
    }
}
