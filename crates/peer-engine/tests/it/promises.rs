//! What the engine promises among peers that keep to the protocol, whatever they do and however late and in
//! whatever order the machine answers:
//!
//! - no block is asked of two peers before every missing block is asked of somebody;
//! - no more is asked for than the budget and each peer allow;
//! - it completes, or says what is missing: the storage, or pieces that nobody has.

use std::collections::BTreeSet;
use std::time::Duration;

use bytes::Bytes;
use peer_engine::{
    Config, Direction, Engine, Event, Input, Job, LinkKey, Output, PiecePolicy, PieceSet, StorageError,
    StorageErrorKind, Timestamp,
};
use peer_wire::PeerId;
use peer_wire::{Block, Decoder, ExtensionHandshake, Handshake, Message, Reserved};
use proptest::prelude::*;

use crate::support::{PIECES, encode, open, peer_id, torrent};

const BLOCK: u64 = 16_384;
/// Of eighteen.
const BUDGET_BLOCKS: u64 = 5;
const LINKS_MAX: usize = 5;
/// At the end the driver may sleep so often with nothing under way, a second at most each time.
const SLEEPS_MAX: u32 = 10;

/// `slot` and `which` count through what there is.
#[derive(Debug, Clone)]
enum Operation {
    Join { pieces: u8, fast: bool, queue_max: u32 },
    Leave { slot: usize },
    Have { slot: usize, piece: u32 },
    Choke { slot: usize },
    Unchoke { slot: usize },
    Serve { slot: usize, which: usize },
    Reject { slot: usize, which: usize },
    Answer { which: usize },
    Pass { ms: u64 },
}

fn operation() -> impl Strategy<Value = Operation> {
    let (slot, which) = (0usize..8, 0usize..16);
    prop_oneof![
        4 => (any::<u8>(), any::<bool>(), 1u32..6)
            .prop_map(|(pieces, fast, queue_max)| Operation::Join { pieces, fast, queue_max }),
        1 => slot.clone().prop_map(|slot| Operation::Leave { slot }),
        2 => (slot.clone(), 0..PIECES).prop_map(|(slot, piece)| Operation::Have { slot, piece }),
        1 => slot.clone().prop_map(|slot| Operation::Choke { slot }),
        2 => slot.clone().prop_map(|slot| Operation::Unchoke { slot }),
        12 => (slot.clone(), which.clone()).prop_map(|(slot, which)| Operation::Serve { slot, which }),
        1 => (slot, which.clone()).prop_map(|(slot, which)| Operation::Reject { slot, which }),
        6 => which.prop_map(|which| Operation::Answer { which }),
        2 => (1u64..100).prop_map(|ms| Operation::Pass { ms }),
    ]
}

/// The other end of a link.
struct Remote {
    link: LinkKey,
    pieces: PieceSet,
    fast: bool,
    is_choking: bool,
    queue_max: u32,
    told: Decoder,
    was_greeted: bool,
    /// In order.
    asked: Vec<Block>,
}

struct World {
    engine: Engine,
    now: Timestamp,
    next_link: u64,
    remotes: Vec<Remote>,
    jobs: Vec<Job>,
    /// One answer in so many is that the machine failed; 0: none.
    fails_one_in: u32,
    storage_failed: bool,
    /// Blocks that came, by piece and index.
    came: [[bool; 3]; PIECES as usize],
    /// Since endgame, which may have ended again.
    asked_twice: BTreeSet<Block>,
    rng: fastrand::Rng,
}

