//! How a swarm is, for people: a few times a second.

use std::time::Duration;

use peer_engine::{LinkKey, PeerStats, Stats, StorageError};
use peer_wire::Behind;

use crate::failure::LinkFailure;
use crate::full_copies::FullCopies;
use crate::local_peer::LocalPeer;
use crate::totals::{Given, Who};
use crate::waiting::{Facts, Waiting};
use crate::{Progress, Timestamp};

/// The swarm as this peer sees it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Snapshot {
    /// The engine's figures; zeros while the torrent is not known.
    pub stats: Stats,
    /// Every piece is verified and stored.
    pub is_complete: bool,
    /// Every piece that is wanted is.
    pub has_all_wanted: bool,
    /// Why nothing comes; `None`: something does, or everything is here.
    pub waiting: Option<Waiting>,
    /// Since the last block came, or since the wait began.
    pub quiet: Duration,
    /// Peers with a link first, then people who gave or got something and are gone.
    pub peers: Vec<PeerSnapshot>,
    /// Listed peers that have everything, without this one.
    pub seeders: usize,
    /// Listed peers that have a part, without this one.
    pub leechers: usize,
    /// What the others have if this peer goes. `None`: the group's tracker is not heard now, or it is in no group, and
    /// who has what is not known.
    pub full_copies_without_us: Option<FullCopies>,
    /// Names of people who had everything and are not listed any more.
    pub gone_seeders: Vec<String>,
    /// Names of people who sent bad data and are not asked again.
    pub sent_bad: Vec<String>,
    /// People who got something from us in this run.
    pub served: usize,
    /// Bytes sent from machine to machine, the protocol included.
    pub sent_direct: u64,
    /// Bytes sent over the relay, the protocol included.
    pub sent_relay: u64,
    /// Links on their way.
    pub connecting: usize,
    /// Why the last attempt to open a link failed; `None` once one is open.
    pub last_failure: Option<LinkFailure>,
    /// What the machine said when it failed to keep or read a piece.
    pub storage_failure: Option<StorageError>,
}

/// One peer of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeerSnapshot {
    /// Its link; `None`: gone.
    pub link: Option<LinkKey>,
    /// Who it is, and what its link goes or went over.
    pub who: Who,
    /// Bytes of blocks to and from this person: over this link, and over all that are gone.
    pub given: Given,
    /// From whom it has what it serves, if it is a bridge.
    pub behind: Vec<Behind>,
    /// Pieces it has.
    pub pieces_have: u32,
    /// Bytes per second received now.
    pub rate_down: u64,
    /// Bytes per second sent now.
    pub rate_up: u64,
    /// It wants something that we have.
    pub wants_from_us: bool,
}

impl LocalPeer {
    /// The swarm as this peer sees it. O(pieces + listed peers).
    pub fn snapshot(&self, now: Timestamp) -> Snapshot {
        let stats = self.engine().map(peer_engine::Engine::stats).unwrap_or_default();
        let links = self.engine().map(peer_engine::Engine::peers).unwrap_or_default();
        let mut seen_persons = std::collections::BTreeSet::new();
        let linked = links.iter().filter_map(|link| self.linked(link, &mut seen_persons));
        let mut peers: Vec<PeerSnapshot> = linked.collect();
        peers.extend(self.totals.gone().map(|account| PeerSnapshot {
            link: None,
            who: account.who.clone(),
            given: account.given,
            behind: Vec::new(),
            pieces_have: 0,
            rate_down: 0,
            rate_up: 0,
            wants_from_us: false,
        }));
        let others = || self.others();
        let (sent_direct, sent_relay) = self.totals.sent();
        Snapshot {
            is_complete: self.is_complete(),
            has_all_wanted: self.has_all_wanted(),
            waiting: self.facts(&stats, now).waiting(),
            quiet: self.quiet(now),
            peers,
            seeders: others().filter(|candidate| candidate.progress.is_complete()).count(),
            leechers: others().filter(|candidate| candidate.progress.is_partial()).count(),
            full_copies_without_us: self.full_copies_without_us(),
            gone_seeders: self.totals.gone_seeders(others()),
            sent_bad: self.totals.sent_bad(),
            served: self.totals.served(links.iter().map(|link| (link.link, link.uploaded))),
            sent_direct,
            sent_relay,
            connecting: self.links.occupies().connecting,
            last_failure: self.last_failure,
            storage_failure: self.storage_failure.clone(),
            stats,
        }
    }

    /// Why nothing comes; `None`: something does, or everything is here. O(pieces + listed peers).
    pub fn waiting(&self, now: Timestamp) -> Option<Waiting> {
        let stats = self.engine().map(peer_engine::Engine::stats).unwrap_or_default();
        self.facts(&stats, now).waiting()
    }

    fn facts(&self, stats: &Stats, now: Timestamp) -> Facts {
        let gives = |progress: &Progress| match progress {
            Progress::Pieces { have, .. } => *have > 0,
            Progress::Unknown => true,
            Progress::Preparing(_) => false,
        };
        let connected = if self.engine().is_some() { stats.peers as usize } else { self.links.open() };
        Facts {
            has_torrent: self.engine().is_some(),
            storage_failed: self.storage_failure.is_some(),
            online: self.others().filter(|candidate| gives(&candidate.progress) && !self.is_banned(candidate)).count(),
            connected,
            connecting: self.links.occupies().connecting + self.links.open().saturating_sub(connected),
            last_failure: self.last_failure,
            pieces_missing: stats.pieces_lacking,
            pieces_unavailable: stats.pieces_unavailable,
            quiet: self.quiet(now),
        }
    }

    /// A person's past is shown with the first of their links.
    fn linked(&self, stats: &PeerStats, seen: &mut std::collections::BTreeSet<crate::Person>) -> Option<PeerSnapshot> {
        let mut who = self.totals.who(stats.link)?.clone();
        if who.client.is_empty() {
            who.client = stats.client.clone().unwrap_or_default();
        }
        let now = Given { downloaded: stats.downloaded, uploaded: stats.uploaded };
        let past = if seen.insert(who.person()) { self.totals.past(who.person()) } else { Given::default() };
        Some(PeerSnapshot {
            link: Some(stats.link),
            given: now + past,
            behind: stats.behind.clone(),
            pieces_have: stats.pieces_have,
            rate_down: stats.rate_down,
            rate_up: stats.rate_up,
            wants_from_us: stats.interested_in_us,
            who,
        })
    }
}
