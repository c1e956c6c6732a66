//! A real client's control conversation, with its waits and its resuming, over a plain socket.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;
use futures_util::{SinkExt, StreamExt};
use membership::{Conversation, ConversationConfig, ConversationEvent, OfflineReason};
use tokio::sync::watch;
use tokio_tungstenite::tungstenite::Message;
use wire_protocol::control::{self, SwarmName};

use super::group::announce_as;
use super::member::{Socket, identity, open, peer};

/// What all members came to.
#[derive(Debug, Clone, Copy, Default)]
pub struct Tally {
    /// Members who know their group and see all others in its swarm, on this connection.
    pub complete: usize,
    /// Members who are connected and logged in.
    pub online: usize,
    /// Times that the server refused somebody, for good or for now.
    pub refused: usize,
    /// Times that a connection could not be opened.
    pub unreachable: usize,
}

/// One of them.
pub struct Conversing {
    pub host: String,
    pub number: usize,
    pub swarm: SwarmName,
    /// Members of the swarm, this one included.
    pub swarm_len: usize,
    pub tally: Arc<watch::Sender<Tally>>,
}

impl Conversing {
    /// Until it is dropped.
    pub async fn run(self) -> Result<()> {
        let began = Instant::now();
        let now = || began.elapsed().as_millis() as u64;
        let config = ConversationConfig {
            identity: identity(self.number),
            display_name: format!("Member {}", self.number),
            client: "native-peer 0.1.0".to_owned(),
            origin: format!("http://{}", self.host).parse()?,
            secret_seed: [0; 32],
            rng_seed: fastrand::u64(..),
        };
        let mut conversation = Conversation::new(config, now());
        conversation.announce(announce_as(peer(self.number), self.swarm));
        let mut socket: Option<Socket> = None;
        let mut counted = Counted { tally: self.tally.clone(), is_online: false, is_complete: false };
        loop {
            if conversation.should_connect(now()) {
                socket = open(&self.host, "/control", Some(control::SUBPROTOCOL)).await.ok();
                match socket {
                    Some(_) => conversation.handle_connected(now()),
                    None => conversation.handle_disconnected(now()),
                }
            }
            if conversation.should_disconnect() {
                socket = None;
                conversation.handle_disconnected(now());
            }
            self.note_events(&mut conversation);
            if let Some(open) = &mut socket
                && send_all(&mut conversation, open).await.is_err()
            {
                socket = None;
                conversation.handle_disconnected(now());
            }
            counted.set(conversation.is_online(), self.is_complete(&conversation));
            let wait = conversation.poll_timeout().map_or(60_000, |at| at.saturating_sub(now()));
            tokio::select! {
                message = next(&mut socket) => match message {
                    Some(bytes) => conversation.handle_message(&bytes, now()),
                    None => {
                        socket = None;
                        conversation.handle_disconnected(now());
                    }
                },
                () = tokio::time::sleep(Duration::from_millis(wait)) => conversation.handle_timeout(now()),
            }
        }
    }

    fn is_complete(&self, conversation: &Conversation) -> bool {
        let group = conversation.groups().get(&self.swarm.group);
        conversation.is_online()
            && conversation.is_synced()
            && group.is_some_and(|group| group.swarm(self.swarm.file).len() >= self.swarm_len - 1)
    }

    fn note_events(&self, conversation: &mut Conversation) {
        while let Some(event) = conversation.poll_event() {
            let is_refused = matches!(
                event,
                ConversationEvent::Refused(_)
                    | ConversationEvent::Offline { reason: OfflineReason::Refused(_), .. }
                    | ConversationEvent::AnnounceRefused { .. }
            );
            let is_unreachable = matches!(event, ConversationEvent::Offline { reason: OfflineReason::Unreachable, .. });
            if is_refused || is_unreachable {
                self.tally.send_modify(|tally| {
                    tally.refused += usize::from(is_refused);
                    tally.unreachable += usize::from(is_unreachable);
                });
            }
        }
    }
}

async fn send_all(conversation: &mut Conversation, socket: &mut Socket) -> Result<()> {
    while let Some(message) = conversation.poll_message() {
        socket.feed(Message::Binary(message.into())).await?;
    }
    Ok(socket.flush().await?)
}

/// The next message; `None`: the connection is over. Without one it waits for ever.
async fn next(socket: &mut Option<Socket>) -> Option<bytes::Bytes> {
    let Some(socket) = socket else { return std::future::pending().await };
    loop {
        match socket.next().await {
            Some(Ok(Message::Binary(bytes))) => return Some(bytes),
            Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
            Some(Ok(_)) => {}
        }
    }
}

/// How one member counts.
struct Counted {
    tally: Arc<watch::Sender<Tally>>,
    is_online: bool,
    is_complete: bool,
}

impl Counted {
    fn set(&mut self, is_online: bool, is_complete: bool) {
        if (is_online, is_complete) == (self.is_online, self.is_complete) {
            return;
        }
        let step = |count: &mut usize, was: bool, is: bool| *count = *count + usize::from(is) - usize::from(was);
        self.tally.send_modify(|tally| {
            step(&mut tally.online, self.is_online, is_online);
            step(&mut tally.complete, self.is_complete, is_complete);
        });
        (self.is_online, self.is_complete) = (is_online, is_complete);
    }
}
