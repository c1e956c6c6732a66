//! One file's swarm: from the wish to have it, over its list of pieces, to links that carry them.

use std::collections::BTreeMap;

use membership::{LinkLimits, LinkPlanner};
use metainfo::{Expected, Info};
use peer_engine::{CloseReason, Command, Input, LinkKey};
use wire_protocol::control::{FileCard, Progress, SwarmPeer, Torrent};
use wire_protocol::ids::{FileId, GroupId, PeerId};

use super::clock::Now;
use super::crypto::random_u64;
use super::link::Link;
use super::transfer::{Given, Transfer};
use crate::tuning::Tuning;

/// More links connecting at once slow each other down in browsers.
pub(super) const CONNECTING_MAX: usize = 6;
/// Links of this tab.
pub(super) const LINKS_MAX: usize = 24;
/// Peers that are remembered after they left, to name those who had the file.
const SEEN_MAX: usize = 256;

/// How far it is.
pub(super) enum Phase {
    /// Whoever adds the file is still hashing it.
    AwaitingTorrent,
    /// The list of pieces is on its way.
    AwaitingInfo,
    /// Pieces come and go.
    Running(Box<Transfer>),
    /// Cannot go on: why.
    Failed(String),
}

/// A file that this tab fetches or serves.
pub(super) struct Swarm {
    pub(super) group: GroupId,
    pub(super) file: FileId,
    pub(super) name: String,
    pub(super) size: u64,
    pub(super) tuning: Tuning,
    pub(super) phase: Phase,
    pub(super) planner: LinkPlanner,
    pub(super) links: BTreeMap<LinkKey, Link>,
    /// Why the last attempt to open a link failed; none once one is open.
    pub(super) last_failure: Option<String>,
    /// Those whose links are gone, and what went over them.
    pub(super) past: BTreeMap<PeerId, Past>,
    seen: BTreeMap<PeerId, (String, bool)>,
}

/// A peer that is not linked any more.
pub(super) struct Past {
    pub(super) name: String,
    pub(super) client: String,
    pub(super) given: Given,
}

impl Swarm {
    /// For a file card.
    pub(super) fn new(group: GroupId, card: &FileCard, tuning: Tuning) -> Self {
        let limits = LinkLimits { connecting_max: CONNECTING_MAX, links_max: LINKS_MAX };
        Self {
            group,
            file: card.file,
            name: card.name.clone(),
            size: card.size,
            tuning,
            phase: Phase::AwaitingTorrent,
            planner: LinkPlanner::new(limits, random_u64()),
            links: BTreeMap::new(),
            last_failure: None,
            past: BTreeMap::new(),
            seen: BTreeMap::new(),
        }
    }

    /// The engine's part, once it runs.
    pub(super) fn transfer(&self) -> Option<&Transfer> {
        match &self.phase {
            Phase::Running(transfer) => Some(transfer),
            _ => None,
        }
    }

    /// The same, to be changed.
    pub(super) fn transfer_mut(&mut self) -> Option<&mut Transfer> {
        match &mut self.phase {
            Phase::Running(transfer) => Some(transfer),
            _ => None,
        }
    }

    /// The list of pieces is here: checks that it is the one of the card.
    pub(super) fn begin(&mut self, key: u64, card: &FileCard, info: bytes::Bytes, client: &str, now: Now) {
        self.phase = match check_info(card, info) {
            Ok(info) => Phase::Running(Box::new(Transfer::new(key, info, client, self.tuning, now))),
            Err(why) => Phase::Failed(why),
        };
    }

    /// Fetches and serves it differently from now on. The engine hears only of what changed: a policy begins
    /// anew when it is set.
    pub(super) fn tune(&mut self, tuning: Tuning, now: Now) {
        let before = std::mem::replace(&mut self.tuning, tuning);
        let Some(transfer) = self.transfer_mut() else {
            return;
        };
        if tuning.policy != before.policy {
            transfer.command(Command::SetPolicy(tuning.policy), now);
        }
        if tuning.limits() != before.limits() {
            transfer.command(Command::SetLimits(tuning.limits()), now);
        }
    }

