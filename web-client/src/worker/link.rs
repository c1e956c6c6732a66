//! One relay link: a WebSocket that presents its token, waits for the other side, and then carries bytes.

use js_sys::Uint8Array;
use wire_protocol::control::LinkGrant;
use wire_protocol::link::PAIRED;

use super::socket::Socket;

/// Bytes handed to the socket ahead of the network.
const HIGH_WATER: usize = 1 << 20;

/// A link that is open or on its way. How far it is in all, and how long that may take, is the local peer's.
#[derive(Default)]
pub(super) struct Link {
    /// What the tracker gave for it.
    grant: Option<Granted>,
    socket: Option<Socket>,
    /// It carries bytes.
    pub(super) is_paired: bool,
    /// There is more to send than the socket takes.
    pub(super) is_blocked: bool,
}

/// What admits to the relay.
struct Granted {
    token: Vec<u8>,
    relay: Option<String>,
}

impl Link {
    /// The tracker grants it.
    pub(super) fn grant(&mut self, grant: LinkGrant) {
        self.grant = Some(Granted { token: grant.token, relay: grant.relay });
    }

    /// Where it is to be opened; `None`: at the tracker's own relay.
    pub(super) fn relay(&self) -> Option<&str> {
        self.grant.as_ref()?.relay.as_deref()
    }

    /// Its WebSocket begins to open.
    pub(super) fn set_socket(&mut self, socket: Socket) {
        self.socket = Some(socket);
    }

    /// The WebSocket is open: presents the token.
    pub(super) fn on_opened(&mut self) {
        if let Some(grant) = self.grant.take() {
            self.send(&grant.token);
        }
    }

    /// A message before the link carries bytes: whether it says that the other side is there.
    pub(super) fn on_pairing(&mut self, message: &Uint8Array) -> bool {
        self.is_paired = message.length() as usize == PAIRED.len() && message.to_vec() == PAIRED;
        self.is_paired
    }

    /// How many bytes it takes now.
    pub(super) fn room(&self) -> usize {
        let buffered = self.socket.as_ref().map_or(HIGH_WATER, Socket::buffered);
        HIGH_WATER.saturating_sub(buffered)
    }

    /// Sends one message.
    pub(super) fn send(&self, bytes: &[u8]) {
        if let Some(socket) = &self.socket {
            socket.send(bytes);
        }
    }
}
