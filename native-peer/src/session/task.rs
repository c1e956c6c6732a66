//! The task that owns the conversation and its WebSocket.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use membership::{Conversation, ConversationConfig, ConversationEvent, DialFailure};
use peer_engine::LinkKey;
use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::task::AbortOnDropHandle;
use wire_protocol::control::{LinkGrant, Refusal, Reply, SwarmName, SwarmPeer};
use wire_protocol::ids::{GroupId, RequestId};

use super::command::{Command, GroupsAnswer};
use super::control_socket::ControlSocket;
use super::websocket::OpenError;
use super::{GroupState, Status, SwarmNews};

/// The WebSocket's state. The conversation says when to connect.
#[derive(Debug)]
enum Connection {
    None,
    Opening(AbortOnDropHandle<Result<ControlSocket, OpenError>>),
    Open(ControlSocket),
}

#[derive(Debug)]
struct SwarmWatch {
    peers: watch::Sender<Arc<[SwarmPeer]>>,
    news: mpsc::Sender<SwarmNews>,
}

pub struct Task {
    url: String,
    started: Instant,
    conversation: Conversation,
    /// A name that the person wants to have here.
    rename: Option<String>,
    connection: Connection,
    /// Polled from the conversation, waiting for the socket.
    outgoing: Option<Vec<u8>>,
    commands: mpsc::Receiver<Command>,
    status: watch::Sender<Status>,
    replies: BTreeMap<RequestId, oneshot::Sender<Result<Reply, Refusal>>>,
    publications: BTreeMap<SwarmName, oneshot::Sender<Result<(), Refusal>>>,
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
    Opened(Result<ControlSocket, OpenError>),
    Received(Option<Bytes>),
    Sent(bool),
    Timeout,
}

impl Task {
    pub fn new(
        url: String,
        config: ConversationConfig,
        rename: Option<String>,
        commands: mpsc::Receiver<Command>,
        status: watch::Sender<Status>,
    ) -> Self {
        Self {
            url,
            started: Instant::now(),
            conversation: Conversation::new(config, 0),
            rename,
            connection: Connection::None,
            outgoing: None,
            commands,
            status,
            replies: BTreeMap::new(),
            publications: BTreeMap::new(),
            infos: BTreeMap::new(),
            dials: BTreeMap::new(),
            withdrawals: Vec::new(),
            unsynced: Vec::new(),
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
            Command::Publish { swarm, info_hash, info, pieces, answer } => {
                self.publications.insert(swarm, answer);
                self.conversation.publish_torrent(swarm, info_hash, info, pieces);
            }
            Command::FetchInfo { swarm, answer } => {
                let waiting = self.infos.entry(swarm).or_default();
                waiting.push(answer);
                if waiting.len() == 1 {
                    self.conversation.fetch_info(swarm);
                }
            }
            Command::Dial { swarm, to, link } => {
                let dial = self.conversation.dial(swarm, to);
                self.dials.insert(dial, (swarm, link));
            }
            Command::Announce(announce) => self.conversation.announce(announce),
            Command::Withdraw { swarm, answer } => {
                self.conversation.unwatch(swarm);
                self.conversation.withdraw(swarm);
                self.swarms.remove(&swarm);
                self.withdrawals.push(answer);
            }
            Command::Groups { answer } => {
                self.unsynced.push(answer);
                if self.conversation.is_synced() {
                    self.tell_groups();
                }
            }
            Command::WatchGroup { group, answer } => self.watch_group(group, answer),
            Command::WatchSwarm { swarm, news, answer } => self.watch_swarm(swarm, news, answer),
        }
    }

    fn tell_groups(&mut self) {
        let groups: Vec<_> = self.conversation.groups().iter().map(|(id, group)| (*id, group.clone())).collect();
        for waiting in self.unsynced.drain(..) {
            answer(Some(waiting), Ok(groups.clone()));
        }
    }

    fn watch_group(&mut self, id: GroupId, answer: oneshot::Sender<watch::Receiver<GroupState>>) {
        let state = GroupState { group: self.conversation.groups().get(&id).cloned(), is_gone: false };
        let sender = self.groups.entry(id).or_insert_with(|| watch::channel(state).0);
        let _ = answer.send(sender.subscribe());
    }

