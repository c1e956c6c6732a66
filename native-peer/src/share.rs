//! `share`: the link first, then the hashing, then serving until Ctrl-C.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use membership::{AddFile, NewGroup};
use metainfo::{Info, Metainfo};
use peer_engine::PieceSet;
use tokio::sync::watch;
use wire_protocol::control::{Progress as Announced, SwarmName};
use wire_protocol::ids::{FileId, GroupId};

use crate::bridging;
use crate::cli::{BridgeTerms, GroupWish, InviteWish, Setup, Share};
use crate::failure::{Failure, Outcome};
use crate::groups::{enter, find};
use crate::hashing::HashCache;
use crate::invites;
use crate::online::Online;
use crate::random;
use crate::report::{MadeInvite, Report, text};
use crate::server::request_failure;
use crate::session::GroupState;
use crate::source::Source;
use crate::standing::find_card;
use crate::storage::Content;
use crate::swarm::{InGroup, OrdinaryClients, Presence, Swarm, SwarmConfig, SwarmEvent, SwarmState};
use crate::web_seed;

/// How often it is looked whether the file is still what it was.
const CHECK_EVERY: Duration = Duration::from_secs(2);

/// Runs the command.
///
/// # Errors
/// [`Failure`].
pub async fn share(plan: Share, setup: &Setup, report: Report) -> Outcome {
    let source = Source::open_elsewhere(&plan.path, plan.takes_hidden, None).await?;
    let builder = source.builder(plan.piece_len)?;
    let (name, total_len, content) =
        (builder.name().to_owned(), builder.layout().total_len(), source.content(&builder));
    let online = Online::start(setup, plan.server.clone(), report).await?;
    let (group, invite) = find_group(&online, plan.group.as_ref(), &plan.invite).await?;
    let swarm = SwarmName { group, file: FileId(random::bytes()) };
    let card = AddFile { group, file: swarm.file, name: name.clone(), size: total_len };
    online.ask("the file", card).await?;
    online.report.invite(&invite, &[(name, total_len)], plan.invite.qr);
    source.notes().iter().for_each(|note| online.report.note(note));

    let presence = Presence::new(swarm, online.listen(), plan.allow_bittorrent);
    let info = hash(&online, &source, builder, &presence).await?;
    publish(&online, swarm, &info).await?;
    online.report.ready(&info.info_hash(), info.layout().pieces(), info.layout().nominal_piece_len());
    if let Some(path) = &plan.torrent {
        write_torrent(&info, path)?;
        online.report.note(&format!("Torrent   {}", path.display()));
    }
    note_listening(&online);
    serve(&online, &plan, Shared { source: &source, content, info }, presence).await
}

/// Gives a file card its torrent.
///
/// # Errors
/// Those of the request.
pub async fn publish(online: &Online, swarm: SwarmName, info: &Info) -> Outcome {
    let publishing = online.session.publish(swarm, info.info_hash(), info.raw().clone(), info.layout().pieces());
    online.guarded("the torrent", publishing).await?.map_err(|error| request_failure("the torrent", &error))
}

/// The group to share in, and an invite to it.
pub async fn find_group(
    online: &Online,
    group: Option<&GroupWish>,
    wish: &InviteWish,
) -> Outcome<(GroupId, MadeInvite)> {
    let (known, name) = match group {
        Some(GroupWish::By(invite)) => (Some(enter(online, invite).await?), ""),
        Some(GroupWish::Named(name)) => (find_existing_group(online, name).await?, name.as_str()),
        None => (None, ""),
    };
    if let Some((group, slug)) = known {
        return Ok((group, invites::find_or_make(online, group, &slug, wish).await?));
    }
    let (group, name) = (GroupId(random::bytes()), name.to_owned());
    let terms = invites::terms(wish);
    let slug = online.make_group(NewGroup { group, name, terms }).await?;
    let expires_at_ms = invites::now_ms() + u64::from(terms.lifetime_s) * 1000;
    Ok((group, invites::kept(online, group, &slug, &terms, expires_at_ms).await?))
}

/// With its slug; `None`: it is to be made.
async fn find_existing_group(online: &Online, name: &str) -> Outcome<Option<(GroupId, String)>> {
    match find::group(&online.groups().await?, name) {
        Ok((id, group)) => Ok(Some((id, group.slug.clone()))),
        Err(failure) if failure.is_unknown_group() => Ok(None),
        Err(failure) => Err(failure),
    }
}

/// What is shared.
struct Shared<'a> {
    source: &'a Source,
    content: Arc<Content>,
    info: Info,
}

