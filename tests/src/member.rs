//! A member without a program: a control connection that the test drives, on the crates that the programs use.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use futures_util::{SinkExt, StreamExt};
use membership::{Conversation, ConversationConfig, ConversationEvent, Identity, Join, JoinOutcome, Question, answer};
use secure_link::has_aes_instructions;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite;
use wire_protocol::control::{self, FileCard, SwarmName};
use wire_protocol::ids::{GroupId, InfoHash, PeerId};
use wire_protocol::invite::Invite;

use crate::pipe::{self, Proof, Socket};

/// Connected until it is dropped. It says and hears something only while it is awaited.
pub struct Member {
    pub conversation: Box<Conversation>,
    server: String,
    socket: Socket,
    started: Instant,
}

impl Member {
    /// Connects and logs in as a person of this name.
    ///
    /// # Errors
    /// If the tracker does not take it.
    pub async fn connect(server: &str, identity: Identity, name: &str) -> Result<Self> {
        let config = ConversationConfig {
            identity,
            display_name: name.to_owned(),
            client: "covey-tests".to_owned(),
            origin: server.parse()?,
            rng_seed: fastrand::u64(..),
            secret_seed: seed(),
        };
        let mut conversation = Box::new(Conversation::new(config, 0));
        ensure!(conversation.should_connect(0), "a new conversation wants a connection");
        let socket = pipe::open(server, "control", control::SUBPROTOCOL).await?;
        conversation.handle_connected(0);
        let mut member = Self { conversation, server: server.to_owned(), socket, started: Instant::now() };
        while !member.conversation.is_synced() {
            member.next().await?;
        }
        Ok(member)
    }

    /// A new person, in the group of an invite.
    ///
    /// # Errors
    /// If the tracker does not take it.
    pub async fn join(invite: &str, name: &str) -> Result<(Self, GroupId)> {
        let invite: Invite = invite.parse()?;
        let mut member = Self::connect(invite.server(), Identity::from_seed(seed()), name).await?;
        let joined = member.ask(Join { invite, message: String::new() }).await?;
        let JoinOutcome::Joined { group } = joined else { bail!("an admin has to accept {name}") };
        while !member.conversation.groups().contains_key(&group) {
            member.next().await?;
        }
        Ok((member, group))
    }

    /// The server's URL.
    pub fn server(&self) -> &str {
        &self.server
    }

    /// What happens next, once all that this member has to say is said.
    ///
    /// # Errors
    /// If the connection breaks, or the tracker refuses this member.
    pub async fn next(&mut self) -> Result<ConversationEvent> {
        loop {
            while let Some(message) = self.conversation.poll_message() {
                self.socket.send(tungstenite::Message::Binary(message.into())).await?;
            }
            if let Some(event) = self.conversation.poll_event() {
                if let ConversationEvent::Refused(refusal) = event {
                    bail!("login refused: {refusal}");
                }
                return Ok(event);
            }
            let timeout = self.conversation.poll_timeout().unwrap_or(u64::MAX / 2);
            let wait = Duration::from_millis(timeout.saturating_sub(self.now_ms())).min(Duration::from_secs(1));
            tokio::select! {
                message = self.socket.next() => match message.context("the tracker closed the connection")?? {
                    tungstenite::Message::Binary(bytes) => {
                        let now_ms = self.now_ms();
                        self.conversation.handle_message(&bytes, now_ms);
                    }
                    tungstenite::Message::Close(why) => bail!("the tracker closed the connection: {why:?}"),
                    _ => {}
                },
                () = tokio::time::sleep(wait) => {
                    let now_ms = self.now_ms();
                    self.conversation.handle_timeout(now_ms);
                }
            }
        }
    }

    fn now_ms(&self) -> u64 {
        self.started.elapsed().as_millis() as u64
    }

    /// Asks the tracker and waits for its answer. What else happens meanwhile is dropped.
    ///
    /// # Errors
    /// If it refuses.
    pub async fn ask<Q: Question>(&mut self, question: Q) -> Result<Q::Reply> {
        let asked = question.pose(&mut self.conversation);
        loop {
            if let ConversationEvent::Reply { id, outcome } = self.next().await?
                && id == asked
            {
                return Ok(answer::<Q>(outcome)?);
            }
        }
    }

    /// How this member's peer proves itself in a swarm, once the tracker and the invite have given it all it needs.
    ///
    /// # Errors
    /// If the connection breaks before.
    pub async fn proof(&mut self, swarm: SwarmName, info_hash: InfoHash, peer: PeerId) -> Result<Proof> {
        let own = loop {
            if let Some(own) = self.conversation.credentials(swarm.group) {
                break own;
            }
            self.next().await?;
        };
        let now_ms = self.conversation.tracker_time_ms(self.now_ms()).context("a tracker that told no time")?;
        Ok(Proof { proof: own.in_swarm(swarm.group, info_hash, peer, has_aes_instructions()), now_ms })
    }

    /// The file of this name, in whichever of the member's groups, once it has a torrent.
    ///
    /// # Errors
    /// If the connection breaks before.
    pub async fn find_file(&mut self, name: &str) -> Result<(SwarmName, FileCard)> {
        loop {
            let groups = self.conversation.groups();
            let mut files = groups.iter().flat_map(|(id, group)| group.files.iter().map(|card| (*id, card)));
            if let Some((group, card)) = files.find(|(_, card)| card.name == name && card.torrent.is_some()) {
                return Ok((SwarmName { group, file: card.file }, card.clone()));
            }
            self.next().await?;
        }
    }
}

fn seed() -> [u8; 32] {
    let mut seed = [0; 32];
    fastrand::fill(&mut seed);
    seed
}

/// Who a native-peer with this data folder is.
///
/// # Errors
/// If it has no key yet.
pub fn identity_in(data: &Path) -> Result<Identity> {
    let text = std::fs::read_to_string(data.join("identity.key"))?;
    let text = text.trim();
    ensure!(text.len() == 64 && text.is_ascii(), "not a key: {text}");
    let mut seed = [0; 32];
    for (byte, at) in seed.iter_mut().zip((0..).step_by(2)) {
        *byte = u8::from_str_radix(&text[at..at + 2], 16)?;
    }
    Ok(Identity::from_seed(seed))
}
