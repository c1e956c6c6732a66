//! What of the worker's state is put before the person, and in which words. Nothing here touches a
//! browser, so every state of the page can be tested without one.

pub mod activity;
pub mod acts;
pub mod asking;
pub mod contact;
pub mod downloads;
pub mod files;
pub mod identity;
pub mod invites;
pub mod making;
pub mod metered;
pub mod news;
pub mod own_client;
pub mod pasted;
mod peers;
pub mod people;
pub mod playing;
pub mod refusals;
pub mod saving;
pub mod sharing;
pub mod storing;
pub mod torrents;
mod waits;

use local_peer::{FullCopies, Waiting};
pub use peers::{client_line, peer_line, peers};
use wire_protocol::ids::GroupId;

use crate::address::{Address, DOWNLOAD_COMMAND, slug_of};
use crate::capacity::Capacity;
use crate::format;
use crate::messages::{
    Connection, DownloadView, InviteProblem, Landing, LandingState, Offer, OfferedFile, PeerView, Snapshot, Stage,
};
use crate::playing::Media;
use crate::words::words;
use waits::waiting_line;

/// Whether that is of use.
pub fn has_kept(snapshot: &Snapshot) -> bool {
    let is_away = matches!(snapshot.connection, Connection::Trouble { was_online: false, .. });
    is_away && snapshot.stored.iter().any(|stored| stored.have >= stored.size)
}

/// A wait is explained after this long, milliseconds.
pub const EXPLAIN_AFTER_MS: u64 = 3_000;

/// The one thing that is in front of the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Screen {
    /// Paste an invite, choose a group, or learn how to share.
    Home,
    /// What an invite offers.
    Landing,
    /// A group was asked for, and is not known yet.
    Opening,
    /// A group's files and people.
    Group(GroupId),
}

impl Screen {
    /// From the worker's state.
    pub fn of(snapshot: &Snapshot) -> Self {
        match (&snapshot.landing, snapshot.open_group) {
            (Some(_), _) => Self::Landing,
            (None, Some(group)) => Self::Group(group),
            (None, None) if snapshot.is_opening => Self::Opening,
            (None, None) => Self::Home,
        }
    }
}

/// What is shown until the worker speaks: what the page was opened for.
pub fn first_snapshot(address: &Address) -> Snapshot {
    let landing = |invite: &String| Landing {
        invite: invite.clone(),
        slug: slug_of(invite).to_owned(),
        state: LandingState::Asking,
    };
    match address {
        Address::Home | Address::Identity(_) => Snapshot::default(),
        Address::Invite(link) | Address::Broken(link) => {
            Snapshot { landing: Some(landing(link)), ..Snapshot::default() }
        }
        Address::Group(_) => Snapshot { is_opening: true, ..Snapshot::default() },
    }
}

/// A download as the person sees it: `data-state`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DownloadState {
    /// The list of pieces is on its way.
    Joining,
    /// Whoever adds the file is still hashing it.
    Preparing,
    /// Nothing comes, and the page says why.
    Waiting,
    /// Bytes come.
    Downloading,
    /// All of it is verified.
    Done,
    /// It cannot go on.
    Failed,
}

impl DownloadState {
    /// From the worker's view.
    pub fn of(download: &DownloadView) -> Self {
        match &download.stage {
            Stage::Joining => Self::Joining,
            Stage::Preparing { .. } => Self::Preparing,
            Stage::Fetching { waiting, quiet_ms } => match waiting {
                None => Self::Downloading,
                // It would last as long as nobody comes: that is said at once.
                Some(Waiting::NobodyOnline) => Self::Waiting,
                Some(_) if *quiet_ms < EXPLAIN_AFTER_MS => Self::Downloading,
                Some(_) => Self::Waiting,
            },
            Stage::Done { .. } => Self::Done,
            Stage::Failed { .. } => Self::Failed,
        }
    }

    /// As in `data-state`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Joining => "joining",
            Self::Preparing => "preparing",
            Self::Waiting => "waiting",
            Self::Downloading => "downloading",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }
}

/// The line under a download's name: what happens now, or why nothing does.
pub fn download_line(download: &DownloadView) -> String {
    match DownloadState::of(download) {
        DownloadState::Joining => words().screen_joining().to_string(),
        DownloadState::Preparing => match &download.stage {
            Stage::Preparing { per_mille: Some(per_mille) } => words().screen_preparing(per_mille / 10).to_string(),
            _ => words().screen_not_ready(&download.name).to_string(),
        },
        DownloadState::Waiting => waiting_line(download),
        DownloadState::Downloading => match count_people(download) {
            0 => words().screen_connecting_to_others().to_string(),
            people => words().screen_coming_from(people).to_string(),
        },
        DownloadState::Done => done_line(download),
        DownloadState::Failed => match &download.stage {
            Stage::Failed { reason } => reason.clone(),
            _ => String::new(),
        },
    }
}

