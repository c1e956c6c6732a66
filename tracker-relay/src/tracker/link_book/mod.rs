//! Which pairs of peers have a link, or one on its way: at most one per pair and file. And when a link has to
//! end: at once when one of its members or the file leaves the group, after a while when one is not connected
//! any more.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;
use wire_protocol::control::{DialRefusal, GroupChange, SwarmName};
use wire_protocol::ids::{FileId, GroupId, LinkId, MemberKey};
use wire_protocol::link::TOKEN_LIFETIME_MS;

use super::link_term::{LinkTerm, Term, change};
use super::pair::{Pair, Side};
use super::peer_loads::PeerLoads;
use super::session_id::SessionId;
use crate::limits::{LINKS_PER_SESSION, Limit, PENDING_DIALS_PER_SESSION};
use crate::metrics::Metrics;
use crate::random;
use crate::shares::{Portions, Share, Shares};

/// The links of all sessions.
#[derive(Debug)]
pub struct LinkBook {
    absence_max: Duration,
    book: Mutex<Book>,
    /// Of both sides of links.
    sides: Arc<Shares>,
    metrics: Arc<Metrics>,
}

#[derive(Debug, Default)]
struct Book {
    by_pair: HashMap<Pair, LinkId>,
    links: HashMap<LinkId, Entry>,
    /// In order of expiry: every token lives equally long.
    granted: VecDeque<(u64, LinkId)>,
    sessions: HashMap<SessionId, Load>,
    peer_loads: PeerLoads,
    /// Members with links.
    members: HashMap<MemberKey, Theirs>,
}

#[derive(Debug)]
struct Entry {
    pair: Pair,
    dialer: Side,
    acceptor: Side,
    /// Heard by the relay, once a token was presented.
    term: Option<watch::Sender<Term>>,
    is_open: bool,
    _shares: [Share; 2],
}

#[derive(Debug, Default)]
struct Load {
    pending_dials: usize,
    links: usize,
}

#[derive(Debug, Default)]
struct Theirs {
    links: HashSet<LinkId>,
    /// Without a control connection since.
    gone_at: Option<Instant>,
}

impl LinkBook {
    /// No links yet. They outlive a member's last control connection by at most `absence_max`. `sides`: how many there may
    /// be, both sides counted.
    pub fn new(absence_max: Duration, sides: Portions, metrics: Arc<Metrics>) -> Self {
        let sides = Arc::new(Shares::new(sides, metrics.clone()));
        Self { absence_max, book: Mutex::default(), sides, metrics }
    }

    /// Notes that a link is on its way. It is forgotten when the tokens expire, unless one was presented.
    ///
    /// # Errors
    /// [`DialRefusal::AlreadyLinked`] and [`DialRefusal::TooMany`].
    pub fn grant(&self, pair: Pair, dialer: Side, acceptor: Side, now_ms: u64) -> Result<LinkId, DialRefusal> {
        let mut book = self.lock();
        book.forget_expired(now_ms);
        if book.by_pair.contains_key(&pair) {
            return Err(DialRefusal::AlreadyLinked);
        }
        if let Some(limit) = book.exceeded(&pair, dialer, acceptor) {
            self.metrics.refused.count(limit);
            return Err(DialRefusal::TooMany);
        }
        let share = |side: Side| self.sides.take(side.who, 1).map_err(|_| DialRefusal::TooMany);
        let _shares = [share(dialer)?, share(acceptor)?];
        let link = LinkId(random::bytes());
        book.by_pair.insert(pair, link);
        book.links.insert(link, Entry { pair, dialer, acceptor, term: None, is_open: false, _shares });
        book.peer_loads.add(pair.swarm, pair.peers);
        book.granted.push_back((now_ms + TOKEN_LIFETIME_MS, link));
        for side in [dialer, acceptor] {
            book.sessions.entry(side.session).or_default().links += 1;
            book.members.entry(side.member()).or_default().links.insert(link);
        }
        book.sessions.entry(dialer.session).or_default().pending_dials += 1;
        Ok(link)
    }

    /// The first side is there: from here on until [`LinkBook::ended`] the relay attends to the link, and hears
    /// when it has to end. `None`: there is no such link (any more), or it is attended to already.
    pub fn attend(&self, link: LinkId) -> Option<LinkTerm> {
        let mut book = self.lock();
        let term = book.term(book.links.get(&link)?, self.absence_max);
        let entry = book.links.get_mut(&link).filter(|entry| entry.term.is_none())?;
        let (sender, link_term) = LinkTerm::new(term);
        entry.term = Some(sender);
        Some(link_term)
    }

    /// Both sides are there.
    pub fn opened(&self, link: LinkId) {
        let mut book = self.lock();
        let Some(entry) = book.links.get_mut(&link).filter(|entry| !entry.is_open) else { return };
        entry.is_open = true;
        let dialer = entry.dialer.session;
        if let Some(load) = book.sessions.get_mut(&dialer) {
            load.pending_dials -= 1;
        }
    }

    /// The link has ended, or will not come about: the pair may dial again.
    pub fn ended(&self, link: LinkId) {
        self.lock().forget(link);
    }

