//! How the peers of one torrent are found outside of groups: trackers over HTTP and UDP, the distributed hash table
//! (BEP 5) and the local network (BEP 14). It says addresses; whom to dial is the local peer's business.

mod addresses;
mod dht;
mod families;
mod http;
mod local;
#[cfg(test)]
mod tests;
mod trackers;
mod udp;

use std::net::SocketAddr;
use std::time::Duration;

use local_peer::Source;
use peer_wire::{InfoHash, PeerId};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;
use tracker_wire::Transferred;

pub use dht::DhtNode;
pub use trackers::TrackerStatus;

/// Answers that nobody has taken yet; the rest waits at its source.
const FOUND_QUEUE: usize = 32;
/// For `stopped` to reach the trackers.
const STOP_TIMEOUT: Duration = Duration::from_secs(3);

/// What is searched for, and where.
#[derive(Debug)]
pub struct Config {
    /// The torrent.
    pub info_hash: InfoHash,
    /// This program in it.
    pub peer_id: PeerId,
    /// Where it accepts connections; `None`: nowhere.
    pub port: Option<u16>,
    /// `announce-list` (BEP 12).
    pub tiers: Vec<Vec<String>>,
    /// BEP 27: only trackers are asked.
    pub is_private: bool,
    /// The hash table, which all torrents share; `None`: it is not asked.
    pub dht: Option<DhtNode>,
    /// Whether the local network is asked, and hears of this peer.
    pub local: bool,
}

/// Addresses of peers, and who said them. None has port 0, and none is of a group or of nobody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Who said them.
    pub source: Source,
    /// At least one.
    pub addresses: Vec<SocketAddr>,
}

/// The search. Dropped, it ends without a word to the trackers.
#[derive(Debug)]
pub struct Discovery {
    found: mpsc::Receiver<Found>,
    statuses: watch::Receiver<Vec<TrackerStatus>>,
    /// Counts calls of [`Self::need_peers`].
    needs: watch::Sender<u64>,
    stop: CancellationToken,
    trackers: JoinHandle<()>,
    others: Vec<AbortOnDropHandle<()>>,
}

impl Discovery {
    /// Begins. `transferred` must be known already, files that are here checked: when its `left` becomes 0 later,
    /// trackers hear `completed`.
    pub fn start(config: Config, transferred: watch::Receiver<Transferred>) -> Self {
        Self::start_with(config, transferred, &Network::default())
    }

    fn start_with(config: Config, transferred: watch::Receiver<Transferred>, network: &Network) -> Self {
        let (sender, found) = mpsc::channel(FOUND_QUEUE);
        let (needs, need) = watch::channel(0);
        let stop = CancellationToken::new();
        let mut others = Vec::new();
        if let Some(node) = config.dht.clone().filter(|_| !config.is_private) {
            let search = dht::search(node, config.info_hash, config.port, sender.clone(), need.clone());
            others.push(AbortOnDropHandle::new(tokio::spawn(search)));
        }
        if config.local && !config.is_private {
            for place in network.local {
                let search = local::search(place, config.info_hash, config.port, sender.clone());
                others.push(AbortOnDropHandle::new(tokio::spawn(search)));
            }
        }
        let (trackers, statuses) =
            trackers::Trackers::new(config, transferred, need, sender, stop.clone(), network.udp_wait);
        Self { found, statuses, needs, stop, trackers: tokio::spawn(trackers.run()), others }
    }

    /// The next addresses. Never ends by itself: where there is nothing to ask, it waits.
    pub async fn next(&mut self) -> Found {
        match self.found.recv().await {
            Some(found) => found,
            None => std::future::pending().await,
        }
    }

    /// What each tracker last said, in the order of the tiers, for people.
    pub fn statuses(&self) -> watch::Receiver<Vec<TrackerStatus>> {
        self.statuses.clone()
    }

    /// There are too few peers: asks again as soon as those who are asked allow.
    pub fn need_peers(&self) {
        self.needs.send_modify(|needs| *needs += 1);
    }

    /// Ends the search, and says `stopped` to the trackers; takes 3 s at most.
    pub async fn stop(mut self) {
        // Nobody takes what is found any more, so nobody waits for that.
        self.found.close();
        while self.found.try_recv().is_ok() {}
        self.stop.cancel();
        for task in self.others.drain(..) {
            task.abort();
            let _ = task.await;
        }
        if tokio::time::timeout(STOP_TIMEOUT, &mut self.trackers).await.is_err() {
            self.trackers.abort();
            let _ = (&mut self.trackers).await;
        }
    }
}

impl Drop for Discovery {
    fn drop(&mut self) {
        self.trackers.abort();
    }
}

/// What tests have otherwise.
#[derive(Debug)]
struct Network {
    /// Until a packet to a UDP tracker is sent again the first time.
    udp_wait: Duration,
    local: [local::Place; 2],
}

impl Default for Network {
    fn default() -> Self {
        Self { udp_wait: udp::FIRST_WAIT, local: local::PLACES }
    }
}
