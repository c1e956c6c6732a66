//! The conversation with the tracker: one task owns the WebSocket and [`membership::Conversation`];
//! everybody else has a [`Session`] and asks.

mod clock;
mod command;
mod control_socket;
mod published;
mod server_url;
mod task;
pub mod websocket;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use membership::{Conversation, ConversationConfig, Credentials, DialFailure, Group, Identity, Question, answer};
use peer_engine::LinkKey;
use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::task::AbortOnDropHandle;
use wire_protocol::control::{
    Announce, AnnounceRefusal, GoneReason, LinkGrant, PeerName, Refusal, SwarmName, SwarmPeer,
};
use wire_protocol::ids::{GroupId, InfoHash, MemberKey};

use crate::named_admins::NamedAdmins;
use crate::random;
use crate::wished_names::WishedName;
pub use clock::ServerClock;
use command::{Command, Pose};
pub use server_url::ServerUrl;
use task::{Kept, Task};

/// Commands that wait for the task.
const COMMANDS_MAX: usize = 64;
/// News of links that wait for a swarm's task.
const NEWS_MAX: usize = 64;

/// Who talks to which server.
#[derive(Debug)]
pub struct SessionConfig {
    pub server: ServerUrl,
    /// The person.
    pub identity: Identity,
    /// What others call them if they are new at this server.
    pub display_name: String,
    /// What others shall call them even if they have another name there.
    pub wished_name: WishedName,
    /// Whom invites have named.
    pub named_admins: NamedAdmins,
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
    /// The server has never been reached here, because it says that it is there.
    pub moved: Option<ServerUrl>,
    /// The server will not have this member or this program; the end.
    pub refused: Option<Refusal>,
    /// Others do not see this program in a swarm, and why.
    pub unseen: Option<AnnounceRefusal>,
}

/// A group as the tracker told it.
#[derive(Debug, Clone, Default)]
pub struct GroupState {
    /// `None`: the tracker has not told (yet).
    pub group: Option<Arc<Group>>,
    /// Why we are not in it any more; `group` is how it was.
    pub gone: Option<GoneReason>,
    /// An admin said no to our request to join.
    pub is_refused: bool,
    /// How we prove ourselves to its members; `None`: the tracker has not said yet that we are one.
    pub credentials: Option<Arc<Credentials>>,
    /// What time it is at the server.
    pub clock: Option<ServerClock>,
}

impl GroupState {
    /// Whether somebody is a member now, as far as is known here.
    pub fn has(&self, member: MemberKey) -> bool {
        self.gone.is_none() && self.group.as_ref().is_some_and(|group| group.member(member).is_some())
    }

    /// What a member is called.
    pub fn name_of(&self, member: MemberKey) -> String {
        self.group.as_ref().map_or_else(|| member.short(), |group| group.name_of(member).to_owned())
    }
}

/// A file's swarm as the tracker tells it.
#[derive(Debug)]
pub struct SwarmFeed {
    /// Who is in it, without us.
    pub peers: watch::Receiver<Arc<[SwarmPeer]>>,
    /// The group: what they are called.
    pub group: watch::Receiver<GroupState>,
    /// Whether the tracker can be asked.
    pub status: watch::Receiver<Status>,
    links: mpsc::Receiver<SwarmNews>,
}

impl SwarmFeed {
    /// Waits for news.
    ///
    /// # Errors
    /// [`SessionOver`].
    pub async fn next(&mut self) -> Result<SwarmNews, SessionOver> {
        let changed = tokio::select! {
            Some(news) = self.links.recv() => return Ok(news),
            changed = self.peers.changed() => changed,
            changed = self.group.changed() => changed,
            changed = self.status.changed() => changed,
        };
        changed.map(|()| SwarmNews::Changed).map_err(|_| SessionOver)
    }
}

/// What the tracker says of a swarm.
#[derive(Debug)]
pub enum SwarmNews {
    /// Who is in it, what they are called, or whether the tracker can be asked: see the fields of [`SwarmFeed`].
    Changed,
    /// Answers [`Session::dial`].
    Dialed {
        /// What was asked for.
        link: LinkKey,
        /// What came of it.
        outcome: Result<LinkGrant, DialFailure>,
    },
    /// Another peer asked for a relay link.
    Asked(LinkGrant),
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

/// Handle to the conversation; it ends when this is dropped.
#[derive(Debug)]
pub struct Session {
    server: ServerUrl,
    commands: mpsc::Sender<Command>,
    status: watch::Receiver<Status>,
    _task: AbortOnDropHandle<()>,
}

impl Session {
    /// Begins to connect.
    pub fn start(config: SessionConfig) -> Self {
        let (commands, queue) = mpsc::channel(COMMANDS_MAX);
        let (status_sender, status) = watch::channel(Status::default());
        let origin = config.server.origin().clone();
        let conversation = ConversationConfig {
            identity: config.identity,
            display_name: config.display_name,
            client: format!("native-peer {}", env!("CARGO_PKG_VERSION")),
            origin,
            rng_seed: random::seed(),
            secret_seed: random::bytes(),
        };
        let mut conversation = Conversation::new(conversation, 0);
        for (group, admins) in config.named_admins.all() {
            conversation.name_admins(group, admins);
        }
        let kept = Kept { wished_name: config.wished_name, named_admins: config.named_admins };
        let task = Task::new(config.server.clone(), conversation, kept, queue, status_sender);
        let task = tokio::spawn(task.run());
        Self { server: config.server, commands, status, _task: AbortOnDropHandle::new(task) }
    }

