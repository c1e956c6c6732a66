//! Links come, change their phase, and go.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use bytes::Bytes;
use peer_engine::{CloseReason as EngineReason, Command, Direction, Input as EngineInput, LinkKey, Opening};

use super::LocalPeer;
use crate::candidate::{Candidate, Source};
use crate::candidate_list::CandidateList;
use crate::dialing::{End, Ended};
use crate::failure::{CloseReason, LinkFailure, Refused};
use crate::links::{Link, Path, Phase};
use crate::output::{Event, Output};
use crate::room::Room;
use crate::{Identity, Timestamp};

/// Links to one peer: a direct one and a relayed one may overlap for a moment.
const LINKS_PER_PEER_MAX: usize = 2;

impl LocalPeer {
    /// Another peer wants a link: it connected (`Path::Direct`), or the tracker says so (`Path::Relay`), in which
    /// case [`Output::Pair`] follows when there is room. To be asked before any socket is opened for it.
    /// `from`: as listed; an empty one: an ordinary client.
    ///
    /// # Errors
    /// [`Refused`]: nothing was noted, and nothing is to be opened.
    pub fn accept(&mut self, from: Candidate, path: Path, room: &mut Room, now: Timestamp) -> Result<LinkKey, Refused> {
        self.may_accept(&from, path, *room)?;
        let phase = match path {
            Path::Direct => Phase::Securing,
            Path::Relay => Phase::Granted,
        };
        room.links -= 1;
        room.connecting -= usize::from(phase == Phase::Securing);
        Ok(self.links.add(from, path, Direction::Accepted, phase, now))
    }

    fn may_accept(&self, from: &Candidate, path: Path, room: Room) -> Result<(), Refused> {
        let is_person = |link: &Link| from.identity.is_some() && link.candidate.identity == from.identity;
        let is_full = if path == Path::Direct { !room.has_place() } else { room.links == 0 };
        // One person with many peers must not take the last places of all others.
        let are_last = room.links <= self.config.limit.links / 4;
        if self.is_leaving {
            Err(Refused::Leaving)
        } else if self.is_banned(from) {
            Err(Refused::Banned)
        } else if is_full {
            Err(Refused::NoRoom)
        } else if from.key().is_some_and(|key| self.links_to(key) >= LINKS_PER_PEER_MAX) {
            Err(Refused::Linked)
        } else if are_last && self.links.iter().any(|(_, link)| is_person(link)) {
            Err(Refused::Reserved)
        } else {
            Ok(())
        }
    }

    pub(super) fn on_listed(&mut self, source: Source, candidates: CandidateList, now: Timestamp) {
        let news = self.candidates.set(source, candidates);
        let news = news.into_iter().filter_map(|place| self.candidates.at(place));
        self.totals.see(news.filter(|candidate| candidate.peer != Some(self.local)));
        // A new face: whoever waits has not waited for this one yet.
        if self.links.open() == 0 {
            self.quiet_since = now;
        }
        self.dialing.on_change();
    }

    pub(super) fn on_found(&mut self, source: Source, addresses: Vec<SocketAddr>, now: Timestamp) {
        if let Some(candidates) = self.found.add(source, addresses) {
            self.on_listed(source, candidates, now);
        }
    }

    // ------------------------------------------------------------ phases

    pub(super) fn on_granted(&mut self, link: LinkKey, now: Timestamp) {
        if self.is_in(link, Phase::Dialing, Path::Relay) {
            self.links.set_phase(link, Phase::Pairing, now);
            self.outputs.push_back(Output::Pair { link });
        }
    }

    pub(super) fn on_connected(&mut self, link: LinkKey, now: Timestamp) {
        if self.is_in(link, Phase::Dialing, Path::Direct) {
            self.links.set_phase(link, Phase::Securing, now);
        }
    }

    pub(super) fn on_paired(&mut self, link: LinkKey, now: Timestamp) {
        if self.is_in(link, Phase::Pairing, Path::Relay) {
            self.links.set_phase(link, Phase::Securing, now);
        }
    }

