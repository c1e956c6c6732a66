//! Pieces come and go without being fetched here: a cache throws one out, a bridge's seeder brings many.

use peer_wire::{Behind, Message};

use super::Engine;
use crate::peer::Peer;
use crate::piece_set::PieceSet;

impl Engine {
    pub(super) fn on_gained(&mut self, pieces: &PieceSet) {
        if pieces.len() != self.info.layout().pieces() {
            return;
        }
        let had_all = self.picker.has_all_wanted();
        let gained: Vec<u32> = pieces.iter().filter(|piece| self.picker.gain(*piece)).collect();
        gained.into_iter().for_each(|piece| self.have_log.push(piece));
        self.tell_peers();
        self.wake_all();
        if !had_all && self.picker.has_all_wanted() {
            self.on_completed();
        }
    }

    pub(super) fn on_lost(&mut self, pieces: &PieceSet) {
        if pieces.len() != self.info.layout().pieces() {
            return;
        }
        self.catch_up_all();
        let lost: Vec<u32> = pieces.iter().filter(|piece| self.picker.lose(*piece)).collect();
        for peer in self.peers.values_mut().filter(|peer| peer.id.is_some()) {
            // Whoever was not told that we had it would be told after that we have it no more.
            let news = self.have_log.tell(&mut peer.haves_told, usize::MAX);
            peer.control.extend_from_slice(&news);
            lost.iter().for_each(|piece| take_back(peer, *piece));
        }
        self.have_log.forget();
        self.weigh_all();
    }

    /// Peers whose handshake is here are told now, others with ours.
    pub(super) fn set_behind(&mut self, mut behind: Vec<Behind>) {
        behind.truncate(peer_wire::BEHIND_MAX);
        let behind = Some(behind);
        if self.behind == behind {
            return;
        }
        self.behind = behind;
        let payload: bytes::Bytes = self.extension_handshake().encode().into();
        for peer in self.peers.values_mut().filter(|peer| peer.speaks_extensions) {
            peer.say(&Message::Extended { id: 0, payload: payload.clone() });
        }
        self.wake_all();
    }
}

/// It has no more of this piece from us.
fn take_back(peer: &mut Peer, piece: u32) {
    let unanswered = peer.uploads.drop_piece(piece);
    if let Some(id) = peer.extensions.dont_have.filter(|_| !peer.keeps_interest) {
        let payload = piece.to_be_bytes().to_vec().into();
        peer.say(&Message::Extended { id, payload });
    }
    if peer.fast {
        unanswered.into_iter().for_each(|block| peer.say(&Message::Reject(block)));
    }
}
