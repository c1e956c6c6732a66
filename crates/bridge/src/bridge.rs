//! Joins an upstream and a downstream local peer. Owns the cache, the demand and the reach, routes between them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use bytes::Bytes;
use local_peer::{PeerId, Timestamp};
use metainfo::Layout;
use peer_engine::{Command, JobId, PieceData, PieceSet, StorageError, StorageErrorKind};
use peer_wire::Behind;

use crate::allowance::{Allowance, Member};
use crate::cache::{Cache, Place};
use crate::demand::Demand;
use crate::input::{Input, Load, Output, Read};
use crate::reach::Reach;
use crate::share::is_ours;

/// A cache of fewer pieces could not hold what is fetched and what is read.
const SLOTS_MIN: u64 = 4;
/// Pieces that are fetched at a time, at most.
const FETCHED_MAX: usize = 32;
/// Other bridges of a swarm that are looked at.
const OTHERS_MAX: usize = 64;

/// The cache holds fewer than four pieces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a cache for this torrent needs {needed} bytes at least")]
pub struct CacheTooSmall {
    /// Bytes.
    pub needed: u64,
}

/// See the crate's page.
#[derive(Debug)]
pub struct Bridge {
    layout: Layout,
    /// The downstream peer's id.
    local: PeerId,
    cache: Cache,
    demand: Demand,
    allowance: Allowance,
    /// Somebody's allowance is used up until then.
    held_until: Option<Timestamp>,
    reach: Reach,
    others: Vec<PeerId>,
    /// What the downstream peer offers, as it was told.
    offered: PieceSet,
    behind: Vec<Behind>,
    /// Pieces that somebody has, as was told.
    reaches: u32,
    /// What the upstream peer was told to fetch.
    wanted: BTreeSet<u32>,
    /// It may have to be told anew.
    is_stale: bool,
    /// Pieces that wait for a place in the cache; the upstream peer bounds them.
    unplaced: VecDeque<(JobId, u32, PieceData)>,
    /// By the slots in which they are being kept.
    keeping: BTreeMap<usize, JobId>,
    outputs: VecDeque<Output>,
}

impl Bridge {
    /// `local`: the downstream peer's id on the peer wire. `cache_bytes`: what the cache may hold.
    ///
    /// # Errors
    /// [`CacheTooSmall`].
    pub fn new(layout: Layout, local: PeerId, cache_bytes: u64) -> Result<Self, CacheTooSmall> {
        let piece_len = u64::from(layout.nominal_piece_len());
        let slots = (cache_bytes / piece_len).min(u64::from(layout.pieces()).max(SLOTS_MIN));
        if slots < SLOTS_MIN {
            return Err(CacheTooSmall { needed: SLOTS_MIN * piece_len });
        }
        Ok(Self {
            layout,
            local,
            cache: Cache::new(slots as usize),
            demand: Demand::default(),
            allowance: Allowance::default(),
            held_until: None,
            reach: Reach::new(layout.pieces()),
            others: Vec::new(),
            offered: PieceSet::none(layout.pieces()),
            behind: Vec::new(),
            reaches: 0,
            wanted: BTreeSet::new(),
            is_stale: false,
            unplaced: VecDeque::new(),
            keeping: BTreeMap::new(),
            outputs: VecDeque::new(),
        })
    }

    /// So many bytes are fetched in an hour because one member asks for them; `None`: no bound. What waits longer than its asker
    /// likes is asked of others.
    pub fn limit_members(&mut self, bytes_per_hour: Option<u64>) {
        self.allowance.set(bytes_per_hour);
    }

    /// Pieces that the cache holds.
    pub fn slots(&self) -> usize {
        self.cache.slots()
    }

    /// Pieces that seeders or the cache have.
    pub fn reaches(&self) -> u32 {
        self.reaches
    }