    fn watch_swarm(
        &mut self,
        key: SwarmName,
        news: mpsc::Sender<SwarmNews>,
        answer: oneshot::Sender<watch::Receiver<Arc<[SwarmPeer]>>>,
    ) {
        self.conversation.watch(key);
        let peers = self.swarm(key);
        let watch = match self.swarms.entry(key) {
            std::collections::btree_map::Entry::Occupied(entry) => {
                let watch = entry.into_mut();
                watch.news = news;
                watch
            }
            std::collections::btree_map::Entry::Vacant(entry) => {
                entry.insert(SwarmWatch { peers: watch::channel(peers).0, news })
            }
        };
        let _ = answer.send(watch.peers.subscribe());
    }

    fn swarm(&self, SwarmName { group, file }: SwarmName) -> Arc<[SwarmPeer]> {
        self.conversation.groups().get(&group).map_or_else(|| Arc::from([]), |group| Arc::from(group.swarm(file)))
    }

    fn handle_event(&mut self, event: ConversationEvent) {
        match event {
            ConversationEvent::Online => self.online(),
            ConversationEvent::Synced => self.tell_groups(),
            ConversationEvent::Offline { reason, .. } => self.status.send_modify(|status| {
                tracing::info!(%reason, "offline");
                status.is_online = false;
                status.failures += 1;
                status.reason.get_or_insert_with(|| reason.to_string());
            }),
            ConversationEvent::Refused(refusal) => self.end(refusal),
            ConversationEvent::Reply { id, outcome } => answer(self.replies.remove(&id), outcome),
            ConversationEvent::Published { swarm, outcome } => answer(self.publications.remove(&swarm), outcome),
            ConversationEvent::Info { swarm, info } => {
                for waiting in self.infos.remove(&swarm).unwrap_or_default() {
                    answer(Some(waiting), info.clone());
                }
            }
            ConversationEvent::GroupChanged(group) => self.group_changed(group),
            ConversationEvent::SwarmChanged(swarm) => self.swarm_changed(swarm),
            ConversationEvent::AnnounceRefused { swarm, reason } => {
                tracing::warn!(file = %swarm.file, ?reason, "others do not see this peer");
                self.status.send_modify(|status| status.unseen = Some(reason));
            }
            ConversationEvent::LinkGranted(grant) => self.grant(grant),
            ConversationEvent::DialFailed { dial, why } => self.dialed(dial, Err(why)),
            ConversationEvent::DisplayNameChanged | ConversationEvent::CountsChanged(_) => {}
        }
    }

    fn online(&mut self) {
        self.status.send_modify(|status| {
            *status = Status { is_online: true, was_online: true, ..Status::default() };
        });
        if let Some(name) = self.rename.take().filter(|name| name != self.conversation.display_name()) {
            self.conversation.set_display_name(&name);
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
        for waiting in std::mem::take(&mut self.unsynced) {
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
                Some(group) => *known = GroupState { group: Some(group.clone()), is_gone: false },
                None => known.is_gone = true,
            });
        }
    }

    fn swarm_changed(&self, key: SwarmName) {
        if let Some(watch) = self.swarms.get(&key) {
            watch.peers.send_replace(self.swarm(key));
        }
    }

    fn grant(&mut self, grant: LinkGrant) {
        match grant.dial {
            Some(dial) => self.dialed(dial, Ok(grant)),
            None => self.tell_of_link(grant.swarm, SwarmNews::Asked(grant)),
        }
    }

    fn dialed(&mut self, dial: u32, outcome: Result<LinkGrant, DialFailure>) {
        if let Some((swarm, link)) = self.dials.remove(&dial) {
            self.tell_of_link(swarm, SwarmNews::Dialed { link, outcome });
        }
    }

    fn tell_of_link(&self, swarm: SwarmName, news: SwarmNews) {
        let Some(watch) = self.swarms.get(&swarm) else {
            return;
        };
        // Full: more peers dial at once than the swarm's task takes. They try again, and so does it.
        if watch.news.try_send(news).is_err() {
            tracing::debug!("news of a link is dropped");
        }
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
