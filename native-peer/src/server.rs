//! Waiting for the server: how long, and what is said when it does not come.

use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use membership::{Group, MemberIdentity, MyRequests, NewGroup, Question, UnlockGroups, why_unseen};
use tokio::sync::watch;
use wire_protocol::control::{AnnounceRefusal, Password, Refusal, RefusalCode};
use wire_protocol::ids::GroupId;

use crate::cli::Setup;
use crate::failure::{Failure, Outcome, sentence};
use crate::identity::DataDir;
use crate::interrupt::Interrupt;
use crate::named_admins::NamedAdmins;
use crate::report::Report;
use crate::session::{GroupState, RequestError, ServerUrl, Session, SessionConfig, Status};
use crate::wished_names::WishedName;

/// From one address to the next.
const REDIRECTS_MAX: usize = 3;
/// Attempts before the first success.
const FAILURES_MAX: u32 = 4;
/// For the first success, whatever the attempts do.
const PATIENCE: Duration = Duration::from_secs(10);

/// How often a question is asked anew because the group's key has changed.
const STALE_MAX: usize = 3;
/// For the news of that change.
const STALE_PATIENCE: Duration = Duration::from_secs(2);

/// Said when the server goes while work goes on.
const SERVER_IS_GONE: &str = "The server cannot be reached; what can go on goes on, and the rest is tried again.";
/// Said when it is there again.
const SERVER_IS_BACK: &str = "The server is back.";

/// What every command that talks to a server works with.
#[derive(Debug)]
pub struct Server {
    /// Where the tracker is asked.
    pub session: Arc<Session>,
    /// Tells when the person wants the end.
    pub interrupt: Interrupt,
    /// Says things to the person and to scripts.
    pub report: Report,
    /// Keeps the identity, the hashes and the invites from run to run.
    pub data: DataDir,
    /// Who the person is at this server.
    pub own: MemberIdentity,
    /// Holds the password that making groups may take there.
    password_file: Option<PathBuf>,
}

impl Server {
    /// Connects and logs in.
    ///
    /// # Errors
    /// The data folder, the server.
    pub async fn start(setup: &Setup, mut url: ServerUrl, report: Report) -> Outcome<Self> {
        for _ in 0..REDIRECTS_MAX {
            let server = Self::begin(setup, url, report.clone())?;
            match server.wait_for_server().await? {
                None => return Ok(server),
                Some(there) => {
                    report.note(&format!("{} redirects to {}.", server.session.server().as_str(), there.as_str()));
                    url = there;
                }
            }
        }
        Err(Failure::server_unreachable(
            format!("cannot reach the server {}", url.as_str()),
            "It redirects again and again. Whoever runs it has to look at the settings of its reverse proxy.",
        ))
    }

    fn begin(setup: &Setup, url: ServerUrl, report: Report) -> Outcome<Self> {
        let interrupt = Interrupt::listen();
        let data = DataDir::open(setup.data.as_deref())?;
        let identity = data.identity()?;
        let display_name = data.display_name(setup.name.as_deref())?;
        let wished_name = WishedName::open(&data, url.origin());
        if setup.name.is_some() {
            wished_name.put(&display_name);
        }
        let own = identity.for_origin(url.origin());
        let named_admins = NamedAdmins::open(&data, url.origin());
        let config = SessionConfig { server: url, identity, display_name, wished_name, named_admins };
        let session = Arc::new(Session::start(config));
        let password_file = setup.server_password_file.clone();
        Ok(Self { session, interrupt, report, data, own, password_file })
    }

    /// Until the first login; `Some`: the server is elsewhere.
    async fn wait_for_server(&self) -> Outcome<Option<ServerUrl>> {
        let mut status = self.session.status();
        let decided = status.wait_for(|status| {
            status.is_online || status.refused.is_some() || status.moved.is_some() || status.failures >= FAILURES_MAX
        });
        let end = tokio::select! {
            end = tokio::time::timeout(PATIENCE, decided) => end,
            () = self.interrupt.asked() => return Err(Failure::interrupted("stopped before the server answered", "")),
        };
        let status = match end {
            Ok(Ok(status)) => status.clone(),
            _ => self.session.status().borrow().clone(),
        };
        if status.is_online || status.moved.is_some() {
            return Ok(status.moved);
        }
        if let Some(refusal) = status.refused {
            return Err(Failure::refused("the login", &refusal));
        }
        let server = self.session.server().as_str();
        let reason = sentence(&status.reason.unwrap_or_else(|| "it does not answer".to_owned()));
        Err(Failure::server_unreachable(
            format!("cannot reach the server {server}"),
            format!(
                "{reason}\nCheck the address, and that tracker-relay is running there; whoever runs it finds more with: \
                 tracker-relay check {server}"
            ),
        ))
    }

    /// Does something that needs the server; ends early when the server wants no more of us, or the person
    /// wants the end.
    ///
    /// # Errors
    /// The server's refusal, and [`Failure::interrupted`].
    pub async fn guarded<T>(&self, doing: &str, work: impl Future<Output = T>) -> Outcome<T> {
        let mut work = pin!(work);
        let mut server = self.watch_server();
        loop {
            tokio::select! {
                done = &mut work => return Ok(done),
                () = self.interrupt.asked() => return Err(Failure::interrupted(format!("stopped during {doing}"), "")),
                change = server.next() => change?,
            }
        }
    }

