//! The task that owns the conversation and its WebSocket.

mod commands;
mod events;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use membership::Conversation;
use peer_engine::LinkKey;
use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::task::AbortOnDropHandle;
use transport::Trouble;
use wire_protocol::control::{Refusal, Reply, SwarmName, SwarmPeer};
use wire_protocol::ids::{GroupId, RequestId};

use super::command::{Command, GroupsAnswer};
use super::control_socket::ControlSocket;
use super::published::Published;
use super::{GroupState, ServerUrl, Status, SwarmNews};
use crate::named_admins::NamedAdmins;
use crate::wished_names::WishedName;

/// The WebSocket's state. The conversation says when to connect.
#[derive(Debug)]
enum Connection {
    None,
    Opening(AbortOnDropHandle<Result<ControlSocket, Trouble>>),
    Open(ControlSocket),
}

#[derive(Debug)]
struct SwarmWatch {
    peers: watch::Sender<Arc<[SwarmPeer]>>,
    news: mpsc::Sender<SwarmNews>,
}

/// What outlives the program.
#[derive(Debug)]
pub struct Kept {
    pub wished_name: WishedName,
    pub named_admins: NamedAdmins,
}

pub struct Task {
    server: ServerUrl,
    started: Instant,
    conversation: Conversation,
    kept: Kept,
    /// The wish that the server has not answered yet.
    renaming: Option<(RequestId, String)>,
    connection: Connection,
    /// Polled from the conversation, waiting for the socket.
    outgoing: Option<Vec<u8>>,
    commands: mpsc::Receiver<Command>,
    status: watch::Sender<Status>,
    replies: BTreeMap<RequestId, oneshot::Sender<Result<Reply, Refusal>>>,
    publications: BTreeMap<SwarmName, oneshot::Sender<Result<(), Refusal>>>,
    published: Published,
    infos: BTreeMap<SwarmName, Vec<oneshot::Sender<Result<Bytes, Refusal>>>>,
    /// Whose dials are under way, by the conversation's number.
    dials: BTreeMap<u32, (SwarmName, LinkKey)>,
    /// Withdrawals that are answered when everything is sent.
    withdrawals: Vec<oneshot::Sender<()>>,
    /// Whoever wants to know all groups, before the tracker has told.
    unsynced: Vec<GroupsAnswer>,
    groups: BTreeMap<GroupId, watch::Sender<GroupState>>,
    swarms: BTreeMap<SwarmName, SwarmWatch>,
}

/// What ended the wait.
enum Woken {
    Command(Option<Command>),
    Opened(Result<ControlSocket, Trouble>),
    Received(Option<Bytes>),
    Sent(bool),
    Timeout,
}

impl Task {
    pub fn new(
        server: ServerUrl,
        conversation: Conversation,
        kept: Kept,
        commands: mpsc::Receiver<Command>,
        status: watch::Sender<Status>,
    ) -> Self {
        Self {
            server,
            started: Instant::now(),
            conversation,
            kept,
            renaming: None,
            connection: Connection::None,
            outgoing: None,
            commands,
            status,
            replies: BTreeMap::new(),
            publications: BTreeMap::new(),
            published: Published::default(),
            infos: BTreeMap::new(),
            dials: BTreeMap::new(),
            withdrawals: Vec::new(),
            unsynced: Vec::new(),
            groups: BTreeMap::new(),
            swarms: BTreeMap::new(),
        }
    }

    /// Drives the conversation until every [`super::Session`] is dropped.
    pub async fn run(mut self) {
        loop {
            self.keep_connection();
            while let Some(event) = self.conversation.poll_event() {
                self.handle_event(event);
            }
            self.outgoing = self.outgoing.take().or_else(|| self.conversation.poll_message());
            if self.outgoing.is_none() {
                for answer in self.withdrawals.drain(..) {
                    let _ = answer.send(());
                }
            }
            match self.wait().await {
                Woken::Command(Some(command)) => self.handle_command(command),
                Woken::Command(None) => return,
                Woken::Opened(Ok(socket)) => {
                    self.connection = Connection::Open(socket);
                    self.conversation.handle_connected(self.now_ms());
                }
                Woken::Opened(Err(error)) => {
                    tracing::info!(%error, "cannot connect to the server");
                    self.not_reached(&error);
                    self.disconnect();
                }
                Woken::Received(Some(message)) => self.conversation.handle_message(&message, self.now_ms()),
                Woken::Received(None) | Woken::Sent(false) => self.disconnect(),
                Woken::Sent(true) => {}
                Woken::Timeout => self.conversation.handle_timeout(self.now_ms()),
            }
        }
    }

    fn not_reached(&self, why: &Trouble) {
        let moved = match why {
            Trouble::Redirects { to, .. } => self.server.redirected(to),
            _ => None,
        };
        self.status.send_modify(|status| {
            status.reason = Some(why.to_string());
            status.moved = moved.filter(|_| !status.was_online);
        });
    }

    fn now_ms(&self) -> u64 {
        self.started.elapsed().as_millis() as u64
    }

    fn keep_connection(&mut self) {
        if self.conversation.should_disconnect() {
            self.disconnect();
        }
        if self.conversation.should_connect(self.now_ms()) {
            let opening = tokio::spawn(ControlSocket::open(self.server.control()));
            self.connection = Connection::Opening(AbortOnDropHandle::new(opening));
        }
    }

    fn disconnect(&mut self) {
        self.connection = Connection::None;
        self.outgoing = None;
        self.conversation.handle_disconnected(self.now_ms());
    }

    async fn wait(&mut self) -> Woken {
        let now_ms = self.now_ms();
        let sleep =
            Duration::from_millis(self.conversation.poll_timeout().map_or(60_000, |at| at.saturating_sub(now_ms)));
        let Self { connection, outgoing, commands, .. } = self;
        tokio::select! {
            // First what frees memory: sending and receiving, then new work.
            biased;
            woken = wait_for_connection(connection, outgoing) => woken,
            command = commands.recv() => Woken::Command(command),
            () = tokio::time::sleep(sleep) => Woken::Timeout,
        }
    }

    // ------------------------------------------------------------ what both sides need

    fn tell_groups(&mut self) {
        let groups: Vec<_> = self.conversation.groups().iter().map(|(id, group)| (*id, group.clone())).collect();
        for waiting in self.unsynced.drain(..) {
            answer(Some(waiting), Ok(groups.clone()));
        }
    }

    fn swarm(&self, SwarmName { group, file }: SwarmName) -> Arc<[SwarmPeer]> {
        self.conversation.groups().get(&group).map_or_else(|| Arc::from([]), |group| Arc::from(group.swarm(file)))
    }
}

/// Whoever asked may be gone.
fn answer<T>(waiting: Option<oneshot::Sender<T>>, value: T) {
    if let Some(waiting) = waiting {
        let _ = waiting.send(value);
    }
}

async fn wait_for_connection(connection: &mut Connection, outgoing: &mut Option<Vec<u8>>) -> Woken {
    match connection {
        Connection::None => std::future::pending().await,
        Connection::Opening(opening) => match opening.await {
            Ok(result) => Woken::Opened(result),
            Err(_) => Woken::Received(None),
        },
        Connection::Open(socket) => tokio::select! {
            message = socket.incoming.recv() => Woken::Received(message),
            permit = socket.outgoing.reserve(), if outgoing.is_some() => match (permit, outgoing.take()) {
                (Ok(permit), Some(message)) => {
                    permit.send(message);
                    Woken::Sent(true)
                }
                _ => Woken::Sent(false),
            },
        },
    }
}
