//! Waiting for others while a download goes on: what is said, and when it is enough.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use local_peer::{LinkFailure, Waiting};
use wire_protocol::ids::PeerId;

use crate::failure::{Failure, Outcome};
use crate::report::{Report, text};
use crate::swarm::{IDLE_AFTER, SwarmState};

/// Who had something and is gone: so many are named.
const GONE_SHOWN: usize = 3;
/// Trackers whose words are shown.
const TRACKERS_SHOWN: usize = 4;
/// Names of those who sent damaged data.
const NAMES_SHOWN: usize = 4;

/// Who could have the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Crowd {
    /// Members of a group.
    Group,
    /// Anybody.
    Strangers,
}

/// When to explain a wait, and when to give up.
#[derive(Debug)]
pub struct Patience {
    /// What is waited for, for people.
    name: String,
    crowd: Crowd,
    /// When the wait began, or something arrived before this download did.
    started: Instant,
    timeout: Option<Duration>,
    explained: bool,
    /// Who was connected and had something: their names.
    had: BTreeMap<PeerId, String>,
}

impl Patience {
    /// `timeout`: give up when nothing arrives for so long.
    pub fn new(name: &str, crowd: Crowd, timeout: Option<Duration>) -> Self {
        let (name, started) = (text::printable(name), Instant::now());
        Self { name, crowd, started, timeout, explained: false, had: BTreeMap::new() }
    }

    /// Has been waiting since then already.
    pub fn since(self, started: Instant) -> Self {
        Self { started, ..self }
    }

    /// How long nothing has come.
    pub fn idle(&self, state: &SwarmState) -> Duration {
        state.last_arrival.unwrap_or(self.started).elapsed()
    }

    /// Why nothing comes, in a few words; `None`: something does, or it is too early to say.
    pub fn waits(&mut self, state: &SwarmState) -> Option<String> {
        for peer in state.progress.peers.iter().filter(|peer| peer.have_milli > 0) {
            self.had.insert(peer.id, text::printable(&peer.name));
        }
        if state.is_complete || self.idle(state) < IDLE_AFTER {
            return None;
        }
        Some(match (self.gone(state), state.progress.peers.is_empty()) {
            (Some(gone), _) => format!("waiting for {gone}"),
            (None, true) => "waiting for somebody who has it".to_owned(),
            (None, false) => "waiting for somebody who sends it".to_owned(),
        })
    }

    /// Who had something and is not connected any more.
    fn gone(&self, state: &SwarmState) -> Option<String> {
        let is_gone = |id: &PeerId| state.progress.peers.iter().all(|peer| peer.id != *id);
        let gone: Vec<&str> = self.had.iter().filter(|(id, _)| is_gone(id)).map(|(_, name)| name.as_str()).collect();
        let more = gone.len().saturating_sub(GONE_SHOWN);
        let named = gone[..gone.len() - more].join(", ");
        match (gone.is_empty(), more) {
            (true, _) => None,
            (false, 0) => Some(named),
            (false, more) => Some(format!("{named} and {more} more")),
        }
    }

    /// Explains a wait to the person.
    ///
    /// # Errors
    /// It is enough.
    pub fn look(&mut self, report: &Report, state: &SwarmState) -> Outcome {
        match self.check(state) {
            Ok(note) => report.note(&note),
            Err(Some(failure)) => return Err(failure),
            Err(None) => {}
        }
        Ok(())
    }

    /// `Ok`: a note for the person. `Err(None)`: all is well. `Err(Some)`: enough.
    fn check(&mut self, state: &SwarmState) -> Result<String, Option<Failure>> {
        let idle = self.idle(state);
        if let Some(timeout) = self.timeout.filter(|timeout| idle >= *timeout) {
            let why = self.why(state);
            let advice = format!("{why}\nNothing arrived for {}. What is there is kept.", text::elapsed(timeout));
            let failure = if has_only_bad(state) { Failure::bad_data } else { Failure::no_source };
            return Err(Some(failure(self.nobody(state), advice)));
        }
        if idle < IDLE_AFTER {
            self.explained = false;
            return Err(None);
        }
        if std::mem::replace(&mut self.explained, true) {
            return Err(None);
        }
        let hint = match self.timeout {
            Some(_) => "Waiting; press Ctrl-C to stop.",
            None => "Waiting; press Ctrl-C to stop, or use --timeout 5m to give up by itself.",
        };
        Ok(format!("{}\n  {}\n  {hint}", self.nobody(state), self.why(state).replace('\n', "\n  ")))
    }

    fn why(&self, state: &SwarmState) -> String {
        let gone = self.gone(state).map(|gone| format!("\nGone, and had some of it: {gone}."));
        format!("{}{}", why_idle(state, self.crowd), gone.unwrap_or_default())
    }

    fn nobody(&self, state: &SwarmState) -> String {
        match has_only_bad(state) {
            true => format!("the data of {} that was sent is damaged", self.name),
            false => format!("no one is serving {} right now", self.name),
        }
    }
}

