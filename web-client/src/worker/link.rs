//! One relay link: a WebSocket that presents its token, waits for the other side, and then carries bytes.

use js_sys::Uint8Array;
use peer_engine::{Direction, Identity, Opening};
use wire_protocol::control::{LinkGrant, PeerName, SwarmPeer};
use wire_protocol::link::{PAIRED, PAIRING_WAIT_MS};

use super::socket::Socket;

/// The relay waits [`PAIRING_WAIT_MS`] for the other side; the rest is for opening the WebSocket.
const PAIRING_MAX_MS: u64 = PAIRING_WAIT_MS + 10_000;
/// Bytes handed to the socket ahead of the network.
pub(super) const HIGH_WATER: usize = 1 << 20;

/// How far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// The WebSocket opens, or the other side is waited for.
    Pairing { until_ms: u64 },
    /// Carries bytes.
    Open,
}

/// A link that is open or on its way.
pub(super) struct Link {
    socket: Socket,
    token: Vec<u8>,
    phase: Phase,
    direction: Direction,
    /// Who is at the other end.
    pub(super) peer: SwarmPeer,
    /// What their person is called.
    pub(super) name: String,
    /// There is more to send than the socket takes.
    pub(super) is_blocked: bool,
}

impl Link {
    /// From the tracker's grant and the socket that was opened for it.
    pub(super) fn new(grant: LinkGrant, name: String, socket: Socket, now_ms: u64) -> Self {
        let direction = if grant.dial.is_some() { Direction::Dialed } else { Direction::Accepted };
        Self {
            socket,
            token: grant.token,
            phase: Phase::Pairing { until_ms: now_ms + PAIRING_MAX_MS },
            direction,
            peer: grant.peer,
            name,
            is_blocked: false,
        }
    }

    /// The WebSocket is open: presents the token.
    pub(super) fn on_opened(&mut self) {
        self.socket.send(&self.token);
        self.token = Vec::new();
    }

    /// A message before the link is open: whether it is the one that opens it.
    pub(super) fn on_pairing(&mut self, message: &Uint8Array) -> bool {
        let is_paired = message.length() as usize == PAIRED.len() && message.to_vec() == PAIRED;
        if is_paired {
            self.phase = Phase::Open;
        }
        is_paired
    }

    /// Carries bytes.
    pub(super) fn is_open(&self) -> bool {
        self.phase == Phase::Open
    }

    /// When the other side is not waited for any longer, milliseconds.
    pub(super) fn deadline_ms(&self) -> Option<u64> {
        match self.phase {
            Phase::Pairing { until_ms } => Some(until_ms),
            Phase::Open => None,
        }
    }

    /// What the engine is told of the other end.
    pub(super) fn opening(&self) -> Opening {
        let PeerName { member, peer } = self.peer.name;
        Opening { direction: self.direction, peer: Some(peer), identity: Some(Identity(member.0)) }
    }

    /// This side asked for it.
    pub(super) fn is_dialed(&self) -> bool {
        self.direction == Direction::Dialed
    }

    /// How many bytes it takes now.
    pub(super) fn room(&self) -> usize {
        HIGH_WATER.saturating_sub(self.socket.buffered())
    }

    /// Sends one message.
    pub(super) fn send(&self, bytes: &[u8]) {
        self.socket.send(bytes);
    }
}
