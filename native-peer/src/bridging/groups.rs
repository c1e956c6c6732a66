//! Groups whose members have ordinary clients: what those announce at the group's tracker is bridged, file by file.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Instant;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use peer_wire::PeerId;
use tokio::sync::{Notify, Semaphore, watch};
use tracker_wire::Transferred;
use wire_protocol::control::{FileCard, SwarmName};
use wire_protocol::ids::{FileId, GroupId};

use super::behind::Behind;
use super::span::{Span, Task};
use super::{QUOTA_USED_UP, unusable};
use crate::cli::{Bridge, BridgeTerms, CacheWish, Setup};
use crate::discovery::{self, Discovery};
use crate::failure::{Failure, Outcome};
use crate::groups::find;
use crate::online::Online;
use crate::random;
use crate::report::{Report, text};
use crate::session::{GroupState, SessionOver};
use crate::share::{closing_words, show_event};
use crate::standing::find_card;
use crate::swarm::{Announced, Outside};

/// Files that are bridged at a time; they share the cache.
const SPANS_MAX: usize = 8;

/// Bridges these groups until Ctrl-C.
///
/// # Errors
/// [`Failure`].
pub async fn bridge(plan: &Bridge, names: &[String], setup: &Setup, report: Report) -> Outcome {
    let online = Online::start(setup, plan.server.clone(), report).await?;
    let known = online.groups().await?;
    let desk = Desk::new(&online, &plan.terms);
    let mut work = FuturesUnordered::new();
    for name in names {
        let (group, state) = find::group(&known, name)?;
        online
            .report
            .note(&format!("Bridging \"{}\" to its members' BitTorrent clients.", text::printable(&state.name)));
        let view = online.session.watch_group(group).await?;
        work.push(desk.bridge_group(group, view, BTreeSet::new()));
    }
    online.report.note("Waiting for clients that announce themselves; Ctrl-C ends it.");
    let mut server = online.watch_server();
    loop {
        tokio::select! {
            () = online.interrupt.asked() => return Ok(()),
            () = desk.quota_is_spent.notified() => {
                online.report.note(QUOTA_USED_UP);
                return Ok(());
            }
            change = server.next() => change?,
            Some(ended) = work.next() => ended?,
            else => return Ok(()),
        }
    }
}

/// Beside the sharing of a file: bridges what else its group has, until the group is gone.
///
/// # Errors
/// [`Failure`].
pub async fn beside(online: &Online, terms: &BridgeTerms, shared: SwarmName) -> Outcome {
    online.report.note("Bridging the group to its members' BitTorrent clients.");
    let view = online.session.watch_group(shared.group).await?;
    Desk::new(online, terms).bridge_group(shared.group, view, [shared.file].into()).await
}

struct Desk<'a> {
    online: &'a Online,
    terms: &'a BridgeTerms,
    places: Semaphore,
    /// Bytes sent, by files.
    sent: RefCell<BTreeMap<FileId, u64>>,
    quota_is_spent: Notify,
}

impl<'a> Desk<'a> {
    fn new(online: &'a Online, terms: &'a BridgeTerms) -> Self {
        let (places, sent, quota_is_spent) = (Semaphore::new(SPANS_MAX), RefCell::default(), Notify::new());
        Self { online, terms, places, sent, quota_is_spent }
    }

    /// Each file that the group has and gets, until the group is gone. `begun`: files that others see to.
    async fn bridge_group(
        &self,
        group: GroupId,
        mut view: watch::Receiver<GroupState>,
        mut begun: BTreeSet<FileId>,
    ) -> Outcome {
        let mut files = FuturesUnordered::new();
        view.mark_changed();
        loop {
            tokio::select! {
                Ok(()) = view.changed() => {
                    let state = view.borrow_and_update().clone();
                    if state.gone.is_some() {
                        self.online.report.note("You are not in a group any more that was bridged.");
                        return Ok(());
                    }
                    for card in state.group.iter().flat_map(|group| &group.files) {
                        if card.torrent.is_some() && begun.insert(card.file) {
                            files.push(self.bridge_file(group, view.clone(), card.clone()));
                        }
                    }
                }
                Some(ended) = files.next() => ended?,
                else => return Err(SessionOver.into()),
            }
        }
    }

