//! The swarms that accept connections, by the number of their registration.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard};

use secure_link::{FirstMessage, LinkError, Proven, Recognized};
use tokio::sync::{mpsc, watch};
use wire_protocol::ids::{InfoHash, PeerId};

use super::secure::{Credentials, Ends};
use crate::session::GroupState;

/// A connection that may carry bytes.
#[derive(Debug)]
pub struct Accepted {
    pub ends: Ends,
    pub who: Caller,
}

/// Who connected.
#[derive(Debug)]
pub enum Caller {
    /// Who proved to be there.
    Member(Proven),
    /// An ordinary BitTorrent client, from this address.
    Stranger(SocketAddr),
    /// A web seed, which is a task of this program.
    WebSeed {
        /// The same over all of its links.
        peer: PeerId,
        /// For people.
        name: String,
    },
}

/// Where a swarm takes its connections from.
pub type AcceptedSender = mpsc::Sender<Accepted>;

/// How members of a group get in.
#[derive(Debug, Clone)]
pub struct Access {
    /// How we prove ourselves to them; `None`: nobody can be answered yet.
    pub credentials: watch::Receiver<Option<Credentials>>,
    /// Who they are.
    pub group: watch::Receiver<GroupState>,
}

/// Which ordinary BitTorrent clients a swarm accepts.
#[derive(Debug, Clone)]
pub enum Ordinary {
    Nobody,
    Anybody,
    /// Whoever comes from an address that the group's tracker lists.
    Listed(watch::Receiver<Vec<IpAddr>>),
}

impl Ordinary {
    fn takes(&self, from: IpAddr) -> bool {
        match self {
            Self::Nobody => false,
            Self::Anybody => true,
            Self::Listed(listed) => listed.borrow().contains(&from.to_canonical()),
        }
    }
}

/// A swarm that accepts connections.
#[derive(Debug, Clone)]
pub struct Served {
    /// Its torrent. Two groups may share the same one, and a group the same one twice.
    pub info_hash: InfoHash,
    /// Whose members it accepts; `None`: it is no group's.
    pub group: Option<Access>,
    /// Which ordinary clients it accepts.
    pub ordinary: Ordinary,
    /// Where connections go.
    pub accepted: AcceptedSender,
}

/// All of them.
#[derive(Debug, Clone, Default)]
pub struct Registry(Arc<Mutex<Entries>>);

#[derive(Debug, Default)]
struct Entries {
    next: u64,
    served: BTreeMap<u64, Served>,
}

impl Registry {
    /// Until the registration is dropped.
    pub fn add(&self, served: Served) -> Registration {
        let mut entries = self.lock();
        let number = entries.next;
        entries.next += 1;
        entries.served.insert(number, served);
        Registration { registry: self.clone(), number }
    }

    /// A swarm of a torrent that takes an ordinary client from there. A program has few, so they are looked through.
    pub fn find_plain(&self, info_hash: InfoHash, from: IpAddr) -> Option<Served> {
        self.all().into_iter().find(|served| served.info_hash == info_hash && served.ordinary.takes(from))
    }

    /// Torrents of swarms that take ordinary clients from there.
    pub fn plain(&self, from: IpAddr) -> Vec<InfoHash> {
        let taken = self.all().into_iter().filter(|served| served.ordinary.takes(from));
        taken.map(|served| served.info_hash).collect()
    }

    /// The swarm that a first message is for, and how we prove ourselves in it.
    ///
    /// # Errors
    /// [`LinkError::NotForUs`].
    pub fn find(&self, first: &FirstMessage) -> Result<(Served, Credentials, Recognized), LinkError> {
        let known: Vec<(Served, Credentials)> = self
            .all()
            .into_iter()
            .filter_map(|served| {
                let credentials = served.group.as_ref()?.credentials.borrow().clone()?;
                Some((served, credentials))
            })
            .collect();
        let tags = known.iter().enumerate().map(|(at, (_, credentials))| (at, &credentials.proof.tag));
        let (at, recognized) = first.find(tags)?;
        let (served, credentials) = known.into_iter().nth(at).ok_or(LinkError::NotForUs)?;
        Ok((served, credentials, recognized))
    }

    fn all(&self) -> Vec<Served> {
        self.lock().served.values().cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, Entries> {
        self.0.lock().expect("nothing panics while it holds this")
    }
}

/// A swarm that is served, until this is dropped. Others of the same torrent stay.
#[derive(Debug)]
pub struct Registration {
    registry: Registry,
    number: u64,
}

impl Drop for Registration {
    fn drop(&mut self) {
        self.registry.lock().served.remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_that_allows_it_takes_clients_from_listed_addresses_only_and_for_as_long_as_they_are() {
        let torrent = InfoHash([1; 20]);
        let (listed, addresses) = watch::channel(vec!["192.0.2.7".parse().unwrap()]);
        let registry = Registry::default();
        let ordinary = Ordinary::Listed(addresses);
        let served = Served { info_hash: torrent, group: None, ordinary, accepted: mpsc::channel(1).0 };
        let _registration = registry.add(served);
        let is_taken = |from: &str| {
            let from = from.parse().unwrap();
            assert_eq!(registry.plain(from).contains(&torrent), registry.find_plain(torrent, from).is_some());
            registry.find_plain(torrent, from).is_some()
        };
        assert!(is_taken("192.0.2.7") && is_taken("::ffff:192.0.2.7"), "a socket for both families shows it like this");
        assert!(!is_taken("192.0.2.8") && !is_taken("::1"));
        listed.send_replace(Vec::new());
        assert!(!is_taken("192.0.2.7"));
    }
}
