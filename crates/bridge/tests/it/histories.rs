//! Random histories of seeders that come and go, readers, and a memory that answers late and in any order.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use bridge::{Bridge, Input, Load, Output, Read};
use bytes::Bytes;
use local_peer::{Identity, PeerId, Timestamp};
use peer_engine::{Command, JobId, PieceData, PieceSet};
use proptest::prelude::*;

use crate::program::{PIECE_LEN, PIECES, data_of, layout, seeder, set};

/// A seeder is believed to come back within this time.
const BACK_WITHIN: Duration = Duration::from_secs(120);
/// More than any history needs until all is answered.
const ROUNDS_MAX: usize = 1_000;

#[derive(Debug, Clone)]
enum Operation {
    /// By their keys: which pieces they have, one bit each, and whether they are banned.
    Seeders(BTreeMap<u8, (u16, bool)>),
    Others(u8),
    /// Of the offered pieces the nth, or any if it is a load that was on its way when its piece was taken back.
    Load {
        nth: u8,
        to_its_end: bool,
        is_late: bool,
    },
    /// The upstream peer has one of the pieces that it has begun.
    Fetch {
        nth: u8,
    },
    Kept {
        nth: u8,
        is_kept: bool,
    },
    WasRead {
        nth: u8,
    },
    Wait {
        seconds: u8,
    },
    WaitUntilTimeout,
}

fn operation() -> impl Strategy<Value = Operation> {
    use Operation::*;
    let seeder = (prop_oneof![Just(u16::MAX), any::<u16>()], prop::bool::weighted(0.1));
    prop_oneof![
        2 => prop::collection::btree_map(0u8..4, seeder, 0..4).prop_map(Seeders),
        1 => (0u8..4).prop_map(Others),
        12 => (any::<u8>(), any::<bool>(), prop::bool::weighted(0.1))
            .prop_map(|(nth, to_its_end, is_late)| Load { nth, to_its_end, is_late }),
        8 => any::<u8>().prop_map(|nth| Fetch { nth }),
        8 => (any::<u8>(), prop::bool::weighted(0.95)).prop_map(|(nth, is_kept)| Kept { nth, is_kept }),
        8 => any::<u8>().prop_map(|nth| WasRead { nth }),
        2 => (0u8..40).prop_map(|seconds| Wait { seconds }),
        1 => Just(WaitUntilTimeout),
    ]
}

/// What the upstream peer does with a piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Upstream {
    Lacks,
    /// It was wanted: what is on its way still comes.
    Begun,
    Stores(JobId),
    Has,
}

/// A slot of the memory, as its program sees it.
#[derive(Debug, Clone, Default)]
struct Slot {
    data: PieceData,
    is_being_kept: bool,
    reads: u32,
}

/// Everything around one bridge.
struct World {
    bridge: Bridge,
    now: Timestamp,
    next_job: u64,
    slots: Vec<Slot>,
    upstream: [Upstream; PIECES as usize],
    wanted: PieceSet,
    offered: PieceSet,
    keeps: Vec<usize>,
    reads: Vec<Read>,
    /// Loads that are not answered.
    waiting: BTreeMap<JobId, Load>,
    /// Until when each seeder is believed to be there; `None`: it is.
    seeders: BTreeMap<u8, (PieceSet, Option<Timestamp>)>,
}

impl World {
    fn new(cache_pieces: u64) -> Self {
        let bytes = cache_pieces * u64::from(PIECE_LEN);
        let bridge = Bridge::new(layout(), PeerId::covey([1; 12]), bytes).unwrap();
        Self {
            slots: vec![Slot::default(); bridge.slots()],
            bridge,
            now: Timestamp(0),
            next_job: 0,
            upstream: [Upstream::Lacks; PIECES as usize],
            wanted: PieceSet::none(PIECES),
            offered: PieceSet::none(PIECES),
            keeps: Vec::new(),
            reads: Vec::new(),
            waiting: BTreeMap::new(),
            seeders: BTreeMap::new(),
        }
    }

    fn apply(&mut self, operation: Operation) {
        match operation {
            Operation::Seeders(seeders) => self.set_seeders(&seeders),
            Operation::Others(count) => {
                self.handle(Input::OtherBridges((2..2 + count).map(|id| PeerId::covey([id; 12])).collect()));
            }
            Operation::Load { nth, is_late: true, to_its_end } => self.load(u32::from(nth) % PIECES, to_its_end),
            Operation::Load { nth, to_its_end, .. } => {
                let offered: Vec<u32> = self.offered.iter().collect();
                if let Some(nth) = usize::from(nth).checked_rem(offered.len()) {
                    self.load(offered[nth], to_its_end);
                }
            }
            Operation::Fetch { nth } => self.fetch(nth.into()),
            Operation::Kept { nth, is_kept } => self.on_kept(nth.into(), is_kept),
            Operation::WasRead { nth } => self.on_read(nth.into()),
            Operation::Wait { seconds } => self.wait(self.now + Duration::from_secs(seconds.into())),
            Operation::WaitUntilTimeout => self.wait(self.bridge.poll_timeout().unwrap_or(self.now)),
        }
    }

