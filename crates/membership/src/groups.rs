//! Replicas of the tracker's groups, fed by snapshots and events.
//!
//! ```text
//!                  Snapshot                MemberLeft(me), before Synced
//!   (unknown) ────────────────► Followed ─────────────────────────────────► Left
//!                                │    ▲  ◄──────── Member(me) ───────────────┤
//!   an event is missing, logged  │    │ Snapshot                             │ Synced
//!   in without its resume point, ▼    │                                      ▼
//!   or another history          Stale ┴──────────────── Synced ──────────► (gone)
//! ```
//!
//! After Synced, `MemberLeft(me)` leads from Followed to (gone); `GroupGone` always does. `MemberRemoved(me)` is as
//! `MemberLeft(me)`, and so is `Closed`, after which nothing comes. A device that slept while its
//! person left and joined again thus goes on.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use wire_protocol::control::{
    GoneReason, GroupChange, GroupEvent, GroupSnapshot, Member, RESUME_POINTS_MAX, ResumePoint, SwarmCounts, SwarmName,
    SwarmPeers,
};
use wire_protocol::ids::{GroupId, HistoryId, MemberKey};
use wire_protocol::invite::SLUG_LEN_MAX;

use crate::group::{Group, SealedKey};
use wire_protocol::text::display_text;

/// Groups that are kept.
const GROUPS_MAX: usize = 256;
/// In nobody's history: the tracker sends a snapshot, or says that the group is gone.
const DAMAGED_SEQ: u64 = u64::MAX;

/// What came of an event.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Applied {
    /// The group changed.
    Changed,
    /// This member is not in the group any more; it is forgotten.
    Gone(GoneReason),
    /// Seen before, or of a group that is not known (one that was just left).
    Ignored,
    /// An event is missing; the group is fetched anew on the next connection.
    Gap,
}

/// How a replica stands to the tracker's group. The module's documentation draws it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// Events continue it.
    Followed,
    /// Shown until a snapshot replaces it; events do not go with it.
    Stale,
    /// This member left or was removed, and may have come back while it was away: later events tell.
    Left(GoneReason),
}

#[derive(Debug)]
struct Replica {
    /// Its `seq` counts in this one.
    history: HistoryId,
    standing: Standing,
    /// An event was missed.
    is_damaged: bool,
}

/// All groups of this member.
#[derive(Debug)]
pub(crate) struct Groups {
    known: BTreeMap<GroupId, Arc<Group>>,
    /// One for every known group.
    replicas: BTreeMap<GroupId, Replica>,
    /// Of this connection, or the last one.
    history: HistoryId,
    /// This connection's tracker has told all.
    is_synced: bool,
}

impl Default for Groups {
    fn default() -> Self {
        let history = HistoryId([0; HistoryId::LEN]);
        Self { known: BTreeMap::new(), replicas: BTreeMap::new(), history, is_synced: false }
    }
}

impl Groups {
    pub(crate) fn known(&self) -> &BTreeMap<GroupId, Arc<Group>> {
        &self.known
    }

    pub(crate) fn is_synced(&self) -> bool {
        self.is_synced
    }

    // ------------------------------------------------------------ a connection begins

    pub(crate) fn resume_points(&self) -> Vec<ResumePoint> {
        let point = |(group, replica): (&GroupId, &Replica)| {
            let seq = if replica.is_damaged { DAMAGED_SEQ } else { self.known.get(group)?.seq };
            Some(ResumePoint { group: *group, history: replica.history, seq })
        };
        self.replicas.iter().filter_map(point).take(RESUME_POINTS_MAX).collect()
    }

    /// The login said `resumed`: only these groups can go on from where they are, the others come whole.
    pub(crate) fn on_login(&mut self, resumed: &[ResumePoint]) {
        self.is_synced = false;
        for (group, replica) in &mut self.replicas {
            let goes_on = !replica.is_damaged && resumed.iter().any(|point| point.group == *group);
            replica.standing = match replica.standing {
                _ if !goes_on => Standing::Stale,
                // Whether it is back is still to be told.
                Standing::Left(why) => Standing::Left(why),
                Standing::Followed | Standing::Stale => Standing::Followed,
            };
        }
    }

    /// What is of another history than the tracker's comes whole.
    pub(crate) fn on_welcome(&mut self, history: HistoryId) {
        self.history = history;
        for replica in self.replicas.values_mut().filter(|replica| replica.history != history) {
            replica.standing = Standing::Stale;
        }
    }

    /// The tracker has told all: forgets, and returns, what it has not.
    pub(crate) fn on_synced(&mut self) -> Vec<(GroupId, GoneReason)> {
        self.is_synced = true;
        let gone = self.replicas.iter().filter_map(|(group, replica)| match replica.standing {
            Standing::Followed => None,
            // Not told how.
            Standing::Stale => Some((*group, GoneReason::Left)),
            Standing::Left(why) => Some((*group, why)),
        });
        let gone: Vec<_> = gone.collect();
        for (group, _) in &gone {
            self.forget(*group);
        }
        gone
    }

