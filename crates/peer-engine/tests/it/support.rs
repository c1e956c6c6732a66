//! A torrent, an engine, and a hand to play the other end of a link.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use metainfo::{Info, InfoBuilder};
use peer_engine::{Config, Direction, Engine, Input, Instant, LinkKey, Opening, PieceSet};
use sha1::{Digest, Sha1};
use wire_protocol::ids::PeerId;
use wire_protocol::peer_wire::{Handshake, Message, Reserved};

pub const PIECES: u32 = 6;
pub const PIECE_LEN: u32 = 3 * 16_384;

/// Six pieces of three blocks, the last piece shorter; piece `i` is filled with the byte `i`.
pub fn torrent() -> Arc<Info> {
    let total_len = u64::from(PIECES) * u64::from(PIECE_LEN) - 20_000;
    let mut builder = InfoBuilder::new("test.bin", total_len, Some(PIECE_LEN)).unwrap();
    for piece in 0..PIECES {
        let data = vec![piece as u8; builder.layout().piece_len(piece) as usize];
        builder.set_digest(piece, Sha1::digest(&data).into());
    }
    Arc::new(builder.finish().unwrap())
}

pub fn engine(have: PieceSet) -> Engine {
    Engine::new(Config::native("test"), torrent(), have, PeerId([1; 20]), 7, Instant(0))
}

pub fn peer_id(link: u64) -> PeerId {
    let mut id = [9; 20];
    id[..8].copy_from_slice(&link.to_be_bytes());
    PeerId(id)
}

pub fn open(engine: &mut Engine, link: LinkKey, direction: Direction, now: Instant) {
    engine.handle(Input::LinkOpened { link, opening: Opening { direction, peer: None, member: None } }, now);
}

pub fn handshake(link: LinkKey, fast: bool) -> Bytes {
    let reserved = Reserved { fast, extensions: false };
    let handshake = Handshake { reserved, info_hash: torrent().info_hash(), peer_id: peer_id(link.0) };
    Bytes::copy_from_slice(&handshake.encode())
}

pub fn encode(message: &Message) -> Bytes {
    let mut bytes = BytesMut::new();
    message.encode(&mut bytes);
    bytes.freeze()
}
