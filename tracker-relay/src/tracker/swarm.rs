//! The peers of one file now, and what changed when: whoever was told of some moment hears what is different
//! since, however often it changed in between.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::net::IpAddr;
use std::ops::Bound;

use wire_protocol::control::{LIST_LEN_MAX, PeerName, Progress, SwarmPeer};

use super::reach::Reach;
use super::session_id::SessionId;
use crate::limits::LEAVINGS_PER_SWARM;

/// One peer, and where it comes from.
#[derive(Debug, Clone)]
pub struct SwarmEntry {
    /// Ends with this session; `None`: an ordinary client announced it, and [`AnnouncedPeers`] knows until when.
    ///
    /// [`AnnouncedPeers`]: super::announced::AnnouncedPeers
    pub session: Option<SessionId>,
    /// As others see it, but for its addresses.
    pub peer: SwarmPeer,
    /// Where it may be tried.
    pub reach: Option<Reach>,
}

impl SwarmEntry {
    /// As a member sees it whom the tracker sees at `receiver`.
    pub fn seen_from(&self, receiver: IpAddr) -> SwarmPeer {
        let tcp = self.reach.as_ref().map_or_else(Vec::new, |reach| reach.told_to(receiver));
        SwarmPeer { tcp, ..self.peer.clone() }
    }
}

/// How many peers are how far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Have every piece.
    pub seeders: u32,
    /// Lack pieces.
    pub leechers: u32,
    /// Are hashing.
    pub preparing: u32,
}

impl Counts {
    fn of(&mut self, progress: Progress) -> &mut u32 {
        match progress {
            Progress::Preparing(_) => &mut self.preparing,
            _ if progress.is_complete() => &mut self.seeders,
            Progress::Pieces { .. } => &mut self.leechers,
        }
    }
}

/// The peers of one file now. Moments are numbers that grow with every change, counted by the group.
#[derive(Debug)]
pub struct Swarm {
    /// Ordered, so that lists are the same for everybody; each with the moment of its last change.
    peers: BTreeMap<PeerName, (u64, SwarmEntry)>,
    by_session: HashMap<SessionId, PeerName>,
    /// The latest leavings.
    left: VecDeque<(u64, PeerName)>,
    /// Leavings up to this moment are not remembered.
    forgotten: u64,
    changed: u64,
    counts: Counts,
    counts_changed: u64,
}

impl Swarm {
    /// Nobody is in it, from this moment on.
    pub fn new(now: u64) -> Self {
        Self {
            peers: BTreeMap::new(),
            by_session: HashMap::new(),
            left: VecDeque::new(),
            forgotten: now,
            changed: now,
            counts: Counts::default(),
            counts_changed: now,
        }
    }

    /// Adds or replaces a peer. The session's former peer, if it had another, is out. The same member's newer
    /// session takes a peer over: the older one may be dead without anybody having noticed yet.
    pub fn put(&mut self, entry: SwarmEntry, now: u64) {
        let (name, session, progress) = (entry.peer.name, entry.session, entry.peer.progress);
        let counts_before = self.counts;
        if let Some(session) = session
            && let Some(before) = self.by_session.insert(session, name)
            && before != name
        {
            self.take_out(before, now);
        }
        if let Some((_, older)) = self.peers.insert(name, (now, entry)) {
            *self.counts.of(older.peer.progress) -= 1;
            if let Some(older) = older.session.filter(|older| Some(*older) != session) {
                self.by_session.remove(&older);
            }
        }
        *self.counts.of(progress) += 1;
        self.note_change(counts_before, now);
    }

    /// Takes a session's peer out; whether it had one.
    pub fn remove(&mut self, session: SessionId, now: u64) -> bool {
        let Some(name) = self.by_session.remove(&session) else { return false };
        let counts_before = self.counts;
        let is_out = self.take_out(name, now);
        if is_out {
            self.note_change(counts_before, now);
        }
        is_out
    }

    /// Takes a peer out that an ordinary client announced; whether it was there.
    pub fn remove_announced(&mut self, name: PeerName, now: u64) -> bool {
        let counts_before = self.counts;
        let is_announced = self.get(name).is_some_and(|entry| entry.session.is_none());
        let is_out = is_announced && self.take_out(name, now);
        if is_out {
            self.note_change(counts_before, now);
        }
        is_out
    }

    fn take_out(&mut self, name: PeerName, now: u64) -> bool {
        let Some((_, entry)) = self.peers.remove(&name) else { return false };
        *self.counts.of(entry.peer.progress) -= 1;
        self.left.push_back((now, name));
        if self.left.len() > LEAVINGS_PER_SWARM
            && let Some((moment, _)) = self.left.pop_front()
        {
            self.forgotten = moment;
        }
        true
    }

    fn note_change(&mut self, counts_before: Counts, now: u64) {
        self.changed = now;
        if self.counts != counts_before {
            self.counts_changed = now;
        }
    }

    /// One peer.
    pub fn get(&self, name: PeerName) -> Option<&SwarmEntry> {
        self.peers.get(&name).map(|(_, entry)| entry)
    }

    /// The peer that a session has here.
    pub fn of_session(&self, session: SessionId) -> Option<&SwarmEntry> {
        self.get(*self.by_session.get(&session)?)
    }

    /// All peers, in order.
    pub fn peers(&self) -> impl Iterator<Item = &SwarmEntry> {
        self.peers.values().map(|(_, entry)| entry)
    }