    /// A member is not in the group any more: their links there end at once.
    pub fn member_left(&self, group: GroupId, member: MemberKey) {
        let mut book = self.lock();
        let theirs = book.links_of(member);
        book.end(theirs, |pair| pair.swarm.group == group);
    }

    /// A file is not in the group any more: the links of its swarm end at once.
    pub fn file_removed(&self, group: GroupId, file: FileId) {
        let mut book = self.lock();
        let all = book.links.keys().copied().collect();
        book.end(all, |pair| pair.swarm == SwarmName { group, file });
    }

    /// The group is closed: all links there end at once.
    pub fn group_closed(&self, group: GroupId) {
        let mut book = self.lock();
        let all = book.links.keys().copied().collect();
        book.end(all, |pair| pair.swarm.group == group);
    }

    /// What a change in a group means for its links.
    pub fn on_change(&self, group: GroupId, change: &GroupChange) {
        match change {
            GroupChange::MemberLeft(member) | GroupChange::MemberRemoved { member, .. } => {
                self.member_left(group, *member);
            }
            GroupChange::FileRemoved(file) => self.file_removed(group, *file),
            GroupChange::Closed => self.group_closed(group),
            GroupChange::Created { .. }
            | GroupChange::Member(_)
            | GroupChange::File(_)
            | GroupChange::InvitesChanged
            | GroupChange::RequestsChanged => {}
        }
    }

    /// A member's last control connection is gone: their links end, too, if they stay away.
    pub fn member_gone(&self, member: MemberKey, now: Instant) {
        self.set_gone_at(member, Some(now));
    }

    /// A member has a control connection.
    pub fn member_back(&self, member: MemberKey) {
        self.set_gone_at(member, None);
    }

    fn set_gone_at(&self, member: MemberKey, gone_at: Option<Instant>) {
        let mut book = self.lock();
        let Some(theirs) = book.members.get_mut(&member) else { return };
        theirs.gone_at = gone_at;
        for entry in book.links_of(member).iter().filter_map(|link| book.links.get(link)) {
            if let Some(term) = &entry.term {
                change(term, book.term(entry, self.absence_max));
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Book {
    /// Why two peers cannot have a link, if so.
    fn exceeded(&self, pair: &Pair, dialer: Side, acceptor: Side) -> Option<Limit> {
        let load = |side: Side| self.sessions.get(&side.session);
        let is_full = |side: Side| load(side).is_some_and(|load| load.links >= LINKS_PER_SESSION);
        if load(dialer).is_some_and(|load| load.pending_dials >= PENDING_DIALS_PER_SESSION) {
            return Some(Limit::PendingDials);
        }
        if is_full(dialer) || is_full(acceptor) {
            return Some(Limit::LinksOfSession);
        }
        (!self.peer_loads.have_room(pair.swarm, pair.peers)).then_some(Limit::LinksToPeer)
    }

    fn links_of(&self, member: MemberKey) -> Vec<LinkId> {
        self.members.get(&member).map_or_else(Vec::new, |theirs| theirs.links.iter().copied().collect())
    }

    /// Ends those of `links` whose pair is meant.
    fn end(&mut self, links: Vec<LinkId>, is_meant: impl Fn(&Pair) -> bool) {
        for link in links {
            let Some(entry) = self.links.get(&link).filter(|entry| is_meant(&entry.pair)) else { continue };
            match &entry.term {
                Some(term) => change(term, Term::Over),
                // Its tokens lead nowhere.
                None => self.forget(link),
            }
        }
    }

    /// The side that is away for longer decides.
    fn term(&self, entry: &Entry, absence_max: Duration) -> Term {
        let gone_at = |side: Side| self.members.get(&side.member()).and_then(|theirs| theirs.gone_at);
        let first = [entry.dialer, entry.acceptor].into_iter().filter_map(gone_at).min();
        first.map_or(Term::Open, |at| Term::Until(at + absence_max))
    }

    fn forget_expired(&mut self, now_ms: u64) {
        while let Some(&(expires_at_ms, link)) = self.granted.front().filter(|(expires, _)| *expires < now_ms) {
            debug_assert!(expires_at_ms < now_ms);
            self.granted.pop_front();
            if self.links.get(&link).is_some_and(|entry| entry.term.is_none()) {
                self.forget(link);
            }
        }
    }

    fn forget(&mut self, link: LinkId) {
        let Some(entry) = self.links.remove(&link) else { return };
        self.by_pair.remove(&entry.pair);
        self.peer_loads.remove(entry.pair.swarm, entry.pair.peers);
        self.unload(entry.dialer.session, !entry.is_open);
        self.unload(entry.acceptor.session, false);
        for side in [entry.dialer, entry.acceptor] {
            self.release(side.member(), link);
        }
    }

    fn unload(&mut self, session: SessionId, was_pending_dial: bool) {
        let Some(load) = self.sessions.get_mut(&session) else { return };
        load.links -= 1;
        load.pending_dials -= usize::from(was_pending_dial);
        if load.links == 0 {
            self.sessions.remove(&session);
        }
    }

    fn release(&mut self, member: MemberKey, link: LinkId) {
        let Some(theirs) = self.members.get_mut(&member) else { return };
        theirs.links.remove(&link);
        if theirs.links.is_empty() {
            self.members.remove(&member);
        }
    }
}

#[cfg(test)]
mod tests;
