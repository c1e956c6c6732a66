//! Whom to dial, over which path, and when again.
//!
//! Seeders dial no member: they have nothing to get. A leecher dials every seeder, unless it has all that it wants; of two
//! leechers the one with the greater peer id dials, so that one pair makes one link and not two. A stranger is dialed whoever has what: it may be
//! unable to dial us.
//!
//! A peer's own addresses are tried first, then the relay. That an address led nowhere is remembered for a
//! while, and the relay is used at once.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use crate::candidate::{Candidate, CandidateKey, Candidates, Place, Progress};
use crate::failure::LinkFailure;
use crate::links::{Links, Path};
use crate::room::Room;
use crate::{PeerId, Timestamp};
use targets::Targets;

mod targets;

/// Bound of the first wait before a peer is dialed again; then it doubles.
const RETRY_FIRST: Duration = Duration::from_secs(1);
/// Bound of every such wait.
const RETRY_MAX: Duration = Duration::from_secs(60);
/// A link that lived this long was a good one: the waits begin anew.
const GOOD_LINK: Duration = Duration::from_secs(30);
/// A peer that had to make room for others is not dialed before the next such round of the engine.
const TURNOVER_WAIT: Duration = Duration::from_secs(300);
/// Somebody who can never be of use here, as long as the list names it.
const USELESS_WAIT: Duration = Duration::from_secs(3_600);
/// Where somebody pretended to be another, it is not tried again before.
const IMPOSTOR_WAIT: Duration = Duration::from_secs(300);
/// An address that led nowhere is not tried again before: networks change, but seldom.
const DIRECT_AGAIN: Duration = Duration::from_secs(600);
/// Peers whose failures are remembered.
const MEMORY_MAX: usize = 1024;
/// A swarm with fewer links than this dials even if only the places are left that are kept for others' dials.
const LINKS_FEW: usize = 4;

/// How a link to a candidate ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// It never opened.
    Failed(LinkFailure),
    /// It was open for so long; `is_ready`: the handshakes of the peer wire were exchanged.
    Closed { lived: Duration, is_ready: bool },
    /// It made room for others.
    Turnover,
    /// Another torrent, or this peer itself.
    Useless,
}

/// A link or an attempt that ended.
#[derive(Debug)]
pub(crate) struct Ended<'a> {
    pub candidate: &'a Candidate,
    pub path: Path,
    /// It was ours.
    pub is_dialed: bool,
    /// There is another link to the same candidate.
    pub is_still_linked: bool,
    pub end: End,
}

/// What is known of a candidate that was dialed or linked before.
#[derive(Debug, Default)]
struct Memory {
    failures: u32,
    wait_until: Timestamp,
    /// It closed a link on which handshakes were exchanged: it is there.
    parted_at: Option<Timestamp>,
    direct_failed_at: Option<Timestamp>,
}

/// Who asks, and what there is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct View<'a> {
    pub local: PeerId,
    /// Something is to be had.
    pub wants: bool,
    /// There is nothing that others could have and we lack.
    pub is_complete: bool,
    pub candidates: &'a Candidates,
    pub links: &'a Links,
    /// The program's limit.
    pub limit: Room,
    pub now: Timestamp,
}

/// Chooses the candidates of one swarm to dial.
#[derive(Debug)]
pub(crate) struct Dialing {
    /// TCP is of use at all.
    direct: bool,
    /// The relay can be asked now.
    relay: bool,
    rng: fastrand::Rng,
    memory: BTreeMap<CandidateKey, Memory>,
    /// Of strangers.
    targets: Targets,
    /// Who is wanted, the best first, as of the last look at the lists.
    queue: VecDeque<Place>,
    /// A list, a link or a path changed since.
    is_stale: bool,
    /// When a wait of somebody ends next.
    next_due: Option<Timestamp>,
}

impl Dialing {
    pub fn new(direct: bool, seed: u64) -> Self {
        Self {
            direct,
            relay: true,
            rng: fastrand::Rng::with_seed(seed),
            memory: BTreeMap::new(),
            targets: Targets::default(),
            queue: VecDeque::new(),
            is_stale: true,
            next_due: None,
        }
    }

    /// Something changed that it should know.
    pub fn on_change(&mut self) {
        self.is_stale = true;
    }