    /// Where ordinary clients announced from that are in it, in order; at most `LIST_LEN_MAX`.
    pub fn announced_from(&self) -> Vec<IpAddr> {
        let announced = self.peers().filter(|entry| entry.session.is_none());
        let addresses: BTreeSet<IpAddr> =
            announced.filter_map(|entry| entry.reach.as_ref()).map(Reach::observed).collect();
        addresses.into_iter().take(LIST_LEN_MAX).collect()
    }

    /// The moment of the last change.
    pub fn changed(&self) -> u64 {
        self.changed
    }

    /// How many peers are how far, and the moment when that last changed.
    pub fn counts(&self) -> (Counts, u64) {
        (self.counts, self.counts_changed)
    }

    /// How many peers there are.
    pub fn len(&self) -> usize {
        self.peers.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.peers.is_empty()
    }

    /// Peers that changed after `since` (0: all), in order, from behind `from`.
    pub fn changed_since(&self, since: u64, from: Option<PeerName>) -> impl Iterator<Item = &SwarmEntry> {
        let from = from.map_or(Bound::Unbounded, Bound::Excluded);
        let peers = self.peers.range((from, Bound::Unbounded));
        peers.filter(move |(_, (changed, _))| *changed > since).map(|(_, (_, entry))| entry)
    }

    /// Who left after `since` and is not back; `None` if that is not remembered.
    pub fn left_since(&self, since: u64) -> Option<Vec<PeerName>> {
        if since < self.forgotten {
            return None;
        }
        let left = self.left.iter().rev().take_while(|(moment, _)| *moment > since).map(|(_, name)| *name);
        Some(left.filter(|name| !self.peers.contains_key(name)).collect())
    }
}

#[cfg(test)]
mod tests {
    use wire_protocol::control::{Offers, Source};
    use wire_protocol::ids::{MemberKey, PeerId};

    use super::*;

    const MEMBER: MemberKey = MemberKey([1; 32]);
    const OTHER: MemberKey = MemberKey([2; 32]);

    fn entry(session: u64, member: MemberKey, peer: u8, have: u32) -> SwarmEntry {
        let peer = SwarmPeer {
            name: PeerName { member, peer: PeerId([peer; 20]) },
            client: String::new(),
            progress: Progress::Pieces { have, total: 10 },
            tcp: Vec::new(),
            offers: Offers::default(),
            source: Source::Session,
        };
        SwarmEntry { session: Some(SessionId(session)), peer, reach: None }
    }

    fn names(swarm: &Swarm, since: u64) -> Vec<u8> {
        swarm.changed_since(since, None).map(|entry| entry.peer.name.peer.0[0]).collect()
    }

    fn left(swarm: &Swarm, since: u64) -> Option<Vec<u8>> {
        swarm.left_since(since).map(|left| left.iter().map(|name| name.peer.0[0]).collect())
    }

    #[test]
    fn whoever_was_told_of_a_moment_hears_what_is_different_since() {
        let mut swarm = Swarm::new(1);
        swarm.put(entry(1, MEMBER, 1, 0), 2);
        swarm.put(entry(2, OTHER, 2, 0), 3);
        for moment in 4..100 {
            swarm.put(entry(1, MEMBER, 1, 5), moment);
        }
        swarm.remove(SessionId(2), 100);
        assert_eq!((names(&swarm, 3), left(&swarm, 3)), (vec![1], Some(vec![2])));
        swarm.put(entry(3, OTHER, 2, 0), 101);
        assert_eq!((names(&swarm, 3), left(&swarm, 3)), (vec![1, 2], Some(vec![])));
        assert_eq!(left(&swarm, 0), None, "from before there was a swarm");
        assert_eq!(names(&swarm, 101), vec![0; 0]);
    }

    #[test]
    fn a_peer_id_is_its_members_whoever_else_uses_it() {
        let mut swarm = Swarm::new(1);
        swarm.put(entry(1, OTHER, 7, 0), 2);
        swarm.put(entry(2, MEMBER, 7, 10), 3);
        assert_eq!(swarm.len(), 2);
        assert_eq!(swarm.counts(), (Counts { seeders: 1, leechers: 1, preparing: 0 }, 3));
        // The member's newer session takes it over; the older one's end takes nothing away.
        swarm.put(entry(3, MEMBER, 7, 10), 4);
        assert!(!swarm.remove(SessionId(2), 5));
        assert_eq!(swarm.counts(), (Counts { seeders: 1, leechers: 1, preparing: 0 }, 3));
        assert!(swarm.remove(SessionId(3), 6));
        assert_eq!((swarm.len(), left(&swarm, 4)), (1, Some(vec![7])));
    }

    #[test]
    fn a_session_has_one_peer_in_a_swarm() {
        let mut swarm = Swarm::new(1);
        swarm.put(entry(1, MEMBER, 1, 0), 2);
        swarm.put(entry(1, MEMBER, 2, 0), 3);
        assert_eq!((names(&swarm, 0), left(&swarm, 2)), (vec![2], Some(vec![1])));
        assert_eq!(swarm.counts().0.leechers, 1);
    }

    #[test]
    fn leavings_are_bounded() {
        let mut swarm = Swarm::new(0);
        let last = 1 + LEAVINGS_PER_SWARM as u64;
        for moment in 1..=last {
            swarm.put(entry(1, MEMBER, 1, 0), moment);
            swarm.remove(SessionId(1), moment);
        }
        assert_eq!(left(&swarm, 0), None);
        assert_eq!(left(&swarm, 1).map(|left| left.len()), Some(LEAVINGS_PER_SWARM));
    }
}
