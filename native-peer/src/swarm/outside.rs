//! Peers that no group knows: those that the person named, of trackers, of the DHT, of the local network.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use local_peer::Source;
use tokio::sync::watch;
use tracker_wire::Transferred;

use crate::discovery::{Discovery, Found, TrackerStatus};

/// How often more peers are asked for, at most.
const NEED_EVERY: Duration = Duration::from_secs(30);

/// Where strangers are found, and what those who know them are told.
#[derive(Debug)]
pub struct Outside {
    discovery: Discovery,
    transferred: watch::Sender<Transferred>,
    /// Whom the person named, and who is to be found again, until they are taken.
    named: Vec<SocketAddr>,
    needed_at: Instant,
}

impl Outside {
    /// `transferred`: what `discovery` follows.
    pub fn new(discovery: Discovery, transferred: watch::Sender<Transferred>, named: Vec<SocketAddr>) -> Self {
        Self { discovery, transferred, named, needed_at: Instant::now() }
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
            Some(side) => side.discovery.next().await,
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
