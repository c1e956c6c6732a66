//! A link opens, shakes hands, closes; who is banned.

use bytes::Bytes;
use peer_wire::PeerId;
use peer_wire::{Handshake, Message, Reserved};

use super::Engine;
use crate::have_log::HaveLog;
use crate::ids::{Identity, LinkKey};
use crate::input::{Direction, Opening};
use crate::output::{CloseReason, Event, Output};
use crate::peer::{Counted, Peer};
use crate::piece_set::PieceSet;
use crate::time::Timestamp;

/// Answers that a peer does not read, bytes: a flood of requests ends here.
const CONTROL_LEN_MAX: usize = 256 * 1024;

impl Engine {
    pub(super) fn on_link_opened(&mut self, link: LinkKey, opening: Opening, now: Timestamp) {
        if self.trust.is_banned(opening.peer, opening.identity) {
            self.tell(Event::PeerGone { link, peer: None, downloaded: 0, uploaded: 0, why: Some(CloseReason::Banned) });
            self.outputs.push_back(Output::Close { link, why: CloseReason::Banned });
            return;
        }
        let mut peer = Box::new(Peer::new(link, opening, self.info.layout().pieces(), &self.config, now));
        if opening.direction == Direction::Dialed {
            peer.control.extend_from_slice(&self.handshake().encode());
        }
        self.peers.insert(peer);
        self.wake(link);
    }

    pub(super) fn on_received(&mut self, link: LinkKey, bytes: Bytes, now: Timestamp) {
        // Taken out, so that what its messages do to other peers cannot meet it half done.
        let Some(mut peer) = self.peers.remove(link) else {
            return;
        };
        peer.last_received = now;
        peer.catch_up(&self.have_log, self.picker.wanted());
        peer.talk.on_received(bytes.len(), now);
        peer.decoder.push(bytes);
        match self.on_bytes(&mut peer, now) {
            Ok(()) => {
                self.peers.insert(peer);
                self.wake(link);
                self.resume_if_held_back();
            }
            Err(why) => {
                self.give_up(peer, why);
            }
        }
    }

    fn on_bytes(&mut self, peer: &mut Peer, now: Timestamp) -> Result<(), CloseReason> {
        if peer.id.is_none() {
            match peer.decoder.next_handshake()? {
                Some(handshake) => self.on_handshake(peer, handshake)?,
                None => return Ok(()),
            }
        }
        while let Some(message) = peer.decoder.next_message()? {
            self.on_message(peer, message, now)?;
            if peer.control.len() > CONTROL_LEN_MAX {
                return Err(CloseReason::Protocol("messages without reading the answers"));
            }
        }
        if peer.talk.is_too_much() { Err(CloseReason::TooMuch) } else { Ok(()) }
    }

    fn on_handshake(&mut self, peer: &mut Peer, theirs: Handshake) -> Result<(), CloseReason> {
        self.check_handshake(peer, &theirs)?;
        peer.id = Some(theirs.peer_id);
        peer.fast = theirs.reserved.fast;
        peer.speaks_extensions = theirs.reserved.extensions;
        if peer.opening.direction == Direction::Accepted {
            peer.control.extend_from_slice(&self.handshake().encode());
        }
        if theirs.reserved.extensions {
            let payload = self.extension_handshake().encode().into();
            peer.say(&Message::Extended { id: 0, payload });
        }
        let nothing = PieceSet::none(self.info.layout().pieces());
        let have = if self.config.fetch_only { &nothing } else { self.picker.have() };
        match peer.fast {
            true if have.is_full() => peer.say(&Message::HaveAll),
            true if have.is_empty() => peer.say(&Message::HaveNone),
            // Without the Fast extension a missing bitfield means "nothing".
            false if have.is_empty() => {}
            _ => peer.say(&Message::Bitfield(have.to_bitfield())),
        }
        peer.haves_told = if self.config.fetch_only { HaveLog::NEVER } else { self.have_log.len() };
        peer.haves_seen = self.have_log.len();
        self.tell(Event::PeerReady { link: peer.link, peer: theirs.peer_id });
        Ok(())
    }

