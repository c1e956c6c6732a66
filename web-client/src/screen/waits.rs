//! Why a download waits, in words.

use local_peer::{LinkFailure, Waiting};

use crate::format;
use crate::messages::{DownloadView, Stage};

/// Why nothing comes, and what can be done.
pub(super) fn waiting_line(download: &DownloadView) -> String {
    let Stage::Fetching { waiting: Some(waiting), .. } = download.stage else {
        return String::new();
    };
    match waiting {
        Waiting::NobodyOnline | Waiting::Connecting { online: 0 } | Waiting::NotReached { online: 0, .. } => {
            nobody_line(download)
        }
        Waiting::Connecting { online } => not_reached_line(online, None),
        Waiting::NotReached { online, last } => not_reached_line(online, last),
        Waiting::NobodyHas { .. } if !download.swarm.sent_bad.is_empty() => nobody_line(download),
        Waiting::NobodyHas { .. } => {
            let (name, missing) = (&download.name, missing(download));
            format!("Those who are online have no more of {name} than you do. {missing}.")
        }
        _ => {
            let linked = download.peers.iter().filter(|peer| peer.is_linked);
            let from: Vec<_> = linked.map(|peer| peer.name.clone()).collect();
            format!("Waiting for {} to send.", format::names(&from))
        }
    }
}

fn nobody_line(download: &DownloadView) -> String {
    let (name, missing, gone) = (&download.name, missing(download), &download.swarm.gone_seeders);
    let bad = &download.swarm.sent_bad;
    if !bad.is_empty() {
        let (names, are) = (format::names(bad), if bad.len() == 1 { "is" } else { "are" });
        return format!(
            "{names} sent damaged data and {are} not asked again, and nobody else has {name} now. {missing}. \
             Tell them to look at the file; it goes on by itself as soon as somebody else comes."
        );
    }
    let had = match gone.is_empty() {
        true => String::new(),
        false => format!(" {} had it.", format::names(gone)),
    };
    format!("No one who has {name} is online. {missing}.{had} It goes on by itself as soon as somebody comes back.")
}

fn not_reached_line(online: usize, last: Option<LinkFailure>) -> String {
    let why = match last {
        // Both pass by themselves within seconds.
        None | Some(LinkFailure::AlreadyLinked | LinkFailure::NotAnnounced) => String::new(),
        Some(why) => format!(" Last attempt: {why}."),
    };
    let others = if online == 1 { "1 other is".to_owned() } else { format!("{online} others are") };
    format!("{others} online, but no link to them has opened yet.{why} Trying again by itself.")
}

/// `Missing: 3 % (31 pieces)`.
fn missing(download: &DownloadView) -> String {
    let figures = &download.figures;
    let pieces = figures.pieces - figures.pieces_have.min(figures.pieces);
    let share = 100 - u32::from(format::percent(figures.bytes_have, figures.bytes));
    format!("Missing: {share} % ({})", format::pieces(pieces))
}
