//! Random histories of well-formed and senseless messages, answers, closes and time: the engine
//! neither panics nor loses count.

use std::time::Duration;

use bytes::Bytes;
use peer_engine::{
    Command, Config, Direction, Engine, Event, Input, Job, LinkKey, Output, PiecePolicy, PieceSet, StorageError,
    StorageErrorKind, Timestamp,
};
use peer_wire::{Behind, Block, Message, PeerId};
use proptest::prelude::*;
use sha1::{Digest, Sha1};

use crate::support::{PIECE_LEN, PIECES, encode, handshake, open, torrent};

#[derive(Debug, Clone)]
enum Operation {
    Open {
        link: u64,
        dialed: bool,
        fast: bool,
    },
    Close {
        link: u64,
    },
    Say {
        link: u64,
        message: Message,
    },
    /// The right answer to the oldest request that this link was sent.
    Serve {
        link: u64,
        good: bool,
    },
    Raw {
        link: u64,
        bytes: Vec<u8>,
    },
    /// Answer the oldest job that waits.
    Answer {
        ok: bool,
    },
    Pass {
        ms: u64,
    },
    Policy(PiecePolicy),
    Transmit {
        link: u64,
        budget: usize,
    },
    /// Pieces come by themselves.
    Gain {
        pieces: PieceSet,
    },
    Lose {
        pieces: PieceSet,
    },
    Want {
        pieces: PieceSet,
    },
    Behind {
        count: usize,
    },
    Serving(bool),
}

fn block() -> impl Strategy<Value = Block> {
    (0..PIECES + 1, 0u32..4, prop::sample::select(vec![16_384u32, 1, 0, 20_000, u32::MAX]))
        .prop_map(|(piece, index, len)| Block { piece, begin: index * 16_384, len })
}

fn message() -> impl Strategy<Value = Message> {
    prop_oneof![
        Just(Message::KeepAlive),
        Just(Message::Choke),
        Just(Message::Unchoke),
        Just(Message::Interested),
        Just(Message::NotInterested),
        (0..PIECES + 2).prop_map(Message::Have),
        any::<u8>().prop_map(|bits| Message::Bitfield(Bytes::from(vec![bits]))),
        Just(Message::HaveAll),
        Just(Message::HaveNone),
        block().prop_map(Message::Request),
        block().prop_map(Message::Cancel),
        block().prop_map(Message::Reject),
        (0..PIECES + 1, 0u32..4, 0usize..16_385).prop_map(|(piece, index, len)| Message::Piece {
            piece,
            begin: index * 16_384,
            data: Bytes::from(vec![piece as u8; len]),
        }),
        Just(Message::AllowedFast(0)),
        Just(Message::Extended { id: 0, payload: Bytes::from_static(b"d4:reqqi3ee") }),
    ]
}

fn pieces(share: f64) -> impl Strategy<Value = PieceSet> {
    prop::collection::vec(prop::bool::weighted(share), PIECES as usize).prop_map(|bits| {
        let mut pieces = PieceSet::none(PIECES);
        (0..PIECES).filter(|piece| bits[*piece as usize]).for_each(|piece| assert!(pieces.insert(piece)));
        pieces
    })
}

fn operation() -> impl Strategy<Value = Operation> {
    let link = 0u64..4;
    prop_oneof![
        3 => (link.clone(), any::<bool>(), any::<bool>()).prop_map(|(link, dialed, fast)| Operation::Open { link, dialed, fast }),
        1 => link.clone().prop_map(|link| Operation::Close { link }),
        8 => (link.clone(), message()).prop_map(|(link, message)| Operation::Say { link, message }),
        12 => (link.clone(), prop::bool::weighted(0.9)).prop_map(|(link, good)| Operation::Serve { link, good }),
        1 => (link.clone(), prop::collection::vec(any::<u8>(), 0..80)).prop_map(|(link, bytes)| Operation::Raw { link, bytes }),
        8 => prop::bool::weighted(0.97).prop_map(|ok| Operation::Answer { ok }),
        3 => (0u64..30_000).prop_map(|ms| Operation::Pass { ms }),
        1 => prop::sample::select(vec![PiecePolicy::RarestFirst, PiecePolicy::Random, PiecePolicy::Sequential]).prop_map(Operation::Policy),
        1 => pieces(0.3).prop_map(|pieces| Operation::Gain { pieces }),
        1 => pieces(0.3).prop_map(|pieces| Operation::Lose { pieces }),
        1 => pieces(0.7).prop_map(|pieces| Operation::Want { pieces }),
        1 => (0usize..12).prop_map(|count| Operation::Behind { count }),
        1 => prop::bool::weighted(0.7).prop_map(Operation::Serving),
        8 => (link, 0usize..100_000).prop_map(|(link, budget)| Operation::Transmit { link, budget }),
    ]
}

