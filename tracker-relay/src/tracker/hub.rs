//! Soft state: the sessions, and the groups that they follow. All of it is gone with the connections it came
//! from. Locks are short and never held across an await; the hub's is taken before a group's.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use wire_protocol::control::{AnnounceRefusal, GroupChange, GroupEvent, TrackerToMember};
use wire_protocol::ids::{FileId, GroupId, MemberKey};

use super::announces::Told;
use super::bus::Span;
use super::followed::FollowedGroup;
use super::link_book::LinkBook;
use super::notices::Notice;
use super::outbox::Outbox;
use super::participant::Participant;
use super::session_id::SessionId;
use crate::limits::SESSIONS_PER_MEMBER;

/// Who is online, and what they follow.
#[derive(Debug)]
pub struct Hub {
    state: Mutex<State>,
    links: Arc<LinkBook>,
}

#[derive(Debug, Default)]
struct State {
    last_session: u64,
    by_member: HashMap<MemberKey, Vec<Arc<Participant>>>,
    groups: HashMap<GroupId, Arc<FollowedGroup>>,
}

/// A session in the hub; dropping it takes the session out, and its peers out of their swarms.
#[derive(Debug)]
pub struct Presence {
    hub: Arc<Hub>,
    participant: Arc<Participant>,
}

impl Presence {
    /// As the rest of the tracker sees the session.
    pub fn participant(&self) -> &Arc<Participant> {
        &self.participant
    }

    /// Which session.
    pub fn session(&self) -> SessionId {
        self.participant.session
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        self.hub.leave(&self.participant);
    }
}

impl Hub {
    /// Nobody is online. `links` hears of who comes, goes and leaves a group.
    pub fn new(links: Arc<LinkBook>) -> Self {
        Self { state: Mutex::default(), links }
    }

    /// Takes a session in; `None` if this member has too many.
    pub fn enter(self: &Arc<Self>, member: MemberKey, client: String, observed: IpAddr) -> Option<Presence> {
        let mut state = self.lock();
        if state.by_member.get(&member).is_some_and(|theirs| theirs.len() >= SESSIONS_PER_MEMBER) {
            return None;
        }
        state.last_session += 1;
        let session = SessionId(state.last_session);
        let participant = Arc::new(Participant { session, member, client, observed, outbox: Outbox::default() });
        state.by_member.entry(member).or_default().push(participant.clone());
        self.links.member_back(member);
        drop(state);
        Some(Presence { hub: self.clone(), participant })
    }

    /// Lets a session follow a group: it is read from the log, from event `seen` on, and then hears of
    /// everything that happens there.
    pub fn follow(&self, participant: &Arc<Participant>, group: GroupId, seen: Option<u64>) {
        self.lock().follow(participant, group, seen);
    }

    /// The session that read a group found that its member is not in it (any more). `false`: it has to be read
    /// once more.
    pub fn end_following(&self, participant: &Participant, group: GroupId) -> bool {
        // Locked first: nobody lets it follow anew in between.
        let mut state = self.lock();
        if !participant.outbox.caught_up(group, None) {
            return false;
        }
        if let Some(followed) = state.groups.get(&group) {
            followed.leave(participant.session);
            state.drop_if_deserted(group);
        }
        true
    }

    /// A group, if anybody here follows it.
    pub fn group(&self, group: GroupId) -> Option<Arc<FollowedGroup>> {
        self.lock().groups.get(&group).cloned()
    }

    /// Up to where a group was published; `None` if nobody here follows it.
    pub fn published(&self, group: GroupId) -> Option<u64> {
        self.group(group)?.published()
    }

    /// Events are missing: whoever follows the group reads it anew.
    pub fn lose(&self, group: GroupId) {
        if let Some(group) = self.group(group) {
            group.lose();
        }
    }

    /// Tells everybody concerned what is in the log, in its order. Who follows a group follows from it as well.
    pub fn publish(&self, events: &[GroupEvent]) {
        for event in events {
            match self.group(event.group) {
                Some(group) => group.publish(event, &self.links),
                // Links go on for a while without any session.
                None => self.links.on_change(event.group, &event.change),
            }
            match &event.change {
                GroupChange::Member(member) => self.lock().follow_with_all(member.key, event.group),
                GroupChange::MemberLeft(_) | GroupChange::MemberRemoved { .. } | GroupChange::Closed => {
                    self.lock().drop_if_deserted(event.group);
                }
                _ => {}
            }
        }
    }

