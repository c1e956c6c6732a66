//! Sockets to a server, and what is said first on each.

use std::net::SocketAddr;

use ed25519_dalek::{Signer, SigningKey};
use futures_util::{SinkExt, StreamExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{WebSocketStream, client_async};
use wire_protocol::control::{
    Hello, Login, MemberToTracker, ResumePoint, TrackerToMember, decode_from_tracker, encode_from_member, login_digest,
};
use wire_protocol::ids::MemberKey;
use wire_protocol::{control, link};

use super::PATIENCE;

pub type Client = WebSocketStream<TcpStream>;

/// A control socket that came through a reverse proxy, as that would open it.
pub async fn open_control_for(address: SocketAddr, forwarded_for: &str) -> Result<Client, tungstenite::Error> {
    let mut request = format!("ws://{address}/control").into_client_request()?;
    request.headers_mut().insert("sec-websocket-protocol", control::SUBPROTOCOL.parse().unwrap());
    request.headers_mut().insert("x-forwarded-for", forwarded_for.parse().unwrap());
    let tcp = TcpStream::connect(address).await?;
    client_async(request, tcp).await.map(|(client, _)| client)
}

/// Opens a WebSocket, with what an attacker could change open to be changed.
pub async fn open(
    address: SocketAddr,
    path: &str,
    subprotocol: Option<&str>,
    origin: Option<&str>,
) -> Result<Client, tungstenite::Error> {
    let mut request = format!("ws://{address}{path}").into_client_request()?;
    let headers = request.headers_mut();
    if let Some(subprotocol) = subprotocol {
        headers.insert("sec-websocket-protocol", subprotocol.parse().unwrap());
    }
    if let Some(origin) = origin {
        headers.insert("origin", origin.parse().unwrap());
    }
    let socket = TcpSocket::new_v4()?;
    if path == "/control" {
        // Some systems hold tens of megabytes for whoever does not read, and no test would notice that they do not.
        socket.set_recv_buffer_size(256 * 1024)?;
    }
    let tcp = socket.connect(address).await?;
    tcp.set_nodelay(true)?;
    client_async(request, tcp).await.map(|(client, _)| client)
}

pub async fn open_control(address: SocketAddr) -> Client {
    open(address, "/control", Some(control::SUBPROTOCOL), None).await.unwrap()
}

/// A control connection that says it is for `host`.
pub async fn open_control_as(address: SocketAddr, host: &str) -> Client {
    let mut request = format!("ws://{address}/control").into_client_request().unwrap();
    request.headers_mut().insert("host", host.parse().unwrap());
    request.headers_mut().insert("sec-websocket-protocol", control::SUBPROTOCOL.parse().unwrap());
    let tcp = TcpStream::connect(address).await.unwrap();
    client_async(request, tcp).await.unwrap().0
}

/// A link socket that has sent its token.
pub async fn open_link(address: SocketAddr, token: Vec<u8>) -> Client {
    let mut client = open(address, "/link", Some(link::SUBPROTOCOL), None).await.unwrap();
    client.send(Message::binary(token)).await.unwrap();
    client
}

/// The next binary message; `None` when the other side closed.
pub async fn next_binary(client: &mut Client) -> Option<bytes::Bytes> {
    loop {
        match timeout(PATIENCE, client.next()).await.expect("something comes") {
            Some(Ok(Message::Binary(bytes))) => return Some(bytes),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
            Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
            Some(Ok(other)) => panic!("unexpected {other:?}"),
        }
    }
}

pub async fn next_message(client: &mut Client) -> Option<TrackerToMember> {
    next_binary(client).await.map(|bytes| decode_from_tracker(&bytes).unwrap())
}

pub async fn hello(client: &mut Client) -> Hello {
    match next_message(client).await {
        Some(TrackerToMember::Hello(hello)) => hello,
        other => panic!("expected Hello, got {other:?}"),
    }
}

/// A correct login of a client that dialed `origin`.
pub fn login(hello: &Hello, key: &SigningKey, origin: &str, resume: Vec<ResumePoint>) -> Login {
    let member = MemberKey(key.verifying_key().to_bytes());
    let digest = login_digest(hello, origin, &member);
    Login {
        member,
        signature: key.sign(&digest).to_bytes().into(),
        origin: origin.to_owned(),
        display_name: format!("Member {}", member.short()),
        client: "test 1.0".to_owned(),
        resume,
    }
}

/// Sends a login and hands back what comes of it.
pub async fn log_in(client: &mut Client, login: Login) -> Option<TrackerToMember> {
    let message = encode_from_member(&MemberToTracker::Login(login));
    client.send(Message::binary(message)).await.unwrap();
    next_message(client).await
}
