//! What is written to a link, with its requests chosen at that moment.

use bytes::{Bytes, BytesMut};
use wire_protocol::peer_wire::{Message, PIECE_HEADER_LEN, encode_piece_header};

use super::Engine;
use crate::io::LinkKey;
use crate::peer::Peer;
use crate::picker::Holder;
use crate::time::Instant;

/// A request on the wire, bytes.
const REQUEST_LEN: usize = 17;
/// A have on the wire, bytes.
const HAVE_LEN: usize = 9;

impl Engine {
    /// Puts at most about `budget` bytes for this link into `out` and says how many; 0: nothing more
    /// until [`Engine::poll_ready`] names the link again. A message is never cut, so the budget
    /// may be exceeded by one message (16 KiB + 13 bytes at most), and by none if `budget` is 0.
    pub fn poll_transmit(&mut self, link: LinkKey, budget: usize, out: &mut Vec<Bytes>, now: Instant) -> usize {
        if budget == 0 {
            return 0;
        }
        let Some(mut peer) = self.peers.remove(&link) else {
            return 0;
        };
        let mut written = self.write_messages(&mut peer, budget, out, now);
        written += self.write_blocks(&mut peer, budget.saturating_sub(written), out);
        if written > 0 {
            peer.last_sent = now;
        } else {
            peer.is_ready = false;
        }
        self.peers.insert(link, peer);
        written
    }

    /// Control messages first, then what we have, then what we want.
    fn write_messages(&mut self, peer: &mut Peer, budget: usize, out: &mut Vec<Bytes>, now: Instant) -> usize {
        let mut buffer = peer.control.split();
        if peer.id.is_some() {
            while peer.haves_told < self.have_log.len() && buffer.len() + HAVE_LEN <= budget {
                Message::Have(self.have_log[peer.haves_told]).encode(&mut buffer);
                peer.haves_told += 1;
            }
            self.write_requests(peer, budget, &mut buffer, now);
        }
        let written = buffer.len();
        if written > 0 {
            out.push(buffer.freeze());
        }
        written
    }

    fn write_requests(&mut self, peer: &mut Peer, budget: usize, buffer: &mut BytesMut, now: Instant) {
        while peer.can_be_asked() && buffer.len() + REQUEST_LEN <= budget {
            if !self.may_request() {
                self.held_back = true;
                return;
            }
            let holder = Holder { link: peer.link, pieces: &peer.pieces, suggested: &mut peer.suggested };
            let picked = self.picker.pick(holder, &mut peer.current).or_else(|| {
                let wait_ms = |holder| self.peers.get(&holder).map_or(0, |peer| peer.wait_ms());
                peer.window.is_empty().then(|| self.picker.pick_again(peer.link, &peer.pieces, wait_ms)).flatten()
            });
            let Some(block) = picked else {
                peer.starved = true;
                return;
            };
            peer.window.on_requested(block, now);
            self.requested_bytes += u64::from(block.len);
            Message::Request(block).encode(buffer);
        }
    }

    fn write_blocks(&mut self, peer: &mut Peer, budget: usize, out: &mut Vec<Bytes>) -> usize {
        let mut written = 0;
        while let Some(len) = peer.uploads.ready_len() {
            let len = PIECE_HEADER_LEN + len as usize;
            if budget == 0 || (written > 0 && written + len > budget) {
                break;
            }
            let Some((block, data)) = peer.uploads.pop_ready() else {
                break;
            };
            out.push(Bytes::copy_from_slice(&encode_piece_header(block.piece, block.begin, data.len())));
            peer.up.add(data.len() as u64);
            self.up.add(data.len() as u64);
            out.push(data);
            written += len;
        }
        if written > 0 {
            self.load_ahead(peer);
        }
        written
    }
}