/// The world around one engine: links get fresh keys, requests and jobs wait for their answers.
struct World {
    engine: Engine,
    now: Timestamp,
    keys: [Option<LinkKey>; 4],
    next_key: u64,
    requests: std::collections::BTreeMap<LinkKey, Vec<Block>>,
    jobs: std::collections::VecDeque<Job>,
    /// Opened and not yet told to be gone.
    open: std::collections::BTreeSet<LinkKey>,
}

impl World {
    fn new(is_fetch_only: bool) -> Self {
        let mut config = Config::new("test");
        config.fetch_only = is_fetch_only;
        let nothing = PieceSet::none(PIECES);
        Self {
            engine: Engine::new(config, torrent(), nothing, PeerId([1; 20]), 7, Timestamp(0)),
            now: Timestamp(0),
            keys: [None; 4],
            next_key: 0,
            requests: Default::default(),
            jobs: Default::default(),
            open: Default::default(),
        }
    }

    fn apply(&mut self, operation: Operation) {
        match operation {
            Operation::Open { link, dialed, fast } => self.open(link, dialed, fast),
            Operation::Close { link } => {
                if let Some(link) = self.keys[link as usize].take() {
                    self.engine.handle(Input::LinkClosed { link }, self.now);
                }
            }
            Operation::Say { link, message } => self.receive(link, encode(&message)),
            Operation::Serve { link, good } => self.serve(link, good),
            Operation::Raw { link, bytes } => self.receive(link, bytes.into()),
            Operation::Answer { ok } => self.answer(ok),
            Operation::Pass { ms } => {
                self.now = self.now + Duration::from_millis(ms);
                self.engine.handle(Input::Tick, self.now);
            }
            Operation::Policy(policy) => self.engine.handle(Input::Command(Command::SetPolicy(policy)), self.now),
            Operation::Transmit { link, budget } => self.transmit(link, budget),
            Operation::Gain { pieces } => self.command(Command::Gained(pieces)),
            Operation::Lose { pieces } => {
                self.command(Command::Lost(pieces.clone()));
                assert!(pieces.iter().all(|piece| !self.engine.have().contains(piece)));
            }
            Operation::Want { pieces } => self.command(Command::SetWanted(pieces)),
            Operation::Serving(is_serving) => self.command(Command::SetServing(is_serving)),
            Operation::Behind { count } => {
                let behind = |nth| Behind { client: format!("client {nth}"), is_banned: nth % 2 == 0 };
                self.command(Command::SetBehind((0..count).map(behind).collect()));
            }
        }
        self.engine.check();
        while let Some(output) = self.engine.poll_output() {
            match output {
                Output::Storage(job) => {
                    if let Job::Load { piece, .. } = &job {
                        assert!(self.engine.have().contains(piece.0), "loads what is not there");
                    }
                    self.jobs.push_back(job);
                }
                Output::Close { link, .. } => {
                    assert!(!self.open.contains(&link), "closed before it is told to be gone");
                    self.keys.iter_mut().filter(|key| **key == Some(link)).for_each(|key| *key = None);
                }
                Output::Event(Event::PeerGone { link, .. }) => assert!(self.open.remove(&link), "gone twice"),
                _ => {}
            }
        }
        let keys = self.keys.iter().flatten().copied().collect();
        assert_eq!(self.open, keys, "every link that opened is told to be gone once");
    }

