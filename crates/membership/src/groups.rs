//! What this member knows of their groups: a replica of the tracker's state, fed by snapshots and events.

use std::collections::{BTreeMap, BTreeSet};

use wire_protocol::control::{
    ADDRESSES_MAX, DISPLAY_NAME_CHARS_MAX, FileCard, GroupChange, GroupEvent, GroupSnapshot, InvitePreview, Member,
    NAME_CHARS_MAX, Progress, RESUME_POINTS_MAX, ResumePoint, SwarmPeer,
};
use wire_protocol::ids::{FileId, GroupId, MemberKey, PeerId};
use wire_protocol::invite::SLUG_LEN_MAX;
use wire_protocol::text::{display_text, file_name};

/// Groups that are kept.
const GROUPS_MAX: usize = 256;
/// Members of one group that are kept.
const MEMBERS_MAX: usize = 4096;
/// Files of one group that are kept.
const FILES_MAX: usize = 4096;
/// Peers of one swarm that are kept.
const PEERS_MAX: usize = 1024;
/// Peers of all swarms of one group that are kept; one is about 200 bytes.
const GROUP_PEERS_MAX: usize = 16 * 1024;
/// Program names in characters.
const CLIENT_CHARS_MAX: usize = 64;
/// Addresses of one peer: those it announced, and the one the tracker saw.
const TCP_MAX: usize = ADDRESSES_MAX + 2;

/// A group as this member knows it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Group {
    /// Two friendly words; empty for a moment after creating the group.
    pub slug: String,
    /// For people.
    pub name: String,
    /// The last change that is included.
    pub seq: u64,
    /// In order of joining.
    pub members: Vec<Member>,
    /// In order of adding.
    pub files: Vec<FileCard>,
    /// Who is in which file's swarm, without this peer itself. While offline: who was.
    pub swarms: BTreeMap<FileId, Vec<SwarmPeer>>,
}

impl Group {
    /// The card of a file.
    pub fn file(&self, file: FileId) -> Option<&FileCard> {
        self.files.iter().find(|card| card.file == file)
    }

    /// The entry of a member.
    pub fn member(&self, key: MemberKey) -> Option<&Member> {
        self.members.iter().find(|member| member.key == key)
    }

    /// The peers of a file's swarm; empty if there are none.
    pub fn swarm(&self, file: FileId) -> &[SwarmPeer] {
        self.swarms.get(&file).map_or(&[], Vec::as_slice)
    }

    fn from_snapshot(snapshot: GroupSnapshot, swarms: BTreeMap<FileId, Vec<SwarmPeer>>) -> Self {
        let mut group = Self {
            slug: display_text(&snapshot.slug, SLUG_LEN_MAX),
            name: display_text(&snapshot.name, NAME_CHARS_MAX),
            seq: snapshot.seq,
            swarms,
            ..Self::default()
        };
        snapshot.members.into_iter().for_each(|member| group.put_member(member));
        snapshot.files.into_iter().for_each(|card| group.put_file(card));
        let files = &group.files;
        group.swarms.retain(|file, _| files.iter().any(|card| card.file == *file));
        group
    }

    fn put_member(&mut self, mut member: Member) {
        member.display_name = display_text(&member.display_name, DISPLAY_NAME_CHARS_MAX);
        put(&mut self.members, member, |known| known.key, MEMBERS_MAX);
    }

    fn put_file(&mut self, mut card: FileCard) {
        card.name = file_name(&card.name);
        put(&mut self.files, card, |known| known.file, FILES_MAX);
    }

    fn apply(&mut self, change: GroupChange) {
        match change {
            GroupChange::Created { name } => self.name = display_text(&name, NAME_CHARS_MAX),
            GroupChange::Member(member) => self.put_member(member),
            GroupChange::MemberLeft(key) => self.members.retain(|member| member.key != key),
            GroupChange::File(card) => self.put_file(card),
            GroupChange::FileRemoved(file) => {
                self.files.retain(|card| card.file != file);
                self.swarms.remove(&file);
            }
            GroupChange::InviteCreated => {}
        }
    }

    fn put_peers(&mut self, file: FileId, all: bool, peers: Vec<SwarmPeer>) {
        if all {
            self.swarms.remove(&file);
        }
        let elsewhere: usize = self.swarms.iter().filter(|(of, _)| **of != file).map(|(_, peers)| peers.len()).sum();
        if !self.swarms.contains_key(&file) && self.swarms.len() >= FILES_MAX {
            return;
        }
        let swarm = self.swarms.entry(file).or_default();
        let room = PEERS_MAX.min(GROUP_PEERS_MAX.saturating_sub(elsewhere));
        for peer in peers {
            put(swarm, shown(peer), |known| known.peer, room);
        }
    }
}

/// Replaces the item of the same key, or adds it while there are less than `len_max`.
fn put<T, K: PartialEq>(list: &mut Vec<T>, item: T, key: impl Fn(&T) -> K, len_max: usize) {
    let at = list.iter().position(|known| key(known) == key(&item));
    match at {
        Some(at) => list[at] = item,
        None if list.len() < len_max => list.push(item),
        None => {}
    }
}

