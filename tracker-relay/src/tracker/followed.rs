//! A group that somebody online follows: who does, what was published, and the swarms of its files. Soft
//! state, gone with its last follower and the last peer that an ordinary client announced. One short lock per group, never held across an await.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use wire_protocol::control::{
    Announce, AnnounceRefusal, DialRefusal, GroupChange, GroupEvent, PeerName, Progress, Source, SwarmName, SwarmPeer,
    TrackerToMember,
};
use wire_protocol::ids::{FileId, GroupId, LinkId, MemberKey};

use super::announced::OrdinaryPeer;
use super::announces::{self, Told};
use super::bus::Span;
use super::link_book::LinkBook;
use super::outbox::encode;
use super::pair::{Pair, Side};
use super::participant::Participant;
use super::queue::Event;
use super::reach::Reach;
use super::session_id::SessionId;
use super::swarm::{Counts, SwarmEntry};
use super::swarms::Swarms;
use crate::limits::{ANNOUNCED_KEPT, LOOK_AGAIN_EVERY};
use crate::shares::Who;
use crate::store::passkeys::PasskeyHash;

/// Both ends of a link to be.
#[derive(Debug)]
pub struct Ends {
    /// Who asks, as the other sees them.
    pub dialer: (Arc<Participant>, SwarmPeer),
    /// Who is asked, as the other sees them.
    pub acceptor: (Arc<Participant>, SwarmPeer),
}

/// A group that somebody online follows.
#[derive(Debug)]
pub struct FollowedGroup {
    group: GroupId,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    followers: BTreeMap<SessionId, Arc<Participant>>,
    /// The last event that the files below include. `None`: nobody has read the group yet.
    published: Option<u64>,
    /// The last event that followers were sent while nobody had read the group yet.
    sent_unread: u64,
    /// When everybody may look again.
    next_look: Option<Instant>,
    /// They will.
    is_look_due: bool,
    swarms: Swarms,
}

impl FollowedGroup {
    /// Nobody follows it yet.
    pub fn new(group: GroupId) -> Self {
        Self { group, state: Mutex::default() }
    }

    /// Which group.
    pub fn id(&self) -> GroupId {
        self.group
    }

    /// Lets a session follow, from event `seen` on.
    pub fn follow(&self, participant: Arc<Participant>, seen: Option<u64>) {
        let mut state = self.lock();
        participant.outbox.follow(self.group, seen);
        state.followers.insert(participant.session, participant);
    }

    /// The group's files as they are after event `seq`. `Some`: these later events were sent before the files
    /// were known, and have to be published again.
    pub fn learn(&self, seq: u64, files: impl IntoIterator<Item = FileId>) -> Option<Span> {
        let mut state = self.lock();
        if state.published.is_some() {
            return None;
        }
        state.published = Some(seq);
        state.swarms.set_files(files);
        let sent = std::mem::take(&mut state.sent_unread);
        (sent > seq).then_some(Span { first: seq + 1, last: sent })
    }

    /// Up to where followers were sent the group's events.
    pub fn published(&self) -> Option<u64> {
        self.lock().published
    }

    /// Events are missing: every follower reads the group anew.
    pub fn lose(&self) {
        let mut state = self.lock();
        state.published = None;
        for follower in state.followers.values() {
            follower.outbox.follow(self.group, None);
        }
    }

    /// Sends an event to the followers. Publishing it again does nothing.
    pub fn publish(&self, event: &GroupEvent, links: &LinkBook) {
        let mut state = self.lock();
        match state.published {
            Some(published) if event.seq <= published => return,
            Some(_) => state.published = Some(event.seq),
            None => state.sent_unread = event.seq,
        }
        let message = encode(&TrackerToMember::Event(event.clone()));
        for follower in state.followers.values() {
            let is_last = ends_for(&event.change, follower.member);
            let looks_again = !is_last && concerns(&event.change, follower.member);
            let event = Event { group: self.group, seq: event.seq, is_last, message: message.clone() };
            follower.outbox.push_event(event);
            if looks_again {
                follower.outbox.look_again(self.group);
            }
        }
        state.apply(&event.change);
        // While the lock is held: a dial either sees who and what is gone, or is cut here.
        links.on_change(self.group, &event.change);
    }

    /// Everybody shall look again after so long, which may be no time at all; `None`: they will anyway.
    pub fn plan_look(&self, now: Instant) -> Option<Duration> {
        let mut state = self.lock();
        if std::mem::replace(&mut state.is_look_due, true) {
            return None;
        }
        let at = state.next_look.map_or(now, |at| at.max(now));
        state.next_look = Some(at + LOOK_AGAIN_EVERY);
        Some(at - now)
    }

    /// The time for [`FollowedGroup::plan_look`] has come.
    pub fn look_as_planned(&self) {
        self.lock().is_look_due = false;
        self.look_again(None);
    }

