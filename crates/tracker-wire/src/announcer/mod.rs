//! When to announce a torrent to which tracker, and what to say.

mod tier;
mod tracker;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use peer_wire::{InfoHash, PeerId};

use crate::{Announce, Event, RetryIn, Transferred};
use tier::{Asking, Tier};
use tracker::Tracker;

/// Trackers of one torrent that are used; those behind them are ignored.
pub const TRACKERS_MAX: usize = 64;
/// The longest URL of a tracker that is used, bytes.
pub const URL_LEN_MAX: usize = 2048;
/// A question without an answer by then has failed. Longer than what any driver waits by itself.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(90);
/// Peers wanted of each tracker.
const NUMWANT: u32 = 200;
const SCHEMES: [&str; 3] = ["http://", "https://", "udp://"];

/// Who announces what, and where.
#[derive(Debug, Clone)]
pub struct AnnouncerConfig {
    /// The torrent.
    pub info_hash: InfoHash,
    /// The peer.
    pub peer_id: PeerId,
    /// Random, the same for the whole run.
    pub key: u32,
    /// Where the peer accepts connections; 0: nowhere.
    pub port: u16,
    /// `announce-list` (BEP 12); where there is only `announce`, one tier of one tracker.
    pub tiers: Vec<Vec<String>>,
    /// Random: shuffles tiers and spreads announces.
    pub seed: u64,
}

/// Names one [`Ask`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct AskId(u64);

/// Announce this to that tracker, and say what it answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// For [`Announcer::answered`] and [`Announcer::failed`].
    pub id: AskId,
    /// The tracker: `http://`, `https://` or `udp://`.
    pub url: String,
    /// What is announced.
    pub announce: Announce,
    /// HTTP: what this tracker asked to be told again.
    pub tracker_id: Option<Vec<u8>>,
    /// Later it has failed.
    pub answer_by: Duration,
}

/// What an answer says about the next announce.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Terms {
    /// Seconds until it.
    pub interval: Option<u32>,
    /// Seconds before which none is wanted at all.
    pub min_interval: Option<u32>,
    /// HTTP: to be sent with it.
    pub tracker_id: Option<Vec<u8>>,
}

/// See the crate's documentation. All times are since one moment of the caller's, the same for all calls.
#[derive(Debug)]
pub struct Announcer {
    config: AnnouncerConfig,
    transferred: Transferred,
    /// Something was missing at the beginning.
    began_incomplete: bool,
    trackers: Vec<Tracker>,
    tiers: Vec<Tier>,
    /// Trackers that must still hear `stopped`; `None`: nobody has stopped yet.
    stops: Option<Vec<usize>>,
    /// `stopped` on its way, and until when.
    stopping: BTreeMap<AskId, Duration>,
    random: fastrand::Rng,
    asks: u64,
}

impl Announcer {
    /// Everything is due at once. URLs of other schemes, of more than [`URL_LEN_MAX`] bytes and those that are there
    /// already are left out. `transferred.left` must be known, files that are here already checked: `completed` is
    /// said when it becomes 0 later.
    pub fn new(mut config: AnnouncerConfig, transferred: Transferred) -> Self {
        let mut random = fastrand::Rng::with_seed(config.seed);
        let (mut trackers, mut tiers, mut seen) = (Vec::new(), Vec::new(), BTreeSet::new());
        for urls in std::mem::take(&mut config.tiers) {
            let first = trackers.len();
            let usable = urls.into_iter().filter(|url| is_usable(url) && seen.insert(url.clone()));
            trackers.extend(usable.take(TRACKERS_MAX - first).map(Tracker::new));
            let mut order: Vec<usize> = (first..trackers.len()).collect();
            random.shuffle(&mut order);
            if !order.is_empty() {
                tiers.push(Tier::new(order));
            }
        }
        let began_incomplete = transferred.left > 0;
        let (stops, stopping) = (None, BTreeMap::new());
        Self { config, transferred, began_incomplete, trackers, tiers, stops, stopping, random, asks: 0 }
    }

    /// The trackers that are used.
    pub fn urls(&self) -> impl Iterator<Item = &str> {
        self.trackers.iter().map(|tracker| tracker.url.as_str())
    }

    /// How far the torrent is. Whoever has become complete says so at once.
    pub fn set_transferred(&mut self, now: Duration, transferred: Transferred) {
        let was_completed = self.is_completed();
        self.transferred = transferred;
        if self.is_completed() && !was_completed {
            self.tiers.iter_mut().for_each(|tier| tier.due = tier.due.map(|due| due.min(now)));
        }
    }

    /// There are too few peers: asks as soon as the trackers allow.
    pub fn need_peers(&mut self, now: Duration) {
        self.tiers.iter_mut().for_each(|tier| tier.need_peers(now));
    }

