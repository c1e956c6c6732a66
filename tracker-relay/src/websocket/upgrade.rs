//! From an HTTP request to a WebSocket (RFC 6455 section 4.2).

use axum::body::Body;
use axum::http::header::{
    CONNECTION, HOST, HeaderName, ORIGIN, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL,
    SEC_WEBSOCKET_VERSION, UPGRADE,
};
use axum::http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use transport::Stream;

use super::{Gate, Held, Origins, Socket, from_upgraded};

/// Frame headers of a first message sent in a few fragments.
const FRAMING_ALLOWANCE: usize = 64;

/// Why a request does not become a WebSocket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UpgradeRefusal {
    /// An ordinary request.
    #[error("this address is for WebSockets: open it with `Upgrade: websocket`, version 13")]
    NotAnUpgrade,
    /// The client does not speak this protocol.
    #[error("the WebSocket must ask for the subprotocol of this address")]
    WrongSubprotocol,
    /// A page of somebody else's.
    #[error("pages of this origin may not connect here (see --public-url and --allow-origin)")]
    WrongOrigin,
}

impl UpgradeRefusal {
    /// The answer for a program that is not a WebSocket client of ours.
    pub fn status(self) -> StatusCode {
        match self {
            Self::NotAnUpgrade => StatusCode::UPGRADE_REQUIRED,
            Self::WrongSubprotocol => StatusCode::BAD_REQUEST,
            Self::WrongOrigin => StatusCode::FORBIDDEN,
        }
    }
}

/// A request that is about to become a WebSocket.
#[derive(Debug)]
pub struct Upgrading {
    on_upgrade: OnUpgrade,
    /// The `Host` that the client dialed.
    pub host: String,
}

impl Upgrading {
    /// Waits until the answer is out and takes the connection over. `first_message_max`: what a
    /// stranger may send, bytes.
    ///
    /// `None`: the connection broke.
    pub async fn socket(self, config: WebSocketConfig, first_message_max: usize, held: Held) -> Option<Socket> {
        let upgraded = self.on_upgrade.await.ok()?;
        let parts = upgraded.downcast::<TokioIo<Stream>>().ok()?;
        let gate = Gate::new(parts.io.into_inner(), parts.read_buf, first_message_max + FRAMING_ALLOWANCE, held);
        Some(from_upgraded(gate, config).await)
    }
}

/// Checks a request, and makes the answer that turns it into a WebSocket.
///
/// # Errors
/// [`UpgradeRefusal`].
pub fn check_upgrade(
    request: &mut Request<Body>,
    subprotocol: &'static str,
    origins: &Origins,
) -> Result<(Upgrading, Response<Body>), UpgradeRefusal> {
    let headers = request.headers();
    let is_upgrade = has_token(headers, &CONNECTION, "upgrade")
        && has_token(headers, &UPGRADE, "websocket")
        && has_token(headers, &SEC_WEBSOCKET_VERSION, "13");
    let key = headers.get(SEC_WEBSOCKET_KEY).cloned().filter(|_| is_upgrade).ok_or(UpgradeRefusal::NotAnUpgrade)?;
    let host = text(headers, &HOST).ok_or(UpgradeRefusal::NotAnUpgrade)?.to_owned();
    check_origin(headers, &host, origins)?;
    if !has_token(headers, &SEC_WEBSOCKET_PROTOCOL, subprotocol) {
        return Err(UpgradeRefusal::WrongSubprotocol);
    }
    let on_upgrade = request.extensions_mut().remove::<OnUpgrade>().ok_or(UpgradeRefusal::NotAnUpgrade)?;
    let accept = HeaderValue::from_str(&derive_accept_key(key.as_bytes())).expect("base64 is a header value");
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(SEC_WEBSOCKET_ACCEPT, accept);
    headers.insert(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(subprotocol));
    Ok((Upgrading { on_upgrade, host }, response))
}

/// No `Origin` is a native program. A page must be ours: login needs a key, so that a foreign page
/// could not read anything, but it could use its visitors to hammer this server.
fn check_origin(headers: &HeaderMap, host: &str, origins: &Origins) -> Result<(), UpgradeRefusal> {
    let Some(origin) = headers.get(ORIGIN) else { return Ok(()) };
    let origin = origin.to_str().map_err(|_| UpgradeRefusal::WrongOrigin)?;
    if origins.also.iter().any(|also| also.eq_ignore_ascii_case(origin)) {
        return Ok(());
    }
    let from = origin.split_once("://").map_or("", |(_, from)| from);
    let is_ours = from.eq_ignore_ascii_case(host)
        || origins.public_host.as_ref().is_some_and(|public| public.eq_ignore_ascii_case(from));
    if is_ours { Ok(()) } else { Err(UpgradeRefusal::WrongOrigin) }
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// Whether a comma-separated header has this token.
fn has_token(headers: &HeaderMap, name: &HeaderName, token: &str) -> bool {
    headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|part| part.trim().eq_ignore_ascii_case(token))
}
