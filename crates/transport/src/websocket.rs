//! Opening WebSockets.

use std::time::Duration;

use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::header::SEC_WEBSOCKET_PROTOCOL;
use tokio_tungstenite::tungstenite::http::{HeaderValue, Uri};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use wire_protocol::control::Origin;

use crate::Stream;
use crate::dial::dial;
use crate::get::get;
use crate::trouble::Trouble;

/// An open WebSocket.
pub type WebSocket = WebSocketStream<Stream>;

/// TCP, TLS and upgrade together.
const OPEN_TIMEOUT: Duration = Duration::from_secs(10);

/// Opens a WebSocket at `ws(s)://HOST[:PORT]/PATH` that speaks `subprotocol`.
///
/// # Errors
/// [`Trouble`].
pub async fn open(url: &str, subprotocol: &'static str, config: WebSocketConfig) -> Result<WebSocket, Trouble> {
    let opening = Box::pin(open_patiently(url, subprotocol, config));
    tokio::time::timeout(OPEN_TIMEOUT, opening).await.unwrap_or(Err(Trouble::TimedOut(OPEN_TIMEOUT.as_secs())))
}

async fn open_patiently(url: &str, subprotocol: &'static str, config: WebSocketConfig) -> Result<WebSocket, Trouble> {
    let mut request = url.into_client_request().map_err(|_| Trouble::BadAddress(url.to_owned()))?;
    request.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(subprotocol));
    let to = origin(request.uri()).ok_or_else(|| Trouble::BadAddress(url.to_owned()))?;
    let stream = dial(&to).await?;
    let opened = tokio_tungstenite::client_async_with_config(request, stream, Some(config)).await;
    let error = match opened {
        Ok((socket, _answer)) => return Ok(socket),
        Err(error) => error,
    };
    match Trouble::of_opening(&error) {
        Some(trouble) => Err(trouble),
        // What it speaks is clearer from its answer to an ordinary request.
        None => {
            let answer = get(&to, request_path(url)).await?;
            Err(Trouble::of_answer(answer.status, &answer.headers, &answer.body))
        }
    }
}

/// What follows the host.
fn request_path(url: &str) -> &str {
    let after_scheme = url.find("://").map_or(0, |at| at + 3);
    url[after_scheme..].find('/').map_or("/", |at| &url[after_scheme + at..])
}

fn origin(url: &Uri) -> Option<Origin> {
    let is_https = match url.scheme_str()? {
        "wss" => true,
        "ws" => false,
        _ => return None,
    };
    Origin::new(is_https, url.host()?, url.port_u16()).ok()
}
