//! The one table of links: those that are open and those on their way.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use peer_engine::{Direction, LinkKey};

use crate::candidate::{Candidate, CandidateKey};
use crate::room::Room;
use crate::{PeerId, Timestamp};

/// Bytes that are kept of a link that opened before there is an engine: a handshake and a bitfield of half a
/// million pieces.
pub const UNREAD_MAX: usize = 64 << 10;

/// What a link goes over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Path {
    /// The server passes its bytes on.
    Relay,
    /// From machine to machine.
    Direct,
}

/// How far a link is.
///
/// ```text
///  we dial ─────────► Dialing ──granted──► Pairing ──paired──► Securing ──secured──► Open ──► Closing ──► gone
///                        └─────────────── connected ──────────────▲                   │ closed by them
///  they ask (relay) ► Granted ──room──► Pairing                   │                   └──────────────────► gone
///  they connect ──────────────────────────────────────────────────┘
///  before Open: failed, closed or too late ──► gone
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// They asked for it, and no socket is opened for it before there is room.
    Granted,
    /// We want it: an address is being connected to, or the tracker was asked.
    Dialing,
    /// The relay waits for the other side.
    Pairing,
    /// Both sides prove who they are.
    Securing,
    /// It carries bytes.
    Open,
    /// We ended it; what was written before is still on its way.
    Closing,
}

impl Phase {
    /// After so long in it, the link is given up.
    fn patience(self, path: Path) -> Option<Duration> {
        match (self, path) {
            // The relay waits 20 s for this side; opening a socket and pairing take a part of that.
            (Phase::Granted, _) => Some(Duration::from_secs(10)),
            // Another machine of this network answers at once, one of this planet within a second.
            (Phase::Dialing, Path::Direct) => Some(Duration::from_secs(3)),
            (Phase::Dialing, Path::Relay) => Some(Duration::from_secs(30)),
            // The relay's own 20 s, and time to open a socket and for it to say so.
            (Phase::Pairing, _) => Some(Duration::from_secs(30)),
            (Phase::Securing, _) => Some(Duration::from_secs(10)),
            // Its silence is the engine's to judge.
            (Phase::Open, _) => None,
            (Phase::Closing, _) => Some(Duration::from_secs(5)),
        }
    }

    /// A socket is being opened or is not of use yet.
    fn is_connecting(self) -> bool {
        matches!(self, Phase::Dialing | Phase::Pairing | Phase::Securing)
    }
}

/// A link, open or on its way.
#[derive(Debug)]
pub(crate) struct Link {
    /// Who is at the other end, as its source says.
    pub candidate: Candidate,
    pub path: Path,
    pub direction: Direction,
    /// The id that it showed, once the handshakes of the peer wire are exchanged.
    pub ready: Option<PeerId>,
    /// Set by [`Links::set_phase`] only: the counts hang on it.
    phase: Phase,
    /// Since when it is in this phase.
    since: Timestamp,
    unread: Vec<Bytes>,
    unread_len: usize,
}

impl Link {
    pub fn phase(&self) -> Phase {
        self.phase
    }

    /// How long it has been open.
    pub fn open_for(&self, now: Timestamp) -> Option<Duration> {
        (self.phase == Phase::Open).then(|| now.since(self.since))
    }

    /// Keeps bytes until there is an engine. `false`: there are too many.
    pub fn keep(&mut self, bytes: Bytes) -> bool {
        self.unread_len += bytes.len();
        let fits = self.unread_len <= UNREAD_MAX;
        if fits {
            self.unread.push(bytes);
        }
        fits
    }

    /// What came before there was an engine, in order.
    pub fn take_unread(&mut self) -> Vec<Bytes> {
        self.unread_len = 0;
        std::mem::take(&mut self.unread)
    }

    fn deadline(&self) -> Option<Timestamp> {
        self.phase.patience(self.path).map(|patience| self.since + patience)
    }
}

/// The links of one swarm, and how many there are in each phase.
#[derive(Debug, Default)]
pub(crate) struct Links {
    table: BTreeMap<LinkKey, Link>,
    last: u64,
    connecting: usize,
    open: usize,
}

impl Links {
    /// A new link, under a key that was never used.
    pub fn add(
        &mut self,
        candidate: Candidate,
        path: Path,
        direction: Direction,
        phase: Phase,
        now: Timestamp,
    ) -> LinkKey {
        self.last += 1;
        let key = LinkKey(self.last);
        let link =
            Link { candidate, path, direction, ready: None, phase, since: now, unread: Vec::new(), unread_len: 0 };
        self.count(phase, true);
        self.table.insert(key, link);
        key
    }

    /// The one place where a phase changes.
    pub fn set_phase(&mut self, key: LinkKey, phase: Phase, now: Timestamp) {
        if let Some(link) = self.table.get_mut(&key) {
            let before = std::mem::replace(&mut link.phase, phase);
            link.since = now;
            self.count(before, false);
            self.count(phase, true);
        }
    }

