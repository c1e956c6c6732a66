//! A magnet link: the torrent itself comes from peers.

use std::time::Duration;

use metainfo::{Info, Magnet};
use peer_wire::PeerId;

use super::{Search, look_for_peers};
use crate::cli::PeerSources;
use crate::failure::{Failure, Outcome};
use crate::links::Listener;
use crate::metadata;
use crate::report::{Report, text};
use crate::swarm::Outside;

/// What a link led to.
#[derive(Debug)]
pub struct Asked {
    pub info: Info,
    /// The link's trackers.
    pub tiers: Vec<Vec<String>>,
    /// The search that the torrent came from; `None`: it turned out to be private (BEP 27), and whoever was asked for it must
    /// not be asked for more.
    pub outside: Option<Outside>,
}

/// Looks for peers and asks them, for ever if there is no timeout. `local`: the id that they are told.
///
/// # Errors
/// Nobody gave it in time.
pub async fn ask(
    (report, listener, local): (&Report, Option<&Listener>, PeerId),
    magnet: &Magnet,
    sources: &PeerSources,
    timeout: Option<Duration>,
) -> Outcome<Asked> {
    let tiers: Vec<Vec<String>> = magnet.trackers.iter().map(|tracker| vec![tracker.clone()]).collect();
    let search = Search {
        info_hash: magnet.info_hash,
        is_private: false,
        tiers: &tiers,
        sources,
        named: &magnet.peers,
        // Not known yet, and not nothing: whoever is asked must not take us for a seeder.
        left: 1,
    };
    let mut outside = Some(look_for_peers(report, listener, local, search).await);
    let name = magnet.name.as_deref().map_or_else(|| magnet.info_hash.short(), text::printable);
    let show = |search: metadata::Search| {
        let found = text::peers(search.found);
        report.waiting(&format!("Asking for the torrent of {name}: {found} found, {} being asked", search.asking));
    };
    let asking = metadata::find(magnet.info_hash, local, &mut outside, show);
    let info = within(timeout, asking).await.ok_or_else(|| {
        let advice = "Nobody who was found gave it in time. Add a peer with --peer HOST:PORT, or use the torrent file.";
        Failure::no_source(format!("the torrent of {name} was not found"), advice)
    })?;
    report.end_bar();
    let outside = outside.filter(|_| !info.is_private());
    Ok(Asked { info, tiers, outside })
}

/// `None`: it took too long.
async fn within<T>(timeout: Option<Duration>, work: impl Future<Output = T>) -> Option<T> {
    match timeout {
        Some(timeout) => tokio::time::timeout(timeout, work).await.ok(),
        None => Some(work.await),
    }
}
