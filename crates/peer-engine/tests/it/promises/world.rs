//! A leecher, the peers around it, and a driver as late and disorderly as an operation asks for.

use std::collections::BTreeSet;
use std::time::Duration;

use bytes::Bytes;
use peer_engine::{
    Config, Direction, Engine, Event, Input, Job, LinkKey, Output, PiecePolicy, PieceSet, StorageError,
    StorageErrorKind, Timestamp,
};
use peer_wire::PeerId;
use peer_wire::{Block, Decoder, ExtensionHandshake, Handshake, Message, Reserved};

use super::Operation;
use crate::support::{PIECES, encode, open, peer_id, torrent};

pub const BLOCK: u64 = 16_384;
/// Of eighteen.
pub const BUDGET_BLOCKS: u64 = 5;
const LINKS_MAX: usize = 5;
/// By which the engine wants to hear of pieces that are gone.
const DONT_HAVE: u8 = 3;

/// The other end of a link.
pub struct Remote {
    link: LinkKey,
    pub pieces: PieceSet,
    fast: bool,
    is_choking: bool,
    pub queue_max: u32,
    told: Decoder,
    was_greeted: bool,
    /// In order.
    pub asked: Vec<Block>,
}

pub struct World {
    pub engine: Engine,
    pub now: Timestamp,
    next_link: u64,
    pub remotes: Vec<Remote>,
    pub jobs: Vec<Job>,
    /// One answer in so many is that the machine failed; 0: none.
    fails_one_in: u32,
    pub storage_failed: bool,
    /// Blocks that came, by piece and index.
    pub came: [[bool; 3]; PIECES as usize],
    /// Since endgame, which may have ended again.
    pub asked_twice: BTreeSet<Block>,
    pub rng: fastrand::Rng,
}

impl World {
    pub fn new(policy: PiecePolicy, fails_one_in: u32, seed: u64) -> Self {
        let mut config = Config::new("test");
        config.policy = policy;
        config.requested_bytes_max = BUDGET_BLOCKS * BLOCK;
        // Every piece could lack a block.
        config.unverified_bytes_max = 12 * BLOCK;
        config.close_when_both_complete = false;
        let none = PieceSet::none(PIECES);
        Self {
            engine: Engine::new(config, torrent(), none, PeerId([1; 20]), seed, Timestamp(0)),
            now: Timestamp(0),
            next_link: 0,
            remotes: Vec::new(),
            jobs: Vec::new(),
            fails_one_in,
            storage_failed: false,
            came: Default::default(),
            asked_twice: BTreeSet::new(),
            rng: fastrand::Rng::with_seed(seed),
        }
    }

    pub fn apply(&mut self, operation: Operation) {
        match operation {
            Operation::Join { pieces, fast, queue_max } => self.join(pieces, fast, queue_max),
            Operation::Answer { which } => self.answer(which),
            Operation::Pass { ms } => {
                self.now = self.now + Duration::from_millis(ms);
                self.engine.handle(Input::Tick, self.now);
            }
            Operation::Leave { slot } => {
                if let Some(at) = slot.checked_rem(self.remotes.len()) {
                    let link = self.remotes.remove(at).link;
                    self.engine.handle(Input::LinkClosed { link }, self.now);
                }
            }
            Operation::Have { slot, .. }
            | Operation::Choke { slot }
            | Operation::Unchoke { slot }
            | Operation::Serve { slot, .. }
            | Operation::Reject { slot, .. } => {
                if let Some(at) = slot.checked_rem(self.remotes.len()) {
                    self.apply_at(at, operation);
                }
            }
        }
        self.settle();
        self.check();
    }

    fn apply_at(&mut self, at: usize, operation: Operation) {
        let remote = &mut self.remotes[at];
        match operation {
            Operation::Have { piece, .. } => {
                if remote.pieces.insert(piece) {
                    self.say(at, &Message::Have(piece));
                }
            }
            Operation::Choke { .. } => {
                remote.is_choking = true;
                let dropped = std::mem::take(&mut remote.asked);
                let rejected = if remote.fast { dropped } else { Vec::new() };
                self.say(at, &Message::Choke);
                rejected.into_iter().for_each(|block| self.say(at, &Message::Reject(block)));
            }
            Operation::Unchoke { .. } => self.unchoke(at),
            Operation::Serve { which, .. } => self.serve(at, which),
            Operation::Reject { which, .. } => {
                if let Some(which) = which.checked_rem(remote.asked.len()).filter(|_| remote.fast) {
                    let block = remote.asked.remove(which);
                    // Unlike the rejects after a choke, this one comes with the news that it has the piece no more.
                    remote.pieces.remove(block.piece);
                    self.say(at, &Message::Reject(block));
                    let payload = Bytes::copy_from_slice(&block.piece.to_be_bytes());
                    self.say(at, &Message::Extended { id: DONT_HAVE, payload });
                }
            }
            _ => unreachable!("concerns no link"),
        }
    }

