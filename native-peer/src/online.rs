//! Waiting for the server: how long, and what is said when it does not come.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use crate::cli::Setup;
use crate::failure::{Failure, Outcome, sentence};
use crate::identity::DataDir;
use crate::interrupt::Interrupt;
use crate::links::Listener;
use crate::report::Report;
use crate::session::{RequestError, ServerUrl, Session, SessionConfig, Status};
use wire_protocol::control::{Listen, Reply, Request};

/// Attempts before the first success.
const FAILURES_MAX: u32 = 4;
/// For the first success, whatever the attempts do.
const PATIENCE: Duration = Duration::from_secs(10);

/// Said when the server goes while work goes on.
pub const SERVER_IS_GONE: &str = "The server cannot be reached; what can go on goes on, and the rest is tried again.";
/// Said when it is there again.
pub const SERVER_IS_BACK: &str = "The server is back.";

/// What every command that talks to a server works with.
#[derive(Debug)]
pub struct Online {
    /// The conversation with the tracker.
    pub session: Arc<Session>,
    /// Accepts TCP; `None`: relay only.
    pub listener: Option<Listener>,
    /// The end.
    pub interrupt: Interrupt,
    /// What is said.
    pub report: Report,
    /// What is remembered.
    pub data: DataDir,
}

impl Online {
    /// Connects and logs in.
    ///
    /// # Errors
    /// The data folder, the listening address, the server.
    pub async fn start(setup: &Setup, server: ServerUrl, report: Report) -> Outcome<Self> {
        let interrupt = Interrupt::listen();
        let data = DataDir::open(setup.data.as_deref())?;
        let identity = data.identity()?;
        let display_name = data.display_name(setup.name.as_deref())?;
        let listener = match setup.listen {
            Some(address) => Some(Listener::bind(address).await.map_err(|error| {
                Failure::local_files(
                    format!("cannot listen on {address}"),
                    format!("{} Choose another with --listen.", sentence(&error.to_string())),
                )
            })?),
            None => None,
        };
        let session = Arc::new(Session::start(SessionConfig { server, identity, display_name }));
        let online = Self { session, listener, interrupt, report, data };
        online.wait_for_server().await?;
        Ok(online)
    }

    async fn wait_for_server(&self) -> Outcome {
        let mut status = self.session.status();
        let decided =
            status.wait_for(|status| status.is_online || status.refused.is_some() || status.failures >= FAILURES_MAX);
        let end = tokio::select! {
            end = tokio::time::timeout(PATIENCE, decided) => end,
            () = self.interrupt.asked() => return Err(Failure::interrupted("stopped before the server answered", "")),
        };
        let status = match end {
            Ok(Ok(status)) => status.clone(),
            _ => Status::default(),
        };
        if status.is_online {
            return Ok(());
        }
        if let Some(refusal) = status.refused {
            return Err(Failure::refused("the login", &refusal));
        }
        let server = self.session.server().as_str();
        let reason = sentence(&status.reason.unwrap_or_else(|| "it does not answer".to_owned()));
        Err(Failure::server_unreachable(
            format!("cannot reach the server {server}"),
            format!("{reason}\nCheck the address, and that tracker-relay is running there."),
        ))
    }

    /// Where we accept TCP, for the tracker.
    pub fn listen(&self) -> Option<Listen> {
        let address = self.listener.as_ref()?.local_addr();
        let local = match address.ip() {
            ip if ip.is_unspecified() => crate::links::own_addresses(),
            ip if ip.is_loopback() => Vec::new(),
            ip => vec![ip],
        };
        Some(Listen { port: address.port(), local })
    }

    /// Does something that needs the server; ends early when the server wants no more of us, or the person
    /// wants the end.
    ///
    /// # Errors
    /// [`Failure::refused`] and [`Failure::interrupted`].
    pub async fn guarded<T>(&self, doing: &str, work: impl Future<Output = T>) -> Outcome<T> {
        let mut status = self.session.status();
        let mut offline = self.session.status();
        tokio::select! {
            done = work => Ok(done),
            refused = status.wait_for(|status| status.refused.is_some()) => Err(refusal_failure(doing, refused)),
            () = self.interrupt.asked() => Err(Failure::interrupted(format!("stopped during {doing}"), "")),
            () = self.note_offline(&mut offline) => Err(Failure::unexpected("the conversation with the server ended")),
        }
    }

    /// Says when the server goes and comes back.
    async fn note_offline(&self, status: &mut watch::Receiver<Status>) {
        let mut was_online = true;
        loop {
            let is_online = status.borrow_and_update().is_online;
            if was_online != is_online {
                self.report.note(if is_online { SERVER_IS_BACK } else { SERVER_IS_GONE });
            }
            was_online = is_online;
            if status.changed().await.is_err() {
                return;
            }
        }
    }

    /// Asks the tracker.
    ///
    /// # Errors
    /// What it refused.
    pub async fn request(&self, doing: &str, request: Request) -> Outcome<Reply> {
        let reply = self.guarded(doing, self.session.request(request)).await?;
        reply.map_err(|error| request_failure(doing, &error))
    }
}

fn refusal_failure(doing: &str, refused: Result<watch::Ref<'_, Status>, watch::error::RecvError>) -> Failure {
    match refused.ok().and_then(|status| status.refused.clone()) {
        Some(refusal) => Failure::refused(doing, &refusal),
        None => Failure::unexpected("the conversation with the server ended"),
    }
}

/// A request that led to nothing.
pub fn request_failure(doing: &str, error: &RequestError) -> Failure {
    match error {
        RequestError::Refused(refusal) => Failure::refused(doing, refusal),
        RequestError::Over(over) => Failure::unexpected(over.to_string()),
    }
}
