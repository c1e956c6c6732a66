//! The links of one swarm by their keys.

use crate::ids::LinkKey;
use crate::peer::Peer;

/// In order of keys. A peer is taken out while its messages are handled, twice for every block: so it is boxed, and
/// lies in a plain list, in which that moves a few pointers and allocates nothing.
#[derive(Debug, Default)]
pub(super) struct Peers(Vec<(LinkKey, Box<Peer>)>);

impl Peers {
    fn find(&self, link: LinkKey) -> Result<usize, usize> {
        self.0.binary_search_by_key(&link, |(link, _)| *link)
    }

    pub fn get(&self, link: LinkKey) -> Option<&Peer> {
        self.find(link).ok().and_then(|at| self.0.get(at)).map(|(_, peer)| &**peer)
    }

    pub fn get_mut(&mut self, link: LinkKey) -> Option<&mut Peer> {
        let at = self.find(link).ok()?;
        self.0.get_mut(at).map(|(_, peer)| &mut **peer)
    }

    pub fn remove(&mut self, link: LinkKey) -> Option<Box<Peer>> {
        let at = self.find(link).ok()?;
        Some(self.0.remove(at).1)
    }

    /// Takes the place of a link with the same key.
    pub fn insert(&mut self, peer: Box<Peer>) {
        match self.find(peer.link) {
            Ok(at) => self.0[at].1 = peer,
            Err(at) => self.0.insert(at, (peer.link, peer)),
        }
    }

    pub fn keys(&self) -> impl Iterator<Item = LinkKey> {
        self.0.iter().map(|(link, _)| *link)
    }

    pub fn values(&self) -> impl Iterator<Item = &Peer> {
        self.0.iter().map(|(_, peer)| &**peer)
    }

    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut Peer> {
        self.0.iter_mut().map(|(_, peer)| &mut **peer)
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
