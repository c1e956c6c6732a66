//! A byte pipe to a peer, held by the test itself.

use std::net::SocketAddr;

use anyhow::{Context, Result, bail, ensure};
use bytes::{Bytes, BytesMut};
use futures_util::{SinkExt, StreamExt};
use membership::SwarmCredentials;
use secure_link::{Contact, Greeting, Initiator, LinkKeys, Opening, Progress, Responder, SecureLink, Seed, Suite};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async, tungstenite};
use wire_protocol::ids::LinkId;
use wire_protocol::link;

/// A WebSocket to the server.
pub type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

const CHUNK_LEN: usize = 64 * 1024;

/// How a member's peer proves itself, and what time it is at the tracker.
#[derive(Clone)]
pub struct Proof {
    pub proof: SwarmCredentials,
    pub now_ms: u64,
}

/// Straight to the peer, or over the relay.
enum Raw {
    Tcp(TcpStream),
    Relay(Box<Socket>),
}

/// A pipe, sealed once both ends have proved who they are.
pub struct Pipe {
    raw: Raw,
    link: Option<SecureLink>,
    /// Which cipher the two ends have agreed on.
    suite: Option<Suite>,
    /// The next message is not what was sealed.
    is_damaging: bool,
    /// Plain, and not handed out yet.
    read: Bytes,
}

impl Pipe {
    /// Connects straight to the peer.
    ///
    /// # Errors
    /// If nobody listens there.
    pub async fn connect(address: SocketAddr) -> Result<Self> {
        Ok(Self::new(Raw::Tcp(TcpStream::connect(address).await?)))
    }

    /// Presents a granted token to the server's relay and waits for the other side.
    ///
    /// # Errors
    /// If they are not paired.
    pub async fn pair(server: &str, token: Vec<u8>) -> Result<Self> {
        let mut socket = open(server, "link", link::SUBPROTOCOL).await?;
        socket.send(tungstenite::Message::Binary(token.into())).await?;
        let mut pipe = Self::new(Raw::Relay(Box::new(socket)));
        let paired = pipe.receive().await?.context("closed before pairing")?;
        ensure!(paired == link::PAIRED, "the relay said something else than PAIRED");
        Ok(pipe)
    }

    fn new(raw: Raw) -> Self {
        Self { raw, link: None, suite: None, is_damaging: false, read: Bytes::new() }
    }

    /// Proves to the peer that was dialed who this one is, and sees that it is the one. `link`: the granted one's, or
    /// [`secure_link::NO_LINK`].
    ///
    /// # Errors
    /// If it is not, or closes.
    pub async fn initiate(&mut self, own: &Proof, contact: Contact, link: LinkId) -> Result<()> {
        let (mut initiator, first) = Initiator::new(own.proof.local.clone(), contact, link, seed());
        self.send(first.into()).await?;
        loop {
            let mut input = self.receive().await?.context("closed in the handshake")?;
            match initiator.read(&mut input, own.now_ms)? {
                Progress::More(more) => initiator = more,
                Progress::Secured { send, secured } => {
                    self.send(send.into()).await?;
                    return self.secured(secured.keys, &input);
                }
            }
        }
    }

    /// The same for the side that was dialed.
    ///
    /// # Errors
    /// If it is not who it should be, or closes.
    pub async fn respond(&mut self, own: &Proof, contact: Contact, link: LinkId) -> Result<()> {
        let mut greeting = Greeting::new();
        let mut input = self.receive().await?.context("closed in the handshake")?;
        let first = loop {
            match greeting.read(&mut input)? {
                Opening::Covey(first) => break first,
                Opening::Plain => bail!("a plain handshake"),
                Opening::More(_) => input = self.receive().await?.context("closed in the handshake")?,
            }
        };
        let ((), first) = first.find([((), &own.proof.tag)])?;
        let (mut responder, answer) = Responder::new(own.proof.local.clone(), first, Some(contact), link, seed())?;
        self.send(answer.into()).await?;
        loop {
            let mut input = self.receive().await?.context("closed in the handshake")?;
            match responder.read(&mut input, own.now_ms)? {
                Progress::More(more) => responder = more,
                Progress::Secured { secured, .. } => return self.secured(secured.keys, &input),
            }
        }
    }

    /// Which cipher records have, once both ends are proved.
    pub fn suite(&self) -> Option<Suite> {
        self.suite
    }

    /// One bit of the next message is wrong when it is sent.
    pub fn damage_next(&mut self) {
        self.is_damaging = true;
    }

    fn secured(&mut self, keys: LinkKeys, rest: &Bytes) -> Result<()> {
        self.suite = Some(keys.suite());
        let mut link = keys.link();
        self.read = link.open(rest)?;
        self.link = Some(link);
        Ok(())
    }

    /// Sends all of it.
    ///
    /// # Errors
    /// If the pipe is broken.
    pub async fn send(&mut self, bytes: Bytes) -> Result<()> {
        let bytes = match &mut self.link {
            None => bytes,
            Some(link) => {
                let mut sealed = Vec::new();
                link.seal(&[bytes], &mut sealed)?;
                if let Some(last) = sealed.last_mut().filter(|_| std::mem::take(&mut self.is_damaging)) {
                    *last ^= 1;
                }
                sealed.into()
            }
        };
        match &mut self.raw {
            Raw::Tcp(stream) => stream.write_all(&bytes).await?,
            Raw::Relay(socket) => socket.send(tungstenite::Message::Binary(bytes)).await?,
        }
        Ok(())
    }

    /// The next bytes; `None` when the other side has closed.
    ///
    /// # Errors
    /// If the pipe is broken.
    pub async fn receive(&mut self) -> Result<Option<Bytes>> {
        loop {
            if !self.read.is_empty() {
                return Ok(Some(std::mem::take(&mut self.read)));
            }
            let Some(chunk) = self.raw.receive().await? else {
                return Ok(None);
            };
            self.read = match &mut self.link {
                None => chunk,
                Some(link) => link.open(&chunk)?,
            };
        }
    }
}

impl Raw {
    async fn receive(&mut self) -> Result<Option<Bytes>> {
        match self {
            Self::Tcp(stream) => {
                let mut chunk = BytesMut::with_capacity(CHUNK_LEN);
                let len = stream.read_buf(&mut chunk).await?;
                Ok((len > 0).then(|| chunk.freeze()))
            }
            Self::Relay(socket) => loop {
                match socket.next().await.transpose()? {
                    Some(tungstenite::Message::Binary(bytes)) => return Ok(Some(bytes)),
                    Some(tungstenite::Message::Close(_)) | None => return Ok(None),
                    Some(_) => {}
                }
            },
        }
    }
}

fn seed() -> Seed {
    let mut seed = [0; 32];
    fastrand::fill(&mut seed);
    Seed::new(seed)
}

/// Opens a WebSocket to one of the server's paths.
///
/// # Errors
/// If the server does not take it.
pub async fn open(server: &str, path: &str, subprotocol: &'static str) -> Result<Socket> {
    let url = format!("{}/{path}", server.replacen("http", "ws", 1));
    let mut request = url.into_client_request()?;
    request.headers_mut().insert("sec-websocket-protocol", HeaderValue::from_static(subprotocol));
    let (socket, _) = connect_async(request).await.with_context(|| format!("cannot open /{path}"))?;
    Ok(socket)
}
