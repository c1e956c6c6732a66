//! The links that are open, and who is at their other ends.

use std::collections::BTreeMap;

use peer_engine::LinkKey;
use wire_protocol::control::SwarmPeer;
use wire_protocol::ids::PeerId;

use crate::links::Link;
use crate::report::{Path, PeerView};

/// One open link.
#[derive(Debug)]
pub struct OpenLink {
    /// The pipe.
    pub link: Link,
    /// What it goes over.
    pub path: Path,
    /// We opened it.
    pub is_dialed: bool,
    /// As the tracker lists it; `None`: an ordinary BitTorrent client.
    pub peer: Option<SwarmPeer>,
    /// What its person is called.
    pub name: String,
    /// Its id, once the handshakes are exchanged.
    pub ready: Option<PeerId>,
}

impl OpenLink {
    /// As shown; figures come from the engine.
    pub fn view(&self, id: PeerId) -> PeerView {
        PeerView {
            id,
            name: self.name.clone(),
            client: self.peer.as_ref().map_or_else(|| "BitTorrent".to_owned(), |peer| peer.client.clone()),
            path: self.path,
            have_milli: 0,
            rate_down: 0,
            rate_up: 0,
        }
    }
}

/// All of them.
#[derive(Debug, Default)]
pub struct OpenLinks {
    links: BTreeMap<LinkKey, OpenLink>,
    last: u64,
}

impl OpenLinks {
    /// A key that was never used.
    pub fn next_key(&mut self) -> LinkKey {
        self.last += 1;
        LinkKey(self.last)
    }

    pub fn insert(&mut self, key: LinkKey, link: OpenLink) {
        self.links.insert(key, link);
    }

    pub fn get(&self, key: LinkKey) -> Option<&OpenLink> {
        self.links.get(&key)
    }

    pub fn get_mut(&mut self, key: LinkKey) -> Option<&mut OpenLink> {
        self.links.get_mut(&key)
    }

    pub fn remove(&mut self, key: LinkKey) -> Option<OpenLink> {
        self.links.remove(&key)
    }

    pub fn len(&self) -> usize {
        self.links.len()
    }

    /// All keys, to close them.
    pub fn keys(&self) -> Vec<LinkKey> {
        self.links.keys().copied().collect()
    }

    /// The name of whoever had this peer id on a link that is open.
    pub fn name_of(&self, peer: PeerId) -> Option<String> {
        self.links.values().find(|link| link.ready == Some(peer)).map(|link| link.name.clone())
    }
}
