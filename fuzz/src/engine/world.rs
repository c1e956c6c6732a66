//! The driver and all the other peers around one engine. Keeps the engine's contract and checks its promises.

use std::collections::BTreeSet;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use peer_engine::{
    CloseReason, Command, Direction, Engine, Event, Input, Job, JobId, LinkKey, Opening, Output, PieceIndex, PieceSet,
    RateLimits, StorageError, StorageErrorKind, Timestamp,
};
use peer_wire::Message;

use super::operation::{How, Operation, Setup, flag};
use super::remote::Remote;
use super::said::{LOCAL, handshake, identity_of, peer_id};
use super::setup::{config, policy, power};
use super::torrent::{PIECES, data, fill, is_true, torrent};

/// More links than the engine tells of a piece at once.
const LINKS_MAX: usize = 48;
/// Below it a message may not fit, bytes.
const BUDGET_MIN: usize = 64;

/// See the module.
pub struct World {
    pub engine: Engine,
    pub now: Timestamp,
    pub remotes: Vec<Remote>,
    pub work: Vec<Job>,
    /// Pieces that the engine may speak of.
    pub stored: PieceSet,
    /// The machine failed the engine, which then asks for nothing more.
    pub failed: bool,
    pub leaves_links_open: bool,
    is_fetch_only: bool,
    next_link: u64,
    jobs: BTreeSet<JobId>,
    /// Links that opened and were not told to be gone.
    open: BTreeSet<LinkKey>,
    pub verified: PieceSet,
}

impl World {
    pub fn new(setup: &Setup) -> Self {
        let mut have = PieceSet::none(PIECES);
        (0..PIECES).filter(|piece| setup.have & (1 << piece) != 0).for_each(|piece| {
            have.insert(piece);
        });
        let seed = u64::from(setup.rng_seed);
        Self {
            engine: Engine::new(config(setup), torrent(), have.clone(), LOCAL, seed, Timestamp(0)),
            now: Timestamp(0),
            remotes: Vec::new(),
            work: Vec::new(),
            stored: have.clone(),
            failed: false,
            leaves_links_open: setup.leaves_links_open,
            is_fetch_only: setup.is_fetch_only,
            next_link: 0,
            jobs: BTreeSet::new(),
            open: BTreeSet::new(),
            verified: have,
        }
    }

    pub fn apply(&mut self, operation: Operation) {
        match operation {
            Operation::Open { identity, flags, pieces } => self.open(identity, flags, pieces),
            Operation::OpenMany { count } => {
                // 9 and up: each an identity of its own.
                (0..count % 41).for_each(|i| self.open(100 + i, flag::FAST | flag::CHOKES, i));
            }
            Operation::Close { slot } => {
                if let Some(at) = self.at(slot) {
                    let link = self.remotes.remove(at).link;
                    self.handle(Input::LinkClosed { link });
                }
            }
            Operation::Say { slot, message, cut } => self.say(slot, &message.message(), cut),
            Operation::Raw { slot, len, bytes } => {
                let len = usize::from(len) % (bytes.len() + 1);
                self.receive(slot, Bytes::copy_from_slice(&bytes[..len]));
            }
            Operation::Serve { slot, which, how } => self.serve(slot, which, &how),
            Operation::ServeAll { slot } => {
                let asked = self.at(slot).map_or(0, |at| self.remotes[at].asked.len());
                (0..asked).for_each(|_| self.serve(slot, 0, &How::Right));
            }
            Operation::Answer { which, ok } => self.answer(usize::from(which), ok),
            Operation::AnswerAll => self.answer_all(),
            Operation::Pass { ms } => self.pass(self.now + Duration::from_millis(u64::from(ms))),
            Operation::PassUntilTimeout => self.pass_until_timeout(),
            Operation::Policy { which } => self.command(Command::SetPolicy(policy(which))),
            Operation::Play { piece, rate } => {
                let piece = u32::from(piece) % (PIECES + 1);
                self.command(Command::Play { piece: PieceIndex(piece), bytes_per_second: power(rate).unwrap_or(0) });
            }
            Operation::Limits { up, down } => {
                self.command(Command::SetLimits(RateLimits { up: power(up), down: power(down) }));
            }
            Operation::Ban { identity } => self.command(Command::Ban(identity_of(identity))),
            Operation::CloseCommand { slot } => {
                if let Some(at) = self.at(slot) {
                    self.command(Command::Close(self.remotes[at].link));
                }
            }
            Operation::Transmit { slot, budget } => {
                if let Some(at) = self.at(slot) {
                    self.transmit(at, BUDGET_MIN + usize::from(budget));
                }
            }
            Operation::TransmitReady => {
                self.transmit_ready();
            }
            Operation::Want { pieces } => {
                let mut wanted = PieceSet::all(PIECES);
                for piece in (0..8).filter(|piece| pieces >> piece & 1 == 0) {
                    wanted.remove(piece);
                }
                self.command(Command::SetWanted(wanted));
            }
            Operation::Gain { piece } => self.gain(u32::from(piece) % PIECES),
            Operation::Lose { piece } => self.lose(u32::from(piece) % PIECES),
            Operation::Behind { count } => self.stand_before(count % 12),
            Operation::Serving { is_serving } => self.command(Command::SetServing(is_serving)),
        }
    }

