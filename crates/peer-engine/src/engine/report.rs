//! Figures for people, and checks for tests.

use peer_wire::PeerId;

use super::Engine;
use crate::ids::{Identity, LinkKey};
use crate::peer::Peer;
use crate::piece_set::PieceSet;
use crate::stats::{PeerStats, PieceState, Stats};

impl Engine {
    /// What this peer downloads or serves.
    pub fn info(&self) -> &metainfo::Info {
        &self.info
    }

    /// Verified and stored pieces.
    pub fn have(&self) -> &PieceSet {
        self.picker.have()
    }

    /// Every piece is verified and stored.
    pub fn is_complete(&self) -> bool {
        self.picker.have().is_full()
    }

    /// Every piece that is wanted is verified and stored.
    pub fn has_all_wanted(&self) -> bool {
        self.picker.has_all_wanted()
    }

    /// The first piece that is wanted and not verified and stored; `None`: all are.
    pub fn first_lacking(&self) -> Option<u32> {
        self.picker.wanted().first_not_in(self.picker.have())
    }

    /// Bytes of blocks received, the useless ones included. O(1).
    pub fn downloaded(&self) -> u64 {
        self.down.total()
    }

    /// Nothing of this peer, or of whoever runs it, is used any more: not to be dialed, and not to be accepted.
    pub fn is_banned(&self, peer: Option<PeerId>, identity: Option<Identity>) -> bool {
        self.trust.is_banned(peer, identity)
    }

    /// The swarm as this peer sees it. O(pieces).
    pub fn stats(&self) -> Stats {
        let (layout, have) = (self.info.layout(), self.picker.have());
        let availability = &self.picker.availability;
        let lacking = || self.picker.wanted().iter().filter(|piece| !have.contains(*piece));
        Stats {
            pieces_lacking: lacking().count() as u32,
            bytes_wanted: self.bytes_of(self.picker.wanted()),
            bytes_lacking: lacking().map(|piece| u64::from(layout.piece_len(piece))).sum(),
            pieces: layout.pieces(),
            pieces_have: have.count(),
            bytes: layout.total_len(),
            bytes_have: self.bytes_of(have),
            bytes_partial: self.unverified_bytes(),
            downloaded: self.down.total(),
            uploaded: self.up.total(),
            wasted: self.wasted,
            rate_down: self.down.average(),
            rate_up: self.up.average(),
            peers: self.peers.values().filter(|peer| peer.id.is_some()).count() as u32,
            peers_unchoking_us: self.peers.values().filter(|peer| peer.we_are_interested && !peer.choking_us).count()
                as u32,
            pieces_unavailable: lacking().filter(|piece| availability.count(*piece) == 0).count() as u32,
            copies_milli: self.copies_milli(),
        }
    }

    /// Not here yet, verified or not.
    pub(super) fn missing_bytes(&self) -> u64 {
        let here = self.bytes_of(self.picker.have()) + self.unverified_bytes();
        self.info.layout().total_len() - here
    }

    fn bytes_of(&self, pieces: &PieceSet) -> u64 {
        let layout = self.info.layout();
        let last = layout.pieces() - 1;
        let short = if pieces.contains(last) { layout.nominal_piece_len() - layout.piece_len(last) } else { 0 };
        u64::from(pieces.count()) * u64::from(layout.nominal_piece_len()) - u64::from(short)
    }

    fn copies_milli(&self) -> u32 {
        let pieces = self.info.layout().pieces();
        let count = |piece| self.picker.availability.count(piece) + u32::from(self.picker.have().contains(piece));
        let rarest = (0..pieces).map(count).min().unwrap_or(0);
        let above = (0..pieces).filter(|piece| count(*piece) > rarest).count() as u64;
        rarest * 1_000 + (above * 1_000 / u64::from(pieces)) as u32
    }

    /// What this peer is known to have; `None`: there is no such link.
    pub fn pieces_of(&self, link: LinkKey) -> Option<&PieceSet> {
        self.peers.get(link).map(|peer| &peer.pieces)
    }

    /// Everybody whose handshake is here, in order of links.
    pub fn peers(&self) -> Vec<PeerStats> {
        self.peers.values().filter_map(peer_stats).collect()
    }

    /// One entry per piece.
    pub fn piece_states(&self) -> Vec<PieceState> {
        let state = |piece| match piece {
            piece if self.picker.have().contains(piece) => PieceState::Have,
            piece if self.picker.is_begun(piece) => PieceState::Partial,
            piece => PieceState::Missing { availability: self.picker.availability.count(piece) },
        };
        (0..self.info.layout().pieces()).map(state).collect()
    }

    /// Asserts that the engine's books agree with a recount. For tests and the simulator.
    pub fn check(&self) {
        self.picker.check();
        let asked: u64 = self.peers.values().map(|peer| peer.window.bytes()).sum();
        assert_eq!(self.budget.requested(), asked, "requested bytes");
        for peer in self.peers.values() {
            let unseen = self
                .have_log
                .since(peer.haves_seen)
                .iter()
                .filter(|piece| peer.pieces.contains(**piece) && self.picker.wanted().contains(**piece))
                .count();
            let wanted = self.picker.wanted();
            let interesting = peer.pieces.count_lacking(wanted, self.picker.have()) + unseen as u32;
            assert_eq!(peer.interesting, interesting, "interest in {:?}", peer.link);
        }
        for (link, block) in self.picker.requests() {
            let is_asked = self.peers.get(link).is_some_and(|peer| peer.window.is_asked(&block));
            assert!(is_asked, "the picker thinks that {link:?} was asked for {block:?}");
        }
    }
}

fn peer_stats(peer: &Peer) -> Option<PeerStats> {
    Some(PeerStats {
        link: peer.link,
        peer: peer.id?,
        identity: peer.identity(),
        client: peer.client.clone(),
        behind: peer.behind.clone(),
        pieces_have: peer.pieces.count(),
        downloaded: peer.down.total(),
        uploaded: peer.up.total(),
        rate_down: peer.down.average(),
        rate_up: peer.up.average(),
        requests_in_flight: peer.window.len(),
        choking_us: peer.choking_us,
        choked_by_us: peer.slot.is_choked(),
        interested_in_us: peer.interested_in_us,
        interesting: peer.we_are_interested,
        snubbed: peer.window.is_snubbed(),
    })
}
