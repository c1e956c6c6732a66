//! What is said of those whom a download comes from and goes to.

use super::rate_down;
use crate::format;
use crate::messages::{DownloadView, PeerView};

/// Its peers, of whom none sends when nothing comes.
pub fn peers(download: &DownloadView) -> Vec<PeerView> {
    let is_quiet = rate_down(download).is_none();
    let peers = download.peers.iter().cloned();
    peers.map(|peer| PeerView { rate_down: if is_quiet { 0 } else { peer.rate_down }, ..peer }).collect()
}

/// What a peer has, or what it gave and got: the second column of its row.
pub fn peer_line(peer: &PeerView) -> String {
    match (peer.is_linked, peer.have_per_mille, peer.downloaded, peer.uploaded) {
        (true, 1000, ..) => "has all of it".to_owned(),
        (true, per_mille, ..) => format!("has {} %", per_mille / 10),
        (false, _, down, 0) => format!("gave {}", format::bytes(down)),
        (false, _, 0, up) => format!("got {}", format::bytes(up)),
        (false, _, down, up) => format!("gave {}, got {}", format::bytes(down), format::bytes(up)),
    }
}

/// The program that somebody runs, or what stands behind it: `bridge to Transmission 3.00 and qBittorrent 4.5.2`.
pub fn client_line(peer: &PeerView) -> String {
    let named = |is_banned: bool| -> Vec<String> {
        let clients = peer.behind.iter().filter(|behind| behind.is_banned == is_banned);
        clients.map(|behind| behind.client.clone()).collect()
    };
    match (named(false), named(true)) {
        (serving, banned) if serving.is_empty() && banned.is_empty() => peer.client.clone(),
        (serving, banned) if banned.is_empty() => format!("bridge to {}", format::names(&serving)),
        (serving, banned) if serving.is_empty() => format!("bridge; {} sent bad data", format::names(&banned)),
        (serving, banned) => {
            format!("bridge to {}; {} sent bad data", format::names(&serving), format::names(&banned))
        }
    }
}
