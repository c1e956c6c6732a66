//! How busy each holder is: of several the one with the least outstanding load is asked, and towards the end
//! none that the others would not have to wait for.

use std::time::Duration;

use peer_wire::BLOCK_LEN_MAX;

use super::Engine;
use super::peers::Peers;
use crate::config::Config;
use crate::ids::LinkKey;
use crate::peer::Peer;
use crate::picker::Waits;
use crate::time::Timestamp;

/// With more pieces missing than this the end is far.
const LAST_PIECES_MAX: usize = 256;

/// Whoever has been asked and has sent nothing for this long is not waited for.
const SILENT_AFTER: Duration = Duration::from_secs(2);

/// The peers that are not being written to right now.
pub(super) struct Others<'a> {
    peers: &'a Peers,
    by_load: bool,
    now: Timestamp,
}

impl<'a> Others<'a> {
    pub(super) fn new(peers: &'a Peers, config: &Config, now: Timestamp) -> Self {
        Self { peers, by_load: config.least_loaded_first, now }
    }
}

impl Waits for Others<'_> {
    fn wait_ms(&self, link: LinkKey) -> u64 {
        if self.by_load { self.peers.get(link).map_or(0, |peer| peer.wait_ms(self.now)) } else { 0 }
    }

    fn rate(&self, link: LinkKey) -> u64 {
        self.peers.get(link).map_or(0, |peer| peer.down.per_second(self.now))
    }

    fn shortest_wait_ms(&self, piece: u32) -> Option<u64> {
        let holders = self.peers.values().filter(|peer| !peer.choking_us && peer.pieces.contains(piece));
        holders.map(|peer| peer.wait_ms(self.now)).min()
    }
}

impl Engine {
    /// The others would have sent all that is missing before this peer could send one more block: it is left
    /// to them. The fastest holder is never told to wait for slower ones, so that somebody is always asked.
    pub(super) fn others_are_sooner(&self, peer: &Peer) -> bool {
        let outstanding = peer.window.bytes();
        let rest = self.missing_bytes().saturating_sub(outstanding);
        if !self.config.least_loaded_first || rest == 0 {
            return false;
        }
        let rate = peer.down.per_second(self.now);
        if rate == 0 {
            // Those that have not sent anything yet are taken for equals.
            let is_more_than_its_share = outstanding + u64::from(BLOCK_LEN_MAX) > rest / self.askable();
            return outstanding > 0 && is_more_than_its_share && self.sum_of_other_holders(peer).is_some();
        }
        let block = rest.min(u64::from(BLOCK_LEN_MAX));
        let own_ms = (outstanding + block) * 1_000 / rate;
        // The sum over all peers is cheap and at least that of the holders.
        let all = self.down.per_second(self.now).saturating_sub(rate);
        if all == 0 || rest * 1_000 / all >= own_ms {
            return false;
        }
        self.sum_of_other_holders(peer).is_some_and(|others| {
            let (together, fastest) = (others.sum.max(1), others.fastest.max(1));
            (rest * 1_000 / together).max(block * 1_000 / fastest) < own_ms
        })
    }

    /// What is outstanding there may never come.
    fn has_gone_silent(&self, peer: &Peer) -> bool {
        let is_late = !peer.window.is_empty() && self.now.since(peer.last_block) > SILENT_AFTER;
        peer.window.is_snubbed() || is_late || peer.id.is_some_and(|id| self.trust.is_on_parole(id))
    }

    /// Peers that could be asked, this one included.
    fn askable(&self) -> u64 {
        1 + self.peers.values().filter(|peer| peer.we_are_interested && !peer.choking_us).count() as u64
    }

    /// What the others could send of whatever this peer could be asked for, piece by piece, at the least.
    /// `None`: something of it can only come from this peer, or the end is far.
    fn sum_of_other_holders(&self, peer: &Peer) -> Option<Rates> {
        let others: Vec<(&Peer, u64)> = self
            .peers
            .values()
            .filter(|other| !other.choking_us && !self.has_gone_silent(other))
            .map(|other| (other, other.down.per_second(self.now)))
            .collect();
        let mut least: Option<Rates> = None;
        for (nth, piece) in self.picker.missing_at(&peer.pieces).enumerate() {
            if nth == LAST_PIECES_MAX || self.picker.is_only_for(piece, peer.link) {
                return None;
            }
            let holders = others.iter().filter(|(other, _)| other.pieces.contains(piece));
            let rates = holders.map(|(_, rate)| Rates { sum: *rate, fastest: *rate }).reduce(Rates::together)?;
            least = Some(least.map_or(rates, |least| least.at_least(rates)));
        }
        least
    }
}

/// Bytes per second.
#[derive(Debug, Clone, Copy)]
struct Rates {
    sum: u64,
    fastest: u64,
}

impl Rates {
    fn together(self, other: Self) -> Self {
        Self { sum: self.sum + other.sum, fastest: self.fastest.max(other.fastest) }
    }

    /// What both have at the least.
    fn at_least(self, other: Self) -> Self {
        Self { sum: self.sum.min(other.sum), fastest: self.fastest.min(other.fastest) }
    }
}