/// Somebody sent damaged data, and there is nobody else to get anything from.
fn has_only_bad(state: &SwarmState) -> bool {
    let is_nobody = matches!(
        state.waiting,
        Some(
            Waiting::Connecting { online: 0 }
                | Waiting::NotReached { online: 0, .. }
                | Waiting::NobodyOnline
                | Waiting::NobodyHas { .. }
        )
    );
    is_nobody && !state.sent_bad.is_empty()
}

/// Who sent damaged data; empty: nobody.
fn who_sent_bad(names: &[String]) -> String {
    let all: Vec<String> = names.iter().take(NAMES_SHOWN).map(|name| text::printable(name)).collect();
    let (names, are) = match &all[..] {
        [] => return String::new(),
        [one] => (one.clone(), "is"),
        [first @ .., last] => (format!("{} and {last}", first.join(", ")), "are"),
    };
    format!(
        "{names} sent damaged data and {are} not asked again: the copy there is not what was shared. Tell them to look at \
         the file; once it is mended, run the same command again.\n"
    )
}

/// In lines.
fn why_idle(state: &SwarmState, crowd: Crowd) -> String {
    format!("{}{}", who_sent_bad(&state.sent_bad), why_waiting(state, crowd))
}

fn why_waiting(state: &SwarmState, crowd: Crowd) -> String {
    let progress = &state.progress;
    let missing = 100 - (progress.done * 100).checked_div(progress.total).unwrap_or(0).min(100);
    let connected = text::people(progress.peers.len());
    match (state.waiting, crowd) {
        (
            Some(Waiting::Connecting { online: 0 } | Waiting::NotReached { online: 0, .. } | Waiting::NobodyOnline),
            Crowd::Group,
        ) => format!("{missing}% is missing, and no one else of the group is online with it."),
        (Some(Waiting::Connecting { online: 0 } | Waiting::NobodyOnline), Crowd::Strangers) => {
            let said = state.trackers.iter().take(TRACKERS_SHOWN);
            let lines = said.map(|status| format!("\n{}: {}", status.tracker, or_waiting(&status.said)));
            format!("{missing}% is missing, and no peer was found yet.{}", lines.collect::<String>())
        }
        (Some(Waiting::Connecting { online }), _) => not_reached(missing, online, None),
        (Some(Waiting::NotReached { online, last }), _) => not_reached(missing, online, last),
        (Some(Waiting::NobodyHas { pieces }), _) => {
            format!("{missing}% is missing; {connected} connected, but nobody has {pieces} of the pieces.")
        }
        _ => format!("{missing}% is missing; {connected} connected, none of them sending."),
    }
}

fn or_waiting(said: &str) -> &str {
    if said.is_empty() { "has not answered yet" } else { said }
}

fn not_reached(missing: u64, online: usize, last: Option<LinkFailure>) -> String {
    let why = last.map(|why| format!(" (last attempt: {why})")).unwrap_or_default();
    format!("{missing}% is missing; {} online, none of them reached yet{why}.", text::people(online))
}

#[cfg(test)]
mod tests {
    use membership::DialFailure;
    use wire_protocol::control::DialRefusal;

    use super::*;
    use crate::discovery::TrackerStatus;
    use crate::report::{Path, PeerView, Progress};

    fn waiting(reason: Option<Waiting>, connected: u8) -> SwarmState {
        let peer = |id| PeerView {
            id: wire_protocol::ids::PeerId([id; 20]),
            name: String::new(),
            client: String::new(),
            path: Path::Direct,
            have_milli: 0,
            rate_down: 0,
            rate_up: 0,
        };
        let progress =
            Progress { done: 30, total: 100, peers: (0..connected).map(peer).collect(), ..Progress::default() };
        SwarmState { progress, waiting: reason, ..SwarmState::default() }
    }

    #[test]
    fn each_reason_to_wait_has_its_words() {
        let not_reached = Waiting::NotReached { online: 2, last: Some(LinkFailure::NotPaired) };
        for (reason, connected, words) in [
            (Some(Waiting::NobodyOnline), 0, "no one else of the group is online"),
            (Some(Waiting::Connecting { online: 1 }), 0, "1 person online, none of them reached yet."),
            (
                Some(not_reached),
                0,
                "2 people online, none of them reached yet (last attempt: the other side did not come).",
            ),
            (Some(Waiting::NotReached { online: 0, last: None }), 0, "no one else of the group is online"),
            (Some(Waiting::NobodyHas { pieces: 7 }), 2, "2 people connected, but nobody has 7 of the pieces"),
            (Some(Waiting::NotSending { connected: 2 }), 2, "2 people connected, none of them sending"),
            (None, 1, "1 person connected, none of them sending"),
        ] {
            let why = why_idle(&waiting(reason, connected), Crowd::Group);
            assert!(why.starts_with("70% is missing") && why.contains(words), "{reason:?}: {why}");
        }
    }

