//! What is said of what is shared out of this tab.

mod again;
mod ended;

use local_peer::FullCopies;

pub use again::{again_line, ask_button, not_read_line};
pub use ended::{
    already_line, empty_line, no_torrent_line, not_added_line, not_hashed_line, not_shared_line, removed_line,
    renamed_line, sharing_ended_line, too_many_line,
};

use super::{Screen, may_close_line};
use crate::format;
use crate::messages::{GroupView, PeerView, Place, ShareStage, ShareView, Snapshot};
use crate::words::words;

/// Where something goes that is dropped now; `None`: nowhere.
pub fn place(snapshot: &Snapshot) -> Option<Place> {
    match Screen::of(snapshot) {
        Screen::Home => Some(Place::NewGroup),
        Screen::Group(group) => Some(Place::Group(group)),
        Screen::Landing | Screen::Opening => None,
    }
}

/// Said over the whole window while something is dragged over it.
pub fn drop_line(snapshot: &Snapshot) -> String {
    let line = match place(snapshot) {
        Some(Place::NewGroup) => words().sharing_drop(),
        Some(Place::Group(group)) => {
            let name = snapshot.group(group).map(|group| group.name.as_str()).unwrap_or_default();
            words().sharing_drop_in(name)
        }
        None => words().sharing_join_first(),
    };
    line.to_string()
}

/// The link by which others come to what is shared in a group: one that lets them in at once, if this browser knows one.
pub fn link(group: &GroupView) -> Option<String> {
    let open = group.invites.iter().flatten().filter(|invite| invite.uses_left != Some(0));
    let mut known: Vec<_> = open.filter(|invite| invite.link.is_some()).collect();
    known.sort_by_key(|invite| (invite.needs_accept, std::cmp::Reverse(invite.expires_at_ms)));
    known.first().and_then(|invite| invite.link.clone()).or_else(|| group.invite.clone())
}

/// A share as the person sees it: `data-state`.
pub fn state(share: &ShareView) -> &'static str {
    match share.stage {
        ShareStage::Waiting => "waiting-to-hash",
        ShareStage::Hashing { .. } => "hashing",
        ShareStage::Publishing => "publishing",
        ShareStage::Serving => "sharing",
        ShareStage::Ended { .. } => "ended",
    }
}

/// Before so much went out, bytes, its rate is that of the greetings, and the time that is left would be hours.
const SENT_MIN: u64 = 256 * 1024;

/// How big it is: `4.31 GB`, `12 files · 4.31 GB`.
pub fn size_line(share: &ShareView) -> String {
    let size = format::bytes(share.size);
    match share.files {
        None => size,
        Some(files) => words().sharing_folder(files, size).to_string(),
    }
}

/// Per cent that is hashed; `None`: it is not being hashed.
pub fn hashed(share: &ShareView) -> Option<u8> {
    match share.stage {
        ShareStage::Waiting => Some(0),
        ShareStage::Hashing { done, .. } => Some(format::percent(done, share.size)),
        _ => None,
    }
}

/// The line under its name: what happens now, and whether the tab may be closed.
pub fn share_line(share: &ShareView) -> String {
    match &share.stage {
        ShareStage::Waiting => words().sharing_waits().to_string(),
        ShareStage::Hashing { done, rate } => hashing_line(share.size - (*done).min(share.size), *rate),
        ShareStage::Publishing => words().sharing_publishing().to_string(),
        ShareStage::Serving => serving_line(share),
        ShareStage::Ended { reason } => reason.clone(),
    }
}

fn hashing_line(left: u64, rate: u64) -> String {
    let line = match format::time_left(left, rate) {
        Some(time) => words().sharing_preparing_at(format::rate(rate), time),
        None => words().sharing_preparing(),
    };
    line.to_string()
}

fn serving_line(share: &ShareView) -> String {
    if may_close(share) {
        return may_close_line(share.swarm.full_copies);
    }
    let line = match (helped(share), share.swarm.leechers + share.swarm.seeders) {
        (0, 0) => words().sharing_nobody_yet(),
        (0, _) => words().sharing_only_copy(),
        (people, _) => match time_to_first_copy(share) {
            Some(time) => words().sharing_going_for(people, time),
            None => words().sharing_going(people),
        },
    };
    line.to_string()
}