async fn hash(online: &Online, source: &Source, builder: metainfo::InfoBuilder, presence: &Presence) -> Outcome<Info> {
    let (cache, piece_len) = (HashCache::open(&online.data), builder.layout().nominal_piece_len());
    let file = match source {
        Source::File(file) => Some(file),
        Source::Folder(_) => None,
    };
    if let Some(info) = file.and_then(|file| cache.find(&file.path, &file.stamp, piece_len)) {
        return Ok(info);
    }
    let total = builder.layout().total_len();
    let mut told = None;
    let show = |done: u64, bps: u64| {
        online.report.hashing(done, total, bps);
        let per_mille = (u128::from(done) * 1000 / u128::from(total)) as u16;
        if told != Some(per_mille) && online.session.announce(presence.announce(Announced::Preparing(per_mille))) {
            told = Some(per_mille);
        }
    };
    let info = online.guarded("the hashing", source.hash(builder, show)).await??;
    if let Some(file) = file {
        cache.keep(&file.path, &file.stamp, &info);
    }
    Ok(info)
}

fn write_torrent(info: &Info, path: &Path) -> Outcome {
    let torrent = Metainfo::from(info.clone());
    std::fs::write(path, torrent.encode()).map_err(|error| Failure::file("write", path, &error))
}

fn note_listening(online: &Online) {
    let relay = online.session.server().websocket();
    online.report.note(&match &online.listener {
        Some(listener) => format!("Listening {} (TCP) and relay {relay}\n", listener.local_addr()),
        None => format!("Listening on relay {relay} only\n"),
    });
}

async fn serve(online: &Online, plan: &Share, shared: Shared<'_>, presence: Presence) -> Outcome {
    let Shared { source, content, info } = shared;
    let (swarm, name) = (presence.swarm, info.name().to_owned());
    let config = SwarmConfig {
        have: PieceSet::all(info.layout().pieces()),
        wanted: None,
        content: content.into(),
        info: Arc::new(info),
        local: presence.local,
        group: Some(InGroup { session: online.session.clone(), presence }),
        outside: None,
        tuning: plan.tuning,
        ordinary: ordinary(plan),
        direct: online.listener.is_some(),
        bridge: None,
        web_seeds: web_seed::Sources::default(),
    };
    let group = online.session.watch_group(swarm.group).await?;
    let started = Instant::now();
    let mut serving = Swarm::start(config, online.listener.as_ref(), &online.places).await?;
    let end = tokio::select! {
        end = watch_serving(online, source, &mut serving, group, (swarm.file, &name)) => end,
        Err(failure) = bridge_beside(online, plan.bridge.as_ref(), swarm) => Err(failure),
    };
    online.report.end_bar();
    let state = serving.stop().await;
    online.report.note(&closing_words(&state, started.elapsed()));
    end
}

/// Whatever becomes of the group, the sharing sees to it.
async fn bridge_beside(online: &Online, terms: Option<&BridgeTerms>, shared: SwarmName) -> Outcome {
    match terms {
        Some(terms) => Box::pin(bridging::beside(online, terms, shared)).await,
        None => Ok(()),
    }
}

fn ordinary(plan: &Share) -> OrdinaryClients {
    if plan.allow_bittorrent { OrdinaryClients::Announced } else { OrdinaryClients::Nobody }
}

/// Serves until Ctrl-C (which is how a sharing is meant to end), or until it cannot go on.
async fn watch_serving(
    online: &Online,
    source: &Source,
    swarm: &mut Swarm,
    mut group: watch::Receiver<GroupState>,
    (file, name): (FileId, &str),
) -> Outcome {
    let mut check = tokio::time::interval(CHECK_EVERY);
    let mut server = online.watch_server();
    group.mark_changed();
    loop {
        tokio::select! {
            () = online.interrupt.asked() => return Ok(()),
            Ok(()) = group.changed() => find_card(&group.borrow_and_update(), file, name).map(|_| ())?,
            event = swarm.events.recv() => match event {
                Some(event) => show_event(&online.report, &event),
                None => return Err(Failure::unexpected("serving ended by itself")),
            },
            Ok(()) = swarm.state.changed() => {
                let state = swarm.state.borrow_and_update().clone();
                if let Some(error) = state.storage_failure {
                    source.check_unchanged()?;
                    return Err(Failure::local_files(format!("cannot read {}", source.path().display()), error));
                }
                online.report.sharing(&state.progress);
            }
            change = server.next() => change?,
            _ = check.tick() => source.check_unchanged()?,
        }
    }
}

/// Shows what happened in a swarm.
pub fn show_event(report: &Report, event: &SwarmEvent) {
    match event {
        SwarmEvent::Peer(peer, change) => report.peer(peer, *change),
        SwarmEvent::PieceFailed { piece, senders } => report.piece_failed(*piece, senders),
        SwarmEvent::PeerBanned { peer, name, piece } => report.peer_banned(peer, name, *piece),
        SwarmEvent::WebSeed(said) => report.note(said),
    }
}

/// What was sent to whom.
pub fn closing_words(state: &SwarmState, took: Duration) -> String {
    let sent = state.progress.sent;
    let carried = state.sent_direct + state.sent_relay;
    let paths = if sent == 0 || carried == 0 {
        String::new()
    } else {
        let direct = state.sent_direct * 100 / carried;
        format!(" (direct {direct}%, relay {}%)", 100 - direct)
    };
    let people = text::people(state.people_served);
    format!("Stopped. Sent {} to {people} in {}{paths}.", text::size(sent), text::elapsed(took))
}