    // ------------------------------------------------------------ the peers

    fn join(&mut self, bits: u8, fast: bool, queue_max: u32) {
        if self.remotes.len() == LINKS_MAX {
            return;
        }
        let link = LinkKey(self.next_link);
        self.next_link += 1;
        let bits = Bytes::from(vec![bits & 0xfc]);
        self.remotes.push(Remote {
            link,
            pieces: PieceSet::from_bitfield(PIECES, &bits).unwrap(),
            fast,
            is_choking: true,
            queue_max,
            told: Decoder::new(PIECES),
            was_greeted: false,
            asked: Vec::new(),
        });
        open(&mut self.engine, link, Direction::Accepted, self.now);
        let reserved = Reserved { fast, extensions: true };
        let greeting = Handshake { reserved, info_hash: torrent().info_hash(), peer_id: peer_id(link.0) };
        let bytes = Bytes::copy_from_slice(&greeting.encode());
        self.engine.handle(Input::Received { link, bytes }, self.now);
        let at = self.remotes.len() - 1;
        self.say(at, &Message::Bitfield(bits));
        let extensions = ExtensionHandshake { request_queue_max: Some(queue_max), ..ExtensionHandshake::default() };
        self.say(at, &Message::Extended { id: 0, payload: extensions.encode().into() });
        self.unchoke(at);
    }

    pub fn unchoke(&mut self, at: usize) {
        self.remotes[at].is_choking = false;
        self.say(at, &Message::Unchoke);
    }

    fn say(&mut self, at: usize, message: &Message) {
        let link = self.remotes[at].link;
        self.engine.handle(Input::Received { link, bytes: encode(message) }, self.now);
    }

    pub fn serve(&mut self, at: usize, which: usize) {
        let Some(which) = which.checked_rem(self.remotes[at].asked.len()) else {
            return;
        };
        let block = self.remotes[at].asked.remove(which);
        self.came[block.piece as usize][(u64::from(block.begin) / BLOCK) as usize] = true;
        let data = Bytes::from(vec![block.piece as u8; block.len as usize]);
        self.say(at, &Message::Piece { piece: block.piece, begin: block.begin, data });
    }

    // ------------------------------------------------------------ the driver

    /// Writes to links, in pieces of any length, until nobody has anything.
    pub fn settle(&mut self) {
        while let Some(output) = self.engine.poll_output() {
            match output {
                Output::Storage(job) => self.jobs.push(job),
                Output::Transmit(link) => self.transmit(link),
                Output::Close { link, why } => panic!("{link:?} keeps to the protocol and is closed: {why}"),
                Output::Event(event) => self.storage_failed |= matches!(event, Event::StorageFailed(_)),
                other => panic!("{other:?} is new here"),
            }
        }
    }

    fn transmit(&mut self, link: LinkKey) {
        let mut out = Vec::new();
        while self.engine.transmit(link, self.rng.usize(20..2_000), &mut out, self.now) > 0 {}
        let at = self.remotes.iter().position(|remote| remote.link == link).expect("ready links are open");
        self.read(at, out.concat().into());
    }

    fn read(&mut self, at: usize, bytes: Bytes) {
        let remote = &mut self.remotes[at];
        remote.told.push(bytes);
        if !remote.was_greeted {
            remote.told.next_handshake().unwrap().unwrap();
            remote.was_greeted = true;
        }
        let mut rejected = Vec::new();
        while let Some(message) = remote.told.next_message().unwrap() {
            match message {
                Message::Request(block) => {
                    assert!(remote.pieces.contains(block.piece), "asked for {block:?}, which it lacks");
                    assert!(!remote.is_choking, "asked while it chokes");
                    assert!(!remote.asked.contains(&block), "asked for {block:?} twice");
                    remote.asked.push(block);
                }
                // BEP 6: a cancel is answered.
                Message::Cancel(block) => {
                    let before = remote.asked.len();
                    remote.asked.retain(|asked| *asked != block);
                    if remote.fast && remote.asked.len() < before {
                        rejected.push(block);
                    }
                }
                _ => {}
            }
        }
        rejected.into_iter().for_each(|block| self.say(at, &Message::Reject(block)));
    }

    pub fn answer(&mut self, which: usize) {
        let Some(which) = which.checked_rem(self.jobs.len()) else {
            return;
        };
        let fails = self.fails_one_in > 0 && self.rng.u32(0..self.fails_one_in) == 0;
        let error = || StorageError::new(StorageErrorKind::NoRoom, "no space left");
        let input = match self.jobs.swap_remove(which) {
            Job::Hash { job, piece, .. } => {
                Input::Hashed { job, digest: if fails { Err(error()) } else { Ok(torrent().digest(piece.0)) } }
            }
            Job::Store { job, .. } => Input::Stored { job, result: if fails { Err(error()) } else { Ok(()) } },
            Job::Load { .. } => panic!("nobody asked for anything"),
        };
        self.engine.handle(input, self.now);
    }
}