    // ------------------------------------------------------------ the engine

    pub fn handle(&mut self, input: Input) {
        self.engine.handle(input, self.now);
        self.drain();
    }

    pub fn command(&mut self, command: Command) {
        self.handle(Input::Command(command));
    }

    fn pass(&mut self, until: Timestamp) {
        self.now = until;
        self.handle(Input::Tick);
        let timeout = self.engine.poll_timeout();
        assert!(timeout.is_none_or(|at| at > self.now), "a tick at {:?} wants another at {timeout:?}", self.now);
    }

    /// The driver sleeps.
    pub fn pass_until_timeout(&mut self) {
        if let Some(at) = self.engine.poll_timeout() {
            self.pass(at.max(self.now));
        }
    }

    fn drain(&mut self) {
        while let Some(output) = self.engine.poll_output() {
            match output {
                Output::Transmit(link) => self.on_ready(link),
                Output::Storage(job) => self.on_job(job),
                Output::Close { link, why } => {
                    let at = self.remotes.iter().position(|remote| remote.link == link);
                    let remote = self.remotes.remove(at.expect("closes a link that is open"));
                    self.on_closed(&remote, &why);
                }
                Output::Event(event) => self.on_event(event),
                other => panic!("{other:?} is new here"),
            }
        }
        let open: BTreeSet<LinkKey> = self.remotes.iter().map(|remote| remote.link).collect();
        assert_eq!(self.open, open, "every link is told to be gone once");
        self.engine.check();
        let stats = self.engine.stats();
        assert_eq!(stats.pieces_have, self.stored.count());
        assert_eq!(self.engine.is_complete(), self.stored.is_full());
        assert!(stats.bytes_have + stats.bytes_partial <= stats.bytes);
        assert_eq!(self.engine.piece_states().len() as u32, PIECES);
        assert!(self.engine.peers().len() <= self.remotes.len());
    }

    fn on_ready(&mut self, link: LinkKey) {
        let remote = self.remotes.iter_mut().find(|remote| remote.link == link);
        let remote = remote.expect("a link that is closed is never ready");
        assert!(!remote.is_ready, "{link:?} is named ready again before it was written to the end");
        remote.is_ready = true;
    }