    pub(super) fn on_secured(&mut self, key: LinkKey, who: Option<Box<Candidate>>, now: Timestamp) {
        let Some(link) = self.links.get_mut(key).filter(|link| link.phase() == Phase::Securing) else {
            return;
        };
        if let Some(who) = who {
            link.candidate = *who;
        }
        if self.links.get(key).is_some_and(|link| self.is_banned(&link.candidate)) {
            self.close(key, CloseReason::Banned, now);
            return;
        }
        self.links.set_phase(key, Phase::Open, now);
        self.last_failure = None;
        self.quiet_since = now;
        self.hand_over(key, now);
    }

    fn is_in(&self, link: LinkKey, phase: Phase, path: Path) -> bool {
        self.links.get(link).is_some_and(|link| link.phase() == phase && link.path == path)
    }

    /// The engine hears of an open link, and gets what came on it so far.
    fn hand_over(&mut self, key: LinkKey, now: Timestamp) {
        let (Some(engine), Some(link)) = (&mut self.engine, self.links.get_mut(key)) else {
            return;
        };
        let Candidate { peer, identity, .. } = link.candidate;
        let address = link.candidate.tellable();
        let opening = Opening { direction: link.direction, peer, identity, address };
        engine.handle(EngineInput::LinkOpened { link: key, opening }, now);
        for bytes in link.take_unread() {
            engine.handle(EngineInput::Received { link: key, bytes }, now);
        }
    }

    pub(super) fn hand_over_open_links(&mut self, now: Timestamp) {
        let open: Vec<LinkKey> = self.links.in_phase(Phase::Open).map(|(key, _)| key).collect();
        open.into_iter().for_each(|key| self.hand_over(key, now));
    }

    pub(super) fn on_received(&mut self, key: LinkKey, bytes: Bytes, now: Timestamp) {
        let Some(link) = self.links.get_mut(key).filter(|link| link.phase() == Phase::Open) else {
            return;
        };
        if let Some(engine) = &mut self.engine {
            let before = engine.downloaded();
            engine.handle(EngineInput::Received { link: key, bytes }, now);
            if engine.downloaded() > before {
                self.quiet_since = now;
            }
        } else if !link.keep(bytes) {
            self.close(key, CloseReason::TooMuch, now);
        }
    }

    // ------------------------------------------------------------ ends

    /// A link that is not open will not open.
    pub(super) fn on_failed(&mut self, key: LinkKey, why: LinkFailure, now: Timestamp) {
        match self.links.get(key).map(Link::phase) {
            None => {}
            Some(Phase::Open | Phase::Closing) => self.on_closed(key, now),
            Some(_) => {
                self.note_failure(key, why, now);
                self.links.remove(key);
            }
        }
    }

    /// Its socket is gone.
    pub(super) fn on_closed(&mut self, key: LinkKey, now: Timestamp) {
        match self.links.get(key).map(Link::phase) {
            None => {}
            Some(Phase::Granted | Phase::Dialing) => self.on_failed(key, LinkFailure::Unreachable, now),
            Some(Phase::Pairing) => self.on_failed(key, LinkFailure::NotPaired, now),
            Some(Phase::Securing) => self.on_failed(key, LinkFailure::NotSecured, now),
            Some(Phase::Open) => {
                self.tell_engine(EngineInput::LinkClosed { link: key }, now);
                self.note_end(key, None, now);
                self.links.remove(key);
            }
            Some(Phase::Closing) => {
                self.links.remove(key);
            }
        }
    }

    /// Its time in its phase is over.
    pub(super) fn on_overdue(&mut self, key: LinkKey, now: Timestamp) {
        let why = match self.links.get(key).map(|link| (link.phase(), link.path)) {
            Some((Phase::Closing, _)) => {
                self.links.remove(key);
                return;
            }
            Some((Phase::Dialing, Path::Direct)) => LinkFailure::Unreachable,
            Some((Phase::Pairing, _)) => LinkFailure::NotPaired,
            Some((Phase::Securing, _)) => LinkFailure::NotSecured,
            _ => LinkFailure::TimedOut,
        };
        self.close(key, CloseReason::Failed(why), now);
    }