/// Others have all of it.
fn may_close(share: &ShareView) -> bool {
    share.stage == ShareStage::Serving && share.swarm.full_copies.is_some_and(FullCopies::is_enough)
}

/// Until whoever is farthest has all of it, at the speed at which it goes there.
fn time_to_first_copy(share: &ShareView) -> Option<String> {
    let linked = share.peers.iter().filter(|peer| peer.is_linked && peer.rate_up > 0 && peer.uploaded >= SENT_MIN);
    let left = linked.map(|peer| (missing_of(share, peer), peer.rate_up));
    let soonest = left.min_by_key(|(left, rate)| left / rate)?;
    format::time_left(soonest.0, soonest.1)
}

fn missing_of(share: &ShareView, peer: &PeerView) -> u64 {
    share.size - had_by(share, peer)
}

fn had_by(share: &ShareView, peer: &PeerView) -> u64 {
    (u128::from(share.size) * u128::from(peer.have_per_mille.min(1000)) / 1000) as u64
}

/// People who want something of it now.
pub fn helped(share: &ShareView) -> usize {
    let mut names: Vec<_> =
        share.peers.iter().filter(|peer| peer.is_linked && peer.wants_from_us).map(|peer| peer.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    names.len()
}

/// What somebody has, and where it came from: of what did not go out here others have sent them the rest.
pub fn receiver_line(share: &ShareView, peer: &PeerView) -> String {
    let had = had_by(share, peer);
    let from_others = had.saturating_sub(peer.uploaded);
    // Shares of less say nothing: pieces are counted whole, and bytes on their way are not.
    let is_helped = u128::from(from_others) * 20 > u128::from(share.size) && peer.uploaded > 0;
    let has = match peer.have_per_mille {
        1000 => words().peers_all().to_string(),
        per_mille => format!("{} %", per_mille / 10),
    };
    match (peer.is_linked, is_helped) {
        (false, _) if peer.uploaded >= share.size => words().sharing_got_all().to_string(),
        (false, _) => words().sharing_got(format::bytes(peer.uploaded)).to_string(),
        (true, false) => has,
        (true, true) => format!("{has} · {}", words().sharing_from_others(format::bytes(from_others))),
    }
}

/// Per cent of it that somebody has; of whom no link is left, what went out to them.
pub fn receiver_percent(share: &ShareView, peer: &PeerView) -> u8 {
    if peer.is_linked { (peer.have_per_mille.min(1000) / 10) as u8 } else { format::percent(peer.uploaded, share.size) }
}

/// Whether the tab has something to do for it, and must not fall asleep.
pub fn is_busy(share: &ShareView) -> bool {
    match share.stage {
        ShareStage::Waiting | ShareStage::Hashing { .. } | ShareStage::Publishing => true,
        ShareStage::Serving => helped(share) > 0,
        ShareStage::Ended { .. } => false,
    }
}

/// Whether closing the tab would cost somebody something: nobody else has all of it.
pub fn is_needed(share: &ShareView) -> bool {
    !matches!(share.stage, ShareStage::Ended { .. }) && !may_close(share)
}

/// What stands in the tab: `61 % movie.mp4`, `Sharing movie.mp4`; `None`: it is not worth saying.
pub fn title(share: &ShareView) -> Option<String> {
    let name = &share.name;
    match share.stage {
        ShareStage::Ended { .. } => None,
        ShareStage::Serving => Some(words().sharing_title(name).to_string()),
        _ => Some(format!("{} % {name}", hashed(share).unwrap_or(100))),
    }
}

/// For the line that is spoken: at every tenth, not with every byte.
pub fn status(share: &ShareView) -> String {
    let name = &share.name;
    match share.stage {
        ShareStage::Hashing { .. } => {
            words().sharing_status_preparing(name, hashed(share).unwrap_or(0) / 10 * 10).to_string()
        }
        ShareStage::Serving => match helped(share) {
            0 => format!("{name}: {}", serving_line(share)),
            people => words().sharing_status_going(name, people).to_string(),
        },
        _ => format!("{name}: {}", share_line(share)),
    }
}

/// What the button that ends it says.
pub fn stop_button(share: &ShareView) -> String {
    let button = match share.stage {
        ShareStage::Serving => words().sharing_stop(),
        ShareStage::Ended { .. } => words().sharing_close(),
        _ => words().sharing_cancel(),
    };
    button.to_string()
}

#[cfg(test)]
mod tests;
