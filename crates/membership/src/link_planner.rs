//! Whom to have a link with.
//!
//! Seeders never dial: they have nothing to get. A leecher dials every seeder; of two leechers the one with
//! the greater peer id dials, so that one pair makes one link and not two (the members' keys decide between equal ids).

use std::collections::{BTreeMap, BTreeSet};

use wire_protocol::control::{PeerName, Progress, SwarmPeer};
use wire_protocol::ids::MemberKey;

/// Bound of the first wait before a peer is dialed again, milliseconds; then it doubles.
const RETRY_FIRST_MS: u64 = 1_000;
/// Bound of every wait before a peer is dialed again, milliseconds.
const RETRY_MAX_MS: u64 = 60_000;
/// A link that lived this long was a good one: the waits begin anew. Milliseconds.
const GOOD_LINK_MS: u64 = 30_000;
/// A dial of which nothing was heard for this long has failed, milliseconds.
const DIAL_MAX_MS: u64 = 90_000;
/// Banned members that are remembered.
const BANNED_MAX: usize = 1024;

/// How many links.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LinkLimits {
    /// Dials under way at once. Browsers slow down beyond 6.
    pub connecting_max: usize,
    /// Links and dials in all.
    pub links_max: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Dialing {
        since_ms: u64,
    },
    /// `links` of them: a direct one and a relayed one can overlap for a moment.
    Open {
        since_ms: u64,
        links: u32,
    },
    Waiting {
        until_ms: u64,
    },
}

#[derive(Debug)]
struct Contact {
    state: State,
    failures: u32,
}

/// Chooses the peers of one swarm to dial, and when again.
#[derive(Debug)]
pub struct LinkPlanner {
    limits: LinkLimits,
    rng: fastrand::Rng,
    now_ms: u64,
    contacts: BTreeMap<PeerName, Contact>,
    banned: BTreeSet<MemberKey>,
}

impl LinkPlanner {
    /// For one swarm.
    pub fn new(limits: LinkLimits, rng_seed: u64) -> Self {
        let rng = fastrand::Rng::with_seed(rng_seed);
        Self { limits, rng, now_ms: 0, contacts: BTreeMap::new(), banned: BTreeSet::new() }
    }

    /// Whom to dial now. Each counts as being dialed from now on, until [`LinkPlanner::on_open`] or
    /// [`LinkPlanner::on_failed`]. To be asked when the list of peers, a link or the own completeness changed,
    /// and when [`LinkPlanner::poll_timeout`] is reached.
    pub fn plan(&mut self, local: PeerName, we_are_complete: bool, peers: &[SwarmPeer], now_ms: u64) -> Vec<PeerName> {
        self.now_ms = self.now_ms.max(now_ms);
        self.give_up_old_dials();
        self.forget_absent(peers);
        if we_are_complete {
            return Vec::new();
        }
        let mut wanted: Vec<(u32, u64, PeerName)> = Vec::new();
        for peer in peers {
            if let Some(rank) = self.rank(local, peer) {
                wanted.push((rank, self.rng.u64(..), peer.name));
            }
        }
        wanted.sort_unstable();
        wanted.truncate(self.room());
        for (_, _, peer) in &wanted {
            self.set(*peer, State::Dialing { since_ms: self.now_ms });
        }
        wanted.into_iter().map(|(_, _, peer)| peer).collect()
    }

    /// A dial led to nothing.
    pub fn on_failed(&mut self, peer: PeerName, now_ms: u64) {
        self.now_ms = self.now_ms.max(now_ms);
        if matches!(self.contacts.get(&peer), Some(Contact { state: State::Dialing { .. }, .. })) {
            self.wait(peer);
        }
    }

    /// A link to this peer is open, whoever dialed.
    pub fn on_open(&mut self, peer: PeerName) {
        let links = match self.contacts.get(&peer).map(|contact| contact.state) {
            Some(State::Open { links, .. }) => links + 1,
            _ => 1,
        };
        self.set(peer, State::Open { since_ms: self.now_ms, links });
    }