    /// What is `member`'s alone may have changed (`None`: everybody's): their sessions read it anew.
    pub fn look_again(&self, member: Option<MemberKey>) {
        let state = self.lock();
        for follower in state.followers.values().filter(|it| member.is_none_or(|member| it.member == member)) {
            follower.outbox.look_again(self.group);
        }
    }

    /// A session ends.
    pub fn leave(&self, session: SessionId) {
        self.lock().leave(session);
    }

    /// Whether a session follows the group.
    pub fn is_followed_by(&self, session: SessionId) -> bool {
        self.lock().followers.contains_key(&session)
    }

    /// Whether nobody follows it any more.
    pub fn is_deserted(&self) -> bool {
        let state = self.lock();
        state.followers.is_empty() && !state.swarms.has_announced()
    }

    /// Puts a session into a swarm, or tells how far it is.
    ///
    /// # Errors
    /// [`AnnounceRefusal`].
    pub fn announce(&self, session: SessionId, announce: &Announce) -> Result<(), AnnounceRefusal> {
        let mut state = self.lock();
        let announcer = state.followers.get(&session).ok_or(AnnounceRefusal::NoSuchFile)?;
        let peer = SwarmPeer {
            name: PeerName { member: announcer.member, peer: announce.peer },
            client: announcer.client.clone(),
            progress: announce.progress,
            tcp: Vec::new(),
            offers: announce.offers,
            source: Source::Session,
        };
        let reach = Reach::new(announce.listen.as_ref(), announcer.observed);
        state.swarms.announce(announce.swarm.file, SwarmEntry { session: Some(session), peer, reach })?;
        state.nudge();
        Ok(())
    }

    /// An ordinary client announces: it goes into a swarm, or out of it with its last announce, and is told who else is there.
    ///
    /// # Errors
    /// [`AnnounceRefusal`].
    pub fn announce_ordinary(
        &self,
        peer: &OrdinaryPeer,
        is_last: bool,
        numwant: usize,
        now: Instant,
    ) -> Result<Told, AnnounceRefusal> {
        let mut state = self.lock();
        let mut is_new = false;
        if is_last {
            if state.swarms.stop_ordinary(peer.file, peer.name()) {
                state.nudge();
            }
        } else {
            is_new = state.swarms.announce_ordinary(peer, now + ANNOUNCED_KEPT)?;
            state.nudge();
        }
        let swarm = state.swarms.get(peer.file);
        let counts = swarm.map_or_else(Counts::default, |swarm| swarm.counts().0);
        let peers = swarm.filter(|_| !is_last).map_or_else(Vec::new, |swarm| announces::list(swarm, peer, numwant));
        Ok(Told { is_new, counts, peers })
    }

    /// What was announced with these passkeys leaves the swarms.
    pub fn revoke(&self, passkeys: &[PasskeyHash]) {
        let mut state = self.lock();
        if state.swarms.revoke(passkeys) {
            state.nudge();
        }
    }

    /// Ordinary clients that have not announced for too long leave the swarms.
    pub fn end_announced(&self, now: Instant) {
        let mut state = self.lock();
        if state.swarms.end_announced(now) {
            state.nudge();
        }
    }

    /// Takes a session out of a swarm.
    pub fn withdraw(&self, session: SessionId, file: FileId) {
        let mut state = self.lock();
        if state.swarms.withdraw(file, session) {
            state.nudge();
        }
    }

    /// Whether a session has a peer in a file's swarm.
    pub fn has_announced(&self, session: SessionId, file: FileId) -> bool {
        self.lock().swarms.get(file).is_some_and(|swarm| swarm.of_session(session).is_some())
    }

    /// Shows the swarms to a follower; `None` if the session does not follow the group.
    pub fn look<T>(&self, session: SessionId, look: impl FnOnce(&Swarms) -> T) -> Option<T> {
        let state = self.lock();
        state.followers.contains_key(&session).then(|| look(&state.swarms))
    }

    /// Finds both ends of a link that `session` asks for, and notes the link.
    ///
    /// # Errors
    /// [`DialRefusal`].
    pub fn dial(
        &self,
        session: SessionId,
        file: FileId,
        to: PeerName,
        links: &LinkBook,
        now_ms: u64,
    ) -> Result<(LinkId, Ends), DialRefusal> {
        let state = self.lock();
        let swarm = state.swarms.get(file).ok_or(DialRefusal::NotAnnounced)?;
        let dialer = swarm.of_session(session).ok_or(DialRefusal::NotAnnounced)?;
        let acceptor = swarm.get(to).filter(|entry| entry.session != Some(session)).ok_or(DialRefusal::NoSuchPeer)?;
        if !may_dial(&dialer.peer, &acceptor.peer) {
            return Err(DialRefusal::NotYours);
        }
        // What an ordinary client announced is nobody whom the relay could ask.
        let holder = |entry: &SwarmEntry| state.followers.get(&entry.session?).cloned();
        let end = |entry: &SwarmEntry| holder(entry).ok_or(DialRefusal::NoSuchPeer);
        let (dialing, accepting) = (end(dialer)?, end(acceptor)?);
        let swarm = SwarmName { group: self.group, file };
        let pair = Pair::new(swarm, dialer.peer.name, acceptor.peer.name);
        let link = links.grant(pair, side(&dialing), side(&accepting), now_ms)?;
        let to_acceptor = dialer.seen_from(accepting.observed);
        let to_dialer = acceptor.seen_from(dialing.observed);
        Ok((link, Ends { dialer: (dialing, to_acceptor), acceptor: (accepting, to_dialer) }))
    }

