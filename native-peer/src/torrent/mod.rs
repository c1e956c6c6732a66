//! Torrents outside of groups: this program as one BitTorrent client among others.
//!
//! ```text
//!   torrent file · magnet link · address ──► origin ──► (metadata from peers) ──► Info
//!                                                                                  │
//!   trackers · DHT · local network · named peers ──► Outside ──────► swarm ◄── what is here already
//! ```

mod download;
pub mod magnet;
pub mod origin;
mod seed;

use std::net::SocketAddr;

use metainfo::{Info, PeerAddress};
use peer_wire::{InfoHash, PeerId};
use tokio::sync::watch;
use tracker_wire::Transferred;

use crate::cli::{PeerSources, Setup};
use crate::discovery::{self, DhtNode, Discovery};
use crate::failure::{Failure, Outcome};
use crate::interrupt::Interrupt;
use crate::links::Listener;
use crate::random;
use crate::report::Report;
use crate::swarm::{Outside, Places};

pub use download::download;
pub use seed::seed;

/// What both commands work with.
struct Desk {
    interrupt: Interrupt,
    report: Report,
    /// `None`: nobody can connect to us.
    listener: Option<Listener>,
    places: Places,
    /// Our id on the peer wire, in this run.
    local: PeerId,
}

impl Desk {
    async fn open(setup: &Setup, report: Report) -> Outcome<Self> {
        let interrupt = Interrupt::listen();
        let listener = Listener::open(setup.listen).await?;
        Ok(Self { interrupt, report, listener, places: Places::default(), local: PeerId::covey(random::bytes()) })
    }

    /// Does something that may take long; ends early when the person wants the end.
    async fn guarded<T>(&self, doing: &str, work: impl Future<Output = T>) -> Outcome<T> {
        tokio::select! {
            done = work => Ok(done),
            () = self.interrupt.asked() => Err(Failure::interrupted(format!("stopped during {doing}"), "")),
        }
    }

    /// Begins to look for peers.
    async fn look_for_peers(&self, search: Search<'_>) -> Outside {
        look_for_peers(&self.report, self.listener.as_ref(), self.local, search).await
    }
}

/// Begins to look for peers. `local`: the id that they are told.
pub async fn look_for_peers(
    report: &Report,
    listener: Option<&Listener>,
    local: PeerId,
    search: Search<'_>,
) -> Outside {
    let Search { info_hash, is_private, tiers, sources, named, left } = search;
    let (named, typed) = (resolve(named).await, resolve(&sources.named).await);
    let dht = match sources.dht && !is_private {
        true => DhtNode::start(None, None)
            .await
            .inspect_err(|error| report.note(&format!("Going on without the DHT: {error}.")))
            .ok(),
        false => None,
    };
    let port = listener.map(|listener| listener.local_addr().port());
    let transferred = watch::Sender::new(Transferred { uploaded: 0, downloaded: 0, left });
    let config = discovery::Config {
        info_hash,
        peer_id: local,
        port,
        tiers: tiers.to_vec(),
        is_private,
        dht,
        local: sources.lan,
    };
    Outside::new(Discovery::start(config, transferred.subscribe()), transferred, named).with_typed(typed)
}

/// What peers are looked for, and where.
pub struct Search<'a> {
    pub info_hash: InfoHash,
    /// BEP 27: only its trackers are asked.
    pub is_private: bool,
    pub tiers: &'a [Vec<String>],
    pub sources: &'a PeerSources,
    /// Peers that a magnet link names.
    pub named: &'a [PeerAddress],
    /// Bytes that are not here.
    pub left: u64,
}

async fn resolve(peers: &[PeerAddress]) -> Vec<SocketAddr> {
    let mut addresses = Vec::new();
    for PeerAddress { host, port } in peers {
        match tokio::net::lookup_host((host.as_str(), *port)).await {
            Ok(found) => addresses.extend(found),
            Err(error) => tracing::info!(host, %error, "a named peer is not found"),
        }
    }
    addresses
}

/// The torrent's own sentence, for the person.
fn note_torrent(report: &Report, info: &Info) {
    let layout = info.layout();
    report.ready(&info.info_hash(), layout.pieces(), layout.nominal_piece_len());
}
