//! Which pairs of peers have a link, or one on its way: at most one per pair and file.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use wire_protocol::control::DialRefusal;
use wire_protocol::ids::{FileId, GroupId, LinkId, PeerId};
use wire_protocol::link::TOKEN_LIFETIME_MS;

use super::hub::SessionId;
use crate::limits::{LINKS_PER_SESSION, PENDING_DIALS_PER_SESSION};
use crate::random;

/// Two peers of one swarm, in either order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Pair {
    group: GroupId,
    file: FileId,
    peers: [PeerId; 2],
}

impl Pair {
    /// The pair of `a` and `b` is the pair of `b` and `a`.
    pub fn new(group: GroupId, file: FileId, a: PeerId, b: PeerId) -> Self {
        Self { group, file, peers: if a < b { [a, b] } else { [b, a] } }
    }
}

/// The links of all sessions.
#[derive(Debug, Default)]
pub struct LinkBook {
    book: Mutex<Book>,
}

#[derive(Debug, Default)]
struct Book {
    by_pair: HashMap<Pair, LinkId>,
    links: HashMap<LinkId, Entry>,
    /// In order of expiry: every token lives equally long.
    granted: VecDeque<(u64, LinkId)>,
    sessions: HashMap<SessionId, Load>,
}

#[derive(Debug)]
struct Entry {
    pair: Pair,
    dialer: SessionId,
    acceptor: SessionId,
    is_open: bool,
}

#[derive(Debug, Default)]
struct Load {
    pending_dials: usize,
    links: usize,
}

impl LinkBook {
    /// Notes that a link is on its way. It is forgotten when the tokens expire, unless it opens.
    ///
    /// # Errors
    /// [`DialRefusal::AlreadyLinked`] and [`DialRefusal::TooMany`].
    pub fn grant(
        &self,
        pair: Pair,
        dialer: SessionId,
        acceptor: SessionId,
        now_ms: u64,
    ) -> Result<LinkId, DialRefusal> {
        let mut book = self.lock();
        book.forget_expired(now_ms);
        if book.by_pair.contains_key(&pair) {
            return Err(DialRefusal::AlreadyLinked);
        }
        let pending_dials = book.sessions.get(&dialer).map_or(0, |load| load.pending_dials);
        let is_full = |session| book.sessions.get(session).is_some_and(|load| load.links >= LINKS_PER_SESSION);
        if pending_dials >= PENDING_DIALS_PER_SESSION || is_full(&dialer) || is_full(&acceptor) {
            return Err(DialRefusal::TooMany);
        }
        let link = LinkId(random::bytes());
        book.by_pair.insert(pair, link);
        book.links.insert(link, Entry { pair, dialer, acceptor, is_open: false });
        book.granted.push_back((now_ms + TOKEN_LIFETIME_MS, link));
        let load = book.sessions.entry(dialer).or_default();
        load.pending_dials += 1;
        load.links += 1;
        book.sessions.entry(acceptor).or_default().links += 1;
        Ok(link)
    }

    /// Both sides are there.
    pub fn opened(&self, link: LinkId) {
        let mut book = self.lock();
        let Some(entry) = book.links.get_mut(&link).filter(|entry| !entry.is_open) else { return };
        entry.is_open = true;
        let dialer = entry.dialer;
        if let Some(load) = book.sessions.get_mut(&dialer) {
            load.pending_dials -= 1;
        }
    }

    /// The link has ended, or will not come about: the pair may dial again.
    pub fn ended(&self, link: LinkId) {
        self.lock().forget(link);
    }

    fn lock(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Book {
    fn forget_expired(&mut self, now_ms: u64) {
        while let Some(&(expires_at_ms, link)) = self.granted.front().filter(|(expires, _)| *expires < now_ms) {
            debug_assert!(expires_at_ms < now_ms);
            self.granted.pop_front();
            if self.links.get(&link).is_some_and(|entry| !entry.is_open) {
                self.forget(link);
            }
        }
    }

    fn forget(&mut self, link: LinkId) {
        let Some(entry) = self.links.remove(&link) else { return };
        self.by_pair.remove(&entry.pair);
        self.unload(entry.dialer, !entry.is_open);
        self.unload(entry.acceptor, false);
    }

    fn unload(&mut self, session: SessionId, was_pending_dial: bool) {
        let Some(load) = self.sessions.get_mut(&session) else { return };
        load.links -= 1;
        load.pending_dials -= usize::from(was_pending_dial);
        if load.links == 0 {
            self.sessions.remove(&session);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(a: u8, b: u8) -> Pair {
        Pair::new(GroupId([1; 16]), FileId([2; 16]), PeerId([a; 20]), PeerId([b; 20]))
    }

    const DIALER: SessionId = SessionId(1);
    const ACCEPTOR: SessionId = SessionId(2);

    #[test]
    fn a_pair_has_one_link_at_a_time_whoever_dials() {
        let book = LinkBook::default();
        let link = book.grant(pair(1, 2), DIALER, ACCEPTOR, 0).unwrap();
        assert_eq!(book.grant(pair(2, 1), ACCEPTOR, DIALER, 0), Err(DialRefusal::AlreadyLinked));
        book.opened(link);
        assert_eq!(book.grant(pair(2, 1), ACCEPTOR, DIALER, 1_000_000), Err(DialRefusal::AlreadyLinked));
        book.ended(link);
        book.ended(link);
        assert!(book.grant(pair(2, 1), ACCEPTOR, DIALER, 1_000_000).is_ok());
    }

    #[test]
    fn dials_that_lead_to_nothing_expire_and_are_bounded_until_then() {
        let book = LinkBook::default();
        for peer in 0..PENDING_DIALS_PER_SESSION {
            book.grant(pair(200, peer as u8), DIALER, ACCEPTOR, 0).unwrap();
        }
        assert_eq!(book.grant(pair(200, 100), DIALER, ACCEPTOR, 0), Err(DialRefusal::TooMany));
        assert!(book.grant(pair(200, 100), DIALER, ACCEPTOR, TOKEN_LIFETIME_MS + 1).is_ok());
        assert_eq!(book.lock().links.len(), 1);
        assert_eq!(book.lock().granted.len(), 1);
    }
}
