//! From a file card to its torrent: waits until it exists, fetches it, compares its hash.

use std::time::{Duration, Instant};

use bytes::Bytes;
use membership::info_of;
use metainfo::Info;
use tokio::sync::watch;
use wire_protocol::control::{FileCard, Progress as Announced, SwarmName, Torrent};
use wire_protocol::ids::GroupId;

use crate::failure::{Failure, Outcome, sentence};
use crate::online::Online;
use crate::report::text::printable;
use crate::server::request_failure;
use crate::session::{GroupState, SwarmFeed};
use crate::standing::find_awaited;

/// How often it is looked how far the other is.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Fetches the info dictionary of a file, and verifies it. The card is not always the one that was waited for: the group
/// may have had that torrent already, as another card.
///
/// # Errors
/// The file is gone, the wait too long, the torrent bad.
pub async fn find_info(
    online: &Online,
    group: GroupId,
    view: watch::Receiver<GroupState>,
    card: &FileCard,
    timeout: Option<Duration>,
) -> Outcome<(FileCard, Info)> {
    let (card, torrent) = match card.torrent {
        Some(torrent) => (card.clone(), torrent),
        None => online.guarded("the wait", wait_for_torrent(online, group, view, card, timeout)).await??,
    };
    let fetched =
        online.guarded("fetching the torrent", online.session.fetch_info(SwarmName { group, file: card.file })).await?;
    let raw = fetched.map_err(|error| request_failure("the torrent", &error))?;
    let info = check_info(&card, &torrent, raw)?;
    Ok((card, info))
}

/// The info dictionary of this card, and of no other file: it is written under the card's name.
///
/// # Errors
/// It is bad.
pub fn check_info(card: &FileCard, torrent: &Torrent, raw: Bytes) -> Outcome<Info> {
    info_of(card, torrent, raw).map_err(|error| {
        let what = format!("the torrent of {} is bad", printable(&card.name));
        Failure::bad_data(what, format!("{} Ask whoever shares it to share it again.", sentence(&error.to_string())))
    })
}

async fn wait_for_torrent(
    online: &Online,
    group: GroupId,
    mut view: watch::Receiver<GroupState>,
    card: &FileCard,
    timeout: Option<Duration>,
) -> Outcome<(FileCard, Torrent)> {
    let over = |error: crate::session::SessionOver| Failure::unexpected(error.to_string());
    let swarm = online.session.watch_swarm(SwarmName { group, file: card.file }).await.map_err(over)?;
    let name = printable(&card.name);
    let started = Instant::now();
    let mut look = tokio::time::interval(LOOK_EVERY);
    loop {
        let known = find_awaited(&view.borrow_and_update(), card)?.cloned();
        if let Some((known, torrent)) = known.and_then(|known| Some((known.clone(), known.torrent?))) {
            online.report.end_bar();
            return Ok((known, torrent));
        }
        tokio::select! {
            changed = view.changed() => changed.map_err(|_| Failure::unexpected("the session is over"))?,
            _ = look.tick() => online.report.waiting(&waiting_note(&name, &swarm)),
        }
        if timeout.is_some_and(|timeout| started.elapsed() >= timeout) {
            let advice = waiting_note(&name, &swarm);
            return Err(Failure::no_source(format!("{name} was not ready in time"), advice));
        }
    }
}

fn waiting_note(name: &str, swarm: &SwarmFeed) -> String {
    let (peers, group) = (swarm.peers.borrow(), swarm.group.borrow());
    let preparing = peers.iter().find_map(|peer| match peer.progress {
        Announced::Preparing(per_mille) => Some((printable(&group.name_of(peer.name.member)), per_mille / 10)),
        Announced::Pieces { .. } => None,
    });
    match preparing {
        Some((who, percent)) => format!("{who} is preparing {name}, {percent}%"),
        None => format!("Whoever shares {name} is not online; it was not prepared yet."),
    }
}