    /// Something is to be had that was not: whoever parted from us because we asked for nothing waits no more.
    pub fn want_again(&mut self, now: Timestamp) {
        for memory in self.memory.values_mut().filter(|memory| memory.wait_until > now) {
            if let Some(at) = memory.parted_at {
                memory.wait_until = memory.wait_until.min(now.max(at + RETRY_FIRST));
                self.is_stale = true;
            }
        }
        self.next_due = self.memory.values().map(|memory| memory.wait_until).filter(|at| *at > now).min();
    }

    /// Whether the relay can be asked.
    pub fn set_relay(&mut self, is_up: bool) {
        self.relay = is_up;
        self.is_stale = true;
    }

    /// The same, as it was told last.
    pub fn has_relay(&self) -> bool {
        self.relay
    }

    /// The next one to dial, if there is room for it. `is_banned` is asked before.
    pub fn next(
        &mut self,
        view: View<'_>,
        room: Room,
        is_banned: impl Fn(&Candidate) -> bool,
    ) -> Option<(Candidate, Path)> {
        if !may_begin(view, room) {
            return None;
        }
        if self.is_stale || self.next_due.is_some_and(|at| at <= view.now) {
            self.look(view);
        }
        while let Some(place) = self.queue.pop_front() {
            let Some((candidate, key)) = view.candidates.at(place).and_then(|known| Some((known, known.key()?))) else {
                continue;
            };
            let is_linked = view.links.linked().any(|linked| linked == key);
            let path = self.path(candidate, view.now).filter(|_| !is_linked && !is_banned(candidate));
            if let Some(path) = path
                && self.takes(candidate, key, view.now)
            {
                return Some((candidate.clone(), path));
            }
        }
        None
    }

    /// A stranger's address is not dialed too often.
    fn takes(&mut self, candidate: &Candidate, key: CandidateKey, now: Timestamp) -> bool {
        let CandidateKey::Address(address) = key else { return true };
        let free_at = self.targets.free_at(address, now);
        if free_at > now {
            self.remember(key, now).wait_until = free_at;
            self.next_due = Some(self.next_due.map_or(free_at, |due| due.min(free_at)));
            return false;
        }
        candidate.addresses.iter().for_each(|address| self.targets.on_dial(*address, now));
        true
    }

    /// Makes the queue anew.
    fn look(&mut self, view: View<'_>) {
        self.is_stale = false;
        let linked: BTreeSet<CandidateKey> = view.links.linked().collect();
        let mut wanted: Vec<(u32, u64, Place)> = Vec::new();
        let mut present = BTreeSet::new();
        for (place, key, candidate) in view.candidates.iter() {
            let is_remembered = self.memory.contains_key(&key);
            if is_remembered {
                present.insert(key);
            }
            let Some(rank) = rank(view, candidate) else {
                continue;
            };
            let waits = is_remembered && self.memory.get(&key).is_some_and(|memory| memory.wait_until > view.now);
            if !waits && !linked.contains(&key) && self.path(candidate, view.now).is_some() {
                wanted.push((rank, self.rng.u64(..), place));
            }
        }
        wanted.sort_unstable();
        self.queue = wanted.into_iter().map(|(_, _, place)| place).collect();
        self.memory.retain(|key, memory| present.contains(key) || linked.contains(key) || memory.wait_until > view.now);
        self.next_due = self.memory.values().map(|memory| memory.wait_until).filter(|at| *at > view.now).min();
    }

    /// A link ended, or an attempt to open one did.
    pub fn on_end(&mut self, ended: &Ended<'_>, now: Timestamp) {
        let Some(key) = ended.candidate.key() else {
            return;
        };
        self.is_stale = true;
        let led_nowhere = matches!(ended.end, End::Failed(_) | End::Closed { is_ready: false, .. });
        if led_nowhere && ended.is_dialed && ended.path == Path::Direct {
            self.remember(key, now).direct_failed_at = Some(now);
            // The relay comes next, without a wait: nobody was troubled yet. But whoever is not who they should be
            // is the same one over the relay, and the same news are missing there.
            let is_settled = matches!(ended.end, End::Failed(LinkFailure::Impostor | LinkFailure::OutOfDate));
            if matches!(ended.end, End::Failed(_)) && !is_settled && ended.candidate.is_relayed() {
                return;
            }
        }
        // Whoever failed to reach us is free to be dialed.
        let is_theirs = matches!(ended.end, End::Failed(_)) && !ended.is_dialed;
        if !is_theirs && !ended.is_still_linked {
            let wait = self.wait(key, ended.end, now);
            let memory = self.remember(key, now);
            memory.wait_until = now + wait;
            memory.parted_at = matches!(ended.end, End::Closed { is_ready: true, .. }).then_some(now);
            self.next_due = Some(self.next_due.map_or(now + wait, |due| due.min(now + wait)));
        }
    }