    fn on_job(&mut self, wanted: Job) {
        match &wanted {
            Job::Load { job, piece: PieceIndex(piece), begin, len, .. } => {
                assert!(self.stored.contains(*piece), "loads piece {piece}, which is not stored");
                assert!(*len > 0 && *len <= 256 * 1024 && begin + len <= torrent().layout().piece_len(*piece));
                assert!(self.jobs.insert(*job), "{job:?} twice");
            }
            Job::Hash { job, piece: PieceIndex(piece), data } => {
                let len: usize = data.iter().map(Bytes::len).sum();
                assert_eq!(len as u32, torrent().layout().piece_len(*piece));
                assert!(!self.stored.contains(*piece), "hashes piece {piece}, which is stored");
                assert!(self.jobs.insert(*job), "{job:?} twice");
            }
            Job::Store { job, piece: PieceIndex(piece), data, hashed_by } => {
                assert!(is_true(*piece, data), "stores piece {piece} with wrong bytes");
                assert!(!self.stored.contains(*piece), "stores piece {piece} twice");
                assert!(self.jobs.contains(hashed_by) && self.jobs.insert(*job), "{job:?} twice");
            }
        }
        self.work.push(wanted);
    }

    /// The engine has forgotten the link.
    fn on_closed(&mut self, remote: &Remote, why: &CloseReason) {
        assert!(
            !remote.is_honest || matches!(why, CloseReason::Turnover | CloseReason::BothComplete),
            "an honest peer was closed: {why}"
        );
        let mut out = Vec::new();
        assert_eq!(self.engine.transmit(remote.link, usize::MAX, &mut out, self.now), 0);
    }

    fn on_event(&mut self, event: Event) {
        match event {
            Event::PieceVerified { piece } => assert!(self.verified.insert(piece.0), "piece {piece} verified twice"),
            Event::PeerGone { link, .. } => assert!(self.open.remove(&link), "{link:?} is gone twice"),
            Event::Completed => {
                assert!(self.engine.has_all_wanted(), "completed at a wrong time");
            }
            _ => {}
        }
    }

    // ------------------------------------------------------------ the storage

    /// Answers one job that waits.
    pub fn answer(&mut self, which: usize, ok: bool) {
        if self.work.is_empty() {
            return;
        }
        let error = || StorageError::new(StorageErrorKind::NoRoom, "no space left");
        let input = match self.work.remove(which % self.work.len()) {
            Job::Load { job, piece: PieceIndex(piece), len, .. } => {
                Input::Loaded { job, result: ok.then(|| data(piece, len)).ok_or_else(error) }
            }
            Job::Hash { job, piece: PieceIndex(piece), data } => {
                self.failed |= !ok;
                let digest = if is_true(piece, &data) { torrent().digest(piece) } else { [0; 20] };
                Input::Hashed { job, digest: ok.then_some(digest).ok_or_else(error) }
            }
            Job::Store { job, piece: PieceIndex(piece), .. } => {
                self.failed |= !ok;
                if ok {
                    self.stored.insert(piece);
                }
                Input::Stored { job, result: ok.then_some(()).ok_or_else(error) }
            }
        };
        self.handle(input);
    }

    /// Answers what waits, and what comes of that.
    pub fn answer_all(&mut self) {
        while !self.work.is_empty() {
            self.answer(0, true);
        }
    }

    // ------------------------------------------------------------ the links

    fn at(&self, slot: u8) -> Option<usize> {
        usize::from(slot).checked_rem(self.remotes.len())
    }

    fn open(&mut self, identity: u8, flags: u8, pieces: u8) {
        if self.remotes.len() == LINKS_MAX {
            return;
        }
        let has = |flag: u8| flags & flag != 0;
        let id = peer_id(identity);
        let known = (!identity.is_multiple_of(3)).then(|| identity_of(identity));
        let direction = if has(flag::DIALED) { Direction::Dialed } else { Direction::Accepted };
        let link = self.open_link(Opening {
            direction,
            peer: has(flag::VOUCHED).then_some(id),
            identity: known,
            address: None,
        });
        if has(flag::SILENT) {
            return;
        }
        let mut greeting = BytesMut::from(&handshake(id, flags)[..]);
        match pieces {
            0xff if has(flag::FAST) => Message::HaveAll.encode(&mut greeting),
            0 if has(flag::FAST) => Message::HaveNone.encode(&mut greeting),
            bits => Message::Bitfield(Bytes::from(vec![bits & 0xfc])).encode(&mut greeting),
        }
        if has(flag::INTERESTED) {
            Message::Interested.encode(&mut greeting);
        }
        if !has(flag::CHOKES) {
            Message::Unchoke.encode(&mut greeting);
        }
        self.receive_on(link, greeting.freeze());
    }

