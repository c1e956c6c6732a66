//! Two swarms of one program among a tracker, a relay, peers and a disk that say anything in any order.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use arbitrary::{Arbitrary, Unstructured};
use bytes::Bytes;
use local_peer::{
    Candidate, Config, Identity, Input, LinkFailure, LocalPeer, Output, Path, PeerId, Progress, Room, Source, Timestamp,
};
use metainfo::{Info, InfoBuilder};
use peer_engine::{Command, Job, JobId, LinkKey, PieceSet, StorageError, StorageErrorKind};

const LIMIT: Room = Room { connecting: 3, links: 7 };
const PIECES: u32 = 3;
/// Outputs of one drain: whoever makes more never stops.
const OUTPUTS_MAX: usize = 10_000;
const OPERATIONS_MAX: usize = 400;

/// One step. A small number stands for an id, an address or a link, so that steps meet.
#[derive(Debug, Arbitrary)]
enum Operation {
    List {
        source: u8,
        peers: Vec<Listed>,
    },
    Relay(bool),
    /// Whatever the link waits for comes about.
    Advance(u8),
    Secured(u8, Option<Listed>),
    Failed(u8, u8),
    Received(u8, Vec<u8>),
    Closed(u8),
    Accept(Listed, bool),
    /// The oldest job is answered.
    Answer {
        well: bool,
    },
    Ban(u8),
    Close(u8),
    Transmit(u8, u16),
    Begin(bool),
    Pass(u16),
    Leave,
}

/// A candidate in small numbers.
#[derive(Debug, Arbitrary)]
struct Listed {
    peer: Option<u8>,
    identity: Option<u8>,
    have: Option<u8>,
    addresses: u8,
    relay: bool,
}

impl Listed {
    fn candidate(&self) -> Candidate {
        let total = PIECES;
        let address = |nth: u8| SocketAddr::from(([10, 0, self.addresses, nth], 6881));
        Candidate {
            peer: self.peer.map(|number| PeerId([number % 8; 20])),
            identity: self.identity.map(|number| Identity([number % 4; 32])),
            progress: self.have.map_or(Progress::Unknown, |have| Progress::Pieces { have: u32::from(have) % 5, total }),
            addresses: (0..self.addresses % 3).map(address).collect(),
            relay: self.relay,
            ..Candidate::default()
        }
    }
}

/// One swarm, and what its program still has to answer.
struct Swarm {
    peer: LocalPeer,
    jobs: Vec<Job>,
    /// Links that were dialed or accepted, and not closed.
    links: BTreeSet<LinkKey>,
    last: u64,
}

/// Any bytes are two swarms' inputs.
pub fn local_peer_operations(data: &[u8]) {
    let mut bytes = Unstructured::new(data);
    let mut now = Timestamp(0);
    let mut swarms = [3u8, 5].map(|local| Swarm {
        peer: LocalPeer::new(Config { limit: LIMIT, direct: local == 3 }, PeerId([local; 20]), 1, now),
        jobs: Vec::new(),
        links: BTreeSet::new(),
        last: 0,
    });
    let info = info();
    for _ in 0..OPERATIONS_MAX {
        let Ok((nth, operation)) = <(bool, Operation)>::arbitrary(&mut bytes) else {
            break;
        };
        if let Operation::Pass(millis) = operation {
            now = now + Duration::from_millis(u64::from(millis));
            swarms.iter_mut().for_each(|swarm| swarm.peer.handle(Input::Tick, now));
        } else {
            let room = LIMIT.left(swarms.iter().map(|swarm| swarm.peer.occupies()));
            swarms[usize::from(nth)].apply(operation, room, &info, now);
        }
        let mut room = LIMIT.left(swarms.iter().map(|swarm| swarm.peer.occupies()));
        swarms.iter_mut().for_each(|swarm| swarm.drain(&mut room, now));
        check(&swarms, now);
        if bytes.is_empty() {
            break;
        }
    }
}

fn check(swarms: &[Swarm; 2], now: Timestamp) {
    let mut used = Room::default();
    for swarm in swarms {
        swarm.peer.check();
        let _ = swarm.peer.snapshot(now);
        used.connecting += swarm.peer.occupies().connecting;
        used.links += swarm.peer.occupies().links;
    }
    assert!(used.connecting <= LIMIT.connecting && used.links <= LIMIT.links, "{used:?}");
}

fn info() -> Arc<Info> {
    let mut builder = InfoBuilder::new("fuzzed", u64::from(PIECES) * 16_384, Some(16_384)).expect("a sound layout");
    (0..PIECES).for_each(|piece| builder.set_digest(piece, [piece as u8; 20]));
    Arc::new(builder.finish().expect("every digest is set"))
}

