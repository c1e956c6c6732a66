//! One relay link: a WebSocket that presents its token, waits for the other side, proves who is at both ends, and
//! then carries sealed bytes.

use bytes::Bytes;
use js_sys::Uint8Array;
use local_peer::LinkFailure;
use membership::SwarmCredentials;
use membership::candidates::unsecured;
use secure_link::{
    Contact, Greeting, Initiator, LinkError, MESSAGE_PLAIN_MAX, Opening, Progress, Responder, SecureLink, Seed,
};
use wire_protocol::control::LinkGrant;
use wire_protocol::ids::LinkId;
use wire_protocol::link::PAIRED;

use super::crypto::random;
use super::socket::Socket;
use crate::pace::Pace;

/// Bytes handed to the socket ahead of the network.
const HIGH_WATER: usize = 1 << 20;
/// Plain bytes of one message: eight full records, 240 KiB, make the fastest one in Chromium. One block may come on
/// top of what is asked of the engine.
const MESSAGE_LEN: usize = 4 * MESSAGE_PLAIN_MAX - 17 * 1024;

/// What stands between the socket and the local peer.
pub(super) enum Security {
    /// Nothing: for measuring what encryption costs.
    Plain,
    /// We dialed this peer.
    Initiate(SwarmCredentials, Contact),
    /// This peer dialed us.
    Respond(SwarmCredentials, Contact),
}

/// How far the two ends are.
enum Stage {
    /// The tracker is asked, the WebSocket opens, or the other side is waited for.
    Pairing,
    /// We dialed, and wait for the answer.
    Initiating(Box<Initiator>),
    /// We were dialed, and wait for the first message.
    Greeting(Greeting),
    /// We have answered, and wait for the proof.
    Responding(Box<Responder>),
    /// Both ends are proved, or nothing is to be proved.
    Open(Option<SecureLink>),
    /// Nothing more comes of it.
    Broken,
}

/// What a message led to.
pub(super) enum Heard {
    /// Wait on.
    Nothing,
    /// The other side is there.
    Paired,
    /// Both ends have proved who they are. Bytes may have come behind that.
    Secured(Bytes),
}

/// A link that is open or on its way. How long it may take is the local peer's.
pub(super) struct Link {
    /// What admits to the relay, and where that is.
    token: Vec<u8>,
    relay: Option<String>,
    id: LinkId,
    security: Security,
    socket: Option<Socket>,
    stage: Stage,
    pub(super) pace: Pace,
}

impl Link {
    /// The tracker was not asked yet, or has not answered.
    pub(super) fn new() -> Self {
        Self {
            token: Vec::new(),
            relay: None,
            id: LinkId([0; 16]),
            security: Security::Plain,
            socket: None,
            stage: Stage::Pairing,
            pace: Pace::default(),
        }
    }

    /// The tracker grants it.
    pub(super) fn grant(&mut self, grant: LinkGrant, security: Security) {
        self.token = grant.token;
        self.relay = grant.relay;
        self.id = grant.link;
        self.security = security;
    }

    /// Where it is to be opened; `None`: at the tracker's own relay.
    pub(super) fn relay(&self) -> Option<&str> {
        self.relay.as_deref()
    }

    /// Its WebSocket begins to open.
    pub(super) fn set_socket(&mut self, socket: Socket) {
        self.socket = Some(socket);
    }

    /// The WebSocket is open: presents the token.
    pub(super) fn on_opened(&mut self) {
        let token = std::mem::take(&mut self.token);
        self.send(&token);
    }

    /// Carries bytes.
    pub(super) fn is_open(&self) -> bool {
        matches!(self.stage, Stage::Open(_))
    }

    /// A message before the link carries bytes. `now_ms`: the tracker's time.
    ///
    /// # Errors
    /// The link is to be given up.
    pub(super) fn on_early_message(&mut self, message: &Uint8Array, now_ms: u64) -> Result<Heard, LinkFailure> {
        if matches!(self.stage, Stage::Pairing) {
            return self.on_pairing(message);
        }
        self.on_handshake(message.to_vec().into(), now_ms).map_err(failure_of)
    }

