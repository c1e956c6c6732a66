//! What peers say and who they are, out of an operation's few bytes.

use std::net::SocketAddr;

use bytes::Bytes;
use peer_engine::Identity;
use peer_wire::{
    BLOCK_LEN_MAX, Block, ExtensionHandshake, ExtensionIds, Handshake, InfoHash, Message, MetadataMessage, PeerId,
    PexMessage, Reserved,
};

use super::operation::{Said, flag};
use super::torrent::{BLOCK_LEN, PIECES, fill, torrent};

/// By which number the others want to hear of lost pieces.
pub const DONT_HAVE: u8 = 9;

/// This peer itself.
pub const LOCAL: PeerId = PeerId([0x60; 20]);

impl Said {
    /// As it goes over the wire.
    pub fn message(&self) -> Message {
        match *self {
            Said::KeepAlive => Message::KeepAlive,
            Said::Choke => Message::Choke,
            Said::Unchoke => Message::Unchoke,
            Said::Interested => Message::Interested,
            Said::NotInterested => Message::NotInterested,
            Said::Have { piece } => Message::Have(index(piece)),
            Said::Bitfield { bits } => Message::Bitfield(Bytes::from(vec![bits])),
            Said::HaveAll => Message::HaveAll,
            Said::HaveNone => Message::HaveNone,
            Said::Request { piece, block, len } => Message::Request(some_block(piece, block, len)),
            Said::Cancel { piece, block, len } => Message::Cancel(some_block(piece, block, len)),
            Said::Reject { piece, block, len } => Message::Reject(some_block(piece, block, len)),
            Said::Piece { piece, block, len } => {
                let Block { piece, begin, len } = some_block(piece, block, len);
                let data = Bytes::from(vec![fill(piece % PIECES); len.min(BLOCK_LEN_MAX) as usize]);
                Message::Piece { piece, begin, data }
            }
            Said::Suggest { piece } => Message::SuggestPiece(index(piece)),
            Said::AllowedFast { piece } => Message::AllowedFast(index(piece)),
            Said::ExtensionHandshake { queue_max } => {
                let request_queue_max = Some(u32::from(queue_max));
                let ids =
                    ExtensionIds { dont_have: (queue_max % 2 == 1).then_some(DONT_HAVE), ..ExtensionIds::default() };
                let handshake = ExtensionHandshake { request_queue_max, ids, ..ExtensionHandshake::default() };
                Message::Extended { id: 0, payload: handshake.encode().into() }
            }
            Said::Unknown { id } => Message::Unknown(id.max(21)),
            Said::DontHave { piece } => {
                Message::Extended { id: 3, payload: Bytes::copy_from_slice(&index(piece).to_be_bytes()) }
            }
            Said::MetadataRequest { part } => {
                let request = MetadataMessage::Request { part: u32::from(part) };
                Message::Extended { id: 1, payload: request.encode().into() }
            }
            Said::Pex { peers } => {
                let added = vec![SocketAddr::from(([192, 0, 2, peers], 6881)).into(); usize::from(peers)];
                Message::Extended { id: 2, payload: PexMessage { added, dropped: Vec::new() }.encode().into() }
            }
        }
    }
}

/// Few, so that they meet again; 0 is this peer itself.
pub fn peer_id(identity: u8) -> PeerId {
    match identity {
        0 => LOCAL,
        identity => PeerId([identity; 20]),
    }
}

pub fn identity_of(identity: u8) -> Identity {
    Identity([identity % 8; 32])
}

/// A peer's first 68 bytes.
pub fn handshake(peer_id: PeerId, flags: u8) -> Bytes {
    let reserved = Reserved { fast: flags & flag::FAST != 0, extensions: flags & flag::EXTENSIONS != 0 };
    let info_hash = if flags & flag::WRONG_TORRENT == 0 { torrent().info_hash() } else { InfoHash([0; 20]) };
    Bytes::copy_from_slice(&Handshake { reserved, info_hash, peer_id }.encode())
}

/// A piece, one of the two behind the last, or one far away.
fn index(piece: u8) -> u32 {
    match piece {
        0xff => u32::MAX,
        piece => u32::from(piece) % (PIECES + 2),
    }
}

/// A whole block if `len` is 0.
fn some_block(piece: u8, block: u8, len: u8) -> Block {
    let piece = index(piece);
    let begin = if block == 0xff { u32::MAX } else { u32::from(block % 5) * BLOCK_LEN };
    let is_inside = piece < PIECES && begin < torrent().layout().piece_len(piece);
    let whole = if is_inside { BLOCK_LEN.min(torrent().layout().piece_len(piece) - begin) } else { BLOCK_LEN };
    let len = match len {
        0 => whole,
        0xff => u32::MAX,
        0xfe => BLOCK_LEN + 1,
        len => u32::from(len) * 64,
    };
    Block { piece, begin, len }
}