    /// Follows the server's going and coming.
    pub fn watch_server(&self) -> ServerWatch {
        let mut status = self.session.status();
        status.mark_changed();
        ServerWatch { status, was_online: true, unseen: None, report: self.report.clone() }
    }

    /// Asks the tracker.
    ///
    /// # Errors
    /// What it refused.
    pub async fn ask<Q: Question + Send + 'static>(&self, doing: &str, question: Q) -> Outcome<Q::Reply> {
        let answer = self.guarded(doing, self.session.ask(question)).await?;
        answer.map_err(|error| request_failure(doing, &error))
    }

    /// Asks what depends on the group's key, anew if the key changed meanwhile (somebody was removed).
    ///
    /// # Errors
    /// What the tracker refused.
    pub async fn ask_now<Q: Question + Send + 'static>(
        &self,
        doing: &str,
        group: GroupId,
        question: impl Fn() -> Q,
    ) -> Outcome<Q::Reply> {
        let view = self.session.watch_group(group).await;
        let mut view = view?;
        for _ in 0..STALE_MAX {
            let epoch = epoch_of(&view.borrow_and_update());
            match self.guarded(doing, self.session.ask(question())).await? {
                Err(RequestError::Refused(refusal)) if refusal.code == RefusalCode::StaleEpoch => {
                    let moved = view.wait_for(|state| epoch_of(state) != epoch);
                    let _ = self.guarded(doing, tokio::time::timeout(STALE_PATIENCE, moved)).await?;
                }
                answer => return answer.map_err(|error| request_failure(doing, &error)),
            }
        }
        self.ask(doing, question()).await
    }

    /// Makes a group; its slug. Shows the server's password if that is what it takes.
    ///
    /// # Errors
    /// What the tracker refused.
    pub async fn make_group(&self, new: NewGroup) -> Outcome<String> {
        const DOING: &str = "the group";
        match self.guarded(DOING, self.session.ask(new.clone())).await? {
            Err(RequestError::Refused(refusal)) if refusal.code == RefusalCode::PasswordNeeded => {
                let path = self.password_file.as_deref().ok_or_else(|| password_missing(&refusal))?;
                let password = read_password(path)?;
                self.ask("the password", UnlockGroups { password }).await?;
                self.ask(DOING, new).await
            }
            answer => answer.map_err(|error| request_failure(DOING, &error)),
        }
    }

    /// Lets go out what the conversation has to say by itself, such as the key of a group that was just joined:
    /// an answer to a later question shows that it has arrived.
    ///
    /// # Errors
    /// What the tracker refused.
    pub async fn settle(&self) -> Outcome {
        self.ask("the end of the conversation", MyRequests).await.map(|_| ())
    }

    /// All groups of this person.
    ///
    /// # Errors
    /// What the tracker refused.
    pub async fn groups(&self) -> Outcome<Vec<(GroupId, Arc<Group>)>> {
        let groups = self.guarded("the groups", self.session.groups()).await?;
        groups.map_err(|error| request_failure("the groups", &error))
    }
}

fn password_missing(refusal: &Refusal) -> Failure {
    let mut failure = Failure::refused("the group", refusal);
    failure.advice.push_str(" Write it into a file, and add --server-password-file FILE.");
    failure
}

fn read_password(path: &Path) -> Outcome<Password> {
    let text = std::fs::read_to_string(path).map_err(|error| Failure::file("read", path, &error))?;
    Ok(Password(text.lines().next().unwrap_or_default().trim().to_owned()))
}

fn epoch_of(state: &GroupState) -> Option<u32> {
    state.group.as_ref().map(|group| group.epoch)
}

/// Says when the server goes and comes back, while work goes on.
#[derive(Debug)]
pub struct ServerWatch {
    status: watch::Receiver<Status>,
    was_online: bool,
    unseen: Option<AnnounceRefusal>,
    report: Report,
}

impl ServerWatch {
    /// Waits for a change.
    ///
    /// # Errors
    /// The server wants no more of us.
    pub async fn next(&mut self) -> Outcome {
        if self.status.changed().await.is_err() {
            return Err(Failure::unexpected("the conversation with the server ended"));
        }
        let status = self.status.borrow_and_update().clone();
        if let Some(refusal) = &status.refused {
            return Err(Failure::refused("the login", refusal));
        }
        if self.was_online != status.is_online {
            self.report.note(if status.is_online { SERVER_IS_BACK } else { SERVER_IS_GONE });
        }
        self.was_online = status.is_online;
        if let Some(reason) = status.unseen.filter(|reason| self.unseen != Some(*reason)) {
            self.report.note(&format!("Others do not see what you have: {}.", why_unseen(reason)));
        }
        self.unseen = status.unseen;
        Ok(())
    }
}

/// A request that led to nothing.
pub fn request_failure(doing: &str, error: &RequestError) -> Failure {
    match error {
        RequestError::Refused(refusal) => Failure::refused(doing, refusal),
        RequestError::Over(over) => (*over).into(),
    }
}