    /// It used to be said that they were not reached yet, for ever.
    #[test]
    fn whoever_sent_damaged_data_is_named_and_a_wait_for_them_alone_ends_as_bad_data() {
        let mut patience = Patience::new("movie.mp4", Crowd::Group, Some(Duration::ZERO));
        let only = SwarmState {
            sent_bad: vec!["Ana".to_owned(), "Bo\u{1b}[2J".to_owned()],
            ..waiting(Some(Waiting::NotReached { online: 0, last: None }), 0)
        };
        let failure = patience.check(&only).unwrap_err().unwrap();
        assert_eq!(failure.exit, crate::exit_code::BAD_DATA);
        assert!(failure.what.contains("damaged") && failure.advice.contains("Ana and Bo"), "{failure}");
        assert!(failure.advice.contains("sent damaged data") && !failure.advice.contains('\u{1b}'), "{failure}");
        let others = SwarmState { waiting: Some(Waiting::Connecting { online: 1 }), ..only };
        let failure = patience.check(&others).unwrap_err().unwrap();
        assert_eq!(failure.exit, crate::exit_code::NO_SOURCE);
        assert!(failure.advice.contains("Ana and Bo"), "{failure}");
    }

    /// "Too many links" used to be said when there was no connection to the server, too.
    #[test]
    fn a_peer_that_is_not_reached_is_explained_by_what_really_happened() {
        for (why, words) in [
            (DialFailure::Offline, "there is no connection to the server"),
            (DialFailure::NoAnswer, "no answer in time"),
            (DialFailure::Refused(DialRefusal::TooMany), "the server has too many links"),
            (DialFailure::Refused(DialRefusal::NoSuchPeer), "it is gone"),
        ] {
            let last = Some(why.into());
            let said = why_idle(&waiting(Some(Waiting::NotReached { online: 1, last }), 0), Crowd::Group);
            assert!(
                said.ends_with(&format!("1 person online, none of them reached yet (last attempt: {words}).")),
                "{said}"
            );
        }
    }

    #[test]
    fn where_no_peer_was_found_the_trackers_words_are_shown() {
        let mut state = waiting(Some(Waiting::NobodyOnline), 0);
        let status = |tracker: &str, said: &str| TrackerStatus { tracker: tracker.to_owned(), said: said.to_owned() };
        state.trackers = vec![status("udp://a:1", "no answer"), status("http://b", "")];
        let said = why_idle(&state, Crowd::Strangers);
        let expected =
            "70% is missing, and no peer was found yet.\nudp://a:1: no answer\nhttp://b: has not answered yet";
        assert_eq!(said, expected);
    }

    #[test]
    fn who_had_it_and_is_gone_is_named_after_three_seconds() {
        let ago = |seconds| Instant::now().checked_sub(Duration::from_secs(seconds)).expect("it has run for so long");
        let mut patience = Patience::new("movie.mp4", Crowd::Group, None).since(ago(10));
        let mut state = waiting(None, 1);
        state.progress.peers[0] =
            PeerView { name: "Ana".to_owned(), have_milli: 1000, ..state.progress.peers[0].clone() };
        state.last_arrival = Some(ago(0));
        assert_eq!(patience.waits(&state), None);
        state.last_arrival = Some(ago(4));
        assert_eq!(patience.waits(&state).as_deref(), Some("waiting for somebody who sends it"));
        state.progress.peers.clear();
        assert_eq!(patience.waits(&state).as_deref(), Some("waiting for Ana"));
        assert!(patience.why(&state).ends_with("Gone, and had some of it: Ana."));
        let nobody = Patience::new("movie.mp4", Crowd::Group, None).since(ago(4)).waits(&waiting(None, 0));
        assert_eq!(nobody.as_deref(), Some("waiting for somebody who has it"));
    }

    #[test]
    fn a_wait_is_explained_once_and_anew_after_something_came() {
        let ago = |seconds| Instant::now().checked_sub(Duration::from_secs(seconds)).expect("it has run for so long");
        let mut patience = Patience::new("movie.mp4", Crowd::Group, Some(Duration::from_secs(8)));
        patience.started = ago(4);
        let mut state = waiting(Some(Waiting::NobodyOnline), 0);
        assert!(patience.check(&state).is_ok_and(|note| note.contains("no one is serving movie.mp4")));
        assert_eq!(patience.check(&state), Err(None), "said already");
        state.last_arrival = Some(ago(0));
        assert_eq!(patience.check(&state), Err(None), "bytes come");
        state.last_arrival = Some(ago(5));
        assert!(patience.check(&state).is_ok());
        state.last_arrival = Some(ago(9));
        assert_eq!(patience.check(&state).unwrap_err().unwrap().exit, crate::exit_code::NO_SOURCE);
    }
}
