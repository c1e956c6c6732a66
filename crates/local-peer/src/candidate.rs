//! Peers that could be linked with, as their sources tell of them.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};

use crate::candidate_list::CandidateList;
use crate::{Identity, PeerId};

/// Candidates of one source that are looked at; what is listed behind them is ignored.
pub const CANDIDATES_MAX: usize = 4096;

/// What a candidate is told apart by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CandidateKey {
    /// A peer id, and whose it is: two members may claim the same id.
    Peer(PeerId, Option<Identity>),
    /// A bare address, as a DHT gives it: whoever answers there.
    Address(SocketAddr),
}

/// Who told of a candidate. The first in this order is believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Source {
    /// The group's tracker: it vouches for identities, and its lists are whole.
    Group,
    /// A tracker of the outside world (BEP 3, 15).
    Tracker,
    /// The distributed hash table (BEP 5).
    Dht,
    /// Other peers (BEP 11).
    Pex,
    /// The local network (BEP 14).
    Lan,
    /// The person, or whoever made a magnet link.
    Named,
}

/// How far a peer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Progress {
    /// The source does not say.
    #[default]
    Unknown,
    /// It is still hashing the file, so many per mille are done: nothing can be had of it yet.
    Preparing(u16),
    /// It has some of the pieces.
    Pieces {
        /// Verified pieces.
        have: u32,
        /// Pieces of the torrent.
        total: u32,
    },
}

impl Progress {
    /// It has every piece.
    pub fn is_complete(&self) -> bool {
        matches!(self, Self::Pieces { have, total } if have == total && *total > 0)
    }

    /// It has some pieces and not all.
    pub fn is_partial(&self) -> bool {
        matches!(self, Self::Pieces { have, total } if 0 < *have && have < total)
    }
}

/// A peer of the swarm that could be linked with.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Candidate {
    /// Its id on the peer wire; `None`: a bare address.
    pub peer: Option<PeerId>,
    /// The person behind it, as the source vouches. Bans and totals hang on it.
    pub identity: Option<Identity>,
    /// The person's name, for people. Printable: the program has cleaned it.
    pub name: String,
    /// Program and version, for people. Printable as well.
    pub client: String,
    /// How far it is.
    pub progress: Progress,
    /// Where it accepts connections itself.
    pub addresses: Vec<SocketAddr>,
    /// It is an ordinary client that connected to us from there: where it accepts connections is not known.
    pub caller: Option<IpAddr>,
    /// The relay can connect to it.
    pub relay: bool,
}

impl Candidate {
    /// What it is told apart by. `None`: it has neither id nor address, as an ordinary client that connected to us.
    pub fn key(&self) -> Option<CandidateKey> {
        match (self.peer, self.addresses.first()) {
            (Some(peer), _) => Some(CandidateKey::Peer(peer, self.identity)),
            (None, Some(address)) => Some(CandidateKey::Address(*address)),
            (None, None) => None,
        }
    }

    /// Where an ordinary client was dialed or came from, which others are told (BEP 11). Members are nobody else's business.
    pub(crate) fn tellable(&self) -> Option<SocketAddr> {
        let called_from = self.caller.map(|ip| SocketAddr::new(ip, 0));
        self.addresses.first().copied().or(called_from).filter(|_| self.peer.is_none())
    }

    /// The relay can connect to it, which it does by peer id.
    pub(crate) fn is_relayed(&self) -> bool {
        self.relay && self.peer.is_some()
    }
}

/// What all sources know now.
#[derive(Debug, Default)]
pub(crate) struct Candidates {
    lists: BTreeMap<Source, CandidateList>,
    /// Where somebody stands whom a source that is believed rather lists too.
    repeated: BTreeSet<Place>,
}

/// Where a candidate stands. Good until a list changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place(Source, usize);

impl Candidates {
    /// A source's list replaces its last one. Returns where something may stand that was not known before.
    pub fn set(&mut self, source: Source, list: CandidateList) -> Vec<Place> {
        let known = self.lists.insert(source, list.clone()).unwrap_or_default();
        if self.lists.len() > 1 {
            self.find_repeated();
            return self.iter().map(|(place, _, _)| place).collect();
        }
        list.news_since(&known).map(|nth| Place(source, nth)).collect()
    }

    /// Within one list nobody is repeated.
    fn find_repeated(&mut self) {
        let mut seen = BTreeSet::new();
        self.repeated = self.all().filter(|(_, key, _)| !seen.insert(*key)).map(|(place, _, _)| place).collect();
    }

    pub fn at(&self, place: Place) -> Option<&Candidate> {
        self.lists.get(&place.0)?.get(place.1)
    }

    /// Each once, as the most trusted source tells it, and where it stands.
    pub fn iter(&self) -> impl Iterator<Item = (Place, CandidateKey, &Candidate)> {
        self.all().filter(|(place, _, _)| self.repeated.is_empty() || !self.repeated.contains(place))
    }

    fn all(&self) -> impl Iterator<Item = (Place, CandidateKey, &Candidate)> {
        let placed = |source: Source, nth, candidate: &Candidate| Some((Place(source, nth), candidate.key()?));
        self.lists.iter().flat_map(move |(source, list)| {
            let listed = list.iter().enumerate();
            listed.filter_map(move |(nth, candidate)| {
                let (place, key) = placed(*source, nth, candidate)?;
                Some((place, key, candidate))
            })
        })
    }

    /// Whoever is listed with this id first.
    pub fn find(&self, peer: PeerId) -> Option<&Candidate> {
        self.lists.values().flat_map(|list| list.iter()).find(|candidate| candidate.peer == Some(peer))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str, id: u8) -> Candidate {
        Candidate { peer: Some(PeerId([id; 20])), name: name.to_owned(), ..Candidate::default() }
    }

    #[test]
    fn of_two_sources_the_more_trusted_is_believed() {
        let mut candidates = Candidates::default();
        candidates.set(Source::Pex, [named("a stranger", 1), named("another", 2)].into());
        candidates.set(Source::Group, [named("Ana", 1)].into());
        let names: Vec<&str> = candidates.iter().map(|(_, _, candidate)| &candidate.name[..]).collect();
        assert_eq!(names, ["Ana", "another"]);
    }

    #[test]
    fn two_members_with_one_peer_id_are_two_candidates() {
        let mut candidates = Candidates::default();
        let with = |identity| Candidate { identity: Some(Identity([identity; 32])), ..named("x", 1) };
        candidates.set(Source::Group, [with(1), with(2)].into());
        assert_eq!(candidates.iter().count(), 2);
    }
}
