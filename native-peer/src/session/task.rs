//! The task that owns the conversation and its WebSocket.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use membership::{Conversation, ConversationConfig, ConversationEvent, Group};
use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::task::AbortOnDropHandle;
use wire_protocol::control::{Announce, DialRefusal, LinkGrant, Refusal, Reply, Request, SwarmPeer};
use wire_protocol::ids::{FileId, GroupId, InfoHash, PeerId, RequestId};

use super::control_socket::ControlSocket;
use super::websocket::OpenError;
use super::{GroupView, Status};

/// What a [`super::Session`] asks of the task.
#[derive(Debug)]
pub enum Command {
    Request {
        request: Request,
        answer: oneshot::Sender<Result<Reply, Refusal>>,
    },
    Publish {
        group: GroupId,
        file: FileId,
        info_hash: InfoHash,
        info: Bytes,
        pieces: u32,
        answer: oneshot::Sender<Result<(), Refusal>>,
    },
    FetchInfo {
        group: GroupId,
        file: FileId,
        answer: oneshot::Sender<Result<Bytes, Refusal>>,
    },
    Dial {
        group: GroupId,
        file: FileId,
        peer: PeerId,
        answer: oneshot::Sender<Result<LinkGrant, DialRefusal>>,
    },
    Announce(Announce),
    Withdraw {
        group: GroupId,
        file: FileId,
        answer: oneshot::Sender<()>,
    },
    Groups {
        answer: oneshot::Sender<Vec<(GroupId, GroupView)>>,
    },
    WatchGroup {
        group: GroupId,
        answer: oneshot::Sender<watch::Receiver<GroupView>>,
    },
    WatchSwarm {
        group: GroupId,
        file: FileId,
        grants: mpsc::Sender<LinkGrant>,
        answer: oneshot::Sender<watch::Receiver<Arc<[SwarmPeer]>>>,
    },
}

/// The WebSocket's state. The conversation says when to connect.
#[derive(Debug)]
enum Connection {
    None,
    Opening(AbortOnDropHandle<Result<ControlSocket, OpenError>>),
    Open(ControlSocket),
}

type SwarmKey = (GroupId, FileId);

#[derive(Debug)]
struct SwarmWatch {
    peers: watch::Sender<Arc<[SwarmPeer]>>,
    grants: mpsc::Sender<LinkGrant>,
}

pub struct Task {
    url: String,
    started: Instant,
    conversation: Conversation,
    connection: Connection,
    /// Polled from the conversation, waiting for the socket.
    outgoing: Option<Vec<u8>>,
    commands: mpsc::Receiver<Command>,
    status: watch::Sender<Status>,
    replies: BTreeMap<RequestId, oneshot::Sender<Result<Reply, Refusal>>>,
    publications: BTreeMap<FileId, oneshot::Sender<Result<(), Refusal>>>,
    infos: BTreeMap<SwarmKey, Vec<oneshot::Sender<Result<Bytes, Refusal>>>>,
    dials: BTreeMap<u32, oneshot::Sender<Result<LinkGrant, DialRefusal>>>,
    /// Withdrawals that are answered when everything is sent.
    withdrawals: Vec<oneshot::Sender<()>>,
    groups: BTreeMap<GroupId, watch::Sender<GroupView>>,
    swarms: BTreeMap<SwarmKey, SwarmWatch>,
}

/// What ended the wait.
enum Woken {
    Command(Option<Command>),
    Opened(Result<ControlSocket, OpenError>),
    Received(Option<Bytes>),
    Sent(bool),
    Timeout,
}

impl Task {
    pub fn new(
        url: String,
        config: ConversationConfig,
        commands: mpsc::Receiver<Command>,
        status: watch::Sender<Status>,
    ) -> Self {
        Self {
            url,
            started: Instant::now(),
            conversation: Conversation::new(config, 0),
            connection: Connection::None,
            outgoing: None,
            commands,
            status,
            replies: BTreeMap::new(),
            publications: BTreeMap::new(),
            infos: BTreeMap::new(),
            dials: BTreeMap::new(),
            withdrawals: Vec::new(),
            groups: BTreeMap::new(),
            swarms: BTreeMap::new(),
        }
    }

