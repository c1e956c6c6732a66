//! The control WebSocket as two bounded queues.

use futures_util::{SinkExt, StreamExt};
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::{Bytes, Message};
use tokio_util::task::AbortOnDropHandle;
use transport::Trouble;
use wire_protocol::control::SUBPROTOCOL;

use super::websocket::control_config;

/// Messages that wait in each direction: at most 16 × 64 KiB.
const MESSAGES_MAX: usize = 16;

/// An open control connection. Dropping it closes it.
#[derive(Debug)]
pub struct ControlSocket {
    /// Messages; ends when the connection does.
    pub incoming: mpsc::Receiver<Bytes>,
    /// Messages to send.
    pub outgoing: mpsc::Sender<Vec<u8>>,
    _reader: AbortOnDropHandle<()>,
    _writer: AbortOnDropHandle<()>,
}

impl ControlSocket {
    /// Connects.
    ///
    /// # Errors
    /// [`Trouble`].
    pub async fn open(url: String) -> Result<Self, Trouble> {
        let (mut sink, mut stream) = transport::open(&url, SUBPROTOCOL, control_config()).await?.split();
        let (received, incoming) = mpsc::channel(MESSAGES_MAX);
        let (outgoing, mut queue) = mpsc::channel::<Vec<u8>>(MESSAGES_MAX);
        let reader = tokio::spawn(async move {
            while let Some(Ok(message)) = stream.next().await {
                let is_over = match message {
                    Message::Binary(bytes) => received.send(bytes).await.is_err(),
                    Message::Close(_) => true,
                    _ => false,
                };
                if is_over {
                    return;
                }
            }
        });
        let writer = tokio::spawn(async move {
            while let Some(message) = queue.recv().await {
                let mut sent = sink.feed(Message::Binary(message.into())).await;
                while let (Ok(()), Ok(message)) = (&sent, queue.try_recv()) {
                    sent = sink.feed(Message::Binary(message.into())).await;
                }
                if sent.is_err() || sink.flush().await.is_err() {
                    return;
                }
            }
            let _ = sink.close().await;
        });
        Ok(Self {
            incoming,
            outgoing,
            _reader: AbortOnDropHandle::new(reader),
            _writer: AbortOnDropHandle::new(writer),
        })
    }
}
