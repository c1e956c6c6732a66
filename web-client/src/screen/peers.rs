//! What is said of those whom a download comes from and goes to.

use super::rate_down;
use crate::format;
use crate::messages::{DownloadView, PeerView};
use crate::words::words;

/// Its peers, of whom none sends when nothing comes.
pub fn peers(download: &DownloadView) -> Vec<PeerView> {
    let is_quiet = rate_down(download).is_none();
    let peers = download.peers.iter().cloned();
    peers.map(|peer| PeerView { rate_down: if is_quiet { 0 } else { peer.rate_down }, ..peer }).collect()
}

/// What a peer has, or what it gave and got: the second column of its row.
pub fn peer_line(peer: &PeerView) -> String {
    let line = match (peer.is_linked, peer.have_per_mille, peer.downloaded, peer.uploaded) {
        (true, 1000, ..) => words().peers_all(),
        (true, per_mille, ..) => words().peers_part(per_mille / 10),
        (false, _, down, 0) => words().peers_gave(format::bytes(down)),
        (false, _, 0, up) => words().peers_got(format::bytes(up)),
        (false, _, down, up) => words().peers_gave_and_got(format::bytes(down), format::bytes(up)),
    };
    line.to_string()
}

/// The program that somebody runs, or what stands behind it: `bridge to Transmission 3.00 and qBittorrent 4.5.2`.
pub fn client_line(peer: &PeerView) -> String {
    let named = |is_banned: bool| -> Vec<String> {
        let clients = peer.behind.iter().filter(|behind| behind.is_banned == is_banned);
        clients.map(|behind| behind.client.clone()).collect()
    };
    match (named(false), named(true)) {
        (serving, banned) if serving.is_empty() && banned.is_empty() => peer.client.clone(),
        (serving, banned) if banned.is_empty() => words().peers_bridge(format::names(&serving)).to_string(),
        (serving, banned) if serving.is_empty() => words().peers_bridge_bad(format::names(&banned)).to_string(),
        (serving, banned) => words().peers_bridge_some_bad(format::names(&serving), format::names(&banned)).to_string(),
    }
}