    /// We end a link, however far it is.
    pub(super) fn close(&mut self, key: LinkKey, why: CloseReason, now: Timestamp) {
        let Some(phase) = self.links.get(key).map(Link::phase).filter(|phase| *phase != Phase::Closing) else {
            return;
        };
        match &why {
            CloseReason::Failed(failure) => self.note_failure(key, *failure, now),
            CloseReason::Engine(reason) => self.note_end(key, Some(reason), now),
            _ => self.note_end(key, None, now),
        }
        if matches!(phase, Phase::Granted | Phase::Dialing) {
            self.links.remove(key);
        } else {
            self.links.set_phase(key, Phase::Closing, now);
        }
        self.outputs.push_back(Output::Close { link: key, why });
    }

    fn note_failure(&mut self, key: LinkKey, why: LinkFailure, now: Timestamp) {
        let Some(link) = self.links.get(key) else {
            return;
        };
        if link.direction == Direction::Dialed {
            self.last_failure = Some(why);
            let to = Box::new(link.candidate.clone());
            self.outputs.push_back(Output::Event(Event::NotReached { to, path: link.path, why }));
        }
        self.note(key, End::Failed(why), now);
    }

    /// `why`: the engine's reason, if it was the engine that closed it.
    fn note_end(&mut self, key: LinkKey, why: Option<&EngineReason>, now: Timestamp) {
        let Some(link) = self.links.get(key) else {
            return;
        };
        let end = match why {
            Some(EngineReason::Turnover) => End::Turnover,
            Some(EngineReason::Myself | EngineReason::WrongTorrent | EngineReason::BothComplete) => End::Useless,
            _ => End::Closed { lived: link.open_for(now).unwrap_or_default(), is_ready: link.ready.is_some() },
        };
        self.note(key, end, now);
    }

    fn note(&mut self, key: LinkKey, end: End, now: Timestamp) {
        let Some(link) = self.links.get(key) else {
            return;
        };
        let is_same = |other: &Link| other.candidate.key() == link.candidate.key();
        let mut others = self.links.iter().filter(|(other, link)| *other != key && link.phase() != Phase::Closing);
        let ended = Ended {
            candidate: &link.candidate,
            path: link.path,
            is_dialed: link.direction == Direction::Dialed,
            is_still_linked: others.any(|(_, other)| is_same(other)),
            end,
        };
        self.dialing.on_end(&ended, now);
    }

    /// Links on their way to people who were banned meanwhile. (The engine closes those that are open.)
    pub(super) fn close_banned(&mut self, now: Timestamp) {
        let is_mine = |link: &Link| self.engine.is_none() || link.phase() != Phase::Open;
        let banned = self.links.iter().filter(|(_, link)| is_mine(link) && self.is_banned(&link.candidate));
        let banned: Vec<LinkKey> = banned.map(|(key, _)| key).collect();
        banned.into_iter().for_each(|key| self.close(key, CloseReason::Banned, now));
    }

    pub(super) fn on_leave(&mut self, now: Timestamp) {
        self.is_leaving = true;
        self.end_all(|_| true, &CloseReason::Leaving, now);
    }

    pub(super) fn on_people(&mut self, people: BTreeSet<Identity>, now: Timestamp) {
        let before = std::mem::replace(&mut self.people, people);
        let gone: BTreeSet<Identity> = before.difference(&self.people).copied().collect();
        let is_gone = |link: &Link| link.candidate.identity.is_some_and(|identity| gone.contains(&identity));
        self.end_all(is_gone, &CloseReason::PersonGone, now);
    }

    /// Ends links politely, however far they are.
    fn end_all(&mut self, is_meant: impl Fn(&Link) -> bool, why: &CloseReason, now: Timestamp) {
        let meant = self.links.iter().filter(|(_, link)| is_meant(link));
        let meant: Vec<(LinkKey, Phase)> = meant.map(|(key, link)| (key, link.phase())).collect();
        for (link, phase) in meant {
            if phase == Phase::Open && self.engine.is_some() {
                self.tell_engine(EngineInput::Command(Command::Close(link)), now);
            } else {
                self.close(link, why.clone(), now);
            }
        }
    }
}
