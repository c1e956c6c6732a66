//! A peer that joins like everybody, says that it has all of the file, and serves noise. No program of
//! Covey's does that, so this one is written here, on the same protocol crates.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use bytes::{Bytes, BytesMut};
use futures_util::{SinkExt, StreamExt};
use membership::{Conversation, ConversationConfig, ConversationEvent, Identity};
use peer_wire::{Decoder, Handshake, Message, Reserved};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async, tungstenite};
use wire_protocol::control::{self, Announce, LinkGrant, Progress, Reply, Request, Torrent};
use wire_protocol::ids::{FileId, GroupId, PeerId};
use wire_protocol::invite::Invite;
use wire_protocol::link;

use crate::wait::SOON;

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Ends with all its links when dropped.
pub struct CorruptSeeder {
    figures: Arc<Figures>,
    announced: watch::Receiver<bool>,
    task: JoinHandle<Result<()>>,
}

#[derive(Default)]
struct Figures {
    bytes_served: AtomicU64,
    links_opened: AtomicU64,
    links_closed: AtomicU64,
}

impl CorruptSeeder {
    /// Joins by `invite` under this name; returns once it is in the file's swarm as a seeder.
    ///
    /// # Errors
    /// If the tracker does not take it.
    pub async fn start(invite: &str, name: &str) -> Result<Self> {
        let figures = Arc::new(Figures::default());
        let (announce, announced) = watch::channel(false);
        let invite: Invite = invite.parse()?;
        let name = name.to_owned();
        let task = tokio::spawn(run(invite, name, figures.clone(), announce));
        let mut seeder = Self { figures, announced, task };
        seeder.wait_until_announced().await?;
        Ok(seeder)
    }

    async fn wait_until_announced(&mut self) -> Result<()> {
        tokio::select! {
            changed = self.announced.wait_for(|announced| *announced) => {
                if changed.is_ok() {
                    return Ok(());
                }
                (&mut self.task).await?.context("the corrupt seeder ended")
            }
            () = tokio::time::sleep(SOON) => bail!("the corrupt seeder did not get into the swarm"),
        }
    }

    /// Bytes of noise sent.
    pub fn bytes_served(&self) -> u64 {
        self.figures.bytes_served.load(Ordering::Relaxed)
    }

    /// Links that opened.
    pub fn links_opened(&self) -> u64 {
        self.figures.links_opened.load(Ordering::Relaxed)
    }

    /// Links that the other side closed.
    pub fn links_closed(&self) -> u64 {
        self.figures.links_closed.load(Ordering::Relaxed)
    }
}

impl Drop for CorruptSeeder {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// What the seeder has found out.
struct Seeder {
    invite: Invite,
    conversation: Conversation,
    group: Option<GroupId>,
    torrent: Option<Torrent>,
    peer: PeerId,
    figures: Arc<Figures>,
    announced: watch::Sender<bool>,
    /// Dropped with the seeder, which ends them.
    links: JoinSet<Result<()>>,
}

async fn run(invite: Invite, name: String, figures: Arc<Figures>, announced: watch::Sender<bool>) -> Result<()> {
    let host = invite.server().split_once("://").context("an invite has a scheme")?.1.to_owned();
    let config = ConversationConfig {
        identity: Identity::from_seed(random()),
        display_name: name,
        client: "corrupt-seeder".to_owned(),
        dialled_host: host,
        rng_seed: fastrand::u64(..),
    };
    let started = Instant::now();
    let mut seeder = Seeder {
        conversation: Conversation::new(config, 0),
        invite,
        group: None,
        torrent: None,
        peer: PeerId::covey(random()),
        figures,
        announced,
        links: JoinSet::new(),
    };
    ensure!(seeder.conversation.should_connect(0), "a new conversation wants a connection");
    let mut socket = open(seeder.invite.server(), "control", control::SUBPROTOCOL).await?;
    let now_ms = || started.elapsed().as_millis() as u64;
    seeder.conversation.handle_connected(now_ms());
    loop {
        while let Some(message) = seeder.conversation.poll_message() {
            socket.send(tungstenite::Message::Binary(message.into())).await?;
        }
        while let Some(event) = seeder.conversation.poll_event() {
            seeder.handle(event)?;
        }
        let timeout = seeder.conversation.poll_timeout().unwrap_or(u64::MAX / 2);
        let wait = Duration::from_millis(timeout.saturating_sub(now_ms())).min(Duration::from_secs(1));
        tokio::select! {
            message = socket.next() => match message.context("the tracker closed the connection")?? {
                tungstenite::Message::Binary(bytes) => seeder.conversation.handle_message(&bytes, now_ms()),
                tungstenite::Message::Close(why) => bail!("the tracker closed the connection: {why:?}"),
                _ => {}
            },
            () = tokio::time::sleep(wait) => seeder.conversation.handle_timeout(now_ms()),
        }
    }
}

impl Seeder {
    fn handle(&mut self, event: ConversationEvent) -> Result<()> {
        match event {
            ConversationEvent::Online => {
                let (slug, auth) = (self.invite.slug().to_owned(), self.invite.auth_key());
                self.conversation.request(Request::JoinGroup { slug, auth });
            }
            ConversationEvent::Refused(refusal) => bail!("login refused: {refusal}"),
            ConversationEvent::Reply { outcome: Err(refusal), .. } => bail!("refused: {refusal}"),
            ConversationEvent::Reply { outcome: Ok(Reply::Joined { group }), .. } => self.group = Some(group),
            ConversationEvent::LinkGranted(grant) => self.open_link(grant)?,
            _ => {}
        }
        self.announce();
        Ok(())
    }