    fn on_pairing(&mut self, message: &Uint8Array) -> Result<Heard, LinkFailure> {
        if message.length() as usize != PAIRED.len() || message.to_vec() != PAIRED {
            return Err(LinkFailure::NotPaired);
        }
        self.stage = match std::mem::replace(&mut self.security, Security::Plain) {
            Security::Plain => Stage::Open(None),
            Security::Initiate(own, contact) => {
                let (initiator, first) = Initiator::new(own.local, contact, self.id, Seed::new(random()));
                self.send(&first);
                Stage::Initiating(Box::new(initiator))
            }
            respond @ Security::Respond(..) => {
                self.security = respond;
                Stage::Greeting(Greeting::new())
            }
        };
        Ok(Heard::Paired)
    }

    fn on_handshake(&mut self, mut input: Bytes, now_ms: u64) -> Result<Heard, LinkError> {
        while !input.is_empty() && !self.is_open() {
            self.stage = match std::mem::replace(&mut self.stage, Stage::Broken) {
                Stage::Initiating(initiator) => match initiator.read(&mut input, now_ms)? {
                    Progress::More(initiator) => Stage::Initiating(Box::new(initiator)),
                    Progress::Secured { send, secured } => {
                        self.send(&send);
                        Stage::Open(Some(secured.link))
                    }
                },
                Stage::Responding(responder) => match responder.read(&mut input, now_ms)? {
                    Progress::More(responder) => Stage::Responding(Box::new(responder)),
                    Progress::Secured { secured, .. } => Stage::Open(Some(secured.link)),
                },
                Stage::Greeting(mut greeting) => match greeting.read(&mut input)? {
                    Opening::More(_) => Stage::Greeting(greeting),
                    Opening::Plain => return Err(LinkError::Downgrade),
                    Opening::Covey(first) => self.answer(&first)?,
                },
                stage @ (Stage::Pairing | Stage::Open(_) | Stage::Broken) => {
                    self.stage = stage;
                    return Err(LinkError::Malformed);
                }
            };
        }
        if self.is_open() { Ok(Heard::Secured(self.open(&input)?)) } else { Ok(Heard::Nothing) }
    }

    fn answer(&mut self, first: &secure_link::FirstMessage) -> Result<Stage, LinkError> {
        let Security::Respond(own, contact) = std::mem::replace(&mut self.security, Security::Plain) else {
            return Err(LinkError::NotForUs);
        };
        let ((), first) = first.find([((), &own.tag)])?;
        let (responder, answer) = Responder::new(own.local, first, Some(contact), self.id, Seed::new(random()))?;
        self.send(&answer);
        Ok(Stage::Responding(Box::new(responder)))
    }

    /// What arrived on a link that carries bytes.
    ///
    /// # Errors
    /// It is not what was sent: the link is to be closed.
    pub(super) fn open(&mut self, chunk: &Bytes) -> Result<Bytes, LinkError> {
        match &mut self.stage {
            Stage::Open(Some(link)) => link.open(chunk),
            _ => Ok(chunk.clone()),
        }
    }

    /// Plain bytes that it takes now, and how many of them at once.
    pub(super) fn room(&self) -> usize {
        let buffered = self.socket.as_ref().map_or(HIGH_WATER, Socket::buffered);
        HIGH_WATER.saturating_sub(buffered).min(MESSAGE_LEN)
    }

    /// Sends plain bytes as one message. `message`: a buffer, used again and again.
    ///
    /// # Errors
    /// The link has carried all that it can.
    pub(super) fn seal_and_send(&mut self, parts: &[Bytes], message: &mut Vec<u8>) -> Result<(), LinkError> {
        message.clear();
        match &mut self.stage {
            Stage::Open(Some(link)) => link.seal(parts, message)?,
            _ => parts.iter().for_each(|part| message.extend_from_slice(part)),
        }
        self.send(message);
        Ok(())
    }

    fn send(&self, bytes: &[u8]) {
        if let Some(socket) = &self.socket {
            socket.send(bytes);
        }
    }
}

fn failure_of(error: LinkError) -> LinkFailure {
    super::scope::log(&format!("a link is not secured: {error}"));
    unsecured(&error)
}
