//! A group as this member knows it.

use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;

use bytes::Bytes;
use wire_protocol::control::{
    ADDRESSES_MAX, DISPLAY_NAME_CHARS_MAX, FileCard, GroupChange, GroupEvent, GroupSnapshot, InvitePreview,
    LIST_LEN_MAX, Member, NAME_CHARS_MAX, Progress, Role, Sealed, SwarmCount, SwarmCounts, SwarmPeer, SwarmPeers,
};
use wire_protocol::ids::{FileId, InfoHash, MemberKey};
use wire_protocol::invite::SLUG_LEN_MAX;
use wire_protocol::text::{display_text, file_name};

use crate::happening::{self, Happening};

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

/// The group's key for this member, as the tracker keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedKey {
    /// Of [`Group::epoch`].
    pub epoch: u32,
    /// Who sealed it. The tracker says so: whether it is true is seen by opening it.
    pub from: MemberKey,
    /// To this member.
    pub sealed: Sealed,
}

/// A group as this member knows it: what its members did, and who is there now.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Group {
    /// Two friendly words; empty for a moment after creating the group.
    pub slug: String,
    /// For people.
    pub name: String,
    /// The last change that is included.
    pub seq: u64,
    /// Counts the changes of the group's key.
    pub epoch: u32,
    /// The tracker's word that this member is in the group, for other members; of this epoch. `None` for a moment after
    /// joining and after a change of epoch.
    pub ticket: Option<Bytes>,
    /// The group's key of this epoch, if the tracker keeps it for this member.
    pub key: Option<SealedKey>,
    /// Unix milliseconds.
    pub created_at_ms: u64,
    /// In order of joining.
    pub members: Vec<Member>,
    /// In order of adding.
    pub files: Vec<FileCard>,
    /// Who is in which file's swarm, without this peer itself: of the swarms that are watched. While offline:
    /// who was.
    pub swarms: BTreeMap<FileId, Vec<SwarmPeer>>,
    /// How many are in which file's swarm, this peer included; files that are not here have nobody. While
    /// offline: had.
    pub counts: BTreeMap<FileId, SwarmCount>,
    /// Where ordinary clients announced from, in the swarms that this peer is in and for which it offers to take plain
    /// connections or to be a bridge. While offline: had announced.
    pub announced_from: BTreeMap<FileId, Vec<IpAddr>>,
    /// What happened lately while this member listened, oldest first; at most [`crate::HAPPENINGS_MAX`].
    pub log: VecDeque<Happening>,
}

impl Group {
    /// The card of a file.
    pub fn file(&self, file: FileId) -> Option<&FileCard> {
        self.files.iter().find(|card| card.file == file)
    }

    /// The card with this torrent; there is one at most.
    pub fn file_of(&self, info_hash: InfoHash) -> Option<&FileCard> {
        self.files.iter().find(|card| card.torrent.is_some_and(|torrent| torrent.info_hash == info_hash))
    }

    /// A card of this name and length that has its torrent. One that waits for it is taken out if another has it already:
    /// then it is this one.
    pub fn published(&self, name: &str, size: u64) -> Option<&FileCard> {
        self.files.iter().find(|card| card.torrent.is_some() && card.name == name && card.size == size)
    }

    /// The entry of a member.
    pub fn member(&self, key: MemberKey) -> Option<&Member> {
        self.members.iter().find(|member| member.key == key)
    }

    /// What a member may do; `None`: they are not in the group.
    pub fn role(&self, key: MemberKey) -> Option<Role> {
        self.member(key).map(|member| member.role)
    }

    /// What a member is called; somebody who is not in the group any more has no name.
    pub fn name_of(&self, key: MemberKey) -> &str {
        self.member(key).map_or("somebody who left", |member| &member.display_name)
    }

    /// The peers of a file's swarm, if it is watched; empty if there are none.
    pub fn swarm(&self, file: FileId) -> &[SwarmPeer] {
        self.swarms.get(&file).map_or(&[], Vec::as_slice)
    }

    /// How many are in a file's swarm, this peer included.
    pub fn count(&self, file: FileId) -> SwarmCount {
        let nobody = SwarmCount { file, seeders: 0, leechers: 0, preparing: 0 };
        self.counts.get(&file).copied().unwrap_or(nobody)
    }

    /// Where ordinary clients announced from in a file's swarm; empty where this peer is not told.
    pub fn announced_from(&self, file: FileId) -> &[IpAddr] {
        self.announced_from.get(&file).map_or(&[], Vec::as_slice)
    }

