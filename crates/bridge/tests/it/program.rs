//! A program that drives a bridge, with a cache in memory.

use std::collections::BTreeMap;

use bridge::{Bridge, Input, Load, Output, Seeder};
use bytes::Bytes;
use local_peer::{Identity, PeerId, Timestamp};
use metainfo::Layout;
use peer_engine::{Command, JobId, PieceSet};
use peer_wire::Behind;

pub const PIECES: u32 = 12;
pub const PIECE_LEN: u32 = 16_384;

pub fn layout() -> Layout {
    Layout::new(u64::from(PIECES * PIECE_LEN), PIECE_LEN.into()).unwrap()
}

pub fn set(pieces: &[u32]) -> PieceSet {
    let mut set = PieceSet::none(PIECES);
    pieces.iter().for_each(|piece| assert!(set.insert(*piece)));
    set
}

pub fn seeder(key: &str, pieces: PieceSet) -> Seeder {
    Seeder { key: key.to_owned(), client: format!("Client {key}"), pieces, is_banned: false }
}

pub fn data_of(piece: u32) -> Vec<Bytes> {
    vec![Bytes::from(vec![piece as u8; PIECE_LEN as usize])]
}

pub struct Program {
    pub bridge: Bridge,
    pub now: Timestamp,
    memory: Vec<Vec<Bytes>>,
    next_job: u64,
    /// What each side was told of pieces.
    pub offered: PieceSet,
    pub wanted: Vec<u32>,
    pub upstream_has: PieceSet,
    pub fetched: BTreeMap<u32, u32>,
    pub reaches: u32,
    pub behind: Vec<Behind>,
    /// Loads that were answered, with the first byte, or none if there is nothing.
    pub loaded: Vec<(JobId, Option<u8>)>,
    /// Loads that were answered with an error.
    pub failed_loads: u32,
    /// Its memory works.
    pub keeps: bool,
}

impl Program {
    pub fn new(id: u8, cache_pieces: u64) -> Self {
        let bridge = Bridge::new(layout(), PeerId::covey([id; 12]), cache_pieces * u64::from(PIECE_LEN)).unwrap();
        Self {
            memory: vec![Vec::new(); bridge.slots()],
            bridge,
            now: Timestamp(0),
            next_job: 0,
            offered: PieceSet::none(PIECES),
            wanted: Vec::new(),
            upstream_has: PieceSet::none(PIECES),
            fetched: BTreeMap::new(),
            reaches: 0,
            behind: Vec::new(),
            loaded: Vec::new(),
            failed_loads: 0,
            keeps: true,
        }
    }

    pub fn handle(&mut self, input: Input) {
        self.bridge.handle(input, self.now);
        while let Some(output) = self.bridge.poll_output() {
            match output {
                Output::Keep { slot, data } => {
                    self.memory[slot] = data;
                    self.bridge.handle(Input::Kept { slot, is_kept: self.keeps }, self.now);
                }
                Output::Read(read) => {
                    let bytes = read.load.cut(&self.memory[read.slot]).expect("it is there");
                    self.loaded.push((read.load.job, bytes.first().copied()));
                    self.bridge.handle(Input::WasRead { slot: read.slot }, self.now);
                }
                Output::Upstream(input) => self.on_upstream(input),
                Output::Downstream(input) => self.on_downstream(input),
            }
        }
    }

    fn on_upstream(&mut self, input: local_peer::Input) {
        match input {
            local_peer::Input::Command(Command::SetWanted(wanted)) => self.wanted = wanted.iter().collect(),
            local_peer::Input::Command(Command::Lost(lost)) => {
                for piece in lost.iter() {
                    assert!(self.upstream_has.remove(piece), "it never had piece {piece}");
                }
            }
            local_peer::Input::Stored { job, result: Ok(()) } => {
                assert!(self.upstream_has.insert(job.0 as u32 % PIECES));
            }
            other => panic!("{other:?}"),
        }
    }

    fn on_downstream(&mut self, input: local_peer::Input) {
        match input {
            local_peer::Input::Command(Command::Gained(gained)) => {
                gained.iter().for_each(|piece| assert!(self.offered.insert(piece)));
            }
            local_peer::Input::Command(Command::Lost(lost)) => {
                lost.iter().for_each(|piece| assert!(self.offered.remove(piece)));
            }
            local_peer::Input::Command(Command::SetBehind(behind)) => self.behind = behind,
            local_peer::Input::Loaded { job, result: Ok(data) } => self.loaded.push((job, data.first().copied())),
            local_peer::Input::Loaded { .. } => self.failed_loads += 1,
            local_peer::Input::Reaches(pieces) => self.reaches = pieces,
            other => panic!("{other:?}"),
        }
    }

    /// Asks for a byte of a piece.
    pub fn load(&mut self, piece: u32) -> JobId {
        self.load_by(1, piece)
    }

    /// A member does.
    pub fn load_by(&mut self, member: u8, piece: u32) -> JobId {
        self.next_job += 1;
        let job = JobId(self.next_job);
        self.handle(Input::Load(Load { job, piece, begin: 100, len: 1, who: Some(Identity([member; 32])) }));
        job
    }

    /// The upstream peer fetches all that it is told to.
    pub fn fetch(&mut self) {
        while self.fetch_one() {}
    }

    /// The first of that. `false`: there is nothing.
    pub fn fetch_one(&mut self) -> bool {
        let Some(piece) = self.wanted.iter().copied().find(|piece| !self.upstream_has.contains(*piece)) else {
            return false;
        };
        *self.fetched.entry(piece).or_default() += 1;
        self.handle(Input::Store { job: JobId(u64::from(piece)), piece, data: data_of(piece) });
        true
    }

    /// All loads so far are answered with bytes of these pieces, in order.
    pub fn take_loaded(&mut self) -> Vec<(JobId, Option<u8>)> {
        std::mem::take(&mut self.loaded)
    }

    pub fn wait(&mut self, seconds: u64) {
        self.now = Timestamp(self.now.0 + seconds * 1_000_000);
        self.handle(Input::Tick);
    }
}