    /// A link to this peer is closed.
    pub fn on_closed(&mut self, peer: PeerName, now_ms: u64) {
        self.now_ms = self.now_ms.max(now_ms);
        match self.contacts.get_mut(&peer) {
            Some(Contact { state: State::Open { links, .. }, .. }) if *links > 1 => *links -= 1,
            Some(contact @ Contact { state: State::Open { .. }, .. }) => {
                let State::Open { since_ms, .. } = contact.state else {
                    return;
                };
                if since_ms + GOOD_LINK_MS <= self.now_ms {
                    contact.failures = 0;
                }
                self.wait(peer);
            }
            _ => {}
        }
    }

    /// Never dials this member again. Open links are the caller's to close.
    pub fn ban_member(&mut self, member: MemberKey) {
        if self.banned.len() < BANNED_MAX {
            self.banned.insert(member);
        }
    }

    /// When to plan again even if nothing happens, milliseconds of the driver's epoch.
    pub fn poll_timeout(&self) -> Option<u64> {
        let due = self.contacts.values().map(|contact| match contact.state {
            State::Dialing { since_ms } => since_ms + DIAL_MAX_MS,
            State::Waiting { until_ms } => until_ms,
            State::Open { .. } => u64::MAX,
        });
        due.filter(|at| *at > self.now_ms && *at < u64::MAX).min()
    }

    /// Whether and how early to dial this peer: seeders first, then whoever has most.
    fn rank(&self, local: PeerName, peer: &SwarmPeer) -> Option<u32> {
        let Progress::Pieces { have, total } = peer.progress else {
            return None;
        };
        let is_ours_to_dial = peer.progress.is_complete() || order(local) > order(peer.name);
        let is_free = match self.contacts.get(&peer.name).map(|contact| contact.state) {
            None => true,
            Some(State::Waiting { until_ms }) => until_ms <= self.now_ms,
            Some(State::Dialing { .. } | State::Open { .. }) => false,
        };
        let is_wanted = peer.name != local && is_ours_to_dial && is_free && !self.banned.contains(&peer.name.member);
        // In eighths of the torrent: finer differences are left to chance, which spreads the load.
        is_wanted.then(|| 8 - (u64::from(have) * 8 / u64::from(total.max(1))).min(8) as u32)
    }

    fn room(&self) -> usize {
        let count = |is: fn(&State) -> bool| self.contacts.values().filter(|contact| is(&contact.state)).count();
        let dialing = count(|state| matches!(state, State::Dialing { .. }));
        let open = count(|state| matches!(state, State::Open { .. }));
        let connecting = self.limits.connecting_max.saturating_sub(dialing);
        connecting.min(self.limits.links_max.saturating_sub(dialing + open))
    }

    fn set(&mut self, peer: PeerName, state: State) {
        self.contacts.entry(peer).or_insert(Contact { state, failures: 0 }).state = state;
    }

    fn wait(&mut self, peer: PeerName) {
        let Some(contact) = self.contacts.get_mut(&peer) else {
            return;
        };
        let bound = (RETRY_FIRST_MS << contact.failures.min(16)).min(RETRY_MAX_MS);
        contact.failures = contact.failures.saturating_add(1);
        contact.state = State::Waiting { until_ms: self.now_ms + self.rng.u64(bound / 2..=bound) };
    }

    fn give_up_old_dials(&mut self) {
        let is_old = |contact: &Contact| matches!(contact.state, State::Dialing { since_ms } if since_ms + DIAL_MAX_MS <= self.now_ms);
        let old: Vec<PeerName> =
            self.contacts.iter().filter(|(_, contact)| is_old(contact)).map(|(peer, _)| *peer).collect();
        old.into_iter().for_each(|peer| self.wait(peer));
    }

    /// Peers that left the swarm, and to whom there is no link. Keeps the memory as small as the swarm.
    fn forget_absent(&mut self, peers: &[SwarmPeer]) {
        let present: BTreeSet<PeerName> = peers.iter().map(|peer| peer.name).collect();
        self.contacts.retain(|peer, contact| !matches!(contact.state, State::Waiting { .. }) || present.contains(peer));
    }
}

/// The greater of two leechers dials.
fn order(peer: PeerName) -> impl Ord {
    (peer.peer, peer.member)
}
