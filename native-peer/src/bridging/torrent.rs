//! A torrent is brought into a group.

use std::sync::Arc;
use std::time::Instant;

use metainfo::{Info, Metainfo, PeerAddress};
use peer_wire::PeerId;
use serde_json::json;
use tokio::sync::watch;
use wire_protocol::control::SwarmName;
use wire_protocol::ids::{FileId, GroupId};

use super::behind::Behind;
use super::span::{Span, Task};
use super::{QUOTA_USED_UP, unusable};
use crate::cli::{Bridge, PeerSources, Setup, TorrentOrigin, TorrentWish};
use crate::failure::{Failure, Outcome};
use crate::online::Online;
use crate::random;
use crate::report::{Report, text};
use crate::session::GroupState;
use crate::share::{Card, closing_words, find_group, show_event};
use crate::standing::find_card;
use crate::swarm::Outside;
use crate::torrent::magnet::{self, Asked};
use crate::torrent::{Search, look_for_peers, origin};

/// Brings it in, and serves until Ctrl-C.
///
/// # Errors
/// [`Failure`].
pub async fn bridge(plan: &Bridge, wish: &TorrentWish, setup: &Setup, report: Report) -> Outcome {
    let local_file = match &wish.origin {
        TorrentOrigin::File(path) => Some(origin::read(path)?),
        TorrentOrigin::Url(_) | TorrentOrigin::Magnet(_) => None,
    };
    let online = Online::start(setup, plan.server.clone(), report).await?;
    let upstream_id = PeerId::covey(random::bytes());
    let Found { info, tiers, named, outside } = find(&online, wish, local_file, upstream_id).await?;
    let (group, invite) = find_group(&online, wish.group.as_ref(), &wish.invite).await?;
    let swarm = find_file(&online, group, &info).await?;
    let layout = *info.layout();
    online.report.invite(&invite, &[(info.name().to_owned(), layout.total_len())], wish.invite.qr);
    online.report.ready(&info.info_hash(), layout.pieces(), layout.nominal_piece_len());
    let outside = match outside {
        Some(outside) => outside,
        None => look(&online, &wish.peers, &info, (&tiers, &named), upstream_id).await,
    };
    let task = Task { info: Arc::new(info), swarm, outside, upstream_id, cache: plan.terms.cache.clone() };
    serve(&online, plan, task).await
}

/// A torrent, and what its origin says of where to find it.
struct Found {
    info: Info,
    tiers: Vec<Vec<String>>,
    /// Peers that a link names.
    named: Vec<PeerAddress>,
    /// The search that the torrent itself came from.
    outside: Option<Outside>,
}

/// Fetches the torrent, unless it is here, or asks peers for it.
async fn find(online: &Online, wish: &TorrentWish, here: Option<Metainfo>, local: PeerId) -> Outcome<Found> {
    let metainfo = match (here, &wish.origin) {
        (Some(metainfo), _) => metainfo,
        (None, TorrentOrigin::File(path)) => origin::read(path)?,
        (None, TorrentOrigin::Url(url)) => online.guarded("fetching the torrent", origin::fetch(url)).await??,
        (None, TorrentOrigin::Magnet(link)) => {
            let asking = magnet::ask((&online.report, online.listener.as_ref(), local), link, &wish.peers, None);
            let Asked { info, tiers, outside } = online.guarded("asking for the torrent", asking).await??;
            return Ok(Found { info, tiers, named: link.peers.clone(), outside });
        }
    };
    let Metainfo { info, trackers: tiers, .. } = metainfo;
    Ok(Found { info, tiers, named: Vec::new(), outside: None })
}

/// The group's file with this torrent; it is added if there is none.
async fn find_file(online: &Online, group: GroupId, info: &Info) -> Outcome<SwarmName> {
    let mut card = Card::find_or_add(online, group, info.name(), info.layout().total_len(), Some(info)).await?;
    card.publish(online, info).await?;
    Ok(card.swarm)
}

/// Begins to look for seeders.
async fn look(
    online: &Online,
    sources: &PeerSources,
    info: &Info,
    (tiers, named): (&[Vec<String>], &[PeerAddress]),
    local: PeerId,
) -> Outside {
    let search = Search {
        info_hash: info.info_hash(),
        is_private: info.is_private(),
        tiers,
        sources,
        named,
        // A bridge lacks everything: whoever tracks it must not take it for a seeder.
        left: info.layout().total_len(),
    };
    look_for_peers(&online.report, online.listener.as_ref(), local, search).await
}

async fn serve(online: &Online, plan: &Bridge, task: Task) -> Outcome {
    let (swarm, name) = (task.swarm, task.info.name().to_owned());
    let group = online.session.watch_group(swarm.group).await?;
    let started = Instant::now();
    let mut span = Span::start(online, &plan.terms, task).await?;
    online.report.note("Looking for seeders; Ctrl-C ends it.");
    let end = watch(online, plan, &mut span, group, (swarm.file, &name)).await;
    online.report.end_bar();
    let (fetched, served) = span.stop().await;
    online.report.note(&format!("Fetched {} from seeders.", text::size(fetched.downloaded)));
    let (downloaded, sent) = (fetched.downloaded, served.progress.sent);
    online.report.object(|| json!({ "v": 1, "t": "bridged", "fetched": downloaded, "sent": sent }));
    online.report.note(&closing_words(&served, started.elapsed()));
    end
}

/// Shows figures and events until Ctrl-C, the quota, or the file's end.
async fn watch(
    online: &Online,
    plan: &Bridge,
    span: &mut Span,
    mut group: watch::Receiver<GroupState>,
    (file, name): (FileId, &str),
) -> Outcome {
    let mut server = online.watch_server();
    let mut behind = Behind::new(name);
    group.mark_changed();
    loop {
        tokio::select! {
            () = online.interrupt.asked() => return Ok(()),
            Ok(()) = group.changed() => find_card(&group.borrow_and_update(), file, name).map(|_| ())?,
            Some(event) = span.upstream.events.recv() => show_event(&online.report, &event),
            event = span.downstream.events.recv() => match event {
                Some(event) => show_event(&online.report, &event),
                None => return Err(Failure::unexpected("the bridge ended by itself")),
            },
            Ok(()) = span.seeders.changed() => behind.show(&online.report, &span.seeders.borrow_and_update()),
            Ok(()) = span.downstream.state.changed() => {
                let state = span.downstream.state.borrow_and_update().clone();
                if let Some(error) = state.storage_failure {
                    return Err(unusable(&error));
                }
                if plan.terms.quota.is_some_and(|quota| state.progress.sent >= quota) {
                    online.report.note(&format!("{} are sent. {QUOTA_USED_UP}", text::size(state.progress.sent)));
                    return Ok(());
                }
                online.report.sharing(&state.progress);
            }
            ended = &mut span.joint => return match ended {
                Ok(Err(error)) => Err(unusable(&error.to_string())),
                _ => Err(Failure::unexpected("the bridge ended by itself")),
            },
            change = server.next() => change?,
            () = tokio::time::sleep_until(behind.due()), if behind.is_due() => behind.show_nobody(&online.report),
        }
    }
}