    fn command(&mut self, command: Command) {
        self.engine.handle(Input::Command(command), self.now);
    }

    fn open(&mut self, slot: u64, dialed: bool, fast: bool) {
        if self.keys[slot as usize].is_some() {
            return;
        }
        let link = LinkKey(self.next_key);
        self.next_key += 1;
        self.keys[slot as usize] = Some(link);
        self.open.insert(link);
        let direction = if dialed { Direction::Dialed } else { Direction::Accepted };
        open(&mut self.engine, link, direction, self.now);
        self.receive(slot, handshake(LinkKey(slot), fast));
        let pieces = if fast { Message::HaveAll } else { Message::Bitfield(Bytes::from_static(&[0xfc])) };
        self.receive(slot, encode(&pieces));
        self.receive(slot, encode(&Message::Unchoke));
    }

    fn receive(&mut self, slot: u64, bytes: Bytes) {
        if let Some(link) = self.keys[slot as usize] {
            self.engine.handle(Input::Received { link, bytes }, self.now);
        }
    }

    fn transmit(&mut self, slot: u64, budget: usize) {
        let Some(link) = self.keys[slot as usize] else {
            return;
        };
        let mut out = Vec::new();
        let len = self.engine.transmit(link, budget, &mut out, self.now);
        assert_eq!(len, out.iter().map(Bytes::len).sum::<usize>());
        self.requests.entry(link).or_default().extend(requests_in(&out.concat()));
    }

    fn serve(&mut self, slot: u64, good: bool) {
        let Some(link) = self.keys[slot as usize] else {
            return;
        };
        let Some(block) = self.requests.get_mut(&link).filter(|asked| !asked.is_empty()).map(|asked| asked.remove(0))
        else {
            return;
        };
        let byte = if good { block.piece as u8 } else { 0xee };
        let data = Bytes::from(vec![byte; block.len as usize]);
        self.receive(slot, encode(&Message::Piece { piece: block.piece, begin: block.begin, data }));
    }

    fn answer(&mut self, ok: bool) {
        let error = || StorageError::new(StorageErrorKind::NoRoom, "no space left");
        let input = match self.jobs.pop_front() {
            Some(Job::Load { job, piece, len, .. }) => Input::Loaded {
                job,
                result: ok.then(|| Bytes::from(vec![piece.0 as u8; len as usize])).ok_or_else(error),
            },
            Some(Job::Hash { job, data, .. }) => {
                Input::Hashed { job, digest: ok.then(|| Sha1::digest(data.concat()).into()).ok_or_else(error) }
            }
            Some(Job::Store { job, .. }) => Input::Stored { job, result: ok.then_some(()).ok_or_else(error) },
            None => return,
        };
        self.engine.handle(input, self.now);
    }
}

/// The requests among what the engine wrote: frames of 13 bytes with id 6.
fn requests_in(mut bytes: &[u8]) -> Vec<Block> {
    let u32_at = |bytes: &[u8], at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap());
    let mut requests = Vec::new();
    if bytes.first() == Some(&19) {
        bytes = &bytes[68.min(bytes.len())..];
    }
    while bytes.len() >= 4 {
        let len = 4 + u32_at(bytes, 0) as usize;
        if len == 17 && bytes[4] == 6 {
            requests.push(Block { piece: u32_at(bytes, 5), begin: u32_at(bytes, 9), len: u32_at(bytes, 13) });
        }
        bytes = &bytes[len.min(bytes.len())..];
    }
    requests
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn no_history_makes_the_engine_panic_or_lose_count(
        operations in prop::collection::vec(operation(), 1..250),
        is_fetch_only in prop::bool::weighted(0.2),
    ) {
        let mut world = World::new(is_fetch_only);
        for operation in operations {
            world.apply(operation);
        }
        // What it has is what the torrent says.
        prop_assert!(world.engine.have().count() <= torrent().layout().pieces());
        prop_assert!(world.engine.stats().bytes_have <= u64::from(PIECES) * u64::from(PIECE_LEN));
    }
}