    pub fn remove(&mut self, key: LinkKey) -> Option<Link> {
        let link = self.table.remove(&key)?;
        self.count(link.phase, false);
        Some(link)
    }

    fn count(&mut self, phase: Phase, is_more: bool) {
        let count = match phase {
            Phase::Open => &mut self.open,
            phase if phase.is_connecting() => &mut self.connecting,
            _ => return,
        };
        if is_more { *count += 1 } else { *count -= 1 }
    }

    pub fn get(&self, key: LinkKey) -> Option<&Link> {
        self.table.get(&key)
    }

    pub fn get_mut(&mut self, key: LinkKey) -> Option<&mut Link> {
        self.table.get_mut(&key)
    }

    pub fn iter(&self) -> impl Iterator<Item = (LinkKey, &Link)> {
        self.table.iter().map(|(key, link)| (*key, link))
    }

    /// Links in this phase, the oldest first.
    pub fn in_phase(&self, phase: Phase) -> impl Iterator<Item = (LinkKey, &Link)> {
        self.iter().filter(move |(_, link)| link.phase == phase)
    }

    /// What of the program's room this swarm uses.
    pub fn occupies(&self) -> Room {
        Room { connecting: self.connecting, links: self.table.len() }
    }

    pub fn open(&self) -> usize {
        self.open
    }

    /// Candidates that there is a link to, or one on its way.
    pub fn linked(&self) -> impl Iterator<Item = CandidateKey> {
        self.iter().filter(|(_, link)| link.phase != Phase::Closing).filter_map(|(_, link)| link.candidate.key())
    }

    /// Links whose time in their phase is over.
    pub fn overdue(&self, now: Timestamp) -> Vec<LinkKey> {
        if self.open == self.table.len() {
            return Vec::new();
        }
        let is_overdue = |link: &Link| link.deadline().is_some_and(|at| at <= now);
        self.iter().filter(|(_, link)| is_overdue(link)).map(|(key, _)| key).collect()
    }

    /// When the next link is given up.
    pub fn next_deadline(&self) -> Option<Timestamp> {
        if self.open == self.table.len() {
            return None;
        }
        self.table.values().filter_map(Link::deadline).min()
    }

    /// Asserts that the counts agree with a recount.
    pub fn check(&self) {
        let count = |is: fn(Phase) -> bool| self.table.values().filter(|link| is(link.phase)).count();
        assert_eq!(self.connecting, count(Phase::is_connecting), "links on their way");
        assert_eq!(self.open, count(|phase| phase == Phase::Open), "open links");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dialing(links: &mut Links, path: Path) -> LinkKey {
        links.add(Candidate::default(), path, Direction::Dialed, Phase::Dialing, Timestamp(0))
    }

    #[test]
    fn every_phase_but_open_ends_by_itself() {
        for phase in [Phase::Granted, Phase::Dialing, Phase::Pairing, Phase::Securing, Phase::Closing] {
            let mut links = Links::default();
            let key = dialing(&mut links, Path::Relay);
            links.set_phase(key, phase, Timestamp(5));
            let deadline = links.next_deadline().expect("it has a deadline");
            assert!(links.overdue(Timestamp(deadline.0 - 1)).is_empty());
            assert_eq!(links.overdue(deadline), [key], "{phase:?}");
        }
        let mut links = Links::default();
        let key = dialing(&mut links, Path::Relay);
        links.set_phase(key, Phase::Open, Timestamp(5));
        assert_eq!(links.next_deadline(), None);
    }

    #[test]
    fn a_grant_that_waits_takes_a_place_among_the_links_and_none_among_those_connecting() {
        let mut links = Links::default();
        let key = links.add(Candidate::default(), Path::Relay, Direction::Accepted, Phase::Granted, Timestamp(0));
        assert_eq!(links.occupies(), Room { connecting: 0, links: 1 });
        for (phase, connecting) in [(Phase::Pairing, 1), (Phase::Securing, 1), (Phase::Open, 0), (Phase::Closing, 0)] {
            links.set_phase(key, phase, Timestamp(0));
            assert_eq!(links.occupies(), Room { connecting, links: 1 }, "{phase:?}");
            links.check();
        }
        links.remove(key);
        assert_eq!(links.occupies(), Room::default());
    }

    #[test]
    fn unread_bytes_are_kept_in_order_and_bounded() {
        let mut links = Links::default();
        let key = dialing(&mut links, Path::Direct);
        let link = links.get_mut(key).unwrap();
        assert!(link.keep(Bytes::from_static(b"first")) && link.keep(Bytes::from_static(b"second")));
        assert_eq!(link.take_unread(), ["first", "second"]);
        assert!(link.keep(Bytes::from(vec![0; UNREAD_MAX])));
        assert!(!link.keep(Bytes::from_static(b"x")));
    }
}