    /// Whenever ordinary clients announce a file, until it is removed.
    async fn bridge_file(&self, group: GroupId, mut view: watch::Receiver<GroupState>, card: FileCard) -> Outcome {
        let swarm = SwarmName { group, file: card.file };
        let feed = self.online.session.watch_swarm(swarm).await?;
        let mut announced = Announced::new(feed.peers, self.terms.allows_private);
        loop {
            tokio::select! {
                addresses = announced.changed() => if addresses?.is_empty() {
                    continue;
                },
                Ok(()) = view.changed() => match find_card(&view.borrow_and_update(), card.file, &card.name) {
                    Ok(_) => continue,
                    Err(_) => return Ok(()),
                },
            }
            let Ok(_place) = self.places.acquire().await else { return Ok(()) };
            self.span(swarm, &mut view, &card, &mut announced).await?;
        }
    }

    fn count(&self, file: FileId, sent: u64) {
        let mut all = self.sent.borrow_mut();
        all.insert(file, sent);
        if self.terms.quota.is_some_and(|quota| all.values().sum::<u64>() >= quota) {
            self.quota_is_spent.notify_one();
        }
    }

    /// Until the file is removed, or no client announces it any more.
    async fn span(
        &self,
        swarm: SwarmName,
        view: &mut watch::Receiver<GroupState>,
        card: &FileCard,
        announced: &mut Announced,
    ) -> Outcome {
        let online = self.online;
        let (_, info) = crate::download::find_info(online, swarm.group, view.clone(), card, None).await?;
        let bytes = (self.terms.cache.bytes / SPANS_MAX as u64).max(4 * u64::from(info.layout().nominal_piece_len()));
        let cache = CacheWish { bytes, ..self.terms.cache.clone() };
        let upstream_id = PeerId::covey(random::bytes());
        let outside = nobody_else(&info, upstream_id);
        let task = Task { info: Arc::new(info), swarm, outside, upstream_id, cache };
        let started = Instant::now();
        let mut span = Span::start(online, self.terms, task).await?;
        let mut behind = Behind::new(&card.name);
        let end = loop {
            tokio::select! {
                Some(event) = span.upstream.events.recv() => show_event(&online.report, &event),
                Some(event) = span.downstream.events.recv() => show_event(&online.report, &event),
                Ok(()) = span.downstream.state.changed() => {
                    self.count(card.file, span.downstream.state.borrow_and_update().progress.sent);
                }
                Ok(()) = span.seeders.changed() => behind.show(&online.report, &span.seeders.borrow_and_update()),
                addresses = announced.changed() => if addresses?.is_empty() {
                    break Ok(());
                },
                Ok(()) = view.changed() => {
                    if find_card(&view.borrow_and_update(), card.file, &card.name).is_err() {
                        break Ok(());
                    }
                }
                ended = &mut span.joint => break match ended {
                    Ok(Err(error)) => Err(unusable(&error.to_string())),
                    _ => Err(Failure::unexpected("a bridge ended by itself")),
                },
            }
        };
        let (_, served) = span.stop().await;
        if served.progress.sent > 0 {
            let name = text::printable(&card.name);
            online.report.note(&format!("{name}: {}", closing_words(&served, started.elapsed())));
        }
        end
    }
}

/// No tracker, no DHT, no local network: whom the group's tracker lists is all.
fn nobody_else(info: &metainfo::Info, peer_id: PeerId) -> Outside {
    let left = info.layout().total_len();
    let transferred = watch::Sender::new(Transferred { uploaded: 0, downloaded: 0, left });
    let config = discovery::Config {
        info_hash: info.info_hash(),
        peer_id,
        port: None,
        tiers: Vec::new(),
        is_private: true,
        dht: None,
        local: false,
    };
    Outside::new(Discovery::start(config, transferred.subscribe()), transferred, Vec::new())
}
