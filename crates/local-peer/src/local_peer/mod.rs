//! Owns the engine, the links, the candidates and the totals; routes between them and decides nothing itself.

mod links;
mod outputs;

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use metainfo::Info;
use peer_engine::{Command, Engine, Input as EngineInput, LinkKey, PieceSet, StorageError};

use crate::announcing::Announcing;
use crate::candidate::{Candidate, CandidateKey, Candidates};
use crate::dialing::Dialing;
use crate::failure::LinkFailure;
use crate::found::Found;
use crate::full_copies::FullCopies;
use crate::input::Input;
use crate::links::Links;
use crate::output::Output;
use crate::room::Room;
use crate::totals::Totals;
use crate::{Identity, PeerId, Timestamp};

/// People who may be banned before the torrent is known.
const EARLY_BANS_MAX: usize = 1024;

/// What is the same for all swarms of a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Config {
    /// The program's limit over all its swarms. There is no other: the engine's
    /// [`links_max`](peer_engine::Config::links_max) is set from it.
    pub limit: Room,
    /// The program can connect to addresses. A tab cannot.
    pub direct: bool,
}

/// One peer of one swarm. See the crate's documentation for the contract.
///
/// - Inputs: [`LocalPeer::handle`], [`LocalPeer::accept`], [`LocalPeer::begin`].
/// - Outputs: [`LocalPeer::poll_output`] and [`LocalPeer::transmit`]; when to come back at the latest:
///   [`LocalPeer::poll_timeout`].
/// - Getters change nothing.
#[derive(Debug)]
pub struct LocalPeer {
    config: Config,
    local: PeerId,
    rng: fastrand::Rng,
    /// `None`: the torrent is not known yet.
    engine: Option<Box<Engine>>,
    candidates: Candidates,
    found: Found,
    pub(crate) links: Links,
    dialing: Dialing,
    pub(crate) totals: Totals,
    announcing: Announcing,
    outputs: VecDeque<Output>,
    /// Who was of the group at the last time.
    people: BTreeSet<Identity>,
    /// Banned before there is an engine, which keeps the list from then on.
    early_bans: BTreeSet<Identity>,
    is_leaving: bool,
    pub(crate) quiet_since: Timestamp,
    pub(crate) last_failure: Option<LinkFailure>,
    pub(crate) storage_failure: Option<StorageError>,
}

impl LocalPeer {
    /// A peer that does not know its torrent yet. `local`: its id on the peer wire, for this torrent and run.
    /// `seed`: all its randomness, the engine's included.
    pub fn new(config: Config, local: PeerId, seed: u64, now: Timestamp) -> Self {
        let mut rng = fastrand::Rng::with_seed(seed);
        Self {
            config,
            local,
            engine: None,
            candidates: Candidates::default(),
            found: Found::default(),
            links: Links::default(),
            dialing: Dialing::new(config.direct, rng.u64(..)),
            rng,
            totals: Totals::default(),
            announcing: Announcing::default(),
            outputs: VecDeque::new(),
            people: BTreeSet::new(),
            early_bans: BTreeSet::new(),
            is_leaving: false,
            quiet_since: now,
            last_failure: None,
            storage_failure: None,
        }
    }

    /// The torrent is known: pieces come and go from now on. `have`: pieces that are verified and can be loaded.
    /// Links that opened before are the engine's now, with what they brought. Does nothing the second time.
    pub fn begin(&mut self, mut config: peer_engine::Config, info: Arc<Info>, have: PieceSet, now: Timestamp) {
        if self.engine.is_some() {
            return;
        }
        let links_max = self.config.limit.links.try_into().unwrap_or(u32::MAX);
        config.links_max = links_max;
        let mut engine = Box::new(Engine::new(config, info, have, self.local, self.rng.u64(..), now));
        for identity in std::mem::take(&mut self.early_bans) {
            engine.handle(EngineInput::Command(Command::Ban(identity)), now);
        }
        self.engine = Some(engine);
        self.quiet_since = now;
        self.dialing.on_change();
        self.hand_over_open_links(now);
        self.count_pieces();
    }

    /// Takes in what happened. Poll the outputs afterwards.
    pub fn handle(&mut self, input: Input, now: Timestamp) {
        match input {
            Input::Listed { source, candidates } => self.on_listed(source, candidates, now),
            Input::Found { source, addresses } => self.on_found(source, addresses, now),
            Input::People(people) => self.on_people(people, now),
            Input::RelayAvailable(is_up) => self.dialing.set_relay(is_up),
            Input::Connected { link } => self.on_connected(link, now),
            Input::Granted { link } => self.on_granted(link, now),
            Input::Paired { link } => self.on_paired(link, now),
            Input::Secured { link, who } => self.on_secured(link, who, now),
            Input::Failed { link, why } => self.on_failed(link, why, now),
            Input::Received { link, bytes } => self.on_received(link, bytes, now),
            Input::Closed { link } => self.on_closed(link, now),
            Input::Loaded { job, result } => self.tell_engine(EngineInput::Loaded { job, result }, now),
            Input::Hashed { job, digest } => self.tell_engine(EngineInput::Hashed { job, digest }, now),
            Input::Stored { job, result } => self.tell_engine(EngineInput::Stored { job, result }, now),
            Input::Reaches(pieces) => self.announcing.set_reach(pieces),
            Input::Command(command) => self.on_command(command, now),
            Input::Leave => self.on_leave(now),
            Input::Tick => self.tell_engine(EngineInput::Tick, now),
        }
        for link in self.links.overdue(now) {
            self.on_overdue(link, now);
        }
    }