    // ------------------------------------------------------------ inputs

    fn set_seeders(&mut self, seeders: &BTreeMap<u8, (u16, bool)>) {
        let back_until = self.now + BACK_WITHIN;
        self.seeders.values_mut().for_each(|(_, until)| {
            until.get_or_insert(back_until);
        });
        let mut list = Vec::new();
        for (key, (bits, is_banned)) in seeders {
            let pieces = set(&(0..PIECES).filter(|piece| bits >> piece & 1 == 1).collect::<Vec<_>>());
            match is_banned {
                true => self.seeders.remove(key),
                false => self.seeders.insert(*key, (pieces.clone(), None)),
            };
            list.push(bridge::Seeder { is_banned: *is_banned, ..seeder(&key.to_string(), pieces) });
        }
        self.handle(Input::Seeders(list));
    }

    fn load(&mut self, piece: u32, to_its_end: bool) {
        self.next_job += 1;
        let (job, begin) = (JobId(self.next_job), if to_its_end { PIECE_LEN - 9 } else { 100 });
        let who = Some(Identity([(self.next_job % 3) as u8; 32]));
        let load = Load { job, piece, begin, len: 9, who };
        self.waiting.insert(job, load);
        self.handle(Input::Load(load));
    }

    fn fetch(&mut self, nth: usize) {
        let begun: Vec<u32> = (0..PIECES).filter(|piece| self.is(*piece, Upstream::Begun)).collect();
        if let Some(nth) = nth.checked_rem(begun.len()) {
            let piece = begun[nth];
            self.next_job += 1;
            let job = JobId(self.next_job);
            self.upstream[piece as usize] = Upstream::Stores(job);
            self.handle(Input::Store { job, piece, data: data_of(piece) });
        }
    }

    fn on_kept(&mut self, nth: usize, is_kept: bool) {
        if let Some(nth) = nth.checked_rem(self.keeps.len()) {
            let slot = self.keeps.remove(nth);
            self.slots[slot].is_being_kept = false;
            if !is_kept {
                self.slots[slot].data.clear();
            }
            self.handle(Input::Kept { slot, is_kept });
        }
    }

    fn on_read(&mut self, nth: usize) {
        if let Some(nth) = nth.checked_rem(self.reads.len()) {
            let Read { slot, load } = self.reads.remove(nth);
            let bytes = load.cut(&self.slots[slot].data).expect("it is there");
            assert_eq!(bytes, Bytes::from(vec![load.piece as u8; 9]), "bytes of another piece");
            self.slots[slot].reads -= 1;
            self.answer(load.job);
            self.handle(Input::WasRead { slot });
        }
    }

    fn wait(&mut self, until: Timestamp) {
        self.now = self.now.max(until);
        self.handle(Input::Tick);
    }

    // ------------------------------------------------------------ outputs

    fn handle(&mut self, input: Input) {
        self.bridge.handle(input, self.now);
        let held = self.held();
        let mut gone = BTreeSet::new();
        while let Some(output) = self.bridge.poll_output() {
            match output {
                Output::Keep { slot, data } => self.keep(slot, data),
                Output::Read(read) => self.read(read),
                Output::Upstream(input) => self.tell_upstream(input, &mut gone),
                Output::Downstream(input) => self.tell_downstream(input),
            }
        }
        let replaced: BTreeSet<u32> = held.difference(&self.held()).copied().collect();
        assert!(replaced.is_subset(&gone), "of {replaced:?} the upstream peer was told {gone:?}");
        self.check();
    }

    /// Pieces that the memory has.
    fn held(&self) -> BTreeSet<u32> {
        let kept = self.slots.iter().filter(|slot| !slot.is_being_kept);
        kept.filter_map(|slot| Some(u32::from(*slot.data.first()?.first()?))).collect()
    }

    fn keep(&mut self, slot: usize, data: PieceData) {
        let held = &mut self.slots[slot];
        assert!(!held.is_being_kept && held.reads == 0, "slot {slot} is used twice");
        (held.data, held.is_being_kept) = (data, true);
        self.keeps.push(slot);
    }

    fn read(&mut self, read: Read) {
        let slot = &mut self.slots[read.slot];
        assert!(!slot.is_being_kept, "reads what is not kept yet");
        assert!(self.waiting.contains_key(&read.load.job), "reads for a load that was answered");
        slot.reads += 1;
        self.reads.push(read);
    }

