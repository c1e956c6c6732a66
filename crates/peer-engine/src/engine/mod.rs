//! The engine: routes inputs to the machines that decide, and their decisions to the driver.
//!
//! - `links`: a link opens, shakes hands, closes; who is banned.
//! - `messages`: what peers say.
//! - `extensions`: what they say in messages of their own agreement.
//! - `possession`: pieces come and go without being fetched here.
//! - `blocks`: blocks arrive, pieces are hashed, stored, or fail.
//! - `peers`: the links by their keys.
//! - `transmit`: what is written to a link, with its requests chosen at that moment.
//! - `waits`: how busy each holder is.
//! - `serve`: who is served, in effect.
//! - `timers`: what happens because time passed.
//! - `report`: figures for people.

mod blocks;
mod extensions;
mod links;
mod messages;
mod peers;
mod possession;
mod report;
mod serve;
mod timers;
mod transmit;
mod waits;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use metainfo::Info;
use peer_wire::{Behind, PeerId};

use crate::budget::{Begun, Budget};
use crate::config::Config;
use crate::have_log::HaveLog;
use crate::ids::{JobId, LinkKey};
use crate::input::{Command, Input};
use crate::output::{CloseReason, Event, Job, Output};
use crate::peer::Peer;
use crate::picker::Picker;
use crate::piece_set::PieceSet;
use crate::rate::Rate;
use crate::serving::Serving;
use crate::time::Timestamp;
use crate::trust::Trust;
use peers::Peers;

/// A link with something to send, in the order in which they are served: the least loaded first, then who
/// was served longest ago.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Ready {
    wait_ms: u64,
    served_at: Timestamp,
    link: LinkKey,
}

impl Ready {
    fn of(peer: &Peer, config: &Config, now: Timestamp) -> Self {
        let wait_ms = if config.least_loaded_first { peer.wait_ms(now) } else { 0 };
        Self { wait_ms, served_at: peer.last_block_sent, link: peer.link }
    }
}

/// One peer in one swarm.
///
/// Its methods are of three kinds:
/// - Getters tell how things are and change nothing: [`Engine::info`], [`Engine::have`], [`Engine::is_complete`],
///   [`Engine::stats`], [`Engine::peers`], [`Engine::piece_states`].
/// - [`Engine::handle`] is the only way in: what happened on links, to jobs and in time, and what the program wants.
/// - [`Engine::poll_output`], [`Engine::transmit`] and [`Engine::poll_timeout`] are the ways out. `handle` and
///   `transmit` make output and move the timeout, so `poll_output` until `None` follows each of them, and
///   `poll_timeout` is asked last.
///
/// The crate's page has the contract and the loop.
#[derive(Debug)]
pub struct Engine {
    config: Config,
    info: Arc<Info>,
    local: PeerId,
    picker: Picker,
    peers: Peers,
    /// From whom a bridge has what it serves.
    behind: Option<Vec<Behind>>,
    trust: Trust,
    jobs: BTreeMap<JobId, blocks::Pending>,
    next_job: u64,
    have_log: HaveLog,
    serving: Serving,
    /// The person lets us give.
    is_serving: bool,
    /// In the order in which it came to that.
    outputs: VecDeque<Output>,
    /// Links with something to send, those with the least outstanding load first: requests are chosen
    /// when a link is written, so the least loaded holder of a piece is asked for it.
    ready: BTreeSet<Ready>,
    budget: Budget,
    down: Rate,
    up: Rate,
    wasted: u64,
    /// Who can be asked has changed (`equal-split`).
    holders_changed: bool,
    next_second: Timestamp,
    next_turnover: Timestamp,
    now: Timestamp,
}

impl Engine {
    /// `have`: pieces that are verified and can be loaded. `local`: this peer's id. `seed`: all the
    /// engine's randomness.
    pub fn new(config: Config, info: Arc<Info>, have: PieceSet, local: PeerId, seed: u64, now: Timestamp) -> Self {
        let picker = Picker::new(*info.layout(), have, config.policy, fastrand::Rng::with_seed(seed));
        Self {
            serving: Serving::new(&config, info.layout().pieces(), now),
            budget: Budget::new(&config, now),
            config,
            info,
            local,
            picker,
            peers: Peers::default(),
            behind: None,
            trust: Trust::default(),
            jobs: BTreeMap::new(),
            next_job: 0,
            have_log: HaveLog::default(),
            is_serving: true,
            outputs: VecDeque::new(),
            ready: BTreeSet::new(),
            down: Rate::default(),
            up: Rate::default(),
            wasted: 0,
            holders_changed: false,
            next_second: now + Duration::from_secs(1),
            next_turnover: now,
            now,
        }
    }

    /// Takes in what happened. Poll the outputs afterwards.
    pub fn handle(&mut self, input: Input, now: Timestamp) {
        self.now = now;
        match input {
            Input::LinkOpened { link, opening } => self.on_link_opened(link, opening, now),
            Input::Received { link, bytes } => self.on_received(link, bytes, now),
            Input::LinkClosed { link } => self.on_link_closed(link),
            Input::Loaded { job, result } => self.on_loaded(job, result),
            Input::Hashed { job, digest } => self.on_hashed(job, digest),
            Input::Stored { job, result } => self.on_stored(job, result),
            Input::Command(command) => self.on_command(command),
            Input::Tick => {}
        }
        self.on_time(now);
    }