    /// The end: from now on only `stopped` is said, to every tracker that may have us on its list.
    pub fn stop(&mut self) {
        if self.stops.is_some() {
            return;
        }
        for asking in self.tiers.iter_mut().filter_map(|tier| tier.asking.take()) {
            self.trackers[asking.tracker].knows_us = true;
        }
        self.stops = Some((0..self.trackers.len()).filter(|tracker| self.trackers[*tracker].knows_us).collect());
    }

    /// After [`Self::stop`]: every tracker has answered, failed or run out of time.
    pub fn is_over(&self) -> bool {
        self.stops.as_ref().is_some_and(Vec::is_empty) && self.stopping.is_empty()
    }

    /// What to ask next; `None`: nothing before [`Self::wake_at`].
    pub fn poll(&mut self, now: Duration) -> Option<Ask> {
        self.expire(now);
        if let Some(stops) = &mut self.stops {
            let tracker = stops.pop()?;
            let ask = self.ask(now, tracker, Some(Event::Stopped));
            self.stopping.insert(ask.id, ask.answer_by);
            return Some(ask);
        }
        let trackers = &self.trackers;
        let mut tiers = self.tiers.iter_mut().enumerate();
        let (tier, tracker) = tiers.find_map(|(number, tier)| Some((number, tier.choose(now, trackers)?)))?;
        let event = self.trackers[tracker].next_event(self.is_completed());
        let ask = self.ask(now, tracker, event);
        self.tiers[tier].asking = Some(Asking { id: ask.id, tracker, event, answer_by: ask.answer_by });
        Some(ask)
    }

    /// When to call [`Self::poll`] again, if nothing else happens.
    pub fn wake_at(&self) -> Option<Duration> {
        match self.stops {
            Some(_) => self.stopping.values().min().copied(),
            None => self.tiers.iter().filter_map(Tier::wake_at).min(),
        }
    }

    /// The tracker answered, with peers or without. What is no more awaited is ignored.
    pub fn answered(&mut self, now: Duration, id: AskId, terms: Terms) {
        self.stopping.remove(&id);
        let Some((tier, asking)) = self.take_asking(id) else { return };
        let is_completed = self.is_completed();
        self.tiers[tier].answered(now, asking.tracker, &terms, &mut self.random);
        let tracker = &mut self.trackers[asking.tracker];
        tracker.answered(asking.event, terms.tracker_id);
        if tracker.next_event(is_completed).is_some() {
            self.tiers[tier].due = Some(now);
        }
    }

    /// The tracker refused, answered nonsense or did not answer; `retry` is what a refusal says. The next of its tier
    /// is asked at once.
    pub fn failed(&mut self, now: Duration, id: AskId, retry: Option<RetryIn>) {
        self.stopping.remove(&id);
        if let Some((tier, asking)) = self.take_asking(id) {
            self.trackers[asking.tracker].failed(now, retry);
            self.tiers[tier].due = Some(now);
        }
    }

    fn expire(&mut self, now: Duration) {
        self.stopping.retain(|_, answer_by| *answer_by > now);
        let asking = self.tiers.iter().filter_map(|tier| tier.asking);
        let late: Vec<AskId> = asking.filter(|asking| asking.answer_by <= now).map(|asking| asking.id).collect();
        late.into_iter().for_each(|id| self.failed(now, id, None));
    }

    fn is_completed(&self) -> bool {
        self.began_incomplete && self.transferred.left == 0
    }

    fn take_asking(&mut self, id: AskId) -> Option<(usize, Asking)> {
        let is_it = |tier: &Tier| tier.asking.is_some_and(|asking| asking.id == id);
        let tier = self.tiers.iter().position(is_it)?;
        self.tiers[tier].asking.take().map(|asking| (tier, asking))
    }

    fn ask(&mut self, now: Duration, tracker: usize, event: Option<Event>) -> Ask {
        self.asks += 1;
        let AnnouncerConfig { info_hash, peer_id, key, port, .. } = self.config;
        let numwant = Some(if event == Some(Event::Stopped) { 0 } else { NUMWANT });
        let Tracker { url, tracker_id, .. } = &self.trackers[tracker];
        Ask {
            id: AskId(self.asks),
            url: url.clone(),
            announce: Announce {
                info_hash,
                peer_id,
                port,
                transferred: self.transferred,
                event,
                numwant,
                key: Some(key),
            },
            tracker_id: tracker_id.clone(),
            answer_by: now + ANSWER_TIMEOUT,
        }
    }
}

/// The scheme of a URL may be written in any case.
fn is_usable(url: &str) -> bool {
    let has = |scheme: &&str| url.get(..scheme.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(scheme));
    url.len() <= URL_LEN_MAX && SCHEMES.iter().any(has)
}