    fn check_handshake(&mut self, peer: &Peer, theirs: &Handshake) -> Result<(), CloseReason> {
        if theirs.info_hash != self.info.info_hash() {
            return Err(CloseReason::WrongTorrent);
        }
        if theirs.peer_id == self.local {
            return Err(CloseReason::Myself);
        }
        if peer.opening.peer.is_some_and(|expected| expected != theirs.peer_id) {
            return Err(CloseReason::WrongPeer);
        }
        if self.trust.is_banned(Some(theirs.peer_id), None) {
            return Err(CloseReason::Banned);
        }
        let twin = self.peers.values().find(|other| other.id == Some(theirs.peer_id));
        if let Some((twin, direction)) = twin.map(|twin| (twin.link, twin.opening.direction)) {
            if !self.newer_link_wins(direction, peer.opening.direction, theirs.peer_id) {
                return Err(CloseReason::Duplicate);
            }
            self.close(twin, CloseReason::Duplicate);
        }
        Ok(())
    }

    /// Two links to one peer: both ends must keep the same one, so the link that the greater id dialed
    /// stays. Two in the same direction: the older stays.
    fn newer_link_wins(&self, older: Direction, newer: Direction, theirs: PeerId) -> bool {
        let ours_stays = self.local > theirs;
        older != newer && (newer == Direction::Dialed) == ours_stays
    }

    fn handshake(&self) -> Handshake {
        Handshake {
            reserved: Reserved { fast: true, extensions: true },
            info_hash: self.info.info_hash(),
            peer_id: self.local,
        }
    }

    pub(super) fn on_link_closed(&mut self, link: LinkKey) {
        if let Some(peer) = self.peers.remove(link) {
            self.forget(peer, None);
        }
    }

    /// Gives a link up.
    pub(super) fn close(&mut self, link: LinkKey, why: CloseReason) {
        if let Some(peer) = self.peers.remove(link) {
            self.give_up(peer, why);
        }
    }

    pub(super) fn give_up(&mut self, peer: Box<Peer>, why: CloseReason) {
        let link = peer.link;
        self.forget(peer, Some(why.clone()));
        self.outputs.push_back(Output::Close { link, why });
    }

    /// Undoes everything that a link meant to the others. `why`: it closed under us if there is no reason.
    fn forget(&mut self, mut peer: Box<Peer>, why: Option<CloseReason>) {
        self.tell(Event::PeerGone {
            link: peer.link,
            peer: peer.id,
            downloaded: peer.down.total(),
            uploaded: peer.up.total(),
            why,
        });
        match peer.counted {
            Counted::Seeder => self.picker.availability.remove_seeder(),
            Counted::Pieces => self.picker.availability.remove(&peer.pieces),
        }
        self.give_up_requests(&mut peer);
        self.serving.suggester.on_closed(peer.link);
        self.picker.on_holder_gone(peer.link);
        self.holders_changed = true;
        self.ready.retain(|ready| ready.link != peer.link);
        self.wake_all();
        if peer.interested_in_us && !peer.slot.is_choked() {
            self.serving.on_slot_free();
        }
    }

    /// What was asked of this peer may be asked of others.
    pub(super) fn give_up_requests(&mut self, peer: &mut Peer) {
        for block in peer.window.give_up_all() {
            self.budget.on_settled(block.len);
            self.picker.release(peer.link, &block);
        }
        peer.current = None;
        self.picker.abandon_all(peer.link);
    }

    /// A peer is proved a liar: neither it nor any other peer of whoever runs it is used again.
    pub(super) fn ban(&mut self, peer: PeerId, identity: Option<Identity>, why: &CloseReason) {
        self.trust.ban(peer, identity);
        self.close_where(why, |other| other.id == Some(peer) || (identity.is_some() && other.identity() == identity));
        self.wasted += self
            .picker
            .drop_received(|sender| sender.peer == peer || (identity.is_some() && sender.identity == identity));
    }

    pub(super) fn ban_identity(&mut self, identity: Identity) {
        self.trust.ban_identity(identity);
        self.close_where(&CloseReason::Banned, |peer| peer.identity() == Some(identity));
    }

    pub(super) fn close_where(&mut self, why: &CloseReason, which: impl Fn(&Peer) -> bool) {
        let links: Vec<LinkKey> = self.peers.values().filter(|peer| which(peer)).map(|peer| peer.link).collect();
        for link in links {
            self.close(link, why.clone());
        }
    }
}
