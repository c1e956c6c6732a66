//! Peers that no group knows: those that the person named, of trackers, of the DHT, of the local network.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use local_peer::Source;
use tokio::sync::watch;
use tracker_wire::Transferred;
use wire_protocol::control::{self, SwarmPeer};
use wire_protocol::ids::InfoHash;

use crate::discovery::{Discovery, Found, TrackerStatus};
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
        addresses.retain(|address| self.allows_private || is_public(address.ip()));
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

/// Nobody's machine or network of their own: a server that names one might have us knock at doors which it cannot reach.
fn is_public(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => {
            let [a, b, ..] = ip.octets();
            let is_shared = a == 100 && (64..128).contains(&b);
            let is_benchmark = a == 198 && (18..20).contains(&b);
            let is_own = ip.is_private() || ip.is_loopback() || ip.is_link_local();
            !(is_own || is_shared || is_benchmark || a == 0 || a >= 224)
        }
        IpAddr::V6(ip) => {
            let is_own = ip.is_loopback() || ip.is_unicast_link_local() || ip.is_unique_local();
            // 64:ff9b::/96, 2002::/16 and 2001::/32 hold an IPv4 address that could be anybody's.
            let [first, second, ..] = ip.segments();
            let embeds = (first, second) == (0x64, 0xff9b) || first == 0x2002 || (first, second) == (0x2001, 0);
            !(is_own || embeds || ip.is_unspecified() || ip.is_multicast())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_public_addresses_are_dialed_because_a_tracker_says_so() {
        for ip in ["203.0.113.9", "8.8.8.8", "2001:db8::1", "::ffff:8.8.8.8"] {
            assert!(is_public(ip.parse().unwrap()), "{ip}");
        }
        for ip in [
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.7",
            "127.0.0.1",
            "169.254.1.1",
            "100.64.0.1",
            "198.18.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "::1",
            "::",
            "fe80::1",
            "fd00::1",
            "ff02::1",
            "::ffff:192.168.1.7",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "2001::1",
        ] {
            assert!(!is_public(ip.parse().unwrap()), "{ip}");
        }
    }
}
