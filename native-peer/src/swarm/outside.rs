//! Peers that no group knows: those of trackers, of the DHT, of the local network.

use std::net::SocketAddr;

use local_peer::Source;
use tokio::sync::{mpsc, watch};

/// Some peers.
#[derive(Debug)]
pub struct Found {
    pub source: Source,
    pub addresses: Vec<SocketAddr>,
}

/// What trackers are told, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Transferred {
    pub uploaded: u64,
    pub downloaded: u64,
    pub left: u64,
}

/// Where strangers are found, and what those who know them are told.
#[derive(Debug)]
pub struct Outside {
    pub found: mpsc::Receiver<Found>,
    pub transferred: watch::Sender<Transferred>,
}

impl Outside {
    /// Waits for peers; for ever if none are looked for.
    pub async fn next(outside: &mut Option<Self>) -> Found {
        if let Some(side) = outside {
            if let Some(found) = side.found.recv().await {
                return found;
            }
            // Nobody looks any more.
            *outside = None;
        }
        std::future::pending().await
    }
}