    /// The next thing to do or to tell, until `None`: after every [`Engine::handle`] (or several of them) and
    /// after every [`Engine::transmit`]. Links that have something to send come last, the least loaded first,
    /// so that requests are chosen in the knowledge of everything else.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front().or_else(|| Some(Output::Transmit(self.ready.pop_first()?.link)))
    }

    /// When to hand in [`Input::Tick`] at the latest. `None`: nothing is waiting for time.
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        let second = (!self.peers.is_empty()).then_some(self.next_second);
        [second, self.have_log.poll_timeout(), self.budget.poll_timeout()].into_iter().flatten().min()
    }

    fn on_command(&mut self, command: Command) {
        match command {
            Command::SetPolicy(policy) => {
                self.picker.set_policy(policy);
                self.holders_changed = true;
                self.wake_all();
            }
            Command::Play { piece, bytes_per_second } => {
                self.picker.play(piece.0, bytes_per_second, self.now);
                self.wake_all();
            }
            Command::SetWanted(wanted) => self.set_wanted(wanted),
            Command::Gained(pieces) => self.on_gained(&pieces),
            Command::Lost(pieces) => self.on_lost(&pieces),
            Command::SetBehind(behind) => self.set_behind(behind),
            Command::SetLimits(limits) => {
                self.budget.set_limits(limits, self.now);
                self.wake_all();
            }
            Command::SetServing(is_serving) => self.set_serving(is_serving),
            Command::Close(link) => self.close(link, CloseReason::Asked),
            Command::Ban(identity) => self.ban_identity(identity),
        }
    }

    fn set_wanted(&mut self, wanted: PieceSet) {
        if wanted.len() != self.info.layout().pieces() {
            return;
        }
        self.catch_up_all();
        self.picker.set_wanted(wanted);
        self.weigh_all();
    }

    /// What was verified counts by what was wanted then.
    fn catch_up_all(&mut self) {
        for peer in self.peers.values_mut() {
            peer.catch_up(&self.have_log, self.picker.wanted());
        }
    }

    /// What is wanted or what is here has changed: everybody has something else to give.
    fn weigh_all(&mut self) {
        let (wanted, have) = (self.picker.wanted(), self.picker.have());
        for peer in self.peers.values_mut() {
            peer.interesting = peer.pieces.count_lacking(wanted, have);
            peer.update_interest();
        }
        self.holders_changed = true;
        self.wake_all();
    }

    fn new_job(&mut self, pending: blocks::Pending) -> JobId {
        let id = JobId(self.next_job);
        self.next_job += 1;
        self.jobs.insert(id, pending);
        id
    }

    fn ask(&mut self, job: Job) {
        self.outputs.push_back(Output::Storage(job));
    }

    fn tell(&mut self, event: Event) {
        self.outputs.push_back(Output::Event(event));
    }

    /// Tells the driver that this link has something to send.
    fn wake(&mut self, link: LinkKey) {
        let Some(peer) = self.peers.get(link) else {
            return;
        };
        let waits_for_down = peer.can_be_asked() && !self.budget.may_request(self.now);
        let waits_for_up = peer.uploads.ready_len().is_some() && !self.budget.may_send(self.now);
        let becomes_ready = (!peer.is_ready && self.has_output(peer)).then(|| Ready::of(peer, &self.config, self.now));
        if waits_for_down {
            self.budget.hold_back();
        }
        if waits_for_down || waits_for_up {
            self.budget.await_rate(self.now);
        }
        if let Some(ready) = becomes_ready {
            self.ready.insert(ready);
            if let Some(peer) = self.peers.get_mut(link) {
                peer.is_ready = true;
            }
        }
    }

    fn has_output(&self, peer: &Peer) -> bool {
        !peer.control.is_empty()
            || !peer.metadata_waiting.is_empty()
            || (peer.uploads.ready_len().is_some() && self.budget.may_send(self.now))
            || peer.has_news(&self.have_log)
            || (peer.can_be_asked() && self.budget.may_request(self.now))
    }

    /// Blocks became free or pieces wanted: everybody may have something to be asked again.
    fn wake_all(&mut self) {
        let links: Vec<LinkKey> = self.peers.keys().collect();
        for link in links {
            if let Some(peer) = self.peers.get_mut(link) {
                peer.starved = false;
            }
            self.wake(link);
        }
    }

    /// What pieces that are begun hold.
    fn begun(&self) -> Begun {
        Begun { partial: self.picker.bytes_partial(), whole: self.picker.bytes_begun() }
    }

    fn may_begin(&self) -> bool {
        self.budget.may_begin(self.begun())
    }

    /// Here and not yet stored, bytes.
    fn unverified_bytes(&self) -> u64 {
        self.budget.unverified(self.begun())
    }

    fn resume_if_held_back(&mut self) {
        if self.budget.take_resumed(self.begun()) {
            self.wake_all();
        }
    }
}
