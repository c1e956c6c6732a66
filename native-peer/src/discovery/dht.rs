//! The distributed hash table (BEP 5). IPv4 only, as the library is.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::time::Duration;

use futures_util::StreamExt;
use local_peer::Source;
use mainline::Id;
use mainline::async_dht::AsyncDht;
use peer_wire::InfoHash;
use tokio::sync::{mpsc, watch};
use tokio::time::{sleep, timeout};

use super::Found;
use super::addresses::dialable;

/// One search through the table.
const SEARCH_TIMEOUT: Duration = Duration::from_secs(60);
/// Announcing to the nodes that the search found.
const ANNOUNCE_TIMEOUT: Duration = Duration::from_secs(30);
/// Between two searches; nodes forget a peer after 30 min.
const INTERVAL: Duration = Duration::from_secs(15 * 60);
/// After a search that found nobody, and before one that is wanted early.
const INTERVAL_MIN: Duration = Duration::from_secs(60);
/// Addresses of one search that are taken.
const ADDRESSES_MAX: usize = 1000;

/// A node of the table. Clones are the same node; with the last one its thread and its socket end.
#[derive(Debug, Clone)]
pub struct DhtNode(AsyncDht);

impl DhtNode {
    /// Joins the table through these nodes (`host:port`); `None`: through the well-known ones. `port` is the UDP port,
    /// `None`: any.
    ///
    /// # Errors
    /// There is no socket.
    pub async fn start(bootstrap: Option<Vec<String>>, port: Option<u16>) -> io::Result<Self> {
        Self::start_at(Ipv4Addr::UNSPECIFIED, bootstrap, port).await
    }

    pub(super) async fn start_at(
        address: Ipv4Addr,
        bootstrap: Option<Vec<String>>,
        port: Option<u16>,
    ) -> io::Result<Self> {
        // Names of nodes are looked up, and the socket is bound, before it returns.
        let started = tokio::task::spawn_blocking(move || {
            let mut builder = mainline::Dht::builder();
            builder.bind_address(address);
            if let Some(bootstrap) = bootstrap {
                builder.bootstrap(&bootstrap);
            }
            if let Some(port) = port {
                builder.port(port);
            }
            builder.build()
        });
        Ok(Self(started.await.map_err(io::Error::other)??.as_async()))
    }
}

/// Searches, and announces where there is a port, until nobody takes what is found.
pub(super) async fn search(
    node: DhtNode,
    info_hash: InfoHash,
    port: Option<u16>,
    found: mpsc::Sender<Found>,
    mut need: watch::Receiver<u64>,
) {
    let id = Id::from(info_hash.0);
    loop {
        let count = match timeout(SEARCH_TIMEOUT, search_once(&node, id, &found)).await {
            Ok(Ok(count)) => count,
            Ok(Err(NobodyTakes)) => return,
            Err(_) => 0,
        };
        if let Some(port) = port {
            let announced = timeout(ANNOUNCE_TIMEOUT, node.0.announce_peer(id, Some(port))).await;
            if let Ok(Err(error)) = announced {
                tracing::debug!(%error, "the hash table takes no announce");
            }
        }
        need.mark_unchanged();
        sleep(INTERVAL_MIN).await;
        if count > 0 {
            tokio::select! {
                () = sleep(INTERVAL - INTERVAL_MIN) => {}
                Ok(()) = need.changed() => {}
            }
        }
    }
}

struct NobodyTakes;

async fn search_once(node: &DhtNode, id: Id, found: &mpsc::Sender<Found>) -> Result<usize, NobodyTakes> {
    let mut answers = node.0.get_peers(id);
    let mut count = 0;
    while let Some(answer) = answers.next().await {
        let addresses = dialable(answer.into_iter().map(|address: SocketAddrV4| SocketAddr::V4(address)));
        count += addresses.len();
        if !addresses.is_empty() {
            let answer = Found { source: Source::Dht, addresses };
            found.send(answer).await.map_err(|_| NobodyTakes)?;
        }
        if count >= ADDRESSES_MAX {
            break;
        }
    }
    Ok(count)
}
