//! What one session has been told of its groups' swarms. Nothing of them ever waits for a session: it looks
//! when its socket has room, and is told what is different since it last looked.
//!
//! A list that does not fit into one message is told in parts, in the order of names; what changes behind the
//! part that was told last is told with the next list.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use tokio::time::Instant;
use wire_protocol::control::{PeerName, SwarmCounts, SwarmName, SwarmPeer, SwarmPeers, TrackerToMember};
use wire_protocol::ids::{FileId, GroupId};

use super::followed::FollowedGroup;
use super::participant::Participant;
use super::swarm::Swarm;
use super::swarms::Swarms;
use crate::limits::{SWARM_LIST_EVERY, SWARM_LOOK_EVERY, SWARM_PEERS_PER_MESSAGE, WATCHES_PER_SESSION};

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
    /// The counts of all swarms are told up to this moment.
    counted: u64,
    /// They are not told again before this.
    count_not_before: Option<Instant>,
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
    /// Where ordinary clients are, as it was told; `None`: it need not know.
    addresses: Option<Vec<IpAddr>>,
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
    Message(Box<TrackerToMember>),
    /// There is more, but not before this.
    Later(Instant),
    Nothing,
    /// The session does not follow the group any more.
    Over,
}

impl Watching {
    /// The session is up to date in a group, and may look at its swarms. `is_anew`: the member may have
    /// forgotten what they were told before. Hands back how many are in the swarms now.
    pub fn follow(
        &mut self,
        group: Arc<FollowedGroup>,
        is_anew: bool,
        receiver: &Participant,
        now: Instant,
    ) -> Option<SwarmCounts> {
        let id = group.id();
        let is_known = self.groups.get(&id).is_some_and(|known| Arc::ptr_eq(&known.group, &group));
        let (counted, counts) = group.look(receiver.session, |swarms| (swarms.now(), swarms.counts_since(None)))?;
        if !is_known {
            let watch = GroupWatch { group, swarms: BTreeMap::new(), counted, count_not_before: None };
            self.groups.insert(id, watch);
        } else if is_anew {
            let known = self.groups.get_mut(&id)?;
            known.counted = counted;
            known.swarms.values_mut().for_each(|watch| *watch = Watch::default());
        } else {
            return None;
        }
        self.look_at(now);
        (!counts.is_empty()).then_some(SwarmCounts { group: id, all: true, counts })
    }

    /// From now on the session hears of the peers of a swarm. Nothing new if it does already. `false`: there
    /// is no such file in the groups that it follows, or it watches too many.
    pub fn watch(&mut self, swarm: SwarmName, receiver: &Participant, now: Instant) -> bool {
        let watched: usize = self.groups.values().map(|group| group.swarms.len()).sum();
        let Some(group) = self.groups.get_mut(&swarm.group) else { return false };
        if group.swarms.contains_key(&swarm.file) {
            return true;
        }
        let has_file = group.group.look(receiver.session, |swarms| swarms.has_file(swarm.file));
        if has_file != Some(true) || watched >= WATCHES_PER_SESSION {
            return false;
        }
        group.swarms.insert(swarm.file, Watch::default());
        self.look_at(now);
        true
    }

    /// The session hears no more of the peers of a swarm.
    pub fn unwatch(&mut self, swarm: SwarmName) {
        if let Some(group) = self.groups.get_mut(&swarm.group) {
            group.swarms.remove(&swarm.file);
        }
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
    pub fn next(&mut self, receiver: &Participant, now: Instant) -> Option<TrackerToMember> {
        if self.to_look_at.is_empty() && self.next_look.is_some_and(|at| at <= now) {
            self.next_look = None;
            receiver.outbox.begin_look();
            self.look_not_before = Some(now + SWARM_LOOK_EVERY);
            // Taken from the end.
            self.to_look_at = self.groups.keys().rev().copied().collect();
        }
        while let Some(&group) = self.to_look_at.last() {
            let look = self.groups.get_mut(&group).map_or(Look::Nothing, |watch| watch.look(receiver, now));
            match look {
                Look::Message(message) => return Some(*message),
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
        let group = self.group.clone();
        group.look(receiver.session, |swarms| self.look_at(swarms, receiver, now)).unwrap_or(Look::Over)
    }

    fn look_at(&mut self, swarms: &Swarms, receiver: &Participant, now: Instant) -> Look {
        let group = self.group.id();
        self.swarms.retain(|file, _| swarms.has_file(*file));
        let mut later = Later::default();
        for (&file, watch) in &mut self.swarms {
            let swarm = swarms.get(file);
            match watch.is_due(swarm, now) {
                Due::Now => {}
                Due::At(at) => {
                    later.add(at);
                    continue;
                }
                Due::Never => continue,
            }
            if let Some(addresses) = watch.tell_addresses(swarm, receiver) {
                let swarm = SwarmName { group, file };
                return Look::Message(Box::new(TrackerToMember::SwarmAddresses { swarm, addresses }));
            }
            if let Some(Told { all, peers, left }) = watch.tell(swarm, swarms.now(), receiver, now) {
                let swarm = SwarmName { group, file };
                let news = TrackerToMember::SwarmPeers(SwarmPeers { swarm, all, peers, left });
                return Look::Message(Box::new(news));
            }
        }
        let counts = swarms.counts_since(Some(self.counted));
        match self.count_not_before.filter(|at| *at > now) {
            Some(at) if !counts.is_empty() => later.add(at),
            None if !counts.is_empty() => {
                self.counted = swarms.now();
                self.count_not_before = Some(now + SWARM_LIST_EVERY);
                let news = TrackerToMember::SwarmCounts(SwarmCounts { group, all: false, counts });
                return Look::Message(Box::new(news));
            }
            _ => {}
        }
        later.0.map_or(Look::Nothing, Look::Later)
    }
}

/// The soonest of several moments.
#[derive(Default)]
struct Later(Option<Instant>);

impl Later {
    fn add(&mut self, at: Instant) {
        self.0 = Some(self.0.map_or(at, |before| before.min(at)));
    }
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

    /// Where ordinary clients are, if the receiver has to be told: those who take plain connections, or make them, are told once
    /// and whenever it is different, and nobody else.
    fn tell_addresses(&mut self, swarm: Option<&Swarm>, receiver: &Participant) -> Option<Vec<IpAddr>> {
        let offers = swarm.and_then(|swarm| swarm.of_session(receiver.session)).map(|entry| entry.peer.offers);
        let is_concerned = offers.is_some_and(|offers| offers.plain || offers.bridge);
        let now = swarm.filter(|_| is_concerned).map(Swarm::announced_from);
        if now == self.addresses {
            return None;
        }
        self.addresses = now;
        Some(self.addresses.clone().unwrap_or_default())
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
        let mut changed = swarm.changed_since(since.unwrap_or(0), at).filter(|it| it.session != Some(receiver.session));
        let part: Vec<_> = changed.by_ref().take(SWARM_PEERS_PER_MESSAGE).collect();
        let all = since.is_none() && at.is_none();
        let is_something = all || !part.is_empty() || !left.is_empty();
        match part.last().filter(|_| changed.next().is_some()) {
            Some(last) => self.list = Some(Box::new(List { since, moment, at: last.peer.name })),
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

#[cfg(test)]
mod tests;
