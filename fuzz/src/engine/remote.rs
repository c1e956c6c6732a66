//! The other end of one link: what it said, what it was told, and what it may be told.

use std::collections::BTreeMap;

use bytes::Bytes;
use peer_engine::{LinkKey, PieceSet};
use peer_wire::{Block, Decoder, Handshake, Message};

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
    /// Reads what it is told.
    told: Decoder,
    was_greeted: bool,
}

impl Remote {
    pub fn new(link: LinkKey) -> Self {
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
            Message::Request(block) => *self.wants.entry(block).or_default() += 1,
            _ => {}
        }
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
            Message::Have(piece) => assert!(stored.contains(piece), "have of {piece}, which is not stored"),
            Message::Bitfield(bits) => {
                let pieces = PieceSet::from_bitfield(PIECES, &bits).expect("a bitfield of the right length");
                assert_eq!(pieces.first_not_in(stored), None, "the bitfield has what is not stored");
            }
            Message::HaveAll => assert!(is_fast && stored.is_full()),
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

    fn on_asked(&mut self, block: Block, stored: &PieceSet) {
        assert!(torrent().layout().contains(&block), "a request outside the torrent: {block:?}");
        assert!(!stored.contains(block.piece), "a request for a piece that is there: {block:?}");
        assert!(!self.is_choking, "a request of a peer that chokes");
        assert!(self.pieces.contains(block.piece), "a request for a piece that the peer lacks");
        self.asked.push(block);
    }

    fn on_served(&mut self, piece: u32, begin: u32, data: Bytes, stored: &PieceSet) {
        let block = Block { piece, begin, len: data.len() as u32 };
        assert!(stored.contains(piece), "serves a piece that is not stored");
        assert!(is_true(piece, &[data]), "serves wrong bytes for {block:?}");
        let wants = self.wants.get_mut(&block).filter(|wants| **wants > 0);
        *wants.expect("serves only what was asked for") -= 1;
    }
}
