//! One value for every golden vector, and at least one of every message.

use bytes::Bytes;
use peer_wire::{Block, ExtensionHandshake, ExtensionIds, Handshake, InfoHash, Message, PeerId, Reserved};

pub fn handshake() -> Handshake {
    Handshake {
        reserved: Reserved { fast: true, extensions: true },
        info_hash: InfoHash([0xaa; 20]),
        peer_id: PeerId::covey([0x33; 12]),
    }
}

/// For a torrent of 9 pieces.
pub const PIECES: u32 = 9;

pub fn messages() -> Vec<Message> {
    let block = Block { piece: 7, begin: 32_768, len: 16_384 };
    let extension = ExtensionHandshake {
        ids: ExtensionIds { metadata: Some(1), pex: Some(2), dont_have: Some(3) },
        metadata_len: Some(640),
        port: Some(6881),
        client: Some("native-peer 0.1.0".to_owned()),
        request_queue_max: Some(512),
        upload_only: true,
        behind: None,
    };
    vec![
        Message::KeepAlive,
        Message::Choke,
        Message::Unchoke,
        Message::Interested,
        Message::NotInterested,
        Message::Have(7),
        Message::Bitfield(Bytes::from_static(&[0b1010_0000, 0b1000_0000])),
        Message::Request(block),
        Message::Piece { piece: 7, begin: 32_768, data: Bytes::from_static(&[0xde, 0xad, 0xbe, 0xef]) },
        Message::Cancel(block),
        Message::SuggestPiece(7),
        Message::HaveAll,
        Message::HaveNone,
        Message::Reject(block),
        Message::AllowedFast(7),
        Message::Extended { id: 0, payload: extension.encode().into() },
    ]
}

/// The vector of a message's kind. A new kind does not compile until it has a name and golden bytes.
pub fn message_name(message: &Message) -> &'static str {
    match message {
        Message::KeepAlive => "keepalive",
        Message::Choke => "choke",
        Message::Unchoke => "unchoke",
        Message::Interested => "interested",
        Message::NotInterested => "not-interested",
        Message::Have(_) => "have",
        Message::Bitfield(_) => "bitfield",
        Message::Request(_) => "request",
        Message::Piece { .. } => "piece",
        Message::Cancel(_) => "cancel",
        Message::SuggestPiece(_) => "suggest-piece",
        Message::HaveAll => "have-all",
        Message::HaveNone => "have-none",
        Message::Reject(_) => "reject",
        Message::AllowedFast(_) => "allowed-fast",
        Message::Extended { .. } => "extended",
        Message::Unknown(_) => "never sent",
    }
}