    /// As soon as the group has a file with a torrent.
    fn announce(&mut self) {
        let Some((group, file, torrent)) = self.find_torrent() else { return };
        if self.torrent.replace(torrent).is_some() {
            return;
        }
        let progress = Progress::Pieces { have: torrent.pieces, total: torrent.pieces };
        self.conversation.announce(Announce { group, file, peer: self.peer, progress, listen: None });
        self.announced.send_replace(true);
    }

    fn find_torrent(&self) -> Option<(GroupId, FileId, Torrent)> {
        let id = self.group?;
        let group = self.conversation.groups().get(&id)?;
        group.files.iter().find_map(|card| Some((id, card.file, card.torrent?)))
    }

    fn open_link(&mut self, grant: LinkGrant) -> Result<()> {
        let torrent = self.torrent.context("a link before the announce")?;
        let handshake = Handshake {
            reserved: Reserved { fast: true, extensions: false },
            info_hash: torrent.info_hash,
            peer_id: self.peer,
        };
        let (server, figures) = (self.invite.server().to_owned(), self.figures.clone());
        self.links.spawn(async move {
            let served = serve(&server, grant, handshake, torrent.pieces, &figures).await;
            figures.links_closed.fetch_add(1, Ordering::Relaxed);
            served
        });
        Ok(())
    }
}

/// Serves noise on one link until the other side closes it.
async fn serve(server: &str, grant: LinkGrant, handshake: Handshake, pieces: u32, figures: &Figures) -> Result<()> {
    let mut socket = open(server, "link", link::SUBPROTOCOL).await?;
    socket.send(tungstenite::Message::Binary(grant.token.into())).await?;
    let paired = receive(&mut socket).await?.context("closed before pairing")?;
    ensure!(paired == link::PAIRED, "the relay said something else than PAIRED");
    figures.links_opened.fetch_add(1, Ordering::Relaxed);
    let mut hello = BytesMut::from(&handshake.encode()[..]);
    Message::HaveAll.encode(&mut hello);
    Message::Unchoke.encode(&mut hello);
    socket.send(tungstenite::Message::Binary(hello.freeze())).await?;
    let mut decoder = Decoder::new(pieces);
    let mut shook_hands = false;
    while let Some(chunk) = receive(&mut socket).await? {
        decoder.push(chunk);
        if !shook_hands {
            shook_hands = decoder.next_handshake()?.is_some();
        }
        let mut out = BytesMut::new();
        while let Some(message) = if shook_hands { decoder.next_message()? } else { None } {
            if let Message::Request(block) = message {
                let noise: Vec<u8> = std::iter::repeat_with(|| fastrand::u8(..)).take(block.len as usize).collect();
                Message::Piece { piece: block.piece, begin: block.begin, data: noise.into() }.encode(&mut out);
                figures.bytes_served.fetch_add(u64::from(block.len), Ordering::Relaxed);
            }
        }
        if !out.is_empty() {
            socket.send(tungstenite::Message::Binary(out.freeze())).await?;
        }
    }
    Ok(())
}

/// The next binary message; `None` when the other side has closed.
async fn receive(socket: &mut Socket) -> Result<Option<Bytes>> {
    loop {
        match socket.next().await.transpose()? {
            Some(tungstenite::Message::Binary(bytes)) => return Ok(Some(bytes)),
            Some(tungstenite::Message::Close(_)) | None => return Ok(None),
            Some(_) => {}
        }
    }
}

async fn open(server: &str, path: &str, subprotocol: &'static str) -> Result<Socket> {
    let url = format!("{}/{path}", server.replacen("http", "ws", 1));
    let mut request = url.into_client_request()?;
    request.headers_mut().insert("sec-websocket-protocol", HeaderValue::from_static(subprotocol));
    let (socket, _) = connect_async(request).await.with_context(|| format!("cannot open /{path}"))?;
    Ok(socket)
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    fastrand::fill(&mut bytes);
    bytes
}