    /// Takes in what happened. Poll the outputs afterwards.
    pub fn handle(&mut self, input: Input, now: Timestamp) {
        // Most inputs are of blocks that are served: they change nothing in what is fetched.
        self.is_stale |= !matches!(input, Input::Load(_) | Input::WasRead { .. });
        match input {
            Input::Seeders(seeders) => {
                self.reach.set(seeders, now);
                self.offer();
            }
            Input::OtherBridges(mut others) => {
                others.truncate(OTHERS_MAX);
                self.others = others;
                self.offer();
            }
            Input::Load(load) => self.on_load(load, now),
            Input::Store { job, piece, data } => self.unplaced.push_back((job, piece, data)),
            Input::Kept { slot, is_kept } => self.on_kept(slot, is_kept),
            Input::WasRead { slot } => self.cache.on_read(slot),
            Input::Tick => {}
        }
        if self.reach.misses_somebody() && self.reach.forget_gone(&self.demand.awaited(), now) {
            self.is_stale = true;
            self.offer();
        }
        self.keep();
        if std::mem::take(&mut self.is_stale) {
            self.want(now);
        }
        debug_assert!(self.held_until.is_some_and(|until| until <= now) || self.knows_what_to_fetch(now));
    }

    /// What is to be done next, until `None`.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When to hand in [`Input::Tick`] at the latest.
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        let awaited = if self.reach.misses_somebody() { self.demand.awaited() } else { Vec::new() };
        [self.reach.poll_timeout(&awaited), self.held_until].into_iter().flatten().min()
    }

    fn on_load(&mut self, load: Load, now: Timestamp) {
        for ahead in self.demand.on_read(load.piece) {
            if ahead < self.layout.pieces() && self.offered.contains(ahead) && !self.cache.contains(ahead) {
                self.demand.ask_ahead(ahead, load.who, now);
                self.is_stale = true;
            }
        }
        match self.read(&load) {
            Some(slot) => self.outputs.push_back(Output::Read(Read { slot, load })),
            None if self.offered.contains(load.piece) => self.is_stale |= self.demand.ask(load, now),
            // Taken back while the downstream peer asked; it knows by now.
            None => self.refuse(&load),
        }
    }

    fn on_kept(&mut self, slot: usize, is_kept: bool) {
        let (Some(piece), Some(job)) = (self.cache.on_kept(slot, is_kept), self.keeping.remove(&slot)) else {
            return;
        };
        // An error would end its fetching for good, and a cache can do without a piece.
        self.outputs.push_back(Output::Upstream(local_peer::Input::Stored { job, result: Ok(()) }));
        if !is_kept {
            let lost = self.only(piece);
            self.outputs.push_back(Output::Upstream(command(Command::Lost(lost))));
        }
        for load in self.demand.take(piece) {
            match self.read(&load) {
                Some(slot) => self.outputs.push_back(Output::Read(Read { slot, load })),
                None => self.fail(&load),
            }
        }
    }

    fn read(&mut self, load: &Load) -> Option<usize> {
        let to_its_end = load.begin.saturating_add(load.len) >= self.layout.piece_len(load.piece);
        self.cache.read(load.piece, to_its_end)
    }

    /// Whoever asked is refused, and asks elsewhere.
    fn fail(&mut self, load: &Load) {
        let error = StorageError::new(StorageErrorKind::Other, "the cache could not keep a piece");
        let answer = local_peer::Input::Loaded { job: load.job, result: Err(error) };
        self.outputs.push_back(Output::Downstream(answer));
    }

    /// A job is answered whatever came of it; by then the peer has forgotten who asked.
    fn refuse(&mut self, load: &Load) {
        let answer = local_peer::Input::Loaded { job: load.job, result: Ok(Bytes::new()) };
        self.outputs.push_back(Output::Downstream(answer));
    }

    /// Puts fetched pieces into the cache, as far as others may go for them.
    fn keep(&mut self) {
        while let Some((_, piece, _)) = self.unplaced.front() {
            let Some(Place { slot, evicted }) = self.cache.place(*piece, |held| self.demand.is_awaited(held)) else {
                return;
            };
            if let Some((job, _, data)) = self.unplaced.pop_front() {
                self.keeping.insert(slot, job);
                self.outputs.push_back(Output::Keep { slot, data });
            }
            if let Some(evicted) = evicted {
                let lost = self.only(evicted);
                self.outputs.push_back(Output::Upstream(command(Command::Lost(lost))));
                if !self.reach.contains(evicted) {
                    self.offer();
                }
            }
        }
    }

    fn fetched_next(&self, now: Timestamp) -> BTreeMap<u32, Member> {
        let pieces_max = (self.cache.slots() / 2).clamp(1, FETCHED_MAX);
        let is_here = |piece| self.reach.is_connected_with(piece);
        self.demand.first(pieces_max, is_here, |member| self.allowance.is_free(member, now))
    }

    /// It would be told the same again.
    fn knows_what_to_fetch(&self, now: Timestamp) -> bool {
        self.fetched_next(now).into_keys().eq(self.wanted.iter().copied())
    }

    /// Tells the upstream peer what to fetch.
    fn want(&mut self, now: Timestamp) {
        // Whoever pays for one piece may have nothing left for the next: then it is others' turn.
        let first = loop {
            let first = self.fetched_next(now);
            if first.iter().all(|(piece, payer)| self.pay(*piece, *payer, now)) {
                break first;
            }
        };
        let free_at = self.demand.unpaid().map(|member| self.allowance.free_at(member, now));
        self.held_until = free_at.filter(|at| *at > now).min();
        let wanted: BTreeSet<u32> = first.into_keys().collect();
        if wanted == self.wanted {
            return;
        }
        let mut set = PieceSet::none(self.layout.pieces());
        wanted.iter().for_each(|piece| {
            set.insert(*piece);
        });
        self.wanted = wanted;
        self.outputs.push_back(Output::Upstream(command(Command::SetWanted(set))));
    }

    /// `false`: its allowance is used up.
    fn pay(&mut self, piece: u32, payer: Member, now: Timestamp) -> bool {
        if self.demand.is_paid(piece) {
            return true;
        }
        let is_free = self.allowance.is_free(payer, now);
        if is_free {
            self.demand.pay(piece, payer);
            self.allowance.pay(payer, self.layout.piece_len(piece).into(), now);
        }
        is_free
    }

    /// Tells the downstream peer what can be had of it, and from whom it comes.
    fn offer(&mut self) {
        let pieces = self.layout.pieces();
        let reached = |piece: &u32| self.reach.contains(*piece) || self.cache.contains(*piece);
        let reached: Vec<u32> = (0..pieces).filter(reached).collect();
        let is_shared = reached.len() as u32 == pieces;
        let (mut offered, mut gained) = (PieceSet::none(pieces), PieceSet::none(pieces));
        for piece in reached.iter().filter(|piece| !is_shared || is_ours(**piece, self.local, &self.others)) {
            offered.insert(*piece);
            if !self.offered.contains(*piece) {
                gained.insert(*piece);
            }
        }
        let mut lost = PieceSet::none(pieces);
        for piece in self.offered.iter().filter(|piece| !offered.contains(*piece)) {
            lost.insert(piece);
        }
        self.offered = offered;
        self.tell_offer(gained, lost);
        let reaches = reached.len() as u32;
        if std::mem::replace(&mut self.reaches, reaches) != reaches {
            self.outputs.push_back(Output::Downstream(local_peer::Input::Reaches(reaches)));
        }
        let behind = self.reach.behind();
        if self.behind != behind {
            self.behind.clone_from(&behind);
            self.outputs.push_back(Output::Downstream(command(Command::SetBehind(behind))));
        }
    }

    fn tell_offer(&mut self, gained: PieceSet, lost: PieceSet) {
        if !gained.is_empty() {
            self.outputs.push_back(Output::Downstream(command(Command::Gained(gained))));
        }
        if lost.is_empty() {
            return;
        }
        self.is_stale = true;
        let unanswered: Vec<Load> = lost.iter().flat_map(|piece| self.demand.take(piece)).collect();
        self.outputs.push_back(Output::Downstream(command(Command::Lost(lost))));
        unanswered.iter().for_each(|load| self.refuse(load));
    }

    fn only(&self, piece: u32) -> PieceSet {
        let mut set = PieceSet::none(self.layout.pieces());
        set.insert(piece);
        set
    }
}

fn command(command: Command) -> local_peer::Input {
    local_peer::Input::Command(command)
}