    pub fn server(&self) -> &ServerUrl {
        &self.server
    }

    /// How the connection is, and when that changes.
    pub fn status(&self) -> watch::Receiver<Status> {
        self.status.clone()
    }

    async fn command<T>(&self, command: impl FnOnce(oneshot::Sender<T>) -> Command) -> Result<T, SessionOver> {
        let (answer, answered) = oneshot::channel();
        self.commands.send(command(answer)).await.map_err(|_| SessionOver)?;
        answered.await.map_err(|_| SessionOver)
    }

    /// Asks, again after each reconnect until there is an answer.
    ///
    /// # Errors
    /// [`RequestError`].
    pub async fn ask<Q: Question + Send + 'static>(&self, question: Q) -> Result<Q::Reply, RequestError> {
        let pose = Pose(Box::new(|conversation| question.pose(conversation)));
        let outcome = self.command(|answer| Command::Ask { pose, answer }).await?;
        Ok(answer::<Q>(outcome)?)
    }

    /// Gives a file its torrent.
    ///
    /// # Errors
    /// [`RequestError`].
    pub async fn publish(
        &self,
        swarm: SwarmName,
        info_hash: InfoHash,
        info: Bytes,
        pieces: u32,
    ) -> Result<(), RequestError> {
        Ok(self.command(|answer| Command::Publish { swarm, info_hash, info, pieces, answer }).await??)
    }

    /// Reads a file's info dictionary; the caller compares its hash.
    ///
    /// # Errors
    /// [`RequestError`].
    pub async fn fetch_info(&self, swarm: SwarmName) -> Result<Bytes, RequestError> {
        Ok(self.command(|answer| Command::FetchInfo { swarm, answer }).await??)
    }

    /// Asks for a relay link; [`SwarmNews::Dialed`] answers in the swarm's feed. Never waits: `false` means that
    /// the task is busy.
    pub fn dial(&self, swarm: SwarmName, to: PeerName, link: LinkKey) -> bool {
        self.commands.try_send(Command::Dial { swarm, to, link }).is_ok()
    }

    /// Tells how far we are. Never waits: `false` means that the task is busy; say it again soon.
    pub fn announce(&self, announce: Announce) -> bool {
        self.commands.try_send(Command::Announce(announce)).is_ok()
    }

    /// Leaves a swarm, and gives the message a moment to go out.
    pub async fn withdraw(&self, swarm: SwarmName) {
        const PATIENCE: Duration = Duration::from_secs(1);
        let withdrawn = self.command(|answer| Command::Withdraw { swarm, answer });
        let _ = tokio::time::timeout(PATIENCE, withdrawn).await;
    }

    /// All our groups: waits until the tracker has told.
    ///
    /// # Errors
    /// [`RequestError`].
    pub async fn groups(&self) -> Result<Vec<(GroupId, Arc<Group>)>, RequestError> {
        Ok(self.command(|answer| Command::Groups { answer }).await??)
    }

    /// A group, and when it changes. Empty until the tracker has told. Who is in its swarms is in
    /// [`Session::watch_swarm`].
    ///
    /// # Errors
    /// [`SessionOver`].
    pub async fn watch_group(&self, group: GroupId) -> Result<watch::Receiver<GroupState>, SessionOver> {
        self.command(|answer| Command::WatchGroup { group, answer }).await
    }

    /// A file's swarm. Of two feeds for one file the later gets the news of links.
    ///
    /// # Errors
    /// [`SessionOver`].
    pub async fn watch_swarm(&self, swarm: SwarmName) -> Result<SwarmFeed, SessionOver> {
        let (news, links) = mpsc::channel(NEWS_MAX);
        let peers = self.command(|answer| Command::WatchSwarm { swarm, news, answer }).await?;
        Ok(SwarmFeed { peers, group: self.watch_group(swarm.group).await?, links, status: self.status() })
    }
}
