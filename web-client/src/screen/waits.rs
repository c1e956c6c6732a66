//! Why a download waits, in words.

use std::collections::BTreeSet;

use local_peer::{LinkFailure, Waiting};

use crate::format;
use crate::messages::{DownloadView, Stage};
use crate::words::words;

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
        Waiting::NobodyHas { .. } => format!("{} {}", words().waits_no_more(&download.name), missing(download)),
        _ => {
            let linked = download.peers.iter().filter(|peer| peer.is_linked);
            // Whoever has two tabs open is there twice.
            let from = linked.map(|peer| peer.name.clone()).collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>();
            words().waits_to_send(format::names(&from)).to_string()
        }
    }
}

fn nobody_line(download: &DownloadView) -> String {
    let (words, name, missing) = (words(), &download.name, missing(download));
    let (gone, bad) = (&download.swarm.gone_seeders, &download.swarm.sent_bad);
    if !bad.is_empty() {
        let sent_bad = words.waits_sent_bad(format::names(bad), bad.len(), name);
        return format!("{sent_bad} {missing} {}", words.waits_tell_them());
    }
    let (nobody, goes_on) = (words.waits_nobody(name), words.waits_goes_on());
    match gone.is_empty() {
        true => format!("{nobody} {missing} {goes_on}"),
        false => format!("{nobody} {missing} {} {goes_on}", words.waits_had_it(format::names(gone))),
    }
}

fn not_reached_line(online: usize, last: Option<LinkFailure>) -> String {
    let (words, others) = (words(), words().waits_not_reached(online));
    match last {
        // Both pass by themselves within seconds.
        None | Some(LinkFailure::AlreadyLinked | LinkFailure::NotAnnounced) => {
            format!("{others} {}", words.waits_again())
        }
        Some(why) => format!("{others} {} {}", words.waits_last_attempt(failure(why)), words.waits_again()),
    }
}

/// Why a link did not open, as a part of a sentence.
fn failure(why: LinkFailure) -> String {
    let words = words();
    let said = match why {
        LinkFailure::Unreachable => words.waits_unreachable(),
        LinkFailure::Gone => words.waits_gone(),
        LinkFailure::NotPaired => words.waits_not_paired(),
        LinkFailure::NotSecured => words.waits_not_secured(),
        LinkFailure::Impostor => words.waits_impostor(),
        LinkFailure::OutOfDate => words.waits_out_of_date(),
        LinkFailure::AlreadyLinked => words.waits_already_linked(),
        LinkFailure::NotAnnounced => words.waits_not_announced(),
        LinkFailure::TooMany => words.waits_too_many_links(),
        LinkFailure::Offline => words.waits_offline(),
        LinkFailure::TimedOut => words.waits_no_answer(),
        other => return other.to_string(),
    };
    said.to_string()
}

/// `Missing: 3 % (31 pieces).`
fn missing(download: &DownloadView) -> String {
    let figures = &download.figures;
    let pieces = figures.pieces - figures.pieces_have.min(figures.pieces);
    let share = 100 - u32::from(format::percent(figures.bytes_have, figures.bytes));
    words().waits_missing(share, pieces).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_calls_a_failure_what_the_command_line_calls_it() {
        use LinkFailure::*;
        let all = [
            Unreachable,
            Gone,
            NotPaired,
            NotSecured,
            Impostor,
            OutOfDate,
            AlreadyLinked,
            NotAnnounced,
            TooMany,
            Offline,
            TimedOut,
        ];
        for why in all {
            assert_eq!(failure(why), why.to_string());
            assert_ne!(crate::words::in_german(|| failure(why)), why.to_string());
        }
    }
}
