//! Which swarms this member is in, and when to say so.

use std::collections::BTreeMap;

use wire_protocol::control::{Announce, AnnounceRefusal, Progress, SwarmName};
use wire_protocol::ids::{GroupId, PeerId};

/// Between two announces of the same file that only differ in how far it is, milliseconds.
pub(crate) const ANNOUNCE_INTERVAL_MS: u64 = 3_000;
/// Files that are announced at once.
const PRESENCES_MAX: usize = 1024;

#[derive(Debug)]
struct Presence {
    announce: Announce,
    /// What this connection's tracker was told last.
    sent: Option<Sent>,
    /// Waits in the outbox.
    is_queued: bool,
    /// What this connection's tracker said last when it did not take it.
    refused: Option<AnnounceRefusal>,
}

#[derive(Debug)]
struct Sent {
    announce: Announce,
    /// When; `None` until the next input brings the time.
    at_ms: Option<u64>,
    /// The tracker does not have it, and may take it later.
    is_lost: bool,
}

impl Presence {
    fn is_urgent(&self) -> bool {
        self.sent.as_ref().is_none_or(|sent| {
            let (old, new) = (&sent.announce, &self.announce);
            let stage = |progress: &Progress| (progress.is_complete(), matches!(progress, Progress::Preparing(_)));
            old.peer != new.peer
                || old.listen != new.listen
                || old.offers != new.offers
                || stage(&old.progress) != stage(&new.progress)
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
pub(crate) struct Presences(BTreeMap<SwarmName, Presence>);

impl Presences {
    /// Keeps the latest. Whether it is to be queued at once; otherwise it becomes due. `None`: too many.
    pub(crate) fn set(&mut self, announce: Announce, is_online: bool) -> Option<bool> {
        if !self.0.contains_key(&announce.swarm) && self.0.len() >= PRESENCES_MAX {
            return None;
        }
        let fresh = || Presence { announce: announce.clone(), sent: None, is_queued: false, refused: None };
        let presence = self.0.entry(announce.swarm).or_insert_with(fresh);
        presence.announce = announce;
        let is_now = is_online && !presence.is_queued && presence.is_urgent();
        presence.is_queued |= is_now;
        Some(is_now)
    }

    pub(crate) fn contains(&self, swarm: SwarmName) -> bool {
        self.0.contains_key(&swarm)
    }

    /// Leaves a swarm. Whether the tracker was told of it on this connection.
    pub(crate) fn remove(&mut self, key: SwarmName) -> bool {
        self.0.remove(&key).is_some_and(|presence| presence.sent.is_some())
    }

    /// Leaves all swarms of a group.
    pub(crate) fn remove_group(&mut self, group: GroupId) {
        self.0.retain(|swarm, _| swarm.group != group);
    }

    /// Whether this is the peer id that this member announces there.
    pub(crate) fn is_own(&self, key: SwarmName, peer: PeerId) -> bool {
        self.0.get(&key).is_some_and(|presence| presence.announce.peer == peer)
    }

    /// What to send for a queued key.
    pub(crate) fn take(&mut self, key: SwarmName) -> Option<Announce> {
        let presence = self.0.get_mut(&key).filter(|presence| presence.is_queued)?;
        presence.is_queued = false;
        presence.sent = Some(Sent { announce: presence.announce.clone(), at_ms: None, is_lost: false });
        Some(presence.announce.clone())
    }

    /// The tracker does not know of this presence: say it again, not more often than any.
    pub(crate) fn mark_lost(&mut self, key: SwarmName) {
        if let Some(sent) = self.0.get_mut(&key).and_then(|presence| presence.sent.as_mut()) {
            sent.is_lost = true;
        }
    }

    /// The tracker did not take it. What can pass is said again later, not more often than any. Whether the
    /// program is to be told: once for each reason and connection.
    pub(crate) fn refuse(&mut self, key: SwarmName, reason: AnnounceRefusal) -> bool {
        if matches!(reason, AnnounceRefusal::TooMany | AnnounceRefusal::SwarmFull) {
            self.mark_lost(key);
        }
        self.0.get_mut(&key).is_some_and(|presence| presence.refused.replace(reason) != Some(reason))
    }

    /// A new connection knows nothing: queues all.
    pub(crate) fn queue_all(&mut self) -> Vec<SwarmName> {
        self.0.values_mut().for_each(|presence| presence.is_queued = true);
        self.0.keys().copied().collect()
    }

    /// The connection is gone, and what it was told.
    pub(crate) fn forget_sent(&mut self) {
        for presence in self.0.values_mut() {
            presence.sent = None;
            presence.is_queued = false;
            presence.refused = None;
        }
    }

    /// Queues what has become due.
    pub(crate) fn take_due(&mut self, now_ms: u64) -> Vec<SwarmName> {
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