    fn wait(&mut self, key: CandidateKey, end: End, now: Timestamp) -> Duration {
        match end {
            End::Turnover => return TURNOVER_WAIT,
            End::Useless => return USELESS_WAIT,
            End::Failed(LinkFailure::Impostor) => return IMPOSTOR_WAIT,
            // The server's absence is nobody's failure.
            End::Failed(LinkFailure::Offline) => return RETRY_FIRST,
            End::Failed(_) | End::Closed { .. } => {}
        }
        let memory = self.remember(key, now);
        if matches!(end, End::Closed { lived, .. } if lived >= GOOD_LINK) {
            memory.failures = 0;
        }
        let bound = (RETRY_FIRST * (1 << memory.failures.min(16))).min(RETRY_MAX).as_micros() as u64;
        memory.failures = memory.failures.saturating_add(1);
        Duration::from_micros(self.rng.u64(bound / 2..=bound))
    }

    fn remember(&mut self, key: CandidateKey, now: Timestamp) -> &mut Memory {
        if self.memory.len() >= MEMORY_MAX && !self.memory.contains_key(&key) {
            // Whoever may be dialed again soonest is the least to forget.
            let soonest = self.memory.iter().min_by_key(|(_, memory)| memory.wait_until).map(|(key, _)| *key);
            soonest.and_then(|key| self.memory.remove(&key));
        }
        self.memory.entry(key).or_insert(Memory { wait_until: now, ..Memory::default() })
    }

    /// Direct first, then the relay; a direct path that failed lately is tried only if there is no other.
    fn path(&self, candidate: &Candidate, now: Timestamp) -> Option<Path> {
        let direct = self.direct && !candidate.addresses.is_empty();
        let relayed = candidate.is_relayed();
        let failed_at =
            candidate.key().and_then(|key| self.memory.get(&key)).and_then(|memory| memory.direct_failed_at);
        let failed_lately = failed_at.is_some_and(|at| now.since(at) < DIRECT_AGAIN);
        match direct {
            true if !failed_lately || !relayed => Some(Path::Direct),
            _ => (relayed && self.relay).then_some(Path::Relay),
        }
    }

    /// When to look again even if nothing happens.
    pub fn poll_timeout(&self, now: Timestamp) -> Option<Timestamp> {
        self.next_due.filter(|at| *at > now)
    }
}

/// There is a place, and it is not one of those that are kept for others' dials: a newcomer must find peers
/// whose places are not all taken by their own dials.
fn may_begin(view: View<'_>, room: Room) -> bool {
    room.has_place() && (view.links.occupies().links < LINKS_FEW || room.links > view.limit.links / 2)
}

/// Whether and how early to dial it, without regard to its waits: seeders first, then whoever has most.
fn rank(view: View<'_>, candidate: &Candidate) -> Option<u32> {
    let View { local, wants, is_complete, .. } = view;
    let is_useless = is_complete || (!wants && candidate.progress.is_complete());
    if candidate.peer == Some(local) || (candidate.peer.is_some() && is_useless) {
        return None;
    }
    // A stranger may be unable to dial us, and the greater id is not known of a bare address.
    let is_ours_to_dial = |peer: PeerId| candidate.progress.is_complete() || local > peer;
    match (candidate.progress, candidate.peer) {
        (Progress::Preparing(_), _) => None,
        (Progress::Unknown, _) | (_, None) => Some(9),
        (Progress::Pieces { have, total }, Some(peer)) => {
            // In eighths of the torrent: finer differences are left to chance, which spreads the load.
            let eighths = (u64::from(have) * 8 / u64::from(total.max(1))).min(8) as u32;
            is_ours_to_dial(peer).then_some(8 - eighths)
        }
    }
}

#[cfg(test)]
mod tests;
