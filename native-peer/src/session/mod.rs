//! The conversation with the tracker: one task owns the WebSocket and [`membership::Conversation`];
//! everybody else has a [`Session`] and asks.

mod control_socket;
mod server_url;
mod task;
pub mod websocket;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use membership::{ConversationConfig, Identity};
use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::task::AbortOnDropHandle;
use wire_protocol::control::{Announce, DialRefusal, FileCard, LinkGrant, Refusal, Reply, Request, SwarmPeer};
use wire_protocol::ids::{FileId, GroupId, InfoHash, MemberKey, PeerId};

use crate::random;
pub use server_url::ServerUrl;
use task::{Command, Task};

/// Commands that wait for the task.
const COMMANDS_MAX: usize = 64;
/// Link grants that wait for a swarm's driver.
const GRANTS_MAX: usize = 64;

/// Who talks to which server.
#[derive(Debug)]
pub struct SessionConfig {
    /// The server.
    pub server: ServerUrl,
    /// The person.
    pub identity: Identity,
    /// What others call them.
    pub display_name: String,
}

/// How the connection is.
#[derive(Debug, Clone, Default)]
pub struct Status {
    /// Logged in now.
    pub is_online: bool,
    /// Logged in at some time.
    pub was_online: bool,
    /// Attempts that failed, one after the other.
    pub failures: u32,
    /// Why the last one failed.
    pub reason: Option<String>,
    /// The server will not have this member or this program; the end.
    pub refused: Option<Refusal>,
}

/// A group as the tracker told it.
#[derive(Debug, Clone, Default)]
pub struct GroupView {
    /// Two friendly words.
    pub slug: String,
    /// For people.
    pub name: String,
    /// Its files.
    pub files: Vec<FileCard>,
    /// It was closed, or we are not in it any more; the rest is how it was.
    pub is_gone: bool,
}

/// A file's swarm as the tracker tells it.
#[derive(Debug)]
pub struct SwarmFeed {
    /// Who is in it, without us.
    pub peers: watch::Receiver<Arc<[SwarmPeer]>>,
    /// Relay links that others asked for.
    pub grants: mpsc::Receiver<LinkGrant>,
}

/// The task ended; only when the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the session is over")]
pub struct SessionOver;

/// Why a request has no answer to go on with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// The tracker said no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The task ended.
    #[error(transparent)]
    Over(#[from] SessionOver),
}

/// Why a dial has no grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DialError {
    /// The tracker said no, or there is no connection to it.
    #[error("the server gives no link to this peer ({0:?})")]
    Refused(DialRefusal),
    /// The task ended.
    #[error(transparent)]
    Over(#[from] SessionOver),
}

/// Handle to the conversation; it ends when this is dropped.
#[derive(Debug)]
pub struct Session {
    server: ServerUrl,
    member: MemberKey,
    display_name: String,
    commands: mpsc::Sender<Command>,
    status: watch::Receiver<Status>,
    _task: AbortOnDropHandle<()>,
}

impl Session {
    /// Begins to connect.
    pub fn start(config: SessionConfig) -> Self {
        let (commands, queue) = mpsc::channel(COMMANDS_MAX);
        let (status_sender, status) = watch::channel(Status::default());
        let member = config.identity.key();
        let display_name = config.display_name.clone();
        let conversation = ConversationConfig {
            identity: config.identity,
            display_name: config.display_name,
            client: format!("native-peer {}", env!("CARGO_PKG_VERSION")),
            dialled_host: config.server.dialled_host().to_owned(),
            rng_seed: random::seed(),
        };
        let task = tokio::spawn(Task::new(config.server.control(), conversation, queue, status_sender).run());
        Self { server: config.server, member, display_name, commands, status, _task: AbortOnDropHandle::new(task) }
    }

    /// The server.
    pub fn server(&self) -> &ServerUrl {
        &self.server
    }

    /// Who we are.
    pub fn member(&self) -> MemberKey {
        self.member
    }

    /// How the connection is, and when that changes.
    pub fn status(&self) -> watch::Receiver<Status> {
        self.status.clone()
    }

    async fn ask<T>(&self, command: impl FnOnce(oneshot::Sender<T>) -> Command) -> Result<T, SessionOver> {
        let (answer, answered) = oneshot::channel();
        self.commands.send(command(answer)).await.map_err(|_| SessionOver)?;
        answered.await.map_err(|_| SessionOver)
    }

    /// Asks, again after each reconnect until there is an answer.
    ///
    /// # Errors
    /// [`RequestError`].
    pub async fn request(&self, request: Request) -> Result<Reply, RequestError> {
        Ok(self.ask(|answer| Command::Request { request, answer }).await??)
    }

    /// Gives a file its torrent.
    ///
    /// # Errors
    /// [`RequestError`].
    pub async fn publish(
        &self,
        group: GroupId,
        file: FileId,
        info_hash: InfoHash,
        info: Bytes,
        pieces: u32,
    ) -> Result<(), RequestError> {
        Ok(self.ask(|answer| Command::Publish { group, file, info_hash, info, pieces, answer }).await??)
    }

    /// Reads a file's info dictionary; the caller compares its hash.
    ///
    /// # Errors
    /// [`RequestError`].
    pub async fn fetch_info(&self, group: GroupId, file: FileId) -> Result<Bytes, RequestError> {
        Ok(self.ask(|answer| Command::FetchInfo { group, file, answer }).await??)
    }

    /// Asks for a relay link.
    ///
    /// # Errors
    /// [`DialError`].
    pub async fn dial(&self, group: GroupId, file: FileId, peer: PeerId) -> Result<LinkGrant, DialError> {
        self.ask(|answer| Command::Dial { group, file, peer, answer }).await?.map_err(DialError::Refused)
    }

    /// Tells how far we are. Never waits: `false` means that the task is busy; say it again soon.
    pub fn announce(&self, announce: Announce) -> bool {
        self.commands.try_send(Command::Announce(announce)).is_ok()
    }

    /// Leaves a swarm, and gives the message a moment to go out.
    pub async fn withdraw(&self, group: GroupId, file: FileId) {
        const PATIENCE: Duration = Duration::from_secs(1);
        let withdrawn = self.ask(|answer| Command::Withdraw { group, file, answer });
        let _ = tokio::time::timeout(PATIENCE, withdrawn).await;
    }

    /// Our groups.
    ///
    /// # Errors
    /// [`RequestError`].
    pub async fn groups(&self) -> Result<Vec<(GroupId, GroupView)>, RequestError> {
        // The groups follow the login, and any answer follows the groups: ask for something that changes nothing.
        self.request(Request::SetDisplayName { name: self.display_name.clone() }).await?;
        Ok(self.ask(|answer| Command::Groups { answer }).await?)
    }

    /// A group, and when it changes. Empty until the tracker has told.
    ///
    /// # Errors
    /// [`SessionOver`].
    pub async fn watch_group(&self, group: GroupId) -> Result<watch::Receiver<GroupView>, SessionOver> {
        self.ask(|answer| Command::WatchGroup { group, answer }).await
    }

    /// A file's swarm. Of two feeds for one file the later gets the grants.
    ///
    /// # Errors
    /// [`SessionOver`].
    pub async fn watch_swarm(&self, group: GroupId, file: FileId) -> Result<SwarmFeed, SessionOver> {
        let (grants_sender, grants) = mpsc::channel(GRANTS_MAX);
        let peers = self.ask(|answer| Command::WatchSwarm { group, file, grants: grants_sender, answer }).await?;
        Ok(SwarmFeed { peers, grants })
    }
}
