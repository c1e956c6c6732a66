//! The other end of one link: what it said, what it was told, and what it may be told.

use std::collections::BTreeMap;

use bytes::Bytes;
use peer_engine::{LinkKey, PieceSet};
use peer_wire::{BEHIND_MAX, Block, Decoder, ExtensionHandshake, Handshake, Message};

use super::said::DONT_HAVE;
use super::torrent::{PIECES, is_true, torrent};

/// One link.
#[derive(Debug)]
pub struct Remote {
    pub link: LinkKey,
    /// Requests of the engine that were not answered, in order.
    pub asked: Vec<Block>,
    /// The engine named the link ready, and has not said since that nothing is left.
    pub is_ready: bool,
    /// It does everything right, so it may not be called a liar.
    pub is_honest: bool,
    /// Reads along what it says.
    said: Decoder,
    greeted: Option<Handshake>,
    pieces: PieceSet,
    is_choking: bool,
    /// How often it asked for each block.
    wants: BTreeMap<Block, u32>,
    /// The engine fetches for others: it has nothing for this one.
    gets_nothing: bool,
    /// It has told the engine how it wants to hear of lost pieces.
    hears_of_losses: bool,
    /// Pieces that the engine lost since the link opened: what was written before may still come.
    lost: PieceSet,
    /// Those of them of whose loss it hears nothing.
    silently_lost: PieceSet,
    /// Pieces that the engine has, as far as it was told.
    believed: PieceSet,
    /// Reads what it is told.
    told: Decoder,
    was_greeted: bool,
}

impl Remote {
    pub fn new(link: LinkKey, gets_nothing: bool) -> Self {
        Self {
            link,
            asked: Vec::new(),
            is_ready: false,
            is_honest: false,
            said: Decoder::new(PIECES),
            greeted: None,
            pieces: PieceSet::none(PIECES),
            is_choking: true,
            wants: BTreeMap::new(),
            gets_nothing,
            hears_of_losses: false,
            lost: PieceSet::none(PIECES),
            silently_lost: PieceSet::none(PIECES),
            believed: PieceSet::none(PIECES),
            told: Decoder::new(PIECES),
            was_greeted: false,
        }
    }

    /// It says this. What is no protocol the engine notices as well, and closes.
    pub fn says(&mut self, bytes: Bytes) {
        self.said.push(bytes);
        if self.greeted.is_none() {
            self.greeted = self.said.next_handshake().ok().flatten();
        }
        while self.greeted.is_some()
            && let Ok(Some(message)) = self.said.next_message()
        {
            self.on_said(message);
        }
    }

    fn on_said(&mut self, message: Message) {
        match message {
            Message::Choke => self.is_choking = true,
            Message::Unchoke => self.is_choking = false,
            Message::Have(piece) if piece < PIECES => {
                self.pieces.insert(piece);
            }
            Message::Bitfield(bits) => {
                self.pieces = PieceSet::from_bitfield(PIECES, &bits).unwrap_or(PieceSet::none(PIECES));
            }
            Message::HaveAll => self.pieces = PieceSet::all(PIECES),
            Message::HaveNone => self.pieces = PieceSet::none(PIECES),
            Message::Extended { id: 0, payload } => {
                let ids = ExtensionHandshake::decode(&payload).map(|handshake| handshake.ids);
                self.hears_of_losses |= ids.is_some_and(|ids| ids.dont_have == Some(DONT_HAVE));
            }
            Message::Request(block) => *self.wants.entry(block).or_default() += 1,
            _ => {}
        }
    }

    /// The engine has it no more.
    pub fn on_lost(&mut self, piece: u32) {
        self.lost.insert(piece);
        if !self.hears_of_losses {
            self.silently_lost.insert(piece);
        }
    }

    /// The engine has written everything. Whoever hears of losses believes nothing that is not true.
    pub fn is_told_all(&self, stored: &PieceSet) {
        let mut wrong =
            self.believed.iter().filter(|piece| !stored.contains(*piece) && !self.silently_lost.contains(*piece));
        assert_eq!(wrong.next(), None, "a lost piece was not taken back");
    }

