//! What is written to a link, with its requests chosen at that moment.

use bytes::{Bytes, BytesMut};
use peer_wire::{Block, Message, PIECE_HEADER_LEN, encode_piece_header};

use super::Engine;
use super::waits::Others;
use crate::config::PiecePolicy;
use crate::ids::LinkKey;
use crate::peer::Peer;
use crate::picker::Holder;
use crate::time::Timestamp;

/// A request on the wire, bytes.
const REQUEST_LEN: usize = 17;

impl Engine {
    /// Appends at most about `room` bytes for this link to `out` and says how many; 0: nothing more until
    /// [`Output::Transmit`](crate::Output::Transmit) names the link again. The bytes are committed: the driver
    /// sends them in this order or closes the link. A block is never cut, so `room` may be exceeded by one
    /// (16 KiB + 13 bytes at most), and by nothing if it is 0: a link without room is transmitted again when
    /// it has some.
    ///
    /// It may make more output (the next blocks are loaded): call [`Engine::poll_output`] until `None`.
    pub fn transmit(&mut self, link: LinkKey, room: usize, out: &mut Vec<Bytes>, now: Timestamp) -> usize {
        if room == 0 {
            return 0;
        }
        self.now = now;
        if let Some(written) = self.write_only_news(link, room, out) {
            return written;
        }
        let Some(mut peer) = self.peers.remove(link) else {
            return 0;
        };
        let mut written = self.write_messages(&mut peer, room, out, now);
        written += self.write_blocks(&mut peer, room.saturating_sub(written), out, now);
        if written > 0 {
            peer.last_sent = now;
        } else {
            peer.is_ready = false;
        }
        self.peers.insert(peer);
        written
    }

    /// In a large swarm most links have nothing but the news of another piece, or nothing more: those need no
    /// look at the others.
    fn write_only_news(&mut self, link: LinkKey, budget: usize, out: &mut Vec<Bytes>) -> Option<usize> {
        let peer = self.peers.get_mut(link)?;
        let has_more = peer.can_be_asked() || peer.uploads.len() > 0 || !peer.metadata_waiting.is_empty();
        if !peer.control.is_empty() || has_more || peer.id.is_none() {
            return None;
        }
        let news = self.have_log.tell(&mut peer.haves_told, budget);
        let written = news.len();
        if written > 0 {
            peer.last_sent = self.now;
            out.push(news);
        } else {
            peer.is_ready = false;
        }
        Some(written)
    }

    /// Control messages first, then what we have, then what we want.
    fn write_messages(&mut self, peer: &mut Peer, budget: usize, out: &mut Vec<Bytes>, now: Timestamp) -> usize {
        let mut buffer = match peer.control.is_empty() {
            true => BytesMut::new(),
            false => peer.control.split_to(peer.control.len().min(budget)),
        };
        if peer.id.is_some() && peer.control.is_empty() {
            peer.slot.on_told(now);
            let room = budget - buffer.len();
            buffer.extend_from_slice(&self.have_log.tell(&mut peer.haves_told, room));
            self.write_requests(peer, budget, &mut buffer, now);
            if !peer.metadata_waiting.is_empty() {
                self.write_metadata(peer, budget, &mut buffer);
            }
        }
        let written = buffer.len();
        if written > 0 {
            out.push(buffer.freeze());
        }
        written
    }

    fn write_requests(&mut self, peer: &mut Peer, budget: usize, buffer: &mut BytesMut, now: Timestamp) {
        self.divide_shares();
        while peer.can_be_asked() && buffer.len() + REQUEST_LEN <= budget {
            if !self.budget.may_request(now) {
                self.budget.hold_back();
                self.budget.await_rate(now);
                return;
            }
            if self.others_are_sooner(peer) {
                peer.starved = true;
                return;
            }
            let holder = Holder {
                link: peer.link,
                on_parole: peer.id.is_some_and(|id| self.trust.is_on_parole(id)),
                wait_ms: peer.wait_ms(self.now),
                is_idle: peer.window.is_empty(),
                may_begin: self.may_begin(),
                pieces: &peer.pieces,
                suggested: &mut peer.suggested,
            };
            let others = Others::new(&self.peers, &self.config, now);
            let Some(block) = self.picker.pick(holder, &mut peer.current, &others, now) else {
                if !self.may_begin() && self.make_room() {
                    continue;
                }
                if !self.may_begin() {
                    self.budget.hold_back();
                }
                peer.starved = true;
                return;
            };
            if peer.window.is_empty() {
                peer.down.begin(now);
                self.down.begin(now);
            }
            self.budget.on_requested(block.len, peer.window.on_requested(block, now), now);
            Message::Request(block).encode(buffer);
        }
    }

    /// Everything that may be held is held by pieces that nobody here can complete: the one with the least
    /// in it makes room. `false`: something is still on its way.
    fn make_room(&mut self) -> bool {
        self.budget.is_idle() && self.picker.reset_an_orphan()
    }

    /// `equal-split`: who can be asked has changed, so their shares do.
    fn divide_shares(&mut self) {
        if !std::mem::take(&mut self.holders_changed) || !matches!(self.picker.policy(), PiecePolicy::EqualSplit { .. })
        {
            return;
        }
        let holds = |peer: &Peer| !peer.choking_us && peer.interesting > 0;
        let holders: Vec<_> = self
            .peers
            .values()
            .filter(|peer| holds(peer))
            .map(|peer| (peer.link, peer.down.per_second(self.now)))
            .collect();
        self.picker.on_holders(&holders);
    }

    /// A peer that has lost its slot is choked between two pieces.
    fn on_block_sent(&mut self, peer: &mut Peer, block: &Block, now: Timestamp) {
        let is_end = block.begin + block.len == self.info.layout().piece_len(block.piece);
        if is_end {
            self.serving.suggester.on_sent(peer.link, block.piece);
        }
        let goes_on = !is_end && peer.uploads.next_piece().is_none_or(|next| next == block.piece);
        if peer.slot.on_sent(block.piece, goes_on) {
            self.choke(peer, now);
        }
    }

    fn write_blocks(&mut self, peer: &mut Peer, budget: usize, out: &mut Vec<Bytes>, now: Timestamp) -> usize {
        let mut written = 0;
        // What is left of a message goes first next time.
        if !peer.control.is_empty() {
            return 0;
        }
        while let Some(len) = peer.uploads.ready_len() {
            let len = PIECE_HEADER_LEN + len as usize;
            if budget == 0 || (written > 0 && written + len > budget) {
                break;
            }
            if !self.budget.may_send(now) {
                self.budget.await_rate(now);
                break;
            }
            self.budget.on_sent(len as u64, now);
            peer.last_block_sent = now;
            let Some((block, data)) = peer.uploads.pop_ready() else {
                break;
            };
            out.push(Bytes::copy_from_slice(&encode_piece_header(block.piece, block.begin, data.len())));
            peer.up.add(data.len() as u64);
            self.up.add(data.len() as u64);
            out.push(data);
            written += len;
            self.on_block_sent(peer, &block, now);
        }
        if written > 0 {
            self.load_ahead(peer);
        }
        written
    }
}