    /// The state that a snapshot tells, with the swarms and counts of `before` for files that stay, and ticket and key if
    /// they are of the same epoch.
    pub(crate) fn from_snapshot(snapshot: GroupSnapshot, before: Self) -> Self {
        let mut group = Self {
            slug: display_text(&snapshot.slug, SLUG_LEN_MAX),
            name: display_text(&snapshot.name, NAME_CHARS_MAX),
            seq: snapshot.seq,
            epoch: snapshot.epoch,
            created_at_ms: snapshot.created_at_ms,
            swarms: before.swarms,
            counts: before.counts,
            announced_from: before.announced_from,
            log: before.log,
            ..Self::default()
        };
        if before.epoch == group.epoch {
            (group.ticket, group.key) = (before.ticket, before.key);
        }
        snapshot.members.into_iter().for_each(|member| group.put_member(member));
        snapshot.files.into_iter().for_each(|card| group.put_file(card));
        let files = &group.files;
        let stays = |file: &FileId| files.iter().any(|card| card.file == *file);
        group.swarms.retain(|file, _| stays(file));
        group.counts.retain(|file, _| stays(file));
        group.announced_from.retain(|file, _| stays(file));
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

    /// The next event.
    pub(crate) fn apply(&mut self, event: GroupEvent) {
        if let Some(happening) = happening::read(self, &event) {
            happening::note(&mut self.log, happening);
        }
        self.seq = event.seq;
        self.change(event.change);
    }

    fn change(&mut self, change: GroupChange) {
        match change {
            GroupChange::Created { name } => self.name = display_text(&name, NAME_CHARS_MAX),
            GroupChange::Member(member) => self.put_member(member),
            GroupChange::MemberLeft(key) => self.members.retain(|member| member.key != key),
            GroupChange::MemberRemoved { member: key, epoch } => {
                self.members.retain(|member| member.key != key);
                self.set_epoch(epoch);
            }
            GroupChange::File(card) => self.put_file(card),
            GroupChange::FileRemoved(file) => {
                self.files.retain(|card| card.file != file);
                self.swarms.remove(&file);
                self.counts.remove(&file);
                self.announced_from.remove(&file);
            }
            GroupChange::InvitesChanged | GroupChange::RequestsChanged | GroupChange::Closed => {}
        }
    }

    /// What was of another epoch is worth nothing.
    fn set_epoch(&mut self, epoch: u32) {
        if self.epoch != epoch {
            self.epoch = epoch;
            (self.ticket, self.key) = (None, None);
        }
    }

    pub(crate) fn put_peers(&mut self, news: SwarmPeers) {
        let file = news.swarm.file;
        if news.all {
            self.swarms.remove(&file);
        }
        let elsewhere: usize = self.swarms.iter().filter(|(of, _)| **of != file).map(|(_, peers)| peers.len()).sum();
        if !self.swarms.contains_key(&file) && self.swarms.len() >= FILES_MAX {
            return;
        }
        let swarm = self.swarms.entry(file).or_default();
        swarm.retain(|known| !news.left.contains(&known.name));
        let room = PEERS_MAX.min(GROUP_PEERS_MAX.saturating_sub(elsewhere));
        for peer in news.peers {
            put(swarm, shown(peer), |known| known.name, room);
        }
    }

    pub(crate) fn put_addresses(&mut self, file: FileId, mut addresses: Vec<IpAddr>) {
        addresses.truncate(LIST_LEN_MAX);
        if addresses.is_empty() {
            self.announced_from.remove(&file);
        } else if self.files.iter().any(|card| card.file == file) {
            self.announced_from.insert(file, addresses);
        }
    }

    pub(crate) fn put_counts(&mut self, news: SwarmCounts) {
        if news.all {
            self.counts.clear();
        }
        for count in news.counts {
            if self.counts.contains_key(&count.file) || self.counts.len() < FILES_MAX {
                self.counts.insert(count.file, count);
            }
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

/// A peer whose texts and figures are within bounds.
pub(crate) fn shown(mut peer: SwarmPeer) -> SwarmPeer {
    peer.client = display_text(&peer.client, CLIENT_CHARS_MAX);
    peer.tcp.truncate(TCP_MAX);
    peer.progress = match peer.progress {
        Progress::Preparing(per_mille) => Progress::Preparing(per_mille.min(1000)),
        Progress::Pieces { have, total } => Progress::Pieces { have: have.min(total), total },
    };
    peer
}
