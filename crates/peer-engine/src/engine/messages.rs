//! What peers say, message by message (BEP 3, 6, 10).

use std::collections::BTreeSet;

use peer_wire::{BLOCK_LEN_MAX, Block, Message};

use super::Engine;
use super::blocks::Pending;
use crate::declined::Declined;
use crate::ids::{JobId, PieceIndex};
use crate::output::{CloseReason, Job};
use crate::peer::{Counted, Peer};
use crate::piece_set::PieceSet;
use crate::time::Timestamp;
use crate::upload_queue::Extent;

/// A have on the wire, bytes.
const HAVE_LEN: usize = 9;
/// A request or a reject on the wire, bytes.
const REQUEST_LEN: usize = 17;

impl Engine {
    pub(super) fn on_message(&mut self, peer: &mut Peer, message: Message, now: Timestamp) -> Result<(), CloseReason> {
        match message {
            Message::KeepAlive | Message::Unknown(_) => {}
            Message::Choke => self.on_choke(peer)?,
            Message::Unchoke => {
                peer.choking_us = false;
                peer.starved = false;
                self.holders_changed = true;
            }
            Message::Interested => self.on_interested(peer, now),
            Message::NotInterested => {
                peer.interested_in_us = false;
                if !peer.slot.is_choked() {
                    self.serving.on_slot_free();
                }
            }
            Message::Have(piece) => self.on_have(peer, piece)?,
            Message::Bitfield(bits) => {
                let pieces = PieceSet::from_bitfield(self.info.layout().pieces(), &bits);
                self.on_pieces(peer, pieces.ok_or(CloseReason::Protocol("bitfield of a wrong length"))?)?;
            }
            Message::HaveAll => {
                fast_only(peer)?;
                peer.talk.on_short_bitfield(self.info.layout().pieces());
                self.on_pieces(peer, PieceSet::all(self.info.layout().pieces()))?;
            }
            Message::HaveNone => {
                fast_only(peer)?;
                peer.talk.on_short_bitfield(self.info.layout().pieces());
                self.on_pieces(peer, PieceSet::none(self.info.layout().pieces()))?;
            }
            Message::Request(block) => self.on_request(peer, block)?,
            Message::Piece { piece, begin, data } => self.on_block(peer, piece, begin, data, now),
            Message::Cancel(block) => self.on_cancel(peer, &block),
            Message::Reject(block) => {
                fast_only(peer)?;
                self.on_reject(peer, &block);
            }
            Message::SuggestPiece(piece) => {
                fast_only(peer)?;
                peer.on_suggested(piece);
            }
            // A hint that nothing here depends on.
            Message::AllowedFast(_) => fast_only(peer)?,
            Message::Extended { id, payload } => self.on_extended(peer, id, &payload)?,
        }
        Ok(())
    }

    /// With Fast the requests stay until each is rejected or served, without it all are rejected.
    fn on_choke(&mut self, peer: &mut Peer) -> Result<(), CloseReason> {
        if std::mem::replace(&mut peer.choking_us, true) {
            return Ok(());
        }
        // What it advised will have been given to others when it serves us again.
        peer.suggested.clear();
        if !peer.fast {
            self.give_up_requests(peer);
            self.wake_all();
        } else {
            peer.current = None;
            self.picker.abandon_all(peer.link);
        }
        let declined = peer.declined.on_choke();
        self.believe_again(peer, declined)
    }

    fn on_interested(&mut self, peer: &mut Peer, now: Timestamp) {
        peer.interested_in_us = true;
        peer.slot.on_interested();
        if peer.slot.is_choked() && self.serves() && self.serving.has_room(self.slots_taken()) {
            self.unchoke(peer, now);
        }
    }

    fn on_have(&mut self, peer: &mut Peer, piece: u32) -> Result<(), CloseReason> {
        if piece >= self.info.layout().pieces() {
            return Err(CloseReason::Protocol("have of a piece that does not exist"));
        }
        if peer.counted == Counted::Seeder || !peer.pieces.insert(piece) {
            return Ok(());
        }
        peer.talk.earn(HAVE_LEN);
        peer.declined.forget(piece);
        self.picker.availability.add_piece(piece);
        if self.picker.have().is_full() {
            self.serving.suggester.on_have(peer.link, piece);
        }
        if self.picker.lacks(piece) {
            peer.interesting += 1;
            peer.starved = false;
        }
        peer.update_interest();
        self.check_both_complete(peer)
    }

    /// Bitfield, have-all or have-none. Accepted late and again: libtorrent sends it after it got the
    /// metadata, and aria2 one more instead of many haves. The last one holds.
    fn on_pieces(&mut self, peer: &mut Peer, pieces: PieceSet) -> Result<(), CloseReason> {
        peer.declined = Declined::default();
        self.count_pieces(peer, pieces)
    }

