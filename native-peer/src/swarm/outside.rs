//! Peers that no group knows: those that the person named, of trackers, of the DHT, of the local network.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use local_peer::Source;
use tokio::sync::watch;
use tracker_wire::Transferred;
use wire_protocol::control::{self, SwarmPeer};
use wire_protocol::ids::InfoHash;

use crate::discovery::{Discovery, Found, TrackerStatus};
use crate::http::Reach;
use crate::links::Strangers;
use crate::session::SessionOver;

/// How often more peers are asked for, at most.
const NEED_EVERY: Duration = Duration::from_secs(30);

/// Where strangers are found, and what those who know them are told.
#[derive(Debug)]
pub struct Outside {
    discovery: Discovery,
    transferred: watch::Sender<Transferred>,
    /// Clients that a group's tracker lists.
    announced: Option<Announced>,
    /// Whom the person named, and who is to be found again, until they are taken.
    named: Vec<SocketAddr>,
    /// Whom the person typed.
    typed: Arc<BTreeSet<SocketAddr>>,
    needed_at: Instant,
}

impl Outside {
    /// `transferred`: what `discovery` follows. `named`: peers that whoever made a link names.
    pub fn new(discovery: Discovery, transferred: watch::Sender<Transferred>, named: Vec<SocketAddr>) -> Self {
        let typed = Arc::default();
        Self { discovery, transferred, announced: None, named, typed, needed_at: Instant::now() }
    }

    /// The same, with peers that the person typed: they are dialed whatever their port is.
    pub fn with_typed(mut self, typed: Vec<SocketAddr>) -> Self {
        self.named.extend(&typed);
        self.typed = Arc::new(typed.into_iter().collect());
        self
    }

    /// How strangers of this torrent are dialed.
    pub fn strangers(&self, info_hash: InfoHash) -> Strangers {
        Strangers::with_typed(info_hash, self.typed.clone())
    }

    /// The same, with clients that announced themselves at a group's tracker.
    pub fn with_announced(self, announced: Announced) -> Self {
        Self { announced: Some(announced), ..self }
    }

    /// Finds these next, once more.
    pub fn find_again(&mut self, addresses: impl IntoIterator<Item = SocketAddr>) {
        self.named.extend(addresses);
    }

    /// Waits for peers; for ever if none are looked for.
    pub async fn next(outside: &mut Option<Self>) -> Found {
        match outside {
            Some(side) if !side.named.is_empty() => {
                Found { source: Source::Named, addresses: std::mem::take(&mut side.named) }
            }
            Some(side) => tokio::select! {
                found = side.discovery.next() => found,
                addresses = Announced::next(&mut side.announced) => Found { source: Source::Tracker, addresses },
            },
            None => std::future::pending().await,
        }
    }

    /// For the trackers.
    pub fn tell(&self, transferred: Transferred) {
        let set = |told: &mut Transferred| std::mem::replace(told, transferred) != transferred;
        self.transferred.send_if_modified(set);
    }

    /// There are too few peers.
    pub fn need_peers(&mut self) {
        if self.needed_at.elapsed() >= NEED_EVERY {
            self.needed_at = Instant::now();
            self.discovery.need_peers();
        }
    }

    /// What each tracker said last, for people.
    pub fn statuses(&self) -> Vec<TrackerStatus> {
        self.discovery.statuses().borrow().clone()
    }

    /// Says goodbye to the trackers; takes 3 s at most.
    pub async fn stop(self) {
        self.discovery.stop().await;
    }
}

/// Ordinary clients that announced themselves at a group's tracker, with a member's passkey.
#[derive(Debug)]
pub struct Announced {
    peers: watch::Receiver<Arc<[SwarmPeer]>>,
    /// Addresses in private networks and on this machine count too.
    allows_private: bool,
}

impl Announced {
    /// `peers`: all of the swarm.
    pub fn new(mut peers: watch::Receiver<Arc<[SwarmPeer]>>, allows_private: bool) -> Self {
        peers.mark_changed();
        Self { peers, allows_private }
    }

    /// Where they are.
    pub fn addresses(&self) -> Vec<SocketAddr> {
        let mut addresses = announced_at(&self.peers.borrow());
        addresses.retain(|address| self.allows_private || Reach::of(address.ip()) == Reach::Internet);
        addresses
    }

    /// Waits until there are others.
    ///
    /// # Errors
    /// The session is over.
    pub async fn changed(&mut self) -> Result<Vec<SocketAddr>, SessionOver> {
        self.peers.changed().await.map_err(|_| SessionOver)?;
        self.peers.borrow_and_update();
        Ok(self.addresses())
    }

    async fn next(announced: &mut Option<Self>) -> Vec<SocketAddr> {
        match announced {
            Some(side) => match side.changed().await {
                Ok(addresses) => addresses,
                Err(SessionOver) => std::future::pending().await,
            },
            None => std::future::pending().await,
        }
    }
}

/// Where ordinary clients accept connections that announced themselves.
pub fn announced_at(peers: &[SwarmPeer]) -> Vec<SocketAddr> {
    let announced = peers.iter().filter(|peer| peer.source == control::Source::Announced);
    announced.flat_map(|peer| peer.tcp.iter().copied()).collect()
}