    /// The engine may speak of the piece, or has spoken of it before it lost it.
    fn may_hear_of(&self, piece: u32, stored: &PieceSet) -> bool {
        !self.gets_nothing && (stored.contains(piece) || self.lost.contains(piece))
    }

    /// The engine wrote this; `stored`: the pieces that it may speak of.
    pub fn is_told(&mut self, bytes: Bytes, stored: &PieceSet) {
        self.told.push(bytes);
        if !self.was_greeted {
            let handshake = self.told.next_handshake().expect("the engine writes a handshake first");
            // A small budget cuts it, like every message but a block.
            let Some(handshake) = handshake else {
                return;
            };
            assert_eq!(handshake.info_hash, torrent().info_hash());
            self.was_greeted = true;
        }
        while let Some(message) = self.told.next_message().expect("the engine writes the peer wire") {
            self.on_told(message, stored);
        }
    }

    fn on_told(&mut self, message: Message, stored: &PieceSet) {
        let is_fast = self.greeted.is_some_and(|handshake| handshake.reserved.fast);
        match message {
            Message::Have(piece) => self.on_have(piece, stored),
            Message::Bitfield(bits) => {
                let pieces = PieceSet::from_bitfield(PIECES, &bits).expect("a bitfield of the right length");
                pieces.iter().for_each(|piece| self.on_have(piece, stored));
            }
            Message::HaveAll => {
                assert!(is_fast);
                (0..PIECES).for_each(|piece| self.on_have(piece, stored));
            }
            Message::Extended { id: 0, payload } => {
                let handshake = ExtensionHandshake::decode(&payload).expect("the engine writes BEP 10");
                assert!(handshake.behind.is_none_or(|behind| behind.len() <= BEHIND_MAX));
            }
            Message::Extended { id: DONT_HAVE, payload } if self.hears_of_losses => {
                let piece = u32::from_be_bytes(payload[..].try_into().expect("the engine writes BEP 54"));
                assert!(self.lost.contains(piece) && self.believed.remove(piece), "takes back what it never had");
            }
            Message::HaveNone | Message::SuggestPiece(_) | Message::AllowedFast(_) | Message::Reject(_) => {
                assert!(is_fast, "{message:?} without the Fast extension");
            }
            Message::Request(block) => self.on_asked(block, stored),
            Message::Piece { piece, begin, data } => self.on_served(piece, begin, data, stored),
            // Not there if it was answered senselessly, which the engine does not take for an answer.
            Message::Cancel(block) => self.asked.retain(|asked| *asked != block),
            Message::Unknown(id) => panic!("the engine writes message {id}"),
            _ => {}
        }
    }

    fn on_have(&mut self, piece: u32, stored: &PieceSet) {
        assert!(self.may_hear_of(piece, stored), "is told of {piece}, which is not stored");
        self.believed.insert(piece);
    }

    fn on_asked(&mut self, block: Block, stored: &PieceSet) {
        assert!(torrent().layout().contains(&block), "a request outside the torrent: {block:?}");
        assert!(!stored.contains(block.piece), "a request for a piece that is there: {block:?}");
        assert!(!self.is_choking, "a request of a peer that chokes");
        assert!(self.pieces.contains(block.piece), "a request for a piece that the peer lacks");
        self.asked.push(block);
    }

    fn on_served(&mut self, piece: u32, begin: u32, data: Bytes, stored: &PieceSet) {
        let block = Block { piece, begin, len: data.len() as u32 };
        assert!(self.may_hear_of(piece, stored), "serves a piece that is not stored");
        assert!(is_true(piece, &[data]), "serves wrong bytes for {block:?}");
        let wants = self.wants.get_mut(&block).filter(|wants| **wants > 0);
        *wants.expect("serves only what was asked for") -= 1;
    }
}
