//! WebSockets as this server makes them: upgraded by hand, so that every limit of tungstenite can be
//! set (its defaults are 128 KiB of eager read buffer and an unlimited write buffer per socket).

mod gate;
mod upgrade;

use std::sync::Arc;
use std::time::Duration;

use futures_util::SinkExt;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};

use crate::connections::Place;
use crate::metrics::Counted;

pub use gate::Gate;
pub use upgrade::{UpgradeRefusal, Upgrading, check_upgrade};

/// What a socket takes as long as it is there.
#[derive(Debug)]
pub struct Held {
    /// Its connection's place.
    pub place: Arc<Place>,
    /// It is counted among the sockets of its kind.
    pub counted: Counted,
}

/// A server's WebSocket.
pub type Socket = WebSocketStream<Gate>;

/// Ends a socket politely, within a second.
pub async fn close(socket: &mut Socket, code: CloseCode, reason: &'static str) {
    let frame = CloseFrame { code, reason: reason.into() };
    // The other side is leaving anyway; whether it hears why is not worth waiting longer for.
    let _ = tokio::time::timeout(Duration::from_secs(1), socket.send(Message::Close(Some(frame)))).await;
}

/// Takes the upgraded connection over.
async fn from_upgraded(gate: Gate, config: WebSocketConfig) -> Socket {
    WebSocketStream::from_raw_socket(gate, Role::Server, Some(config)).await
}

/// The hosts whose pages may open a socket here.
#[derive(Debug, Clone, Default)]
pub struct Origins {
    /// `host[:port]` of the public URL, where there is one.
    pub public_host: Option<String>,
    /// Whole origins (`http://localhost:8081`) that may besides, for developing the page.
    pub also: Arc<[String]>,
}
