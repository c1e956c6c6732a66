//! Soft state: the sessions, which groups they follow, and who is in which swarm now. All of it is
//! gone with the connection it came from. One short lock, never held across an await; the link book is
//! told of who comes and goes while it is held, so that no link is granted to somebody who has just left.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::time::Instant;
use wire_protocol::control::{Announce, DialRefusal, GroupChange, GroupEvent, Progress, SwarmPeer, TrackerToMember};
use wire_protocol::ids::{FileId, GroupId, LinkId, MemberKey, PeerId};

use super::change::Effect;
use super::link_book::{LinkBook, Pair, Side};
use super::outbox::{Outbox, encode};
use super::snapshot::CatchUp;
use super::swarm::{Swarm, SwarmEntry, dialable};
use crate::limits::{ANNOUNCES_PER_SESSION, PEERS_PER_SWARM, SESSIONS_PER_MEMBER, SWARM_PEERS_PER_MESSAGE};

/// One control connection after login.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId(pub u64);

/// What the hub knows of a session.
#[derive(Debug, Clone)]
pub struct Arrival {
    /// Who.
    pub member: MemberKey,
    /// What they call themselves.
    pub display_name: String,
    /// Program and version.
    pub client: String,
    /// Where the tracker sees them come from.
    pub observed: IpAddr,
    /// Where their messages go.
    pub outbox: Arc<Outbox>,
}

/// Who is online, what they follow, and the swarms.
#[derive(Debug)]
pub struct Hub {
    state: Mutex<State>,
    links: Arc<LinkBook>,
}

#[derive(Debug, Default)]
struct State {
    last_session: u64,
    sessions: HashMap<SessionId, Session>,
    by_member: HashMap<MemberKey, Vec<SessionId>>,
    /// Groups that somebody follows.
    rooms: HashMap<GroupId, Room>,
}

#[derive(Debug)]
struct Session {
    arrival: Arrival,
    groups: BTreeSet<GroupId>,
    announced: BTreeSet<(GroupId, FileId)>,
}

#[derive(Debug, Default)]
struct Room {
    sessions: BTreeSet<SessionId>,
    files: HashSet<FileId>,
    swarms: HashMap<FileId, Swarm>,
}

/// A session in the hub; dropping it takes the session out, and its peers out of their swarms.
#[derive(Debug)]
pub struct Presence {
    hub: Arc<Hub>,
    /// Which session.
    pub session: SessionId,
}

impl Drop for Presence {
    fn drop(&mut self) {
        let mut state = self.hub.lock();
        if let Some(member) = state.leave(self.session) {
            self.hub.links.member_gone(member, Instant::now());
        }
    }
}

/// An announce that was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAnnounced;

/// Both ends of a link to be.
#[derive(Debug)]
pub struct Ends {
    /// Who asks, as the other sees it.
    pub dialer: SwarmEntry,
    /// Who is asked, as the other sees it.
    pub acceptor: SwarmEntry,
}

impl Hub {
    /// Nobody is online. `links` hears of who comes, goes and leaves a group.
    pub fn new(links: Arc<LinkBook>) -> Self {
        Self { state: Mutex::default(), links }
    }

    /// Takes a session in; `None` if this member has too many.
    pub fn enter(self: &Arc<Self>, arrival: Arrival) -> Option<Presence> {
        let mut state = self.lock();
        let member = arrival.member;
        if state.by_member.get(&member).is_some_and(|theirs| theirs.len() >= SESSIONS_PER_MEMBER) {
            return None;
        }
        state.last_session += 1;
        let session = SessionId(state.last_session);
        state.by_member.entry(member).or_default().push(session);
        let entry = Session { arrival, groups: BTreeSet::new(), announced: BTreeSet::new() };
        state.sessions.insert(session, entry);
        self.links.member_back(member);
        drop(state);
        Some(Presence { hub: self.clone(), session })
    }

    /// Brings a session up to date in one group and lets it follow from there. Called by the ledger,
    /// between two commits, so that no event is missed or doubled.
    pub fn follow(&self, session: SessionId, group: GroupId, catch_up: CatchUp) {
        self.lock().follow(session, group, catch_up);
    }

