//! A torrent, an engine, and a hand to play the other end of a link.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use metainfo::{Info, InfoBuilder};
use peer_engine::{
    CloseReason, Config, Direction, Engine, Event, Input, Job, LinkKey, Opening, Output, PieceSet, Timestamp,
};
use peer_wire::PeerId;
use peer_wire::{Decoder, Handshake, Message, Reserved};
use sha1::{Digest, Sha1};

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
    Engine::new(Config::new("test"), torrent(), have, PeerId([1; 20]), 7, Timestamp(0))
}

pub fn peer_id(link: u64) -> PeerId {
    let mut id = [9; 20];
    id[..8].copy_from_slice(&link.to_be_bytes());
    PeerId(id)
}

pub fn open(engine: &mut Engine, link: LinkKey, direction: Direction, now: Timestamp) {
    engine.handle(
        Input::LinkOpened { link, opening: Opening { direction, peer: None, identity: None, address: None } },
        now,
    );
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

/// The driver of one engine and the other ends of its links.
#[derive(Default)]
pub struct Others {
    decoders: BTreeMap<LinkKey, Decoder>,
    /// What the engine wants done and what it told, in order.
    pub jobs: VecDeque<Job>,
    pub closed: Vec<(LinkKey, CloseReason)>,
    pub events: Vec<Event>,
    ready: VecDeque<LinkKey>,
}

impl Others {
    /// A peer that has these pieces, is interested and serves us.
    pub fn join(&mut self, engine: &mut Engine, link: u64, pieces: Message, now: Timestamp) -> LinkKey {
        let link = LinkKey(link);
        open(engine, link, Direction::Accepted, now);
        engine.handle(Input::Received { link, bytes: handshake(link, true) }, now);
        for message in [pieces, Message::Interested, Message::Unchoke] {
            self.say(engine, link, &message, now);
        }
        link
    }

    /// A peer says something.
    pub fn say(&mut self, engine: &mut Engine, link: LinkKey, message: &Message, now: Timestamp) {
        engine.handle(Input::Received { link, bytes: encode(message) }, now);
    }

    /// Takes everything that the engine wants.
    pub fn drain(&mut self, engine: &mut Engine) {
        while let Some(output) = engine.poll_output() {
            match output {
                Output::Transmit(link) => self.ready.push_back(link),
                Output::Storage(job) => self.jobs.push_back(job),
                Output::Close { link, why } => self.closed.push((link, why)),
                Output::Event(event) => self.events.push(event),
                other => panic!("{other:?} is new here"),
            }
        }
    }

    /// Loads, hashes and stores whatever the engine asks for.
    pub fn work(&mut self, engine: &mut Engine, now: Timestamp) {
        self.drain(engine);
        while let Some(job) = self.jobs.pop_front() {
            let digests = engine.info().clone();
            engine.handle(answer(job, &digests), now);
            self.drain(engine);
        }
    }

    /// What the engine says on every link.
    pub fn heard(&mut self, engine: &mut Engine, now: Timestamp) -> Vec<(LinkKey, Message)> {
        let mut heard = Vec::new();
        self.drain(engine);
        while let Some(link) = self.ready.pop_front() {
            while let Some(more) = self.heard_once(engine, link, 1 << 20, now) {
                heard.extend(more.into_iter().map(|message| (link, message)));
            }
        }
        heard
    }

    /// What the engine writes to one link at once; `None`: nothing.
    pub fn heard_once(
        &mut self,
        engine: &mut Engine,
        link: LinkKey,
        room: usize,
        now: Timestamp,
    ) -> Option<Vec<Message>> {
        let mut out = Vec::new();
        let written = engine.transmit(link, room, &mut out, now);
        self.drain(engine);
        if written == 0 {
            return None;
        }
        let is_first = !self.decoders.contains_key(&link);
        let pieces = engine.info().layout().pieces();
        let decoder = self.decoders.entry(link).or_insert_with(|| Decoder::new(pieces));
        out.into_iter().for_each(|bytes| decoder.push(bytes));
        if is_first {
            decoder.next_handshake().unwrap().unwrap();
        }
        Some(std::iter::from_fn(|| decoder.next_message().unwrap()).collect())
    }
}

/// What a machine answers where every hash is right.
pub fn answer(job: Job, info: &Info) -> Input {
    match job {
        Job::Load { job, len, .. } => Input::Loaded { job, result: Ok(vec![0; len as usize].into()) },
        Job::Hash { job, piece, .. } => Input::Hashed { job, digest: Ok(info.digest(piece.0)) },
        Job::Store { job, .. } => Input::Stored { job, result: Ok(()) },
    }
}