/// Different people this tab is linked with.
pub fn count_people(download: &DownloadView) -> usize {
    count_names(download, |peer| peer.is_linked)
}

fn count_names(download: &DownloadView, is: impl Fn(&PeerView) -> bool) -> usize {
    let mut names: Vec<_> = download.peers.iter().filter(|peer| is(peer)).map(|peer| peer.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    names.len()
}

/// Whether the tab may be closed, and whom it helps.
fn done_line(download: &DownloadView) -> String {
    let may_close = match download.swarm.full_copies {
        _ if saving::needs_tab(download) => words().screen_keep_until_saved().to_string(),
        copies => may_close_line(copies),
    };
    match helped(download) {
        0 => may_close,
        helped => format!("{may_close} {}", words().screen_helping(helped)),
    }
}

fn may_close_line(copies: Option<FullCopies>) -> String {
    let line = match copies {
        Some(copies) if copies.is_enough() => words().screen_may_close(copies.0),
        Some(_) => words().screen_only_copy(),
        None => words().screen_next_one(),
    };
    line.to_string()
}

/// Bytes a second that come in; `None`: none has come for a while, and how long it takes is anybody's guess.
pub fn rate_down(download: &DownloadView) -> Option<u64> {
    match download.stage {
        Stage::Fetching { quiet_ms, .. } if quiet_ms < EXPLAIN_AFTER_MS => Some(download.figures.rate_down),
        _ => None,
    }
}

/// The time that is left at that rate.
pub fn time_left(download: &DownloadView) -> Option<String> {
    let figures = &download.figures;
    let left = figures.bytes.saturating_sub(figures.bytes_have + figures.bytes_partial);
    format::time_left(left, rate_down(download)?)
}

/// People who want something from this tab now.
pub fn helped(download: &DownloadView) -> usize {
    count_names(download, |peer| peer.is_linked && peer.wants_from_us)
}

/// Whether the tab has something to do, and must not fall asleep.
pub fn is_busy(snapshot: &Snapshot) -> bool {
    snapshot.downloads.iter().any(is_at_work) || snapshot.shares.iter().any(sharing::is_busy)
}

/// Whether closing the tab would cost somebody something.
pub fn is_needed(snapshot: &Snapshot) -> bool {
    let is_kept_for = |download: &DownloadView| match download.stage {
        // The only other copy, perhaps: whoever comes next needs it.
        Stage::Done { .. } => !may_close(download) || saving::needs_tab(download),
        _ => is_at_work(download),
    };
    snapshot.downloads.iter().any(is_kept_for) || snapshot.shares.iter().any(sharing::is_needed)
}

/// It is here, and others have it too.
fn may_close(download: &DownloadView) -> bool {
    let has_others = download.swarm.full_copies.is_some_and(FullCopies::is_enough);
    has_others && matches!(download.stage, Stage::Done { .. })
}

fn is_at_work(download: &DownloadView) -> bool {
    match download.stage {
        Stage::Fetching { .. } | Stage::Joining | Stage::Preparing { .. } => true,
        Stage::Done { .. } => helped(download) > 0 || saving::is_under_way(download),
        Stage::Failed { .. } => false,
    }
}

/// Per cent of a download, the parts of pieces included.
pub fn progress(download: &DownloadView) -> u8 {
    let figures = &download.figures;
    match download.stage {
        Stage::Done { .. } => 100,
        _ => format::percent(figures.bytes_have + figures.bytes_partial, figures.bytes).min(99),
    }
}

/// What stands in the tab: `71 % movie.mp4`, `Sharing movie.mp4`, `3 people are waiting for you`, `✔ movie.mp4`, else the group that is shown.
pub fn document_title(snapshot: &Snapshot) -> String {
    let fetching = snapshot.downloads.iter().find(|download| matches!(download.stage, Stage::Fetching { .. }));
    if let Some(download) = fetching {
        return format!("{} % {}", progress(download), download.name);
    }
    if let Some(title) = snapshot.shares.iter().rev().find_map(sharing::title) {
        return title;
    }
    let done = snapshot.downloads.iter().rfind(|download| matches!(download.stage, Stage::Done { .. }));
    let group = snapshot.open_group.and_then(|group| snapshot.group(group));
    match (done, group) {
        (Some(download), _) => match helped(download) {
            0 => format!("✔ {}", download.name),
            people => words().screen_waiting_for_you(people).to_string(),
        },
        (None, Some(group)) => format!("{} – Covey", group.name),
        (None, None) => "Covey".to_owned(),
    }
}

/// The line that a screen reader speaks: changes with states and at every tenth, not with every byte.
pub fn status_line(snapshot: &Snapshot) -> String {
    if let Some(trouble) = connection_trouble(&snapshot.connection) {
        return trouble;
    }
    let Some(download) = snapshot.downloads.last() else {
        if let Some(share) = snapshot.shares.last() {
            return sharing::status(share);
        }
        return match &snapshot.connection {
            Connection::Online => words().screen_connected().to_string(),
            _ => words().screen_connecting().to_string(),
        };
    };
    let name = &download.name;
    match DownloadState::of(download) {
        DownloadState::Downloading => {
            let tenth = progress(download) / 10 * 10;
            words().screen_downloading(name, tenth).to_string()
        }
        DownloadState::Done => {
            let (have, all) = (download.figures.pieces_have, download.figures.pieces);
            format!("{} {}", words().screen_complete(name, have, all), done_line(download))
        }
        _ => match download_line(download) {
            line if line.contains(name) => line,
            line => format!("{name}: {line}"),
        },
    }
}

/// What is wrong with the connection to the server, once it has lasted [`EXPLAIN_AFTER_MS`].
pub fn connection_trouble(connection: &Connection) -> Option<String> {
    let words = words();
    let line = match connection {
        Connection::Connecting | Connection::Online => return None,
        Connection::Refused { reason } => words.screen_refused(reason),
        Connection::NoWorker { has_run: true } => words.screen_worker_stopped(),
        Connection::NoWorker { has_run: false } => words.screen_no_worker(DOWNLOAD_COMMAND),
        Connection::Trouble { for_ms, .. } if *for_ms < EXPLAIN_AFTER_MS => return None,
        Connection::Trouble { reason, was_online: true, for_ms, .. } => words.screen_lost(for_ms / 1000, reason),
        Connection::Trouble { found: Some(found), was_online: false, .. } => return Some(found.clone()),
        Connection::Trouble { reason, was_online: false, .. } => words.screen_no_answer(reason),
    };
    Some(line.to_string())
}

/// Why an invite leads nowhere, and what to do.
pub fn invite_problem(problem: &InviteProblem) -> String {
    let line = match problem {
        InviteProblem::BadSecret => words().screen_invite_not_valid(),
        InviteProblem::UnknownGroup => words().screen_no_such_group(),
        InviteProblem::Malformed(line) | InviteProblem::Over(line) | InviteProblem::Other(line) => return line.clone(),
    };
    line.to_string()
}

/// What stands above that.
pub fn invite_problem_title(problem: &InviteProblem) -> String {
    match problem {
        InviteProblem::Other(_) => words().landing_not_now(),
        _ => words().landing_nowhere(),
    }
    .to_string()
}

/// Whether there is a group behind it, into which one may ask to be let in without it.
pub fn may_ask_instead(problem: &InviteProblem) -> bool {
    matches!(problem, InviteProblem::BadSecret | InviteProblem::Over(_))
}

/// What the one button of a landing page says.
pub fn join_button(offer: &Offer, is_joining: bool) -> String {
    let button = match (offer.needs_accept, is_joining, offer.files.len()) {
        (true, true, _) => words().landing_asking(),
        (true, false, _) => words().landing_ask(),
        (false, true, _) => words().screen_joining_group(),
        (false, false, 1) => words().screen_join_and_download(),
        (false, false, _) => words().screen_join(),
    };
    button.to_string()
}

/// Whether joining begins a download that can be played.
pub fn offers_to_play(offer: &Offer) -> bool {
    match offer.files.as_slice() {
        [only] => !offer.needs_accept && Media::of(&only.name).is_some(),
        _ => false,
    }
}

/// The first file of an offer that this browser cannot hold.
pub fn too_big<'a>(offer: &'a Offer, capacity: &Capacity) -> Option<&'a OfferedFile> {
    match offer.files.as_slice() {
        [only] => Some(only).filter(|file| !capacity.holds(file.size)),
        _ => None,
    }
}

/// Why a file is refused before joining.
pub fn too_big_line(name: &str, size: u64, capacity: &Capacity) -> String {
    words().screen_too_big(format::bytes(capacity.file_len_max), name, format::bytes(size)).to_string()
}

/// How many have a file now: `2 people have it now`.
pub fn holders_line(file: &OfferedFile) -> String {
    let line = match (file.is_ready, file.seeders, file.leechers) {
        (false, ..) => words().screen_offered_preparing(),
        (true, 0, 0) => words().screen_offered_by_nobody(),
        (true, 0, parts) => words().screen_offered_in_parts(parts),
        (true, all, _) => words().screen_offered(all),
    };
    line.to_string()
}

#[cfg(test)]
mod tests;