    /// A link that nothing was said on.
    pub fn open_link(&mut self, opening: Opening) -> LinkKey {
        let link = LinkKey(self.next_link);
        self.next_link += 1;
        self.remotes.push(Remote::new(link, self.is_fetch_only));
        self.open.insert(link);
        self.handle(Input::LinkOpened { link, opening });
        link
    }

    fn say(&mut self, slot: u8, message: &Message, cut: u8) {
        let mut bytes = BytesMut::new();
        message.encode(&mut bytes);
        let mut bytes = bytes.freeze();
        let first = bytes.split_to(usize::from(cut).min(bytes.len()));
        let Some(link) = self.at(slot).map(|at| self.remotes[at].link) else {
            return;
        };
        if !first.is_empty() {
            self.receive_on(link, first);
        }
        self.receive_on(link, bytes);
    }

    fn receive(&mut self, slot: u8, bytes: Bytes) {
        if let Some(at) = self.at(slot) {
            self.receive_on(self.remotes[at].link, bytes);
        }
    }

    /// Bytes arrive on a link, if it is still open.
    pub fn receive_on(&mut self, link: LinkKey, bytes: Bytes) {
        if let Some(remote) = self.remotes.iter_mut().find(|remote| remote.link == link) {
            remote.says(bytes.clone());
            self.handle(Input::Received { link, bytes });
        }
    }

    fn serve(&mut self, slot: u8, which: u8, how: &How) {
        let Some(remote) = self.at(slot).map(|at| &mut self.remotes[at]).filter(|remote| !remote.asked.is_empty())
        else {
            return;
        };
        let link = remote.link;
        let block = remote.asked.remove(usize::from(which) % remote.asked.len());
        let answer = |byte: u8, len: u32| {
            let data = Bytes::from(vec![byte; len as usize]);
            Message::Piece { piece: block.piece, begin: block.begin, data }
        };
        let right = answer(fill(block.piece), block.len);
        let mut bytes = BytesMut::new();
        match how {
            How::Right => right.encode(&mut bytes),
            How::WrongByte => answer(0xee, block.len).encode(&mut bytes),
            How::WrongLength => answer(fill(block.piece), u32::from(which) * 8).encode(&mut bytes),
            How::Reject => Message::Reject(block).encode(&mut bytes),
            How::Twice => [&right, &right].iter().for_each(|message| message.encode(&mut bytes)),
        }
        self.receive_on(link, bytes.freeze());
    }

    /// Writes to a link once.
    pub fn transmit(&mut self, at: usize, budget: usize) -> usize {
        let mut out = Vec::new();
        let remote = &mut self.remotes[at];
        let len = self.engine.transmit(remote.link, budget, &mut out, self.now);
        assert_eq!(len, out.iter().map(Bytes::len).sum::<usize>());
        if len == 0 {
            remote.is_ready = false;
            remote.is_told_all(&self.stored);
        } else {
            remote.is_told(out.concat().into(), &self.stored);
        }
        self.drain();
        len
    }

    /// Writes everything to every link that is ready. `false`: there was nothing.
    pub fn transmit_ready(&mut self) -> bool {
        let mut wrote = false;
        while let Some(at) = self.remotes.iter().position(|remote| remote.is_ready) {
            wrote |= self.transmit(at, 1 << 20) > 0;
        }
        wrote
    }
}
