//! One file: from its card to the finished file.

use std::sync::Arc;
use std::time::{Duration, Instant};

use local_peer::{LinkFailure, Waiting};
use metainfo::Info;
use peer_engine::PieceSet;
use tokio::sync::watch;
use wire_protocol::control::{FileCard, SwarmName};
use wire_protocol::ids::GroupId;

use super::local::{Start, Wanted, look};
use super::torrent::find_info;
use crate::cli::{Download, Existing, Seeding};
use crate::failure::{Failure, Outcome};
use crate::online::Online;
use crate::report::{Finished, text};
use crate::session::GroupState;
use crate::share::show_event;
use crate::standing::find_card;
use crate::storage::{Content, Part, find_target};
use crate::swarm::{InGroup, Presence, Swarm, SwarmConfig, SwarmState};

/// Waits are explained after this long.
const EXPLAIN_AFTER: Duration = Duration::from_secs(3);
/// How often it is looked whether something still comes.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// What one file needs.
pub struct Transfer<'a> {
    /// Server, peers, terminal.
    pub online: &'a Online,
    /// What the person wants.
    pub plan: &'a Download,
    pub group: GroupId,
    /// What is known of it.
    pub view: &'a watch::Receiver<GroupState>,
    /// Which file of the group.
    pub card: FileCard,
    /// It is one of several: they go into a folder.
    pub several: bool,
}

impl Transfer<'_> {
    /// Downloads it. Returns the swarm if it is to be served on.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn run(&self) -> Outcome<Option<Swarm>> {
        let info =
            Arc::new(find_info(self.online, self.group, self.view.clone(), &self.card, self.plan.timeout).await?);
        let target = find_target(self.plan.output.as_deref(), &self.card.name, self.several);
        let layout = *info.layout();
        let (bytes, pieces) = (layout.total_len(), layout.pieces());
        let wanted = Wanted::all(&info);
        let looking = look(&self.online.report, &info, target, self.plan.existing, &wanted);
        match self.online.guarded("checking what is there", looking).await?? {
            Start::Complete(content, have, target) => {
                let finished = Finished { path: &target.path, bytes, fetched: 0, took: Duration::ZERO, pieces };
                self.online.report.done(&finished);
                if self.plan.seeding != Seeding::Stay {
                    return Ok(None);
                }
                Ok(Some(self.start(info, have, content).await?))
            }
            Start::Partial(part, have) => {
                self.online.report.ready(&info.info_hash(), pieces, layout.nominal_piece_len());
                self.online.report.note(&format!("Saving to {}", part.target().part.display()));
                let started = Instant::now();
                let mut swarm = self.start(info, have, part.content().clone()).await?;
                let result = self.watch(&mut swarm, &part).await;
                self.online.report.end_bar();
                let Err(failure) = result else {
                    let fetched = swarm.state.borrow().downloaded;
                    let part = finish(part, self.plan.existing == Existing::Overwrite).await?;
                    let finished =
                        Finished { path: &part.target().path, bytes, fetched, took: started.elapsed(), pieces };
                    self.online.report.done(&finished);
                    return Ok(Some(swarm));
                };
                swarm.stop().await;
                Err(failure)
            }
        }
    }

    async fn start(&self, info: Arc<Info>, have: PieceSet, content: Arc<Content>) -> Outcome<Swarm> {
        let swarm = SwarmName { group: self.group, file: self.card.file };
        let presence = Presence::new(swarm, self.online.listen(), false);
        let config = SwarmConfig {
            content,
            info,
            have,
            wanted: None,
            local: presence.local,
            group: Some(InGroup { session: self.online.session.clone(), presence }),
            outside: None,
            tuning: self.plan.tuning,
            ordinary_clients: false,
            direct: self.online.listener.is_some(),
        };
        let Online { listener, places, .. } = self.online;
        Swarm::start(config, listener.as_ref(), places).await.map_err(|over| Failure::unexpected(over.to_string()))
    }

    /// Watches the download until the file is complete, and says why if it cannot be.
    async fn watch(&self, swarm: &mut Swarm, part: &Part) -> Outcome {
        let report = &self.online.report;
        let mut patience = Patience { started: Instant::now(), timeout: self.plan.timeout, explained: false };
        let mut look = tokio::time::interval(LOOK_EVERY);
        let mut server = self.online.watch_server();
        let mut group = self.view.clone();
        group.mark_changed();
        loop {
            tokio::select! {
                () = self.online.interrupt.asked() => return Err(self.interrupted(swarm, part)),
                event = swarm.events.recv() => match event {
                    Some(event) => show_event(report, &event),
                    None => return Err(Failure::unexpected("the download ended by itself")),
                },
                Ok(()) = swarm.state.changed() => {
                    let state = swarm.state.borrow_and_update().clone();
                    if let Some(error) = state.storage_failure {
                        return Err(Failure::local_files(format!("cannot write {}", part.target().part.display()), error));
                    }
                    report.downloading(&state.progress);
                    if state.is_complete {
                        return Ok(());
                    }
                }
                change = server.next() => change?,
                Ok(()) = group.changed() => {
                    find_card(&group.borrow_and_update(), self.card.file, &self.card.name)?;
                },
                _ = look.tick() => {
                    let state = swarm.state.borrow().clone();
                    patience.check(&self.card, &state).map(|note| report.note(&note)).or_else(|failure| failure.map_or(Ok(()), Err))?;
                }
            }
        }
    }

    fn interrupted(&self, swarm: &Swarm, part: &Part) -> Failure {
        let progress = swarm.state.borrow().progress.clone();
        Failure::interrupted(
            format!(
                "stopped at {} of {}",
                text::percent(progress.done, progress.total),
                text::printable(&self.card.name)
            ),
            format!("What is there is kept in {}: run the same command again to go on.", part.target().part.display()),
        )
    }
}

