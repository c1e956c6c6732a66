//! What one session has been told of its groups' swarms. Nothing of them ever waits for a session: it looks
//! when its socket has room, and is told what is different since it last looked.
//!
//! A list that does not fit into one message is told in parts, in the order of names; what changes behind the
//! part that was told last is told with the next list.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::time::Instant;
use wire_protocol::control::{SwarmPeer, TrackerToMember};
use wire_protocol::ids::{FileId, GroupId};

use super::followed::FollowedGroup;
use super::participant::Participant;
use super::swarm::{PeerName, Swarm};
use super::swarms::Swarms;
use crate::limits::{SWARM_LIST_EVERY, SWARM_LOOK_EVERY, SWARM_PEERS_PER_MESSAGE};

/// What one session has been told of its groups' swarms.
#[derive(Debug, Default)]
pub struct Watching {
    groups: BTreeMap<GroupId, GroupWatch>,
    /// Groups that the look under way has not come to.
    to_look_at: Vec<GroupId>,
    /// When to look next; `None`: when nudged.
    next_look: Option<Instant>,
    /// Looks are not sooner than this.
    look_not_before: Option<Instant>,
}

#[derive(Debug)]
struct GroupWatch {
    group: Arc<FollowedGroup>,
    swarms: BTreeMap<FileId, Watch>,
}

/// What the session knows of one swarm.
#[derive(Debug, Default)]
struct Watch {
    /// Everything up to this moment; `None`: nothing.
    told: Option<u64>,
    /// A list of which a part is told.
    list: Option<Box<List>>,
    /// Not told again before this.
    not_before: Option<Instant>,
}

#[derive(Debug)]
struct List {
    /// Of what changed after this moment; `None`: of all.
    since: Option<u64>,
    /// True at this moment.
    moment: u64,
    /// The last peer that was told.
    at: PeerName,
}

/// What a look at one group brings.
enum Look {
    Messages(Vec<TrackerToMember>),
    /// There is more, but not before this.
    Later(Instant),
    Nothing,
    /// The session does not follow the group any more.
    Over,
}

impl Watching {
    /// The session is up to date in a group, and may look at its swarms.
    pub fn follow(&mut self, group: Arc<FollowedGroup>, now: Instant) {
        self.groups.entry(group.id()).or_insert_with(|| GroupWatch { group, swarms: BTreeMap::new() });
        self.look_at(now);
    }

    /// Something has changed in some swarm.
    pub fn nudge(&mut self, now: Instant) {
        let at = self.look_not_before.map_or(now, |not_before| not_before.max(now));
        self.look_at(at);
    }

    /// When there may be something to tell; `None`: not before [`Watching::nudge`].
    pub fn wakes_at(&self) -> Option<Instant> {
        self.next_look
    }

    /// What to tell next, if anything now.
    pub fn next(&mut self, receiver: &Participant, now: Instant) -> Option<Vec<TrackerToMember>> {
        if self.to_look_at.is_empty() && self.next_look.is_some_and(|at| at <= now) {
            self.next_look = None;
            self.look_not_before = Some(now + SWARM_LOOK_EVERY);
            // Taken from the end.
            self.to_look_at = self.groups.keys().rev().copied().collect();
        }
        while let Some(&group) = self.to_look_at.last() {
            let look = self.groups.get_mut(&group).map_or(Look::Nothing, |watch| watch.look(receiver, now));
            match look {
                Look::Messages(messages) => return Some(messages),
                Look::Later(at) => self.look_at(at),
                Look::Nothing => {}
                Look::Over => {
                    self.groups.remove(&group);
                }
            }
            self.to_look_at.pop();
        }
        self.to_look_at = Vec::new();
        None
    }

    fn look_at(&mut self, at: Instant) {
        self.next_look = Some(self.next_look.map_or(at, |before| before.min(at)));
    }
}

impl GroupWatch {
    fn look(&mut self, receiver: &Participant, now: Instant) -> Look {
        let Self { group, swarms: watches } = self;
        let id = group.id();
        group.look(receiver.session, |swarms| look(id, swarms, watches, receiver, now)).unwrap_or(Look::Over)
    }
}

fn look(
    group: GroupId,
    swarms: &Swarms,
    watches: &mut BTreeMap<FileId, Watch>,
    receiver: &Participant,
    now: Instant,
) -> Look {
    watches.retain(|file, _| swarms.has_file(*file));
    for (file, _) in swarms.iter() {
        watches.entry(file).or_default();
    }
    let mut later: Option<Instant> = None;
    for (&file, watch) in watches {
        let swarm = swarms.get(file);
        match watch.is_due(swarm, now) {
            Due::Now => {}
            Due::At(at) => {
                later = Some(later.map_or(at, |before| before.min(at)));
                continue;
            }
            Due::Never => continue,
        }
        if let Some(Told { all, peers, left }) = watch.tell(swarm, swarms.now(), receiver, now) {
            let mut messages = vec![TrackerToMember::SwarmPeers { group, file, all, peers }];
            messages.extend(left.iter().map(|name| TrackerToMember::SwarmLeft { group, file, peer: name.peer }));
            return Look::Messages(messages);
        }
    }
    later.map_or(Look::Nothing, Look::Later)
}

enum Due {
    Now,
    At(Instant),
    Never,
}

/// A part of a list.
#[derive(Debug, PartialEq, Eq)]
struct Told {
    all: bool,
    peers: Vec<SwarmPeer>,
    left: Vec<PeerName>,
}

impl Watch {
    fn is_due(&self, swarm: Option<&Swarm>, now: Instant) -> Due {
        let changed = swarm.map_or(0, Swarm::changed);
        if self.list.is_none() && self.told.is_some_and(|told| told >= changed) {
            return Due::Never;
        }
        match self.not_before.filter(|at| self.list.is_none() && *at > now) {
            Some(at) => Due::At(at),
            None => Due::Now,
        }
    }

    /// The next part; `None`: nothing is different for this receiver.
    fn tell(&mut self, swarm: Option<&Swarm>, moment: u64, receiver: &Participant, now: Instant) -> Option<Told> {
        let Some(swarm) = swarm else {
            self.told = Some(moment);
            return Some(Told { all: true, peers: Vec::new(), left: Vec::new() });
        };
        let (mut since, moment, at) = match self.list.take() {
            Some(list) => (list.since, list.moment, Some(list.at)),
            None => (self.told, swarm.changed(), None),
        };
        let mut left = Vec::new();
        if at.is_none() {
            // Not remembered: all of it once more.
            match since.and_then(|since| swarm.left_since(since)) {
                Some(gone) => left = gone,
                None => since = None,
            }
        }
        let mut changed = swarm.changed_since(since.unwrap_or(0), at).filter(|it| it.session != receiver.session);
        let part: Vec<_> = changed.by_ref().take(SWARM_PEERS_PER_MESSAGE).collect();
        let all = since.is_none() && at.is_none();
        let is_something = all || !part.is_empty() || !left.is_empty();
        match part.last().filter(|_| changed.next().is_some()) {
            Some(last) => self.list = Some(Box::new(List { since, moment, at: last.name() })),
            None => {
                self.told = Some(moment);
                if is_something {
                    self.not_before = Some(now + SWARM_LIST_EVERY);
                }
            }
        }
        let peers = part.iter().map(|entry| entry.seen_from(receiver.observed)).collect();
        is_something.then_some(Told { all, peers, left })
    }
}