    /// Remembers who is there.
    pub(super) fn see(&mut self, peers: &[SwarmPeer]) {
        for peer in peers {
            if self.seen.len() < SEEN_MAX || self.seen.contains_key(&peer.peer) {
                self.seen.insert(peer.peer, (peer.display_name.clone(), peer.progress.is_complete()));
            }
        }
    }

    /// Names of those who had everything and are gone.
    pub(super) fn gone_seeders(&self, present: &[SwarmPeer]) -> Vec<String> {
        let is_here = |name: &String| present.iter().any(|peer| peer.display_name == *name);
        let gone = self.seen.values().filter(|(name, had_all)| *had_all && !is_here(name));
        let mut names: Vec<_> = gone.map(|(name, _)| name.clone()).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Links that do not carry bytes yet.
    pub(super) fn count_connecting(&self) -> usize {
        self.links.values().filter(|link| !link.is_open()).count()
    }

    /// A link opened: bytes may come.
    pub(super) fn on_paired(&mut self, key: LinkKey, now: Now) {
        let (Phase::Running(transfer), Some(link)) = (&mut self.phase, self.links.get(&key)) else {
            return;
        };
        self.last_failure = None;
        self.planner.on_open(link.peer.peer);
        transfer.restart_quiet(now);
        transfer.engine.handle(Input::LinkOpened { link: key, opening: link.opening() }, now.timestamp());
    }

    /// A link closed under us, open or not. `why` is shown if it never opened. One that was open goes when the
    /// engine says what went over it.
    pub(super) fn on_link_closed(&mut self, key: LinkKey, why: &str, now: Now) {
        if self.links.get(&key).is_some_and(Link::is_open)
            && let Phase::Running(transfer) = &mut self.phase
        {
            transfer.on_link_closed(key, now);
            return;
        }
        let Some(link) = self.links.remove(&key) else {
            return;
        };
        self.last_failure = Some(why.to_owned());
        if link.is_dialed() {
            self.planner.on_failed(link.peer.peer, now.ms());
        }
    }

    /// A link that was open is gone, and this went over it.
    pub(super) fn on_peer_gone(&mut self, key: LinkKey, given: Given, why: Option<&CloseReason>, now: Now) {
        let Some(link) = self.links.remove(&key) else {
            return;
        };
        self.planner.on_closed(link.peer.peer, now.ms());
        // A peer that sent damaged data is not among those who gave anything.
        match why {
            Some(CloseReason::BadPiece(_)) => drop(self.past.remove(&link.peer.peer)),
            _ => self.remember(link.peer, given),
        }
    }

    fn remember(&mut self, peer: SwarmPeer, given: Given) {
        if self.past.len() >= SEEN_MAX && !self.past.contains_key(&peer.peer) {
            return;
        }
        let empty = || Past { name: peer.display_name, client: peer.client, given: Given::default() };
        let past = self.past.entry(peer.peer).or_insert_with(empty);
        past.given.downloaded += given.downloaded;
        past.given.uploaded += given.uploaded;
    }
}

/// Per mille that whoever adds the file has hashed.
pub(super) fn preparing_per_mille(peers: &[SwarmPeer]) -> Option<u16> {
    let preparing = peers.iter().filter_map(|peer| match peer.progress {
        Progress::Preparing(per_mille) => Some(per_mille),
        Progress::Pieces { .. } => None,
    });
    preparing.max()
}

fn check_info(card: &FileCard, raw: bytes::Bytes) -> Result<Info, String> {
    let Some(Torrent { info_hash, pieces, .. }) = card.torrent else {
        return Err("The list of pieces came before the file was ready.".to_owned());
    };
    let expected = Expected { info_hash, name: &card.name, total_len: card.size, pieces };
    let info = expected.parse(raw).map_err(|error| format!("The list of pieces cannot be used: {error}."))?;
    if info.files().len() != 1 {
        return Err("This is a folder; a browser cannot save one yet. Use native-peer download.".to_owned());
    }
    Ok(info)
}