impl Swarm {
    fn apply(&mut self, operation: Operation, mut room: Room, info: &Arc<Info>, now: Timestamp) {
        let key = |number: u8| LinkKey(u64::from(number % 16));
        let input = match operation {
            Operation::List { source, peers } => {
                let source = [Source::Group, Source::Tracker, Source::Dht, Source::Pex][usize::from(source % 4)];
                Input::Listed { source, candidates: peers.iter().map(Listed::candidate).collect() }
            }
            Operation::Relay(is_up) => Input::RelayAvailable(is_up),
            Operation::Advance(link) => {
                let link = key(link);
                for input in [Input::Granted { link }, Input::Connected { link }, Input::Paired { link }] {
                    self.peer.handle(input, now);
                }
                Input::Secured { link, who: None }
            }
            Operation::Secured(link, who) => {
                Input::Secured { link: key(link), who: who.map(|who| Box::new(who.candidate())) }
            }
            Operation::Failed(link, why) => {
                let why =
                    [LinkFailure::Unreachable, LinkFailure::Offline, LinkFailure::NotPaired][usize::from(why % 3)];
                Input::Failed { link: key(link), why }
            }
            Operation::Received(link, bytes) => Input::Received { link: key(link), bytes: Bytes::from(bytes) },
            Operation::Closed(link) => Input::Closed { link: key(link) },
            Operation::Accept(from, direct) => {
                let path = if direct { Path::Direct } else { Path::Relay };
                let is_banned = self.peer.is_banned(&from.candidate());
                if let Ok(link) = self.peer.accept(from.candidate(), path, &mut room, now) {
                    assert!(!is_banned, "a banned peer is accepted");
                    self.begin_link(link);
                }
                return;
            }
            Operation::Answer { well } => match self.jobs.pop() {
                Some(job) => answer(job, well),
                None => return,
            },
            Operation::Ban(number) => Input::Command(Command::Ban(Identity([number % 4; 32]))),
            Operation::Close(link) => Input::Command(Command::Close(key(link))),
            Operation::Transmit(link, budget) => {
                self.peer.transmit(key(link), usize::from(budget), &mut Vec::new(), now);
                return;
            }
            Operation::Begin(has_all) => {
                let have = if has_all { PieceSet::all(PIECES) } else { PieceSet::none(PIECES) };
                self.peer.begin(peer_engine::Config::new("fuzz"), info.clone(), have, now);
                return;
            }
            Operation::Leave => Input::Leave,
            Operation::Pass(_) => Input::Tick,
        };
        self.peer.handle(input, now);
    }

    /// A link's name was never used.
    fn begin_link(&mut self, link: LinkKey) {
        assert!(link.0 > self.last, "{link:?} was used before");
        self.last = link.0;
        self.links.insert(link);
    }

    fn drain(&mut self, room: &mut Room, now: Timestamp) {
        for _ in 0..OUTPUTS_MAX {
            let Some(output) = self.peer.poll_output(room, now) else {
                let timeout = self.peer.poll_timeout(now);
                assert!(timeout.is_none_or(|at| at >= now) || self.peer.engine().is_some(), "late: {timeout:?}");
                return;
            };
            match output {
                Output::Dial { link, to, path } => {
                    assert!(!self.peer.is_banned(&to), "a banned peer is dialed");
                    assert!(path == Path::Relay || !to.addresses.is_empty());
                    self.begin_link(link);
                }
                Output::Pair { link } => assert!(self.links.contains(&link)),
                Output::Close { link, .. } => assert!(self.links.remove(&link), "{link:?} is closed twice"),
                Output::Storage(job) => self.jobs.push(job),
                Output::Transmit(_) | Output::Announce(_) | Output::Event(_) => {}
            }
        }
        panic!("outputs without end");
    }
}

fn answer(job: Job, well: bool) -> Input {
    let error = || StorageError::new(StorageErrorKind::Other, "broken");
    let digest_of = |piece: u32| [piece as u8; 20];
    match job {
        Job::Load { job, len, .. } => {
            Input::Loaded { job, result: if well { Ok(Bytes::from(vec![0; len as usize])) } else { Err(error()) } }
        }
        Job::Hash { job, piece, .. } => {
            Input::Hashed { job, digest: Ok(if well { digest_of(piece.0) } else { [9; 20] }) }
        }
        Job::Store { job, .. } => Input::Stored { job: JobId(job.0), result: if well { Ok(()) } else { Err(error()) } },
    }
}

/// Inputs to begin with: bytes of every kind of step, in different mixtures.
pub fn seeds() -> Vec<(&'static str, Vec<u8>)> {
    let mixed = |factor: u32| (0..600u32).map(move |nth| (nth.wrapping_mul(factor) >> 3) as u8).collect();
    vec![("mixed-1", mixed(2_654_435_761)), ("mixed-2", mixed(40_503)), ("mixed-3", mixed(2_246_822_519))]
}
