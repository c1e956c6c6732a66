//! What peers say in messages that they agreed on (BEP 10): the info dictionary (BEP 9), other peers (BEP 11), pieces
//! that they have no more (BEP 54).

use bytes::{Bytes, BytesMut};
use peer_wire::{ExtensionHandshake, ExtensionIds, METADATA_PART_LEN, Message, MetadataMessage, PexMessage};

use super::Engine;
use crate::config::PeerExchange;
use crate::output::{CloseReason, Event};
use crate::peer::Peer;
use crate::peer_exchange::Tellable;
use crate::time::Timestamp;

/// By which ids we want to be sent messages.
const METADATA: u8 = 1;
const PEX: u8 = 2;
const DONT_HAVE: u8 = 3;
/// Parts of the info dictionary that one peer may have waiting.
const METADATA_WAITING_MAX: usize = 1024;

impl Engine {
    /// In a private torrent (BEP 27) peers come from its tracker, and the info dictionary from where the torrent does.
    pub(super) fn extension_handshake(&self) -> ExtensionHandshake {
        let public = |id| (!self.info.is_private()).then_some(id);
        let pex = public(PEX).filter(|_| self.config.peer_exchange != PeerExchange::Off);
        let ids = ExtensionIds { metadata: public(METADATA), pex, dont_have: Some(DONT_HAVE) };
        ExtensionHandshake {
            ids,
            metadata_len: ids.metadata.map(|_| self.metadata_len()),
            port: self.config.listen_port,
            client: Some(self.config.client.clone()),
            request_queue_max: Some(self.config.request_queue_advertised),
            upload_only: self.picker.have().is_full() && !self.config.fetch_only,
            behind: self.behind.clone(),
        }
    }

    pub(super) fn on_extended(&mut self, peer: &mut Peer, id: u8, payload: &Bytes) -> Result<(), CloseReason> {
        match id {
            0 => on_extension_handshake(peer, payload),
            METADATA if !self.info.is_private() => self.on_metadata(peer, payload),
            PEX if !self.info.is_private() && self.config.peer_exchange != PeerExchange::Off => {
                if let Some(PexMessage { added, .. }) = PexMessage::decode(payload) {
                    let addresses = added.iter().map(|peer| peer.address).collect();
                    self.tell(Event::PeersTold { link: peer.link, addresses });
                }
            }
            DONT_HAVE => {
                let piece = payload.as_ref().try_into().map(u32::from_be_bytes);
                let piece = piece.ok().filter(|piece| *piece < self.info.layout().pieces());
                let piece = piece.ok_or(CloseReason::Protocol("a piece that does not exist is gone"))?;
                peer.declined.forget(piece);
                self.forget_piece(peer, piece);
            }
            _ => {}
        }
        Ok(())
    }

    /// Once a second: peers hear of each other, if there is news.
    pub(super) fn tell_of_others(&mut self, now: Timestamp) {
        let hears = |peer: &Peer| peer.extensions.pex.is_some() && peer.told.is_due(now);
        if self.config.peer_exchange != PeerExchange::Told || self.info.is_private() || !self.peers.values().any(hears)
        {
            return;
        }
        let all: Tellable = self.peers.values().filter_map(Peer::tellable).map(|peer| (peer.address, peer)).collect();
        let mut news = Vec::new();
        for peer in self.peers.values_mut() {
            let (Some(id), Some(address)) = (peer.extensions.pex, peer.opening.address) else { continue };
            let to = peer.tellable().map_or(address, |peer| peer.address);
            if let Some(message) = peer.told.next(to, &all, now) {
                peer.say(&Message::Extended { id, payload: message.encode().into() });
                news.push(peer.link);
            }
        }
        news.into_iter().for_each(|link| self.wake(link));
    }

    /// Each part is given twice to each link at most: once is enough, and twice covers whoever lost one.
    fn on_metadata(&mut self, peer: &mut Peer, payload: &Bytes) {
        let Some(MetadataMessage::Request { part }) = MetadataMessage::decode(payload) else {
            return;
        };
        let parts = self.metadata_len().div_ceil(METADATA_PART_LEN as u32);
        let is_given = part < parts && peer.metadata_parts < 2 * parts;
        if is_given && peer.metadata_waiting.len() < METADATA_WAITING_MAX {
            peer.metadata_parts += 1;
            peer.metadata_waiting.push_back(part);
        } else if let Some(id) = peer.extensions.metadata {
            peer.say(&Message::Extended { id, payload: MetadataMessage::Reject { part }.encode().into() });
        }
    }

    /// Appends the parts that this peer waits for, as far as they fit; at least one if it may have any.
    pub(super) fn write_metadata(&self, peer: &mut Peer, budget: usize, buffer: &mut BytesMut) {
        let Some(id) = peer.extensions.metadata else {
            return peer.metadata_waiting.clear();
        };
        while buffer.is_empty() || buffer.len() + METADATA_PART_LEN <= budget {
            let Some(part) = peer.metadata_waiting.pop_front() else {
                return;
            };
            let raw = self.info.raw();
            let begin = part as usize * METADATA_PART_LEN;
            let data = raw.slice(begin..raw.len().min(begin + METADATA_PART_LEN));
            let message = MetadataMessage::Data { part, total_len: self.metadata_len(), data };
            Message::Extended { id, payload: message.encode().into() }.encode(buffer);
        }
    }

    fn metadata_len(&self) -> u32 {
        u32::try_from(self.info.raw().len()).expect("an info dictionary is at most 4 MiB long")
    }
}

fn on_extension_handshake(peer: &mut Peer, payload: &[u8]) {
    // Not bencode: an extension that failed, not a reason to lose a peer.
    let Some(handshake) = ExtensionHandshake::decode(payload) else {
        return;
    };
    peer.extensions.merge(handshake.ids);
    peer.port = handshake.port.or(peer.port);
    peer.client = handshake.client.or(peer.client.take());
    if let Some(behind) = handshake.behind {
        peer.behind = behind;
    }
    if let Some(max) = handshake.request_queue_max {
        peer.window.set_peer_queue_max(max);
    }
}
