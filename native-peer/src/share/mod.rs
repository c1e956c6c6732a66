//! `share`: the link first, then the hashing, then serving until Ctrl-C. Only where hashing tells which link it is, it goes
//! first.

mod before;
mod card;
mod doubts;
mod hashing;
mod serving;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use membership::NewGroup;
use metainfo::{Info, Metainfo};
use wire_protocol::ids::GroupId;

use crate::cli::{GroupWish, InviteWish, Setup, Share};
use crate::exit_code;
use crate::failure::{Failure, Outcome};
use crate::groups::{enter, find};
use crate::invites;
use crate::online::Online;
use crate::random;
use crate::report::{MadeInvite, Report, text};
use crate::source::{Source, settled};
use crate::swarm::{Presence, SwarmEvent, SwarmState};
use crate::torrent_files::{Output, Readers};
use before::{SharedBefore, Shelf};
pub use card::Card;
use hashing::Hasher;
use serving::{End, Shared, serve};

/// Runs the command.
///
/// # Errors
/// [`Failure`].
pub async fn share(plan: Share, setup: &Setup, report: Report) -> Outcome {
    plan.torrent.as_ref().map_or(Ok(()), |path| Output::look(path, Readers::Usual).map(drop))?;
    let source = Source::open_elsewhere(&plan.path, plan.takes_hidden, None).await?;
    source.builder(plan.piece_len)?;
    let online = Online::start(setup, plan.server.clone(), report).await?;
    let settling = settled(source, plan.takes_hidden, plan.settle, &online.report);
    let source = online.guarded("the wait", settling).await??;
    source.notes().iter().for_each(|note| online.report.note(note));

    let hasher = Hasher::new(&online, &plan);
    let (source, info, (group, invite)) = find_place(&online, &plan, &hasher, source).await?;
    let (name, len) = (source.builder(plan.piece_len)?.name().to_owned(), source.len());
    let mut card = Card::find_or_add(&online, group, &name, len, info.as_ref()).await?;
    online.report.invite(&invite, &[(name, len)], plan.invite.qr);
    let presence = |card: &Card| Presence::new(card.swarm, online.listen(), plan.allow_bittorrent);

    let hashed = match info {
        Some(info) => Ok((source, info)),
        None => hasher.hash(source, &presence(&card)).await,
    };
    let (source, info) = match hashed {
        Ok(hashed) => hashed,
        // Whoever stopped it may go on with it.
        Err(failure) if failure.exit == exit_code::INTERRUPTED => return Err(failure),
        Err(failure) => {
            card.give_up(&online).await;
            return Err(failure);
        }
    };
    let prepared = card.swarm;
    card.publish(&online, &info).await?;
    if prepared != card.swarm {
        online.session.withdraw(prepared).await;
    }
    remember(&online, &plan, &source, (group, Some(&info)));
    note_earlier(&online, &card, &info).await?;
    tell_ready(&online, &plan, &info)?;
    let mut sent = 0;
    let shared = Shared { source, info: Arc::new(info) };
    let end = serve_on(&hasher, shared, || presence(&card), &mut sent).await;
    if sent == 0 && end.as_ref().is_err_and(Failure::is_file_changed) {
        card.give_up(&online).await;
    }
    end
}

/// Serves until Ctrl-C, and whenever it may not be what it was, looks and goes on. Counts what was `sent`.
async fn serve_on(hasher: &Hasher<'_>, mut shared: Shared, presence: impl Fn() -> Presence, sent: &mut u64) -> Outcome {
    let Hasher { online, plan, .. } = *hasher;
    loop {
        shared = match serve(online, plan, &shared, presence(), sent).await? {
            End::Stopped => return Ok(()),
            End::Unsure(why) => {
                online.report.note(&why);
                hasher.check(shared, &presence()).await?
            }
            End::Damaged(piece) => hasher.check_damaged(shared, piece, &presence()).await?,
        };
        online.report.note(&format!("{} is what it was, and is shared on.", plan.path.display()));
    }
}