/// What is behind an invite, its names made safe.
pub(crate) fn shown_preview(mut preview: InvitePreview) -> InvitePreview {
    preview.name = display_text(&preview.name, NAME_CHARS_MAX);
    preview.invited_by = display_text(&preview.invited_by, DISPLAY_NAME_CHARS_MAX);
    for file in &mut preview.files {
        file.card.name = file_name(&file.card.name);
    }
    preview
}

/// A peer whose names and figures are within bounds.
pub(crate) fn shown(mut peer: SwarmPeer) -> SwarmPeer {
    peer.display_name = display_text(&peer.display_name, DISPLAY_NAME_CHARS_MAX);
    peer.client = display_text(&peer.client, CLIENT_CHARS_MAX);
    peer.tcp.truncate(TCP_MAX);
    peer.progress = match peer.progress {
        Progress::Preparing(per_mille) => Progress::Preparing(per_mille.min(1000)),
        Progress::Pieces { have, total } => Progress::Pieces { have: have.min(total), total },
    };
    peer
}

/// What came of an event.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Applied {
    /// The group changed.
    Changed,
    /// This member is not in the group any more; it is forgotten.
    Left,
    /// Seen before, or of a group that is not known (one that was just left).
    Ignored,
    /// An event is missing; the group is fetched anew on the next connection.
    Gap,
}

/// In nobody's history: the tracker sends a snapshot, or says that the group is gone.
const DAMAGED_SEQ: u64 = u64::MAX;

/// All groups of this member.
#[derive(Debug, Default)]
pub(crate) struct Groups {
    known: BTreeMap<GroupId, Group>,
    /// Groups whose replica is damaged: shown until the next snapshot, not resumed from what they are.
    damaged: BTreeSet<GroupId>,
}

impl Groups {
    pub(crate) fn known(&self) -> &BTreeMap<GroupId, Group> {
        &self.known
    }

    pub(crate) fn resume_points(&self) -> Vec<ResumePoint> {
        let seq = |group, state: &Group| if self.damaged.contains(group) { DAMAGED_SEQ } else { state.seq };
        let points = self.known.iter().map(|(group, state)| ResumePoint { group: *group, seq: seq(group, state) });
        points.take(RESUME_POINTS_MAX).collect()
    }

    /// Replaces the group, except for its swarms' peers. `false`: there are too many groups.
    pub(crate) fn replace(&mut self, snapshot: GroupSnapshot) -> bool {
        let id = snapshot.group;
        if !self.known.contains_key(&id) && self.known.len() >= GROUPS_MAX {
            return false;
        }
        self.damaged.remove(&id);
        let swarms = self.known.remove(&id).unwrap_or_default().swarms;
        self.known.insert(id, Group::from_snapshot(snapshot, swarms));
        true
    }

    pub(crate) fn apply(&mut self, event: GroupEvent, me: MemberKey) -> Applied {
        let is_creation = event.seq == 1 && matches!(event.change, GroupChange::Created { .. });
        if is_creation && !self.known.contains_key(&event.group) && self.known.len() < GROUPS_MAX {
            self.known.insert(event.group, Group::default());
        }
        let Some(group) = self.known.get_mut(&event.group) else {
            return Applied::Ignored;
        };
        if event.seq <= group.seq || self.damaged.contains(&event.group) {
            return Applied::Ignored;
        }
        if event.seq != group.seq + 1 {
            self.damaged.insert(event.group);
            return Applied::Gap;
        }
        group.seq = event.seq;
        if event.change == GroupChange::MemberLeft(me) {
            self.forget(event.group);
            return Applied::Left;
        }
        group.apply(event.change);
        Applied::Changed
    }

    pub(crate) fn forget(&mut self, group: GroupId) -> bool {
        self.damaged.remove(&group);
        self.known.remove(&group).is_some()
    }

    /// The reply to creating a group says what its slug is; its events do not.
    pub(crate) fn set_slug(&mut self, group: GroupId, slug: &str) -> bool {
        let unnamed = self.known.get_mut(&group).filter(|group| group.slug.is_empty());
        unnamed.is_some_and(|group| {
            group.slug = display_text(slug, SLUG_LEN_MAX);
            true
        })
    }

    pub(crate) fn put_peers(&mut self, group: GroupId, file: FileId, all: bool, peers: Vec<SwarmPeer>) -> bool {
        self.known.get_mut(&group).is_some_and(|group| {
            group.put_peers(file, all, peers);
            true
        })
    }

    pub(crate) fn remove_peer(&mut self, group: GroupId, file: FileId, peer: PeerId) -> bool {
        let Some(swarm) = self.known.get_mut(&group).and_then(|group| group.swarms.get_mut(&file)) else {
            return false;
        };
        let before = swarm.len();
        swarm.retain(|known| known.peer != peer);
        swarm.len() < before
    }

    /// A new connection: the tracker sends the swarms of now. Returns those that had peers.
    pub(crate) fn forget_peers(&mut self) -> Vec<(GroupId, FileId)> {
        let mut changed = Vec::new();
        for (id, group) in &mut self.known {
            changed.extend(group.swarms.iter().filter(|(_, peers)| !peers.is_empty()).map(|(file, _)| (*id, *file)));
            group.swarms.clear();
        }
        changed
    }
}