    /// A new connection: the tracker sends who is there now. Returns the swarms that had peers.
    pub(crate) fn forget_presence(&mut self) -> Vec<SwarmName> {
        let mut changed = Vec::new();
        for (id, group) in &mut self.known {
            let had_peers = group.swarms.iter().filter(|(_, peers)| !peers.is_empty());
            changed.extend(had_peers.map(|(file, _)| SwarmName { group: *id, file: *file }));
            if !(group.swarms.is_empty() && group.counts.is_empty() && group.announced_from.is_empty()) {
                let group = Arc::make_mut(group);
                group.swarms.clear();
                group.counts.clear();
                group.announced_from.clear();
            }
        }
        changed
    }

    // ------------------------------------------------------------ what the tracker says

    /// Replaces the group, except for who is there. `false`: there are too many groups.
    pub(crate) fn replace(&mut self, snapshot: GroupSnapshot) -> bool {
        let id = snapshot.group;
        if !self.known.contains_key(&id) && self.known.len() >= GROUPS_MAX {
            return false;
        }
        let before = self.known.remove(&id).map(Arc::unwrap_or_clone).unwrap_or_default();
        self.insert(id, Group::from_snapshot(snapshot, before));
        true
    }

    fn insert(&mut self, id: GroupId, group: Group) {
        self.known.insert(id, Arc::new(group));
        let replica = Replica { history: self.history, standing: Standing::Followed, is_damaged: false };
        self.replicas.insert(id, replica);
    }

    pub(crate) fn apply(&mut self, event: GroupEvent, me: MemberKey) -> Applied {
        let is_creation = event.seq == 1 && matches!(event.change, GroupChange::Created { .. });
        if is_creation && !self.known.contains_key(&event.group) && self.known.len() < GROUPS_MAX {
            self.insert(event.group, Group::default());
        }
        let (Some(group), Some(replica)) = (self.known.get_mut(&event.group), self.replicas.get_mut(&event.group))
        else {
            return Applied::Ignored;
        };
        if event.seq <= group.seq || replica.standing == Standing::Stale {
            return Applied::Ignored;
        }
        if event.seq != group.seq + 1 {
            replica.standing = Standing::Stale;
            replica.is_damaged = true;
            return Applied::Gap;
        }
        match &event.change {
            GroupChange::MemberLeft(left) if *left == me => replica.standing = Standing::Left(GoneReason::Left),
            GroupChange::MemberRemoved { member, .. } if *member == me => {
                replica.standing = Standing::Left(GoneReason::Removed);
            }
            GroupChange::Closed => replica.standing = Standing::Left(GoneReason::Closed),
            GroupChange::Member(Member { key, .. }) if *key == me => replica.standing = Standing::Followed,
            _ => {}
        }
        if let (true, Standing::Left(why)) = (self.is_synced, replica.standing) {
            self.forget(event.group);
            return Applied::Gone(why);
        }
        Arc::make_mut(group).apply(event);
        Applied::Changed
    }

    pub(crate) fn forget(&mut self, group: GroupId) -> bool {
        self.replicas.remove(&group);
        self.known.remove(&group).is_some()
    }

    /// The reply to creating a group says what its slug is; its events do not.
    pub(crate) fn set_slug(&mut self, group: GroupId, slug: &str) -> bool {
        let unnamed = self.known.get_mut(&group).filter(|group| group.slug.is_empty());
        unnamed.is_some_and(|group| {
            Arc::make_mut(group).slug = display_text(slug, SLUG_LEN_MAX);
            true
        })
    }

    // ------------------------------------------------------------ what is this member's alone

    pub(crate) fn set_ticket(&mut self, group: GroupId, ticket: Bytes) -> bool {
        self.change(group, |group| group.ticket = Some(ticket))
    }

    /// `false`: it is of another epoch, or the group is not known.
    pub(crate) fn set_key(&mut self, group: GroupId, key: SealedKey) -> bool {
        let is_current = self.known.get(&group).is_some_and(|group| group.epoch == key.epoch);
        is_current && self.change(group, |group| group.key = Some(key))
    }

    // ------------------------------------------------------------ who is there

    pub(crate) fn put_peers(&mut self, news: SwarmPeers) -> bool {
        self.change(news.swarm.group, |group| group.put_peers(news))
    }

    pub(crate) fn put_counts(&mut self, news: SwarmCounts) -> bool {
        self.change(news.group, |group| group.put_counts(news))
    }

    pub(crate) fn put_addresses(&mut self, swarm: SwarmName, addresses: Vec<IpAddr>) -> bool {
        self.change(swarm.group, |group| group.put_addresses(swarm.file, addresses))
    }

    /// Nobody tells any more who is in it.
    pub(crate) fn forget_swarm(&mut self, swarm: SwarmName) {
        if self.known.get(&swarm.group).is_some_and(|group| group.swarms.contains_key(&swarm.file)) {
            self.change(swarm.group, |group| drop(group.swarms.remove(&swarm.file)));
        }
        if self.known.get(&swarm.group).is_some_and(|group| group.announced_from.contains_key(&swarm.file)) {
            self.change(swarm.group, |group| drop(group.announced_from.remove(&swarm.file)));
        }
    }

    /// `false`: the group is not known.
    fn change(&mut self, group: GroupId, change: impl FnOnce(&mut Group)) -> bool {
        let known = self.known.get_mut(&group);
        known.map(|group| change(Arc::make_mut(group))).is_some()
    }
}