impl World {
    fn new(policy: PiecePolicy, fails_one_in: u32, seed: u64) -> Self {
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

    fn apply(&mut self, operation: Operation) {
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
                    // Unlike the rejects after a choke, this one says that it has the piece no more.
                    remote.pieces.remove(block.piece);
                    self.say(at, &Message::Reject(block));
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

    fn unchoke(&mut self, at: usize) {
        self.remotes[at].is_choking = false;
        self.say(at, &Message::Unchoke);
    }

    fn say(&mut self, at: usize, message: &Message) {
        let link = self.remotes[at].link;
        self.engine.handle(Input::Received { link, bytes: encode(message) }, self.now);
    }

    fn serve(&mut self, at: usize, which: usize) {
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
    fn settle(&mut self) {
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

    fn answer(&mut self, which: usize) {
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

    // ------------------------------------------------------------ the promises

    fn check(&mut self) {
        self.engine.check();
        let asked: Vec<Block> = self.remotes.iter().flat_map(|remote| remote.asked.iter().copied()).collect();
        let bytes: u64 = asked.iter().map(|block| u64::from(block.len)).sum();
        assert!(bytes <= BUDGET_BLOCKS * BLOCK, "{bytes} bytes are asked for");
        for remote in &self.remotes {
            assert!(remote.asked.len() <= remote.queue_max as usize, "{:?} of {}", remote.asked, remote.queue_max);
        }
        let times = |block: &Block| asked.iter().filter(|other| *other == block).count();
        let asked_twice: BTreeSet<Block> = asked.iter().copied().filter(|block| times(block) > 1).collect();
        for block in &asked_twice {
            assert!(times(block) == 2, "{block:?} is asked of {} peers", times(block));
            let is_new = !self.asked_twice.contains(block);
            assert!(!is_new || self.is_endgame(&asked), "{block:?} is asked of two peers before endgame");
        }
        self.asked_twice = asked_twice;
    }

    /// Every block that is missing is asked of somebody.
    fn is_endgame(&self, asked: &[Block]) -> bool {
        let layout = *torrent().layout();
        let mut blocks = (0..PIECES).flat_map(|piece| (0..layout.blocks(piece)).map(move |index| (piece, index)));
        blocks.all(|(piece, index)| {
            self.came[piece as usize][index as usize] || asked.contains(&layout.block(piece, index))
        })
    }

    /// Everybody who is there unchokes and serves, every job is answered: nothing may be left over that could
    /// be had.
    fn finish(&mut self) {
        (0..self.remotes.len()).for_each(|at| self.unchoke(at));
        let mut sleeps = 0;
        for _ in 0..2_000 {
            self.settle();
            self.check();
            let asked = self.remotes.iter().position(|remote| !remote.asked.is_empty());
            let which = self.rng.usize(..64);
            if !self.jobs.is_empty() && (asked.is_none() || self.rng.bool()) {
                self.answer(which);
            } else if let Some(at) = asked {
                self.serve(at, which);
            } else if let Some(at) = self.engine.poll_timeout().filter(|_| sleeps < SLEEPS_MAX) {
                sleeps += 1;
                self.now = at.max(self.now);
                self.engine.handle(Input::Tick, self.now);
            } else {
                break;
            }
        }
        self.settle();
        assert!(self.jobs.is_empty() && self.remotes.iter().all(|remote| remote.asked.is_empty()), "it never ends");
        let have = self.engine.have();
        let lost: Vec<u32> = (0..PIECES)
            .filter(|piece| !have.contains(*piece))
            .filter(|piece| !self.remotes.iter().any(|remote| remote.pieces.contains(*piece)))
            .collect();
        let stats = self.engine.stats();
        assert_eq!(self.engine.is_complete(), have.is_full());
        if !self.storage_failed {
            assert_eq!(stats.pieces_unavailable as usize, lost.len(), "it knows what nobody has");
            assert_eq!(have.count() as usize + lost.len(), PIECES as usize, "{stats:?} {:#?}", self.engine.peers());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    #[test]
    fn promises_are_kept_in_any_history(
        operations in prop::collection::vec(operation(), 1..200),
        policy in prop::sample::select(PiecePolicy::NAMES.map(|(_, policy)| policy).to_vec()),
        fails_one_in in prop::sample::select(vec![0u32, 0, 0, 20]),
        seed in any::<u64>(),
    ) {
        let mut world = World::new(policy, fails_one_in, seed);
        operations.into_iter().for_each(|operation| world.apply(operation));
        world.finish();
    }
}