    fn count_pieces(&mut self, peer: &mut Peer, pieces: PieceSet) -> Result<(), CloseReason> {
        self.uncount(peer);
        if let Some(piece) = peer.current.take_if(|piece| !pieces.contains(*piece)) {
            self.picker.abandon(peer.link, piece);
        }
        if pieces.is_full() {
            peer.counted = Counted::Seeder;
            self.picker.availability.add_seeder();
        } else {
            self.picker.availability.add(&pieces);
        }
        peer.interesting = pieces.count_lacking(self.picker.wanted(), self.picker.have());
        peer.pieces = pieces;
        peer.update_interest();
        self.check_both_complete(peer)
    }

    fn check_both_complete(&self, peer: &Peer) -> Result<(), CloseReason> {
        let both = peer.pieces.is_full() && self.picker.have().is_full();
        if both && self.config.close_when_both_complete { Err(CloseReason::BothComplete) } else { Ok(()) }
    }

    fn on_request(&mut self, peer: &mut Peer, block: Block) -> Result<(), CloseReason> {
        if !self.info.layout().contains(&block) || block.len > BLOCK_LEN_MAX {
            return Err(CloseReason::Protocol("request outside the torrent or above 16 KiB"));
        }
        if peer.slot.is_done_with(block.piece) && peer.uploads.len() == 0 {
            self.choke(peer, self.now);
        }
        let is_full = peer.uploads.len() as u32 >= self.config.request_queue_advertised;
        if peer.slot.is_choked() || is_full || !self.picker.have().contains(block.piece) {
            reject(peer, block);
            return Ok(());
        }
        peer.talk.earn(REQUEST_LEN);
        peer.uploads.push(block);
        peer.slot.on_request(self.now);
        self.load_ahead(peer);
        if self.picker.have().is_full() {
            self.serving.suggester.on_requested(peer.link, block.piece);
            self.suggest(peer);
        }
        Ok(())
    }

    /// Reads what this peer asked for, as far ahead as the budget goes.
    pub(super) fn load_ahead(&mut self, peer: &mut Peer) {
        let next = JobId(self.next_job);
        if let Some(extent) = peer.uploads.next_load(self.config.read_ahead_bytes, next) {
            let job = self.new_job(Pending::Load { link: peer.link });
            let Extent { piece, begin, len } = extent;
            self.ask(Job::Load { job, piece: PieceIndex(piece), begin, len, who: peer.identity() });
        }
    }

    /// While we are the only one with everything: tells a served peer what to take next.
    pub(super) fn suggest(&mut self, peer: &mut Peer) {
        if !peer.fast
            || peer.slot.is_choked()
            || peer.slot.is_leaving()
            || !self.picker.have().is_full()
            || self.picker.availability.seeders() > 0
        {
            return;
        }
        while let Some(piece) = self.serving.suggester.next(peer.link, &self.picker.availability) {
            peer.say(&Message::SuggestPiece(piece));
        }
    }

    /// BEP 6: a cancel is answered, with the block or a reject.
    fn on_cancel(&mut self, peer: &mut Peer, block: &Block) {
        if peer.uploads.cancel(block) && peer.fast {
            peer.say(&Message::Reject(*block));
        }
    }

    /// While it serves us a reject means that the peer lacks the piece, for now; while it chokes us, only that.
    fn on_reject(&mut self, peer: &mut Peer, block: &Block) {
        if !peer.window.on_reject(block) {
            return;
        }
        peer.talk.earn(REQUEST_LEN);
        self.budget.on_settled(block.len);
        self.picker.release(peer.link, block);
        if !peer.choking_us {
            self.forget_piece(peer, block.piece);
            peer.declined.on_reject(block.piece, self.now);
        }
        self.wake_all();
    }

    /// The peer may have these pieces after all.
    pub(super) fn believe_again(&mut self, peer: &mut Peer, declined: BTreeSet<u32>) -> Result<(), CloseReason> {
        if declined.is_empty() {
            return Ok(());
        }
        peer.catch_up(&self.have_log, self.picker.wanted());
        let mut pieces = peer.pieces.clone();
        for piece in declined {
            pieces.insert(piece);
        }
        peer.starved = false;
        self.count_pieces(peer, pieces)
    }

    /// Takes what the peer is known to have out of the availability.
    fn uncount(&mut self, peer: &mut Peer) {
        match peer.counted {
            Counted::Seeder => {
                self.picker.availability.remove_seeder();
                peer.counted = Counted::Pieces;
            }
            Counted::Pieces => self.picker.availability.remove(&peer.pieces),
        }
    }

    /// The peer turned out not to have this piece.
    pub(super) fn forget_piece(&mut self, peer: &mut Peer, piece: u32) {
        if !peer.pieces.contains(piece) {
            return;
        }
        self.uncount(peer);
        peer.pieces.remove(piece);
        self.picker.availability.add(&peer.pieces);
        if self.picker.lacks(piece) {
            peer.interesting -= 1;
        }
        peer.current.take_if(|current| *current == piece);
        // It may own it still, and have gone on to another.
        self.picker.abandon(peer.link, piece);
        peer.update_interest();
    }
}

fn reject(peer: &mut Peer, block: Block) {
    if peer.fast {
        peer.say(&Message::Reject(block));
    }
}

fn fast_only(peer: &Peer) -> Result<(), CloseReason> {
    if peer.fast { Ok(()) } else { Err(CloseReason::Protocol("a Fast message without the Fast extension")) }
}
