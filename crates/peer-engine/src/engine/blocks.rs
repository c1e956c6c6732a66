//! Blocks arrive, pieces are hashed, stored, or fail.

use bytes::Bytes;
use peer_wire::{Block, Message, PIECE_HEADER_LEN};

use super::{Engine, Ready};
use crate::ids::{JobId, LinkKey, PieceIndex};
use crate::input::StorageError;
use crate::output::{CloseReason, Event, Job};
use crate::peer::Peer;
use crate::picker::{Complete, Sender};
use crate::request_window::Arrival;
use crate::time::Timestamp;

/// What the driver is doing for us.
#[derive(Debug)]
pub(super) enum Pending {
    Load { link: LinkKey },
    Hash { piece: u32, complete: Complete },
    Store { piece: u32 },
}

impl Engine {
    pub(super) fn on_block(&mut self, peer: &mut Peer, piece: u32, begin: u32, data: Bytes, now: Timestamp) {
        let len = data.len() as u32;
        let block = Block { piece, begin, len };
        peer.down.add(u64::from(len));
        self.down.add(u64::from(len));
        match peer.window.on_block(piece, begin, len, now, &self.config) {
            Arrival::Wanted => {
                self.budget.on_settled(len);
                peer.starved = false;
                peer.declined.on_block();
                peer.last_block = now;
            }
            Arrival::Late => {}
            Arrival::Unrequested => {
                self.wasted += u64::from(len);
                return;
            }
        }
        peer.talk.earn(PIECE_HEADER_LEN + data.len());
        let sender = peer.sender().expect("messages come after the handshake");
        self.keep_block(&block, data, sender);
    }

    fn keep_block(&mut self, block: &Block, data: Bytes, sender: Sender) {
        let Some(received) = self.picker.receive(block, data, sender) else {
            self.wasted += u64::from(block.len);
            return;
        };
        for link in received.cancel {
            self.cancel(link, block);
        }
        if received.completes_piece {
            self.hash_piece(block.piece);
        }
    }

    fn cancel(&mut self, link: LinkKey, block: &Block) {
        let Some(other) = self.peers.get_mut(link) else {
            return;
        };
        if other.window.cancel(block) {
            self.budget.on_settled(block.len);
            other.say(&Message::Cancel(*block));
            other.starved = false;
            self.wake(link);
        }
    }

    fn hash_piece(&mut self, piece: u32) {
        let Some(complete) = self.picker.take_complete(piece) else {
            return;
        };
        self.budget.on_complete(self.info.layout().piece_len(piece));
        let data = complete.data.clone();
        let job = self.new_job(Pending::Hash { piece, complete });
        self.ask(Job::Hash { job, piece: PieceIndex(piece), data });
    }

    pub(super) fn on_hashed(&mut self, job: JobId, digest: Result<[u8; 20], StorageError>) {
        let Some(Pending::Hash { piece, complete }) = self.jobs.remove(&job) else {
            return;
        };
        match digest {
            Ok(digest) if digest == self.info.digest(piece) => self.on_good_piece(piece, complete, job),
            Ok(_) => self.on_bad_piece(piece, &complete),
            Err(error) => self.on_storage_failed(piece, error),
        }
    }

    fn on_good_piece(&mut self, piece: u32, complete: Complete, hashed_by: JobId) {
        let liars = self.trust.on_verified(piece, &complete.data, &complete.senders);
        let job = self.new_job(Pending::Store { piece });
        self.ask(Job::Store { job, piece: PieceIndex(piece), data: complete.data, hashed_by });
        for liar in liars {
            self.expose(liar, piece);
        }
    }

    /// One sender: it lied. Several: the piece is fetched again from one peer alone, and then compared.
    fn on_bad_piece(&mut self, piece: u32, complete: &Complete) {
        let len = self.info.layout().piece_len(piece);
        self.budget.on_verified(len);
        self.wasted += u64::from(len);
        let senders = &complete.senders;
        self.picker.on_failed(piece, senders.len() > 1);
        let peers = senders.iter().map(|sender| sender.peer).collect();
        self.tell(Event::PieceFailed { piece: PieceIndex(piece), senders: peers });
        match senders[..] {
            [liar] => self.expose(liar, piece),
            _ => self.trust.on_shared_failure(piece, complete.blocks()),
        }
        self.wake_all();
    }

    fn expose(&mut self, liar: Sender, piece: u32) {
        let Sender { link, peer, identity } = liar;
        if self.trust.is_banned(Some(peer), None) {
            return;
        }
        let piece = PieceIndex(piece);
        self.tell(Event::PeerBanned { link, peer, identity, piece });
        self.ban(peer, identity, &CloseReason::BadPiece(piece));
        self.wake_all();
    }

    pub(super) fn on_stored(&mut self, job: JobId, result: Result<(), StorageError>) {
        let Some(Pending::Store { piece }) = self.jobs.remove(&job) else {
            return;
        };
        if let Err(error) = result {
            self.on_storage_failed(piece, error);
            return;
        }
        self.budget.on_verified(self.info.layout().piece_len(piece));
        let had_all = self.picker.has_all_wanted();
        self.picker.on_stored(piece);
        self.have_log.push(piece);
        self.tell(Event::PieceVerified { piece: PieceIndex(piece) });
        self.resume_if_held_back();
        if self.have_log.is_told_at_once(self.peers.len(), self.now) {
            self.tell_peers();
        }
        if !had_all && self.picker.has_all_wanted() {
            self.on_completed();
        }
    }

    pub(super) fn tell_peers(&mut self) {
        self.have_log.on_told();
        for peer in self.peers.values_mut() {
            peer.catch_up(&self.have_log, self.picker.wanted());
            if (peer.has_news(&self.have_log) || !peer.control.is_empty()) && !peer.is_ready {
                peer.is_ready = true;
                self.ready.insert(Ready::of(peer, &self.config, self.now));
            }
        }
    }

    pub(super) fn on_completed(&mut self) {
        self.tell(Event::Completed);
        self.tell_peers();
        if self.config.close_when_both_complete && self.is_complete() {
            self.close_where(&CloseReason::BothComplete, |peer| peer.pieces.is_full());
        }
    }

    /// The machine's fault.
    fn on_storage_failed(&mut self, piece: u32, error: StorageError) {
        self.budget.on_verified(self.info.layout().piece_len(piece));
        self.picker.on_failed(piece, false);
        self.budget.halt();
        self.tell(Event::StorageFailed(error));
    }

    pub(super) fn on_loaded(&mut self, job: JobId, result: Result<Bytes, StorageError>) {
        let Some(Pending::Load { link }) = self.jobs.remove(&job) else {
            return;
        };
        let Some(mut peer) = self.peers.remove(link) else {
            return;
        };
        match result {
            Ok(data) => {
                peer.uploads.on_loaded(job, data);
            }
            Err(error) => {
                for block in peer.uploads.on_load_failed(job) {
                    if peer.fast {
                        peer.say(&Message::Reject(block));
                    }
                }
                self.tell(Event::StorageFailed(error));
            }
        }
        self.load_ahead(&mut peer);
        self.peers.insert(peer);
        self.wake(link);
    }
}