    /// Tells everybody concerned what was committed. Called by the ledger, in the order of commits.
    pub fn publish(&self, effects: Vec<Effect>) {
        let mut state = self.lock();
        for effect in effects {
            match effect {
                Effect::Event(event) => {
                    state.publish_event(&event);
                    if let GroupChange::MemberLeft(member) = event.change {
                        self.links.member_left(event.group, member);
                    }
                }
                Effect::Joined { member, snapshot } => {
                    let sessions = state.by_member.get(&member).cloned().unwrap_or_default();
                    for session in sessions {
                        state.follow(session, snapshot.group, CatchUp::Whole(snapshot.clone()));
                    }
                }
                Effect::Renamed { member, display_name } => state.rename(member, &display_name),
            }
        }
    }

    /// Puts a session into a swarm, or tells how far it is.
    ///
    /// # Errors
    /// [`NotAnnounced`]: not in the group, no such file, a bound, or somebody else's peer id.
    pub fn announce(&self, session: SessionId, announce: &Announce) -> Result<(), NotAnnounced> {
        self.lock().announce(session, announce)
    }

    /// Takes a session out of a swarm.
    pub fn withdraw(&self, session: SessionId, group: GroupId, file: FileId) {
        self.lock().withdraw(session, group, file);
    }

    /// Finds both ends of a link that `session` asks for, and notes the link.
    ///
    /// # Errors
    /// [`DialRefusal`].
    pub fn dial(
        &self,
        session: SessionId,
        group: GroupId,
        file: FileId,
        to: PeerId,
        now_ms: u64,
    ) -> Result<(LinkId, Ends), DialRefusal> {
        let state = self.lock();
        let swarm = state.rooms.get(&group).and_then(|room| room.swarms.get(&file)).ok_or(DialRefusal::NotAnnounced)?;
        let dialer = swarm.of_session(session).ok_or(DialRefusal::NotAnnounced)?;
        let acceptor = swarm.peers.get(&to).filter(|entry| entry.session != session).ok_or(DialRefusal::NoSuchPeer)?;
        let pair = Pair::new(group, file, dialer.peer.peer, to);
        let side = |entry: &SwarmEntry| Side { session: entry.session, member: entry.peer.member };
        let link = self.links.grant(pair, side(dialer), side(acceptor), now_ms)?;
        Ok((link, Ends { dialer: dialer.clone(), acceptor: acceptor.clone() }))
    }

    /// Sends one message to one session.
    pub fn send(&self, session: SessionId, message: &TrackerToMember) {
        let message = encode(message);
        if let Some(entry) = self.lock().sessions.get(&session) {
            entry.arrival.outbox.push_encoded(message);
        }
    }

    /// Members of a group that are online.
    pub fn members_online(&self, group: GroupId) -> u32 {
        let state = self.lock();
        let Some(room) = state.rooms.get(&group) else { return 0 };
        let members: HashSet<MemberKey> =
            room.sessions.iter().filter_map(|session| Some(state.sessions.get(session)?.arrival.member)).collect();
        members.len() as u32
    }

    /// Seeders and leechers of a file now.
    pub fn seeders_and_leechers(&self, group: GroupId, file: FileId) -> (u32, u32) {
        let state = self.lock();
        let swarm = state.rooms.get(&group).and_then(|room| room.swarms.get(&file));
        swarm.map_or((0, 0), Swarm::seeders_and_leechers)
    }