/// The group and an invite to it. What was shared before without a group's name is shared in that group again; where only
/// reading tells whether it is that, it is read first. Its torrent, if it is known by now.
async fn find_place(
    online: &Online,
    plan: &Share,
    hasher: &Hasher<'_>,
    source: Source,
) -> Outcome<(Source, Option<Info>, (GroupId, MadeInvite))> {
    let mut source = source;
    let mut info = hasher.remembered(&source)?;
    if plan.group.is_none() {
        let before = shared_before(online, plan).await?;
        let find = |source: &Source, info: Option<&Info>, wanted: Option<bool>| {
            before.iter().find(|before| is_before(&before.shared, source, info) == wanted)
        };
        let mut found = find(&source, info.as_ref(), Some(true));
        if found.is_none() && find(&source, info.as_ref(), None).is_some() {
            online.report.note("It was shared before: looking whether it is still the same.");
            let (read, hashed) = hasher.hash_unseen(source).await?;
            found = find(&read, Some(&hashed), Some(true));
            (source, info) = (read, Some(hashed));
        }
        if let Some(Before { shared, slug }) = found {
            let invite = invites::find_or_make(online, shared.group, slug, &plan.invite).await?;
            online
                .report
                .note("It was shared before: the same link leads to it again. --group NAME makes another group.");
            return Ok((source, info, (shared.group, invite)));
        }
    }
    let place = find_group(online, plan.group.as_ref(), &plan.invite).await?;
    remember(online, plan, &source, (place.0, info.as_ref()));
    Ok((source, info, place))
}

/// What was shared from the same place, in a group that this person is still in.
struct Before {
    shared: SharedBefore,
    /// The group's.
    slug: String,
}

async fn shared_before(online: &Online, plan: &Share) -> Outcome<Vec<Before>> {
    let groups = online.groups().await?;
    let in_group = |shared: SharedBefore| {
        let (_, group) = groups.iter().find(|(group, _)| *group == shared.group)?;
        // What was taken out of a group is not put back because the same file is shared with somebody else.
        let is_there = shared.info_hash.is_none_or(|info_hash| group.file_of(info_hash).is_some());
        is_there.then(|| Before { shared, slug: group.slug.clone() })
    };
    Ok(shelf(online, plan).map(|shelf| shelf.read()).unwrap_or_default().into_iter().filter_map(in_group).collect())
}

fn is_before(before: &SharedBefore, source: &Source, info: Option<&Info>) -> Option<bool> {
    let content = source.fingerprint().unwrap_or_default();
    before.is(&content, source.len(), info.map(Info::info_hash))
}

fn shelf(online: &Online, plan: &Share) -> Option<Shelf> {
    Shelf::open(&online.data, &online.session.server().origin().to_string(), &plan.path)
}

/// Where it is shared, for the next time. A group that was named will be named again.
fn remember(online: &Online, plan: &Share, source: &Source, (group, info): (GroupId, Option<&Info>)) {
    if plan.group.is_none()
        && let (Some(shelf), Some(content)) = (shelf(online, plan), source.fingerprint())
    {
        shelf.keep(SharedBefore { group, content, len: source.len(), info_hash: info.map(Info::info_hash) });
    }
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

/// Another version of the file stays for those who have it: its torrent is another one.
async fn note_earlier(online: &Online, card: &Card, info: &Info) -> Outcome {
    let (slug, versions) = card::earlier_versions(online, card, info).await?;
    for earlier in versions {
        let (name, id) = (text::printable(&earlier.name), earlier.file.short());
        online.report.note(&format!(
            "The group has another {name} of yours as well ({id}), for those who have it. \
             `native-peer group remove-file {slug} {id}` takes it out."
        ));
    }
    Ok(())
}

fn tell_ready(online: &Online, plan: &Share, info: &Info) -> Outcome {
    online.report.ready(&info.info_hash(), info.layout().pieces(), info.layout().nominal_piece_len());
    if let Some(path) = &plan.torrent {
        write_torrent(info, path)?;
        online.report.note(&format!("Torrent   {}", path.display()));
    }
    let relay = online.session.server().websocket();
    online.report.note(&match &online.listener {
        Some(listener) => format!("Listening {} (TCP) and relay {relay}\n", listener.local_addr()),
        None => format!("Listening on relay {relay} only\n"),
    });
    Ok(())
}

fn write_torrent(info: &Info, path: &Path) -> Outcome {
    let torrent = Metainfo::from(info.clone());
    Output::look(path, Readers::Usual)?.write(&torrent, &torrent.encode())
}

/// Shows what happened in a swarm.
pub fn show_event(report: &Report, event: &SwarmEvent) {
    match event {
        SwarmEvent::Peer(peer, change) => report.peer(peer, *change),
        SwarmEvent::PieceFailed { piece, senders } => report.piece_failed(*piece, senders),
        SwarmEvent::PeerBanned { peer, name, piece } => report.peer_banned(peer, name, *piece),
        SwarmEvent::WebSeed(said) => report.note(said),
        // For whoever serves what was not fetched and verified here.
        SwarmEvent::LeftAfter(_) => {}
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