    fn tell_upstream(&mut self, input: local_peer::Input, gone: &mut BTreeSet<u32>) {
        match input {
            local_peer::Input::Command(Command::SetWanted(wanted)) => {
                assert!(wanted.count() as usize <= (self.slots.len() / 2).max(1));
                for piece in wanted.iter().filter(|piece| self.is(*piece, Upstream::Lacks)).collect::<Vec<_>>() {
                    self.upstream[piece as usize] = Upstream::Begun;
                }
                self.wanted = wanted;
            }
            local_peer::Input::Command(Command::Lost(lost)) => {
                for piece in lost.iter() {
                    assert!(self.is(piece, Upstream::Has), "it has no piece {piece} to lose");
                    let is_wanted = self.wanted.contains(piece);
                    self.upstream[piece as usize] = if is_wanted { Upstream::Begun } else { Upstream::Lacks };
                    gone.insert(piece);
                }
            }
            local_peer::Input::Stored { job, result } => {
                result.expect("an error would end the fetching for good");
                let stores = self.upstream.iter_mut().find(|state| **state == Upstream::Stores(job));
                *stores.expect("answered once") = Upstream::Has;
            }
            other => panic!("{other:?}"),
        }
    }

    fn tell_downstream(&mut self, input: local_peer::Input) {
        match input {
            local_peer::Input::Command(Command::Gained(gained)) => {
                gained.iter().for_each(|piece| assert!(self.offered.insert(piece)));
            }
            local_peer::Input::Command(Command::Lost(lost)) => {
                lost.iter().for_each(|piece| assert!(self.offered.remove(piece)));
            }
            local_peer::Input::Loaded { job, .. } => self.answer(job),
            local_peer::Input::Reaches(pieces) => assert!(pieces <= PIECES),
            local_peer::Input::Command(Command::SetBehind(behind)) => assert!(behind.len() <= peer_wire::BEHIND_MAX),
            other => panic!("{other:?}"),
        }
    }

    fn answer(&mut self, job: JobId) {
        assert!(self.waiting.remove(&job).is_some(), "{job:?} is answered twice");
        assert!(self.reads.iter().all(|read| read.load.job != job), "{job:?} is going to be answered twice");
    }

    fn is(&self, piece: u32, state: Upstream) -> bool {
        self.upstream[piece as usize] == state
    }

    // ------------------------------------------------------------ promises

    fn check(&self) {
        let held = self.held();
        let believed = |until: &Option<Timestamp>| until.is_none_or(|until| until > self.now);
        let is_reached = |piece| {
            self.seeders.values().any(|(pieces, until)| believed(until) && pieces.contains(piece))
                || held.contains(&piece)
        };
        assert!(self.offered.iter().all(is_reached), "{:?} is offered", self.offered);
        assert!(self.wanted.iter().all(|piece| self.offered.contains(piece)), "nobody can have asked for it");
        let is_read = |job| self.reads.iter().any(|read| read.load.job == job);
        for (job, load) in self.waiting.iter().filter(|(job, _)| !is_read(**job)) {
            assert!(self.offered.contains(load.piece), "{job:?} waits for what was taken back");
        }
        let timeout = self.bridge.poll_timeout();
        assert!(timeout.is_none_or(|at| at > self.now), "a tick at {:?} wants another at {timeout:?}", self.now);
        let connected = |piece| self.seeders.values().any(|(pieces, until)| until.is_none() && pieces.contains(piece));
        let is_due = |load: &Load| !is_read(load.job) && connected(load.piece);
        if self.waiting.values().any(is_due) {
            assert!(self.wanted.iter().any(connected), "nothing is fetched though somebody waits and it is to be had");
        }
    }

    /// A seeder with everything comes, or nobody: everybody who waits is answered.
    fn finish(&mut self, comes: bool) {
        self.set_seeders(&if comes { BTreeMap::from([(9, (u16::MAX, false))]) } else { BTreeMap::new() });
        for _ in 0..ROUNDS_MAX {
            if self.waiting.is_empty() {
                return;
            }
            if comes {
                self.fetch(0);
            } else if self.keeps.is_empty() && self.reads.is_empty() {
                let next = self.bridge.poll_timeout().expect("somebody waits, and nothing is waited for");
                self.wait(next);
            }
            self.on_kept(0, true);
            self.on_read(0);
        }
        panic!("never answered: {:?}", self.waiting);
    }
}

proptest! {
    #[test]
    fn every_load_is_answered_once_and_no_promise_is_broken_on_the_way(
        operations in prop::collection::vec(operation(), 0..200),
        cache_pieces in 4u64..14,
        comes in any::<bool>(),
    ) {
        let mut world = World::new(cache_pieces);
        operations.into_iter().for_each(|operation| world.apply(operation));
        world.finish(comes);
    }
}