    /// Until every [`super::Session`] is dropped.
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
                    self.status.send_modify(|status| status.reason = Some(error.to_string()));
                    self.disconnect();
                }
                Woken::Received(Some(message)) => self.conversation.handle_message(&message, self.now_ms()),
                Woken::Received(None) | Woken::Sent(false) => self.disconnect(),
                Woken::Sent(true) => {}
                Woken::Timeout => self.conversation.handle_timeout(self.now_ms()),
            }
        }
    }

    fn now_ms(&self) -> u64 {
        self.started.elapsed().as_millis() as u64
    }

    fn keep_connection(&mut self) {
        if self.conversation.should_disconnect() {
            self.disconnect();
        }
        if self.conversation.should_connect(self.now_ms()) {
            let opening = tokio::spawn(ControlSocket::open(self.url.clone()));
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

    fn handle_command(&mut self, command: Command) {
        match command {
            Command::Request { request, answer } => {
                let id = self.conversation.request(request);
                self.replies.insert(id, answer);
            }
            Command::Publish { group, file, info_hash, info, pieces, answer } => {
                self.publications.insert(file, answer);
                self.conversation.publish_torrent(group, file, info_hash, info, pieces);
            }
            Command::FetchInfo { group, file, answer } => {
                let waiting = self.infos.entry((group, file)).or_default();
                waiting.push(answer);
                if waiting.len() == 1 {
                    self.conversation.fetch_info(group, file);
                }
            }
            Command::Dial { group, file, peer, answer } => {
                let dial = self.conversation.dial(group, file, peer);
                self.dials.insert(dial, answer);
            }
            Command::Announce(announce) => self.conversation.announce(announce),
            Command::Withdraw { group, file, answer } => {
                self.conversation.withdraw(group, file);
                self.swarms.remove(&(group, file));
                self.withdrawals.push(answer);
            }
            Command::Groups { answer } => {
                let groups = self.conversation.groups().iter().map(|(id, group)| (*id, view(group)));
                let _ = answer.send(groups.collect());
            }
            Command::WatchGroup { group, answer } => self.watch_group(group, answer),
            Command::WatchSwarm { group, file, grants, answer } => self.watch_swarm((group, file), grants, answer),
        }
    }

    fn watch_group(&mut self, id: GroupId, answer: oneshot::Sender<watch::Receiver<GroupView>>) {
        let group = self.conversation.groups().get(&id).map(view).unwrap_or_default();
        let sender = self.groups.entry(id).or_insert_with(|| watch::channel(group).0);
        let _ = answer.send(sender.subscribe());
    }

    fn watch_swarm(
        &mut self,
        key: SwarmKey,
        grants: mpsc::Sender<LinkGrant>,
        answer: oneshot::Sender<watch::Receiver<Arc<[SwarmPeer]>>>,
    ) {
        let peers = self.swarm(key);
        let watch = match self.swarms.entry(key) {
            std::collections::btree_map::Entry::Occupied(entry) => {
                let watch = entry.into_mut();
                watch.grants = grants;
                watch
            }
            std::collections::btree_map::Entry::Vacant(entry) => {
                entry.insert(SwarmWatch { peers: watch::channel(peers).0, grants })
            }
        };
        let _ = answer.send(watch.peers.subscribe());
    }

    fn swarm(&self, (group, file): SwarmKey) -> Arc<[SwarmPeer]> {
        self.conversation.groups().get(&group).map_or_else(|| Arc::from([]), |group| Arc::from(group.swarm(file)))
    }

    fn handle_event(&mut self, event: ConversationEvent) {
        match event {
            ConversationEvent::Online => self.status.send_modify(|status| {
                *status = Status { is_online: true, was_online: true, ..Status::default() };
            }),
            ConversationEvent::Offline { reason, .. } => self.status.send_modify(|status| {
                tracing::info!(%reason, "offline");
                status.is_online = false;
                status.failures += 1;
                status.reason.get_or_insert_with(|| reason.to_string());
            }),
            ConversationEvent::Refused(refusal) => self.end(refusal),
            ConversationEvent::Reply { id, outcome } => answer(self.replies.remove(&id), outcome),
            ConversationEvent::Published { file, outcome } => answer(self.publications.remove(&file), outcome),
            ConversationEvent::Info { group, file, info } => {
                for waiting in self.infos.remove(&(group, file)).unwrap_or_default() {
                    answer(Some(waiting), info.clone());
                }
            }
            ConversationEvent::GroupChanged(group) => self.group_changed(group),
            ConversationEvent::SwarmChanged { group, file } | ConversationEvent::SwarmLeft { group, file, .. } => {
                self.swarm_changed((group, file));
            }
            ConversationEvent::LinkGranted(grant) => self.grant(grant),
            ConversationEvent::DialRefused { dial, reason } => answer(self.dials.remove(&dial), Err(reason)),
        }
    }

    /// No further attempts: whoever waits is told why.
    fn end(&mut self, refusal: Refusal) {
        for waiting in std::mem::take(&mut self.replies).into_values() {
            answer(Some(waiting), Err(refusal.clone()));
        }
        for waiting in std::mem::take(&mut self.publications).into_values() {
            answer(Some(waiting), Err(refusal.clone()));
        }
        for waiting in std::mem::take(&mut self.infos).into_values().flatten() {
            answer(Some(waiting), Err(refusal.clone()));
        }
        self.status.send_modify(|status| {
            status.is_online = false;
            status.refused = Some(refusal);
        });
    }

    fn group_changed(&self, id: GroupId) {
        if let Some(sender) = self.groups.get(&id) {
            sender.send_modify(|known| match self.conversation.groups().get(&id) {
                Some(group) => *known = view(group),
                None => known.is_gone = true,
            });
        }
    }

    fn swarm_changed(&self, key: SwarmKey) {
        if let Some(watch) = self.swarms.get(&key) {
            watch.peers.send_replace(self.swarm(key));
        }
    }

    fn grant(&mut self, grant: LinkGrant) {
        match grant.dial {
            Some(dial) => answer(self.dials.remove(&dial), Ok(grant)),
            None => {
                let Some(watch) = self.swarms.get(&(grant.group, grant.file)) else {
                    return;
                };
                // Full: more peers dial at once than the driver takes. They try again.
                if watch.grants.try_send(grant).is_err() {
                    tracing::debug!("a link grant is dropped");
                }
            }
        }
    }
}

/// Whoever asked may be gone.
fn answer<T>(waiting: Option<oneshot::Sender<T>>, value: T) {
    if let Some(waiting) = waiting {
        let _ = waiting.send(value);
    }
}

fn view(group: &Group) -> GroupView {
    GroupView { slug: group.slug.clone(), name: group.name.clone(), files: group.files.clone(), is_gone: false }
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