/// When to explain a wait, and when to give up.
struct Patience {
    started: Instant,
    timeout: Option<Duration>,
    explained: bool,
}

impl Patience {
    /// `Ok`: a note for the person. `Err(None)`: all is well. `Err(Some)`: enough.
    fn check(&mut self, card: &FileCard, state: &SwarmState) -> Result<String, Option<Failure>> {
        let idle = state.last_arrival.unwrap_or(self.started).elapsed();
        if let Some(timeout) = self.timeout.filter(|timeout| idle >= *timeout) {
            let advice =
                format!("{}\nNothing arrived for {}. What is there is kept.", why_idle(state), text::elapsed(timeout));
            return Err(Some(Failure::no_source(nobody(card), advice)));
        }
        if idle < EXPLAIN_AFTER {
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
        Ok(format!("{}\n  {}\n  {hint}", nobody(card), why_idle(state)))
    }
}

fn nobody(card: &FileCard) -> String {
    format!("no one is serving {} right now", text::printable(&card.name))
}

fn why_idle(state: &SwarmState) -> String {
    let progress = &state.progress;
    let missing = 100 - (progress.done * 100).checked_div(progress.total).unwrap_or(0).min(100);
    let connected = text::people(progress.peers.len());
    match state.waiting {
        Some(Waiting::Connecting { online: 0 } | Waiting::NotReached { online: 0, .. } | Waiting::NobodyOnline) => {
            format!("{missing}% is missing, and no one else of the group is online with it.")
        }
        Some(Waiting::Connecting { online }) => not_reached(missing, online, None),
        Some(Waiting::NotReached { online, last }) => not_reached(missing, online, last),
        Some(Waiting::NobodyHas { pieces }) => {
            format!("{missing}% is missing; {connected} connected, but nobody has {pieces} of the pieces.")
        }
        _ => format!("{missing}% is missing; {connected} connected, none of them sending."),
    }
}

fn not_reached(missing: u64, online: usize, last: Option<LinkFailure>) -> String {
    let why = last.map(|why| format!(" (last attempt: {why})")).unwrap_or_default();
    format!("{missing}% is missing; {} online, none of them reached yet{why}.", text::people(online))
}

async fn finish(part: Part, overwrite: bool) -> Outcome<Part> {
    let finished = tokio::task::spawn_blocking(move || (part.finish(overwrite), part)).await;
    let (result, part) = finished.map_err(|error| Failure::unexpected(error.to_string()))?;
    match result {
        Ok(()) => Ok(part),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Err(Failure::local_files(
            format!("{} has appeared meanwhile", part.target().path.display()),
            format!("The download is complete in {}.", part.target().part.display()),
        )),
        Err(error) => Err(Failure::file("finish", &part.target().path, &error)),
    }
}

#[cfg(test)]
mod tests {
    use membership::DialFailure;
    use wire_protocol::control::DialRefusal;

    use super::*;
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
            let why = why_idle(&waiting(reason, connected));
            assert!(why.starts_with("70% is missing") && why.contains(words), "{reason:?}: {why}");
        }
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
            let said = why_idle(&waiting(Some(Waiting::NotReached { online: 1, last }), 0));
            assert!(
                said.ends_with(&format!("1 person online, none of them reached yet (last attempt: {words}).")),
                "{said}"
            );
        }
    }

    #[test]
    fn a_wait_is_explained_once_and_anew_after_something_came() {
        let card = FileCard {
            file: wire_protocol::ids::FileId([1; 16]),
            name: "movie.mp4".to_owned(),
            size: 1,
            added_by: wire_protocol::ids::MemberKey([2; 32]),
            added_at_ms: 0,
            torrent: None,
        };
        let ago = |seconds| Instant::now().checked_sub(Duration::from_secs(seconds)).expect("it has run for so long");
        let mut patience = Patience { started: ago(4), timeout: Some(Duration::from_secs(8)), explained: false };
        let mut state = waiting(Some(Waiting::NobodyOnline), 0);
        assert!(patience.check(&card, &state).is_ok_and(|note| note.contains("no one is serving movie.mp4")));
        assert_eq!(patience.check(&card, &state), Err(None), "said already");
        state.last_arrival = Some(ago(0));
        assert_eq!(patience.check(&card, &state), Err(None), "bytes come");
        state.last_arrival = Some(ago(5));
        assert!(patience.check(&card, &state).is_ok());
        state.last_arrival = Some(ago(9));
        assert_eq!(patience.check(&card, &state).unwrap_err().unwrap().exit, crate::exit_code::NO_SOURCE);
    }
}
