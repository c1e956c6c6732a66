//! The swarms that accept connections, by the number of their registration.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use bytes::Bytes;
use tokio::net::TcpStream;
use tokio::sync::{mpsc, watch};
use wire_protocol::control::SwarmPeer;
use wire_protocol::ids::{InfoHash, PeerId};

/// A connection whose first bytes are read.
#[derive(Debug)]
pub struct Accepted {
    /// The connection.
    pub stream: TcpStream,
    /// Who it says it is, as the tracker lists it; `None`: an ordinary BitTorrent client.
    pub peer: Option<SwarmPeer>,
    /// What was read: the handshake, or its first 48 bytes.
    pub head: Bytes,
}

/// Where a swarm takes its connections from.
pub type AcceptedSender = mpsc::Sender<Accepted>;

/// A swarm that accepts connections.
#[derive(Debug, Clone)]
pub struct Served {
    /// Its torrent. Two groups may share the same one, and a group the same one twice.
    pub info_hash: InfoHash,
    /// Whom it accepts.
    pub peers: watch::Receiver<Arc<[SwarmPeer]>>,
    /// It accepts anybody.
    pub ordinary_clients: bool,
    /// Where connections go.
    pub accepted: AcceptedSender,
}

impl Served {
    /// Waits until the tracker lists this peer in it; `None`: the swarm ended.
    pub async fn lists(mut self, id: PeerId) -> Option<(SwarmPeer, AcceptedSender)> {
        let find = |peers: &Arc<[SwarmPeer]>| peers.iter().find(|peer| peer.peer == id).cloned();
        let listed = self.peers.wait_for(|peers| find(peers).is_some()).await.ok()?;
        find(&listed).map(|peer| (peer, self.accepted.clone()))
    }
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

    /// The swarms of a torrent. A program has few, so they are looked through.
    pub fn find(&self, info_hash: InfoHash) -> Vec<Served> {
        self.lock().served.values().filter(|served| served.info_hash == info_hash).cloned().collect()
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