    /// Tells some what only they are told.
    pub fn tell(&self, notice: &Notice) {
        match notice {
            Notice::LookAgain { group, member: Some(member) } => {
                if let Some(group) = self.group(*group) {
                    group.look_again(Some(*member));
                }
            }
            Notice::LookAgain { group, member: None } => {
                let planned = self.group(*group).and_then(|group| Some((group.plan_look(Instant::now())?, group)));
                match planned {
                    Some((Duration::ZERO, group)) => group.look_as_planned(),
                    Some((pause, group)) => drop(tokio::spawn(async move {
                        tokio::time::sleep(pause).await;
                        group.look_as_planned();
                    })),
                    None => {}
                }
            }
            Notice::PasskeysRevoked { group, passkeys } => {
                if let Some(followed) = self.group(*group) {
                    followed.revoke(passkeys);
                    self.lock().drop_if_deserted(*group);
                }
            }
            Notice::JoinRefused { member, group, slug } => {
                let message = TrackerToMember::JoinRefused { group: *group, slug: slug.clone() };
                for participant in self.lock().by_member.get(member).into_iter().flatten() {
                    participant.outbox.push(&message);
                }
            }
        }
    }

    /// An ordinary client announces in a group whose files, after event `seq`, are these, whether or not anybody follows it.
    /// Hands back what came of it, and what has to be published again as for [`FollowedGroup::learn`].
    pub fn announce_ordinary(
        &self,
        group: GroupId,
        (seq, files): (u64, Vec<FileId>),
        announce: impl FnOnce(&FollowedGroup) -> Result<Told, AnnounceRefusal>,
    ) -> (Result<Told, AnnounceRefusal>, Option<Span>) {
        // Locked until it is in: nobody drops the group in between.
        let mut state = self.lock();
        let followed = state.groups.entry(group).or_insert_with(|| Arc::new(FollowedGroup::new(group))).clone();
        let span = followed.learn(seq, files);
        let told = announce(&followed);
        state.drop_if_deserted(group);
        (told, span)
    }

    /// Ordinary clients that have not announced for too long leave the swarms.
    pub fn end_announced(&self, now: Instant) {
        let groups: Vec<_> = self.lock().groups.values().cloned().collect();
        for group in groups {
            group.end_announced(now);
            self.lock().drop_if_deserted(group.id());
        }
    }

    /// How many swarms have peers, and how many peers are in all of them.
    pub fn count_swarms(&self) -> (usize, usize) {
        let groups: Vec<_> = self.lock().groups.values().cloned().collect();
        let counts = groups.iter().map(|group| group.count_swarms());
        counts.fold((0, 0), |(swarms, peers), count| (swarms + count.0, peers + count.1))
    }

    fn leave(&self, participant: &Participant) {
        let mut state = self.lock();
        let session = participant.session;
        for group in participant.outbox.followed() {
            if let Some(followed) = state.groups.get(&group) {
                followed.leave(session);
                state.drop_if_deserted(group);
            }
        }
        let Some(theirs) = state.by_member.get_mut(&participant.member) else { return };
        theirs.retain(|other| other.session != session);
        if theirs.is_empty() {
            state.by_member.remove(&participant.member);
            self.links.member_gone(participant.member, Instant::now());
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn follow(&mut self, participant: &Arc<Participant>, group: GroupId, seen: Option<u64>) {
        let followed = self.groups.entry(group).or_insert_with(|| Arc::new(FollowedGroup::new(group)));
        followed.follow(participant.clone(), seen);
    }

    /// A member is in a group: those of their sessions that do not follow it yet do from now on.
    fn follow_with_all(&mut self, member: MemberKey, group: GroupId) {
        for participant in self.by_member.get(&member).cloned().unwrap_or_default() {
            let is_new = self.groups.get(&group).is_none_or(|it| !it.is_followed_by(participant.session));
            if is_new {
                self.follow(&participant, group, None);
            }
        }
    }

    fn drop_if_deserted(&mut self, group: GroupId) {
        if self.groups.get(&group).is_some_and(|followed| followed.is_deserted()) {
            self.groups.remove(&group);
        }
    }
}