    /// How many swarms there are, and peers in all of them.
    pub fn count_swarms(&self) -> (usize, usize) {
        let state = self.lock();
        let swarms = state.rooms.values().flat_map(|room| room.swarms.values());
        swarms.fold((0, 0), |(swarms, peers), swarm| (swarms + 1, peers + swarm.peers.len()))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn follow(&mut self, session: SessionId, group: GroupId, catch_up: CatchUp) {
        let Some(entry) = self.sessions.get_mut(&session) else { return };
        let outbox = entry.arrival.outbox.clone();
        let files = match catch_up {
            CatchUp::Farewell(events) => return push_events(&outbox, events),
            CatchUp::Gone => return outbox.push(&TrackerToMember::GroupGone { group }),
            CatchUp::Missed { events, files } => {
                push_events(&outbox, events);
                files
            }
            CatchUp::Whole(snapshot) => {
                let files = snapshot.files.iter().map(|card| card.file).collect();
                outbox.push(&TrackerToMember::Snapshot(snapshot));
                files
            }
        };
        entry.groups.insert(group);
        let room = self.rooms.entry(group).or_default();
        room.sessions.insert(session);
        room.files = files.into_iter().collect();
        for (&file, swarm) in &room.swarms {
            push_swarm(&outbox, group, file, swarm, session);
        }
    }

    fn publish_event(&mut self, event: &GroupEvent) {
        let group = event.group;
        let Some(room) = self.rooms.get_mut(&group) else { return };
        match &event.change {
            GroupChange::File(card) => {
                room.files.insert(card.file);
            }
            GroupChange::FileRemoved(file) => {
                room.files.remove(file);
                for entry in room.swarms.remove(file).into_iter().flat_map(|swarm| swarm.peers.into_values()) {
                    if let Some(session) = self.sessions.get_mut(&entry.session) {
                        session.announced.remove(&(group, *file));
                    }
                }
            }
            _ => {}
        }
        self.send_to_room(group, encode(&TrackerToMember::Event(event.clone())), None);
        if let GroupChange::MemberLeft(member) = event.change {
            for session in self.by_member.get(&member).cloned().unwrap_or_default() {
                self.unfollow(session, group);
            }
        }
    }

    fn announce(&mut self, session: SessionId, announce: &Announce) -> Result<(), NotAnnounced> {
        let Announce { group, file, peer, .. } = *announce;
        check_progress(announce.progress)?;
        let entry = self.sessions.get_mut(&session).ok_or(NotAnnounced)?;
        let room = self.rooms.get_mut(&group).ok_or(NotAnnounced)?;
        if !room.sessions.contains(&session) || !room.files.contains(&file) {
            return Err(NotAnnounced);
        }
        if !entry.announced.contains(&(group, file)) && entry.announced.len() >= ANNOUNCES_PER_SESSION {
            return Err(NotAnnounced);
        }
        let member = entry.arrival.member;
        let swarm = room.swarms.entry(file).or_default();
        // A peer id belongs to its member. The same member's newer connection takes it over: the
        // older one may be dead without anybody having noticed yet.
        if swarm.peers.get(&peer).is_some_and(|holder| holder.peer.member != member) {
            return Err(NotAnnounced);
        }
        let before = swarm.of_session(session).map(|entry| entry.peer.peer);
        if before.is_none() && swarm.peers.len() >= PEERS_PER_SWARM {
            return Err(NotAnnounced);
        }
        entry.announced.insert((group, file));
        let seen = SwarmPeer {
            peer,
            member,
            display_name: entry.arrival.display_name.clone(),
            client: entry.arrival.client.clone(),
            progress: announce.progress,
            tcp: dialable(announce.listen.as_ref(), entry.arrival.observed),
        };
        let outbox = entry.arrival.outbox.clone();
        if let Some(before) = before.filter(|before| *before != peer) {
            swarm.peers.remove(&before);
            self.send_to_room(group, encode(&TrackerToMember::SwarmLeft { group, file, peer: before }), Some(session));
        }
        let Some(swarm) = self.rooms.get_mut(&group).and_then(|room| room.swarms.get_mut(&file)) else {
            return Err(NotAnnounced);
        };
        swarm.peers.insert(peer, SwarmEntry { session, peer: seen.clone() });
        if before.is_none() {
            push_swarm_even_if_empty(&outbox, group, file, swarm, session);
        }
        let delta = TrackerToMember::SwarmPeers { group, file, all: false, peers: vec![seen] };
        self.send_to_room(group, encode(&delta), Some(session));
        Ok(())
    }

    fn withdraw(&mut self, session: SessionId, group: GroupId, file: FileId) {
        let Some(entry) = self.sessions.get_mut(&session) else { return };
        if !entry.announced.remove(&(group, file)) {
            return;
        }
        let Some(room) = self.rooms.get_mut(&group) else { return };
        let Some(swarm) = room.swarms.get_mut(&file) else { return };
        // Not there if a newer connection has taken the peer over.
        let Some(peer) = swarm.of_session(session).map(|entry| entry.peer.peer) else { return };
        swarm.peers.remove(&peer);
        if swarm.peers.is_empty() {
            room.swarms.remove(&file);
        }
        self.send_to_room(group, encode(&TrackerToMember::SwarmLeft { group, file, peer }), Some(session));
    }

    fn rename(&mut self, member: MemberKey, display_name: &str) {
        for session in self.by_member.get(&member).cloned().unwrap_or_default() {
            let Some(entry) = self.sessions.get_mut(&session) else { continue };
            entry.arrival.display_name = display_name.to_owned();
            let announced = entry.announced.clone();
            for (group, file) in announced {
                self.rename_peer(session, group, file, display_name);
            }
        }
    }

    fn rename_peer(&mut self, session: SessionId, group: GroupId, file: FileId, display_name: &str) {
        let swarm = self.rooms.get_mut(&group).and_then(|room| room.swarms.get_mut(&file));
        let Some(entry) = swarm.and_then(|swarm| swarm.peers.values_mut().find(|entry| entry.session == session))
        else {
            return;
        };
        entry.peer.display_name = display_name.to_owned();
        let peers = vec![entry.peer.clone()];
        let delta = TrackerToMember::SwarmPeers { group, file, all: false, peers };
        self.send_to_room(group, encode(&delta), Some(session));
    }

    fn unfollow(&mut self, session: SessionId, group: GroupId) {
        let Some(entry) = self.sessions.get_mut(&session) else { return };
        entry.groups.remove(&group);
        let files: Vec<FileId> = entry.announced.iter().filter(|(g, _)| *g == group).map(|(_, file)| *file).collect();
        for file in files {
            self.withdraw(session, group, file);
        }
        if let Some(room) = self.rooms.get_mut(&group) {
            room.sessions.remove(&session);
            if room.sessions.is_empty() {
                self.rooms.remove(&group);
            }
        }
    }

    /// The member, if this was their last session.
    fn leave(&mut self, session: SessionId) -> Option<MemberKey> {
        let groups = self.sessions.get(&session).map(|entry| entry.groups.clone()).unwrap_or_default();
        for group in groups {
            self.unfollow(session, group);
        }
        let member = self.sessions.remove(&session)?.arrival.member;
        let theirs = self.by_member.get_mut(&member)?;
        theirs.retain(|other| *other != session);
        if !theirs.is_empty() {
            return None;
        }
        self.by_member.remove(&member);
        Some(member)
    }

    fn send_to_room(&self, group: GroupId, message: Bytes, except: Option<SessionId>) {
        let Some(room) = self.rooms.get(&group) else { return };
        for session in room.sessions.iter().filter(|session| Some(**session) != except) {
            if let Some(entry) = self.sessions.get(session) {
                entry.arrival.outbox.push_encoded(message.clone());
            }
        }
    }
}

fn check_progress(progress: Progress) -> Result<(), NotAnnounced> {
    match progress {
        Progress::Preparing(per_mille) if per_mille <= 1000 => Ok(()),
        Progress::Pieces { have, total } if have <= total && total > 0 => Ok(()),
        _ => Err(NotAnnounced),
    }
}

fn push_events(outbox: &Outbox, events: Vec<GroupEvent>) {
    for event in events {
        outbox.push(&TrackerToMember::Event(event));
    }
}

/// All peers but the receiver's own, if there are any.
fn push_swarm(outbox: &Outbox, group: GroupId, file: FileId, swarm: &Swarm, receiver: SessionId) {
    if swarm.peers.values().any(|entry| entry.session != receiver) {
        push_swarm_even_if_empty(outbox, group, file, swarm, receiver);
    }
}

fn push_swarm_even_if_empty(outbox: &Outbox, group: GroupId, file: FileId, swarm: &Swarm, receiver: SessionId) {
    let peers: Vec<SwarmPeer> =
        swarm.peers.values().filter(|entry| entry.session != receiver).map(|entry| entry.peer.clone()).collect();
    let mut chunks = peers.chunks(SWARM_PEERS_PER_MESSAGE);
    // The first message replaces what the receiver knew, the others add to it.
    let first = chunks.next().unwrap_or_default().to_vec();
    outbox.push(&TrackerToMember::SwarmPeers { group, file, all: true, peers: first });
    for chunk in chunks {
        outbox.push(&TrackerToMember::SwarmPeers { group, file, all: false, peers: chunk.to_vec() });
    }
}
