//! A member as the load generator plays it: a real login, and then whatever a row wants.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use membership::Identity;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{WebSocketStream, client_async};
use wire_protocol::control::{
    self, Login, MemberToTracker, Origin, Refusal, Reply, Request, TrackerToMember, decode_from_tracker,
    encode_from_member,
};
use wire_protocol::ids::{MemberKey, PeerId, RequestId};

/// For one answer of the server.
const ANSWER_MAX: Duration = Duration::from_secs(60);

pub type Socket = WebSocketStream<TcpStream>;

/// Somebody who is logged in.
pub struct Member {
    pub key: MemberKey,
    /// Its peer in every swarm.
    pub peer: PeerId,
    socket: Socket,
    requests: u64,
    /// What came from the server: binary messages, and their bytes.
    pub messages: u64,
    pub bytes: u64,
}

/// The person with this number: everybody has one key at every server.
pub fn identity(number: usize) -> Identity {
    let mut seed = [7; 32];
    seed[..16].copy_from_slice(&(number as u128 + 1).to_be_bytes());
    Identity::from_seed(seed)
}

/// Their peer: the first eight bytes name the program.
pub fn peer(number: usize) -> PeerId {
    let mut peer = [0; 20];
    peer[..8].copy_from_slice(b"-CV0100-");
    peer[12..].copy_from_slice(&(number as u64).to_be_bytes());
    PeerId(peer)
}

/// Opens a WebSocket; `subprotocol`: of tracker-relay's.
pub async fn open(host: &str, path: &str, subprotocol: Option<&str>) -> Result<Socket> {
    let mut request = format!("ws://{host}{path}").into_client_request()?;
    if let Some(subprotocol) = subprotocol {
        request.headers_mut().insert("sec-websocket-protocol", subprotocol.parse()?);
    }
    let stream = TcpStream::connect(host).await?;
    stream.set_nodelay(true)?;
    Ok(client_async(request, stream).await?.0)
}

impl Member {
    /// Logs in and waits until all is told.
    pub async fn log_in(host: &str, number: usize) -> Result<Self> {
        let socket = open(host, "/control", Some(control::SUBPROTOCOL)).await?;
        let origin: Origin = format!("http://{host}").parse()?;
        let identity = identity(number).for_origin(&origin);
        let (key, peer) = (identity.key(), peer(number));
        let mut member = Self { key, peer, socket, requests: fastrand::u64(..), messages: 0, bytes: 0 };
        let TrackerToMember::Hello(hello) = member.next().await? else { bail!("no Hello") };
        let login = Login {
            member: key,
            signature: identity.sign_login(&hello),
            origin: origin.to_string(),
            display_name: format!("Member {number}"),
            client: "native-peer 0.1.0".to_owned(),
            resume: Vec::new(),
        };
        member.send(&MemberToTracker::Login(login)).await?;
        while !matches!(member.next().await?, TrackerToMember::Synced) {}
        Ok(member)
    }

    /// Sends a message.
    pub async fn send(&mut self, message: &MemberToTracker) -> Result<()> {
        Ok(self.socket.send(Message::binary(encode_from_member(message))).await?)
    }

    /// Queues a message.
    pub async fn feed(&mut self, message: &MemberToTracker) -> Result<()> {
        Ok(self.socket.feed(Message::binary(encode_from_member(message))).await?)
    }

    /// Sends what is queued.
    pub async fn flush(&mut self) -> Result<()> {
        Ok(self.socket.flush().await?)
    }

    /// The next message of the server, undecoded.
    pub async fn receive(&mut self) -> Result<Bytes> {
        loop {
            match timeout(ANSWER_MAX, self.socket.next()).await.context("the server is silent")? {
                Some(Ok(Message::Binary(message))) => {
                    self.messages += 1;
                    self.bytes += message.len() as u64;
                    return Ok(message);
                }
                Some(Ok(Message::Close(Some(frame)))) => bail!("closed: {} {}", frame.code, frame.reason),
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(error.into()),
                None => bail!("closed"),
            }
        }
    }

    /// The next message of the server.
    pub async fn next(&mut self) -> Result<TrackerToMember> {
        let message = self.receive().await?;
        decode_from_tracker(&message).context("the server says something unforeseen")
    }

    /// The next message in which `pick` finds something.
    pub async fn find<T>(&mut self, pick: impl Fn(TrackerToMember) -> Option<T>) -> Result<T> {
        loop {
            if let Some(found) = pick(self.next().await?) {
                return Ok(found);
            }
        }
    }

    /// A request that is granted.
    pub async fn ask(&mut self, request: Request) -> Result<Reply> {
        Ok(self.ask_for(request).await??)
    }

    /// A request, granted or not.
    pub async fn ask_for(&mut self, request: Request) -> Result<Result<Reply, Refusal>> {
        self.requests = self.requests.wrapping_add(1);
        let mut id = [0; 16];
        id[..8].copy_from_slice(&self.requests.to_le_bytes());
        let id = RequestId(id);
        self.send(&MemberToTracker::Request { id, request }).await?;
        self.find(|message| match message {
            TrackerToMember::Reply { id: of, outcome } if of == id => Some(outcome),
            _ => None,
        })
        .await
    }

    /// Stays online until the connection ends.
    pub async fn stay(mut self) {
        while let Some(Ok(_)) = self.socket.next().await {}
    }
}