    /// Members that are online.
    pub fn members_online(&self) -> u32 {
        let state = self.lock();
        let members: HashSet<MemberKey> = state.followers.values().map(|follower| follower.member).collect();
        members.len() as u32
    }

    /// How many peers of a file are how far now.
    pub fn counts(&self, file: FileId) -> Counts {
        self.lock().swarms.get(file).map_or_else(Counts::default, |swarm| swarm.counts().0)
    }

    /// How many swarms have peers, and how many peers are in all of them.
    pub fn count_swarms(&self) -> (usize, usize) {
        let state = self.lock();
        let peopled = state.swarms.iter().map(|(_, swarm)| swarm.len()).filter(|&peers| peers > 0);
        peopled.fold((0, 0), |(swarms, all), peers| (swarms + 1, all + peers))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn apply(&mut self, change: &GroupChange) {
        match change {
            GroupChange::File(card) => self.swarms.add_file(card.file),
            GroupChange::FileRemoved(file) => self.swarms.remove_file(*file),
            GroupChange::MemberLeft(_) | GroupChange::MemberRemoved { .. } | GroupChange::Closed => {
                if let GroupChange::MemberLeft(member) | GroupChange::MemberRemoved { member, .. } = change
                    && self.swarms.remove_member(*member)
                {
                    self.nudge();
                }
                if *change == GroupChange::Closed {
                    self.swarms.set_files([]);
                }
                let gone = self.followers.values().filter(|follower| ends_for(change, follower.member));
                for session in gone.map(|follower| follower.session).collect::<Vec<_>>() {
                    self.leave(session);
                }
            }
            GroupChange::Member(_)
            | GroupChange::Created { .. }
            | GroupChange::InvitesChanged
            | GroupChange::RequestsChanged => {}
        }
    }

    fn leave(&mut self, session: SessionId) {
        self.followers.remove(&session);
        if self.swarms.leave(session) {
            self.nudge();
        }
    }

    /// Followers look when they have room.
    fn nudge(&self) {
        for follower in self.followers.values() {
            follower.outbox.nudge();
        }
    }
}

/// Leechers dial seeders, and of two leechers the one with the greater peer id dials the other.
fn may_dial(dialer: &SwarmPeer, acceptor: &SwarmPeer) -> bool {
    match (dialer.progress, acceptor.progress) {
        (Progress::Preparing(_), _) | (_, Progress::Preparing(_)) => false,
        (theirs, _) if theirs.is_complete() => false,
        (_, to) => to.is_complete() || dialer.name.peer > acceptor.name.peer,
    }
}

fn side(participant: &Participant) -> Side {
    let &Participant { session, member, observed, .. } = participant;
    Side { session, who: Who { member, address: observed } }
}

/// Whether a change is the last that a member hears of the group.
pub fn ends_for(change: &GroupChange, member: MemberKey) -> bool {
    match change {
        GroupChange::MemberLeft(left) => *left == member,
        GroupChange::MemberRemoved { member: removed, .. } => *removed == member,
        GroupChange::Closed => true,
        _ => false,
    }
}

/// Whether with a change a member has another ticket or key: theirs are of a role and an epoch.
fn concerns(change: &GroupChange, member: MemberKey) -> bool {
    match change {
        GroupChange::Member(changed) => changed.key == member,
        GroupChange::MemberRemoved { .. } => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_looks_again_at_once_and_then_once_a_second_at_most() {
        let group = FollowedGroup::new(GroupId([1; 16]));
        let now = Instant::now();
        assert_eq!(group.plan_look(now), Some(Duration::ZERO));
        assert_eq!(group.plan_look(now), None, "they are about to");
        group.look_as_planned();
        let soon = now + LOOK_AGAIN_EVERY / 4;
        assert_eq!(group.plan_look(soon), Some(LOOK_AGAIN_EVERY * 3 / 4));
        assert_eq!(group.plan_look(soon), None);
        group.look_as_planned();
        assert_eq!(group.plan_look(now + 5 * LOOK_AGAIN_EVERY), Some(Duration::ZERO));
    }
}
