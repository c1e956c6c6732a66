//! Blocks arrive, pieces are hashed, stored, or fail.

use bytes::Bytes;
use wire_protocol::link::UNREQUESTED_BYTES_MAX;
use wire_protocol::peer_wire::{Block, Message};

use super::Engine;
use crate::io::{Action, CloseReason, Event, JobId, LinkKey, PieceData, StorageError};
use crate::peer::Peer;
use crate::picker::Sender;
use crate::request_window::Arrival;
use crate::time::Instant;

/// What the driver is doing for us.
#[derive(Debug)]
pub(super) enum Job {
    Load { link: LinkKey },
    Hash { piece: u32, data: PieceData, senders: Vec<Sender> },
    Store { piece: u32 },
}

impl Engine {
    pub(super) fn on_block(
        &mut self,
        peer: &mut Peer,
        piece: u32,
        begin: u32,
        data: Bytes,
        now: Instant,
    ) -> Result<(), CloseReason> {
        let len = data.len() as u32;
        let block = Block { piece, begin, len };
        peer.down.add(u64::from(len));
        self.down.add(u64::from(len));
        match peer.window.on_block(piece, begin, len, now, &self.config) {
            Arrival::Wanted => {
                self.requested_bytes -= u64::from(len);
                peer.starved = false;
            }
            Arrival::Late => {}
            Arrival::Unrequested => {
                self.wasted += u64::from(len);
                peer.unrequested_bytes += u64::from(len);
                let too_much = peer.unrequested_bytes > UNREQUESTED_BYTES_MAX;
                return if too_much { Err(CloseReason::TooMuch) } else { Ok(()) };
            }
        }
        let sender = peer.sender().expect("messages come after the handshake");
        self.keep_block(&block, data, sender);
        Ok(())
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
        let Some(other) = self.peers.get_mut(&link) else {
            return;
        };
        if other.window.cancel(block) {
            self.requested_bytes -= u64::from(block.len);
            other.say(&Message::Cancel(*block));
            other.starved = false;
            self.wake(link);
        }
    }

    fn hash_piece(&mut self, piece: u32) {
        let Some((data, senders)) = self.picker.take_complete(piece) else {
            return;
        };
        self.verifying_bytes += u64::from(self.info.layout().piece_len(piece));
        let job = self.new_job(Job::Hash { piece, data: data.clone(), senders });
        self.actions.push_back(Action::Hash { job, piece, data });
    }

    pub(super) fn on_hashed(&mut self, job: JobId, digest: Result<[u8; 20], StorageError>) {
        let Some(Job::Hash { piece, data, senders }) = self.jobs.remove(&job) else {
            return;
        };
        match digest {
            Ok(digest) if digest == self.info.digest(piece) => {
                let job = self.new_job(Job::Store { piece });
                self.actions.push_back(Action::Store { job, piece, data });
            }
            Ok(_) => self.on_bad_piece(piece, &senders),
            Err(error) => self.on_storage_failed(piece, error),
        }
    }

    /// One sender: it lied. Several: the piece is fetched again from one peer alone, so that the next
    /// wrong hash has a name and no honest peer is ever banned.
    fn on_bad_piece(&mut self, piece: u32, senders: &[Sender]) {
        let len = u64::from(self.info.layout().piece_len(piece));
        self.verifying_bytes -= len;
        self.wasted += len;
        self.picker.on_failed(piece, senders.len() > 1);
        self.events
            .push_back(Event::PieceFailed { piece, senders: senders.iter().map(|sender| sender.peer).collect() });
        if let [liar] = senders {
            let Sender { link, peer, member } = *liar;
            self.events.push_back(Event::PeerBanned { link, peer, member, piece });
            self.ban(peer, member, &CloseReason::BadPiece(piece));
        }
        self.wake_all();
    }

    pub(super) fn on_stored(&mut self, job: JobId, result: Result<(), StorageError>) {
        let Some(Job::Store { piece }) = self.jobs.remove(&job) else {
            return;
        };
        if let Err(error) = result {
            self.on_storage_failed(piece, error);
            return;
        }
        self.verifying_bytes -= u64::from(self.info.layout().piece_len(piece));
        self.picker.on_stored(piece);
        self.have_log.push(piece);
        self.events.push_back(Event::PieceVerified { piece });
        self.tell_everybody(piece);
        self.resume_if_held_back();
        if self.picker.have().is_full() {
            self.on_completed();
        }
    }

    fn tell_everybody(&mut self, piece: u32) {
        let links: Vec<LinkKey> = self.peers.keys().copied().collect();
        for link in links {
            let Some(mut peer) = self.peers.remove(&link) else {
                continue;
            };
            if peer.pieces.contains(piece) {
                peer.interesting -= 1;
                self.update_interest(&mut peer);
            }
            self.peers.insert(link, peer);
            self.wake(link);
        }
    }

    fn on_completed(&mut self) {
        self.events.push_back(Event::Completed);
        if self.config.close_when_both_complete {
            self.close_where(&CloseReason::BothComplete, |peer| peer.pieces.is_full());
        }
    }

    /// The machine's fault: requesting more would only lose more.
    fn on_storage_failed(&mut self, piece: u32, error: StorageError) {
        self.verifying_bytes -= u64::from(self.info.layout().piece_len(piece));
        self.picker.on_failed(piece, false);
        self.halted = true;
        self.events.push_back(Event::StorageFailed(error));
    }

    pub(super) fn on_loaded(&mut self, job: JobId, result: Result<Bytes, StorageError>) {
        let Some(Job::Load { link }) = self.jobs.remove(&job) else {
            return;
        };
        let Some(mut peer) = self.peers.remove(&link) else {
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
                self.events.push_back(Event::StorageFailed(error));
            }
        }
        self.load_ahead(&mut peer);
        self.peers.insert(link, peer);
        self.wake(link);
    }
}