    /// Puts at most about `budget` bytes for this link into `out` and says how many; 0: nothing more until
    /// [`Output::Transmit`] names the link again. They are committed: send them or close the link. A block is
    /// never cut, so the budget may be exceeded by one (16 KiB + 13 bytes at most).
    pub fn transmit(&mut self, link: LinkKey, budget: usize, out: &mut Vec<Bytes>, now: Timestamp) -> usize {
        let Some(engine) = &mut self.engine else {
            return 0;
        };
        let bytes = engine.transmit(link, budget, out, now);
        if let Some(link) = self.links.get(link).filter(|_| bytes > 0) {
            self.totals.on_sent(link.path, bytes);
        }
        bytes
    }

    /// When to hand in [`Input::Tick`] at the latest. `None`: nothing waits for time. What waits for room is
    /// not in it: poll again when another swarm of the program gave some back.
    pub fn poll_timeout(&self, now: Timestamp) -> Option<Timestamp> {
        let engine = self.engine.as_ref().and_then(|engine| engine.poll_timeout());
        let dialing = self.dialing.poll_timeout(now).filter(|_| self.may_dial());
        let announcing = self.announcing.due().filter(|_| !self.is_leaving);
        [engine, dialing, announcing, self.links.next_deadline()].into_iter().flatten().min()
    }

    // ------------------------------------------------------------ getters

    /// What of the program's room this swarm uses.
    pub fn occupies(&self) -> Room {
        self.links.occupies()
    }

    /// Its id on the peer wire.
    pub fn local(&self) -> PeerId {
        self.local
    }

    /// The engine, once the torrent is known.
    pub fn engine(&self) -> Option<&Engine> {
        self.engine.as_deref()
    }

    /// Every piece is verified and stored.
    pub fn is_complete(&self) -> bool {
        self.engine().is_some_and(Engine::is_complete)
    }

    /// Since the last block came, or since the wait began.
    pub fn quiet(&self, now: Timestamp) -> Duration {
        now.since(self.quiet_since)
    }

    /// Nobody with this id or of this person is dialed or accepted.
    pub fn is_banned(&self, candidate: &Candidate) -> bool {
        match &self.engine {
            Some(engine) => engine.is_banned(candidate.peer, candidate.identity),
            None => candidate.identity.is_some_and(|identity| self.early_bans.contains(&identity)),
        }
    }

    /// Listed peers without this one.
    pub(crate) fn others(&self) -> impl Iterator<Item = &Candidate> {
        let others = self.candidates.iter().map(|(_, _, candidate)| candidate);
        others.filter(|candidate| candidate.peer != Some(self.local))
    }

    /// What the others have if this peer goes. `None`: the group's tracker is not heard now, or it is in no group, and
    /// who has what is not known.
    pub(crate) fn full_copies_without_us(&self) -> Option<FullCopies> {
        let is_told = self.dialing.has_relay() && !self.people.is_empty();
        is_told.then(|| FullCopies::among(self.others().filter(|candidate| !self.is_banned(candidate))))
    }

    /// Asserts that the books agree with a recount. For tests and the simulator.
    pub fn check(&self) {
        self.links.check();
        if let Some(engine) = &self.engine {
            engine.check();
        }
    }

    // ------------------------------------------------------------ the engine

    fn tell_engine(&mut self, input: EngineInput, now: Timestamp) {
        if let Some(engine) = &mut self.engine {
            engine.handle(input, now);
        }
    }

    fn on_command(&mut self, command: Command, now: Timestamp) {
        match command {
            Command::Ban(identity) if self.engine.is_none() => {
                if self.early_bans.len() < EARLY_BANS_MAX {
                    self.early_bans.insert(identity);
                }
            }
            command => {
                let (wants, has) = (
                    matches!(command, Command::SetWanted(_)),
                    matches!(command, Command::Gained(_) | Command::Lost(_)),
                );
                self.tell_engine(EngineInput::Command(command), now);
                if wants && !self.has_all_wanted() {
                    self.dialing.want_again(now);
                }
                if has {
                    self.count_pieces();
                }
            }
        }
        self.close_banned(now);
    }

    fn count_pieces(&mut self) {
        if let Some(engine) = &self.engine {
            self.announcing.set(engine.have().count(), engine.info().layout().pieces());
        }
    }

    /// Everything that is wanted is verified and stored: there is nothing to get.
    pub fn has_all_wanted(&self) -> bool {
        self.engine().is_some_and(Engine::has_all_wanted)
    }

    /// Whoever has everything dials nobody of the group, whose members dial themselves. Strangers may be unable to.
    fn may_dial(&self) -> bool {
        !self.is_leaving && (!self.is_complete() || !self.found.is_empty())
    }

    /// There is a link to it, or one on its way.
    fn links_to(&self, key: CandidateKey) -> usize {
        self.links.linked().filter(|linked| *linked == key).count()
    }
}
