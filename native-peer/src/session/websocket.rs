//! Opening WebSockets with every limit set: tungstenite's defaults are made for other programs.

use std::io;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::handshake::client::Request;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::http::header::SEC_WEBSOCKET_PROTOCOL;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{self};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};
use wire_protocol::control::MESSAGE_LEN_MAX;

/// An open one.
pub type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// TCP, TLS and upgrade together.
const OPEN_TIMEOUT: Duration = Duration::from_secs(10);
/// A message on a relay link that is read, bytes. Peers send at most 256 KiB at a time.
const LINK_MESSAGE_LEN_MAX: usize = 1 << 20;

/// Why a WebSocket did not open.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Network or server.
    #[error("{}", explain(.0))]
    WebSocket(#[from] Box<tungstenite::Error>),
    /// Nothing happened for 10 s.
    #[error("no answer within {} s", OPEN_TIMEOUT.as_secs())]
    TimedOut,
}

/// For people: what of an error helps to mend it.
fn explain(error: &tungstenite::Error) -> String {
    match error {
        tungstenite::Error::Io(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
            "nothing listens there (connection refused)".to_owned()
        }
        tungstenite::Error::Io(error) => error.to_string(),
        tungstenite::Error::Http(response) => {
            format!("it is there, but it is not a tracker-relay (HTTP {})", response.status())
        }
        error => error.to_string(),
    }
}

/// For the control connection: small messages, small buffers.
pub fn control_config() -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(16 << 10)
        .write_buffer_size(16 << 10)
        .max_write_buffer_size(256 << 10)
        .max_message_size(Some(MESSAGE_LEN_MAX))
        .max_frame_size(Some(MESSAGE_LEN_MAX))
}

/// For a relay link: bulk.
pub fn link_config() -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(128 << 10)
        .write_buffer_size(128 << 10)
        .max_write_buffer_size(1 << 20)
        .max_message_size(Some(LINK_MESSAGE_LEN_MAX))
        .max_frame_size(Some(LINK_MESSAGE_LEN_MAX))
}

/// Opens a WebSocket that speaks `subprotocol`.
///
/// # Errors
/// [`OpenError`].
pub async fn open(url: &str, subprotocol: &'static str, config: WebSocketConfig) -> Result<Socket, OpenError> {
    let mut request = url.into_client_request().map_err(Box::new)?;
    request.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(subprotocol));
    let opening = Box::pin(connect(request, config));
    match tokio::time::timeout(OPEN_TIMEOUT, opening).await {
        Ok(Ok(socket)) => Ok(socket),
        Ok(Err(error)) => Err(Box::new(error).into()),
        Err(_) => Err(OpenError::TimedOut),
    }
}

#[cfg(feature = "tls")]
async fn connect(request: Request, config: WebSocketConfig) -> Result<Socket, tungstenite::Error> {
    let connector = tokio_tungstenite::Connector::Rustls(crate::tls::config());
    let connecting = tokio_tungstenite::connect_async_tls_with_config(request, Some(config), true, Some(connector));
    connecting.await.map(|(socket, _response)| socket)
}

#[cfg(not(feature = "tls"))]
async fn connect(request: Request, config: WebSocketConfig) -> Result<Socket, tungstenite::Error> {
    let connecting = tokio_tungstenite::connect_async_with_config(request, Some(config), true);
    connecting.await.map(|(socket, _response)| socket)
}
