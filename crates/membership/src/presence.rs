//! Which swarms this member is in, and when to say so.

use std::collections::BTreeMap;

use wire_protocol::control::{Announce, Progress};
use wire_protocol::ids::{FileId, GroupId, PeerId};

/// Between two announces of the same file that only differ in how far it is, milliseconds.
pub(crate) const ANNOUNCE_INTERVAL_MS: u64 = 3_000;
/// Files that are announced at once.
const PRESENCES_MAX: usize = 1024;

/// Names a swarm.
pub(crate) type SwarmKey = (GroupId, FileId);

#[derive(Debug)]
struct Presence {
    announce: Announce,
    /// What this connection's tracker was told last.
    sent: Option<Sent>,
    /// Waits in the outbox.
    is_queued: bool,
}

#[derive(Debug)]
struct Sent {
    announce: Announce,
    /// When; `None` until the next input brings the time.
    at_ms: Option<u64>,
    /// The tracker has forgotten it.
    is_lost: bool,
}

impl Presence {
    fn is_urgent(&self) -> bool {
        self.sent.as_ref().is_none_or(|sent| {
            let (old, new) = (&sent.announce, &self.announce);
            let stage = |progress: &Progress| (progress.is_complete(), matches!(progress, Progress::Preparing(_)));
            old.peer != new.peer || old.listen != new.listen || stage(&old.progress) != stage(&new.progress)
        })
    }

    fn due_at(&self) -> Option<u64> {
        let sent = self.sent.as_ref()?;
        let differs = sent.is_lost || sent.announce != self.announce;
        (differs && !self.is_queued).then(|| sent.at_ms.unwrap_or(0) + ANNOUNCE_INTERVAL_MS)
    }
}

/// The latest announce of every swarm that this member is in.
#[derive(Debug, Default)]
pub(crate) struct Presences(BTreeMap<SwarmKey, Presence>);

impl Presences {
    /// Keeps the latest. Whether it is to be queued at once; otherwise it becomes due.
    pub(crate) fn set(&mut self, announce: Announce, is_online: bool) -> bool {
        let key = (announce.group, announce.file);
        if !self.0.contains_key(&key) && self.0.len() >= PRESENCES_MAX {
            return false;
        }
        let presence =
            self.0.entry(key).or_insert_with(|| Presence { announce: announce.clone(), sent: None, is_queued: false });
        presence.announce = announce;
        let is_now = is_online && !presence.is_queued && presence.is_urgent();
        presence.is_queued |= is_now;
        is_now
    }

    /// Leaves a swarm. Whether the tracker was told of it on this connection.
    pub(crate) fn remove(&mut self, key: SwarmKey) -> bool {
        self.0.remove(&key).is_some_and(|presence| presence.sent.is_some())
    }

    /// Leaves all swarms of a group.
    pub(crate) fn remove_group(&mut self, group: GroupId) {
        self.0.retain(|(of, _), _| *of != group);
    }

    /// Whether this is the peer id that this member announces there.
    pub(crate) fn is_own(&self, key: SwarmKey, peer: PeerId) -> bool {
        self.0.get(&key).is_some_and(|presence| presence.announce.peer == peer)
    }

    /// What to send for a queued key.
    pub(crate) fn take(&mut self, key: SwarmKey) -> Option<Announce> {
        let presence = self.0.get_mut(&key).filter(|presence| presence.is_queued)?;
        presence.is_queued = false;
        presence.sent = Some(Sent { announce: presence.announce.clone(), at_ms: None, is_lost: false });
        Some(presence.announce.clone())
    }

    /// The tracker does not know of this presence: say it again, not more often than any.
    pub(crate) fn mark_lost(&mut self, key: SwarmKey) {
        if let Some(sent) = self.0.get_mut(&key).and_then(|presence| presence.sent.as_mut()) {
            sent.is_lost = true;
        }
    }

    /// A new connection knows nothing: queues all.
    pub(crate) fn queue_all(&mut self) -> Vec<SwarmKey> {
        self.0.values_mut().for_each(|presence| presence.is_queued = true);
        self.0.keys().copied().collect()
    }

    /// The connection is gone, and what it was told.
    pub(crate) fn forget_sent(&mut self) {
        for presence in self.0.values_mut() {
            presence.sent = None;
            presence.is_queued = false;
        }
    }

    /// Queues what has become due.
    pub(crate) fn take_due(&mut self, now_ms: u64) -> Vec<SwarmKey> {
        let mut due = Vec::new();
        for (key, presence) in &mut self.0 {
            if presence.due_at().is_some_and(|at| at <= now_ms) {
                presence.is_queued = true;
                due.push(*key);
            }
        }
        due
    }

    pub(crate) fn next_due(&self) -> Option<u64> {
        self.0.values().filter_map(Presence::due_at).min()
    }

    pub(crate) fn stamp(&mut self, now_ms: u64) {
        for sent in self.0.values_mut().filter_map(|presence| presence.sent.as_mut()) {
            sent.at_ms.get_or_insert(now_ms);
        }
    }
}
