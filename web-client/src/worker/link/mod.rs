//! One relay link: a WebSocket that presents its token, waits for the other side, proves who is at both ends, and
//! then carries sealed bytes.

mod browser_cipher;

use std::rc::Rc;

use bytes::Bytes;
use js_sys::Uint8Array;
use local_peer::LinkFailure;
use membership::SwarmCredentials;
use membership::candidates::unsecured;
use secure_link::{
    Contact, Greeting, Initiator, LinkError, LinkKeys, MESSAGE_PLAIN_MAX, MessageLen, Opening, Progress, Responder,
    SecureLink, Seed, Suite,
};
use wasm_bindgen::JsValue;
use wire_protocol::control::LinkGrant;
use wire_protocol::ids::LinkId;
use wire_protocol::link::PAIRED;

pub(super) use browser_cipher::BrowserCipher;

use super::clock::Now;
use super::crypto::random;
use super::socket::Socket;
use crate::pace::Pace;

/// Bytes handed to the socket ahead of the network.
const HIGH_WATER: usize = 1 << 20;
/// Bytes of a message that are opened here at once.
const CHUNK_LEN: u32 = 64 * 1024;
/// Plain bytes of one message on a fast link: eight full records, 240 KiB, make the fastest one in Chromium. One block may come on
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
    /// Both ends are proved, and the browser is given the keys. What comes meanwhile waits.
    Keying(Vec<Bytes>),
    /// It carries bytes.
    Open(Cipher),
    /// Nothing more comes of it.
    Broken,
}

/// Who seals and opens.
enum Cipher {
    /// Nobody: for measuring what encryption costs.
    Plain,
    /// This program: with a peer, or in a browser, that has no AES.
    Here(SecureLink),
    /// WebCrypto, which answers later.
    Browser(Box<BrowserCipher>),
}

/// What a message led to.
pub(super) enum Heard {
    /// Wait on.
    Nothing,
    /// The other side is there.
    Paired,
    /// Both ends have proved who they are. Bytes may have come behind that.
    Secured(Bytes),
    /// The same; the browser is to have the keys before more is read.
    Keyed(LinkKeys, Rc<Socket>),
}

/// What a message of an open link carries.
pub(super) enum Carried {
    Now(Bytes),
    /// The browser is asked: [`Link::on_records_opened`] with its answer.
    Later(browser_cipher::Opening),
    /// Not a whole record.
    Nothing,
}

/// A link that is open or on its way. How long it may take is the local peer's.
pub(super) struct Link {
    /// What admits to the relay, and where that is.
    token: Vec<u8>,
    relay: Option<String>,
    id: LinkId,
    security: Security,
    socket: Option<Rc<Socket>>,
    /// The other side is gone; what it sent before is being opened.
    is_ending: bool,
    stage: Stage,
    pub(super) pace: Pace,
    message_len: MessageLen,
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
            is_ending: false,
            stage: Stage::Pairing,
            pace: Pace::default(),
            message_len: MessageLen::new(MESSAGE_LEN),
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
        self.socket = Some(Rc::new(socket));
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
            Security::Plain => Stage::Open(Cipher::Plain),
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
        let mut keys = None;
        while !input.is_empty() && keys.is_none() {
            self.stage = match std::mem::replace(&mut self.stage, Stage::Broken) {
                Stage::Initiating(initiator) => match initiator.read(&mut input, now_ms)? {
                    Progress::More(initiator) => Stage::Initiating(Box::new(initiator)),
                    Progress::Secured { send, secured } => {
                        self.send(&send);
                        keys = Some(secured.keys);
                        Stage::Broken
                    }
                },
                Stage::Responding(responder) => match responder.read(&mut input, now_ms)? {
                    Progress::More(responder) => Stage::Responding(Box::new(responder)),
                    Progress::Secured { secured, .. } => {
                        keys = Some(secured.keys);
                        Stage::Broken
                    }
                },
                Stage::Greeting(mut greeting) => match greeting.read(&mut input)? {
                    Opening::More(_) => Stage::Greeting(greeting),
                    Opening::Plain => return Err(LinkError::Downgrade),
                    Opening::Covey(first) => self.answer(&first)?,
                },
                Stage::Keying(mut waiting) => {
                    waiting.push(input);
                    self.stage = Stage::Keying(waiting);
                    return Ok(Heard::Nothing);
                }
                stage @ (Stage::Pairing | Stage::Open(_) | Stage::Broken) => {
                    self.stage = stage;
                    return Err(LinkError::Malformed);
                }
            };
        }
        match keys {
            Some(keys) => self.on_keys(keys, input),
            None => Ok(Heard::Nothing),
        }
    }

    /// The handshake is over. `rest`: what came behind it.
    fn on_keys(&mut self, keys: LinkKeys, rest: Bytes) -> Result<Heard, LinkError> {
        match (keys.suite(), &self.socket) {
            (Suite::AesGcm, Some(socket)) => {
                self.stage = Stage::Keying(Vec::from_iter(Some(rest).filter(|rest| !rest.is_empty())));
                Ok(Heard::Keyed(keys, socket.clone()))
            }
            _ => {
                let mut link = keys.link();
                let rest = link.open(&rest)?;
                self.stage = Stage::Open(Cipher::Here(link));
                Ok(Heard::Secured(rest))
            }
        }
    }

    /// The browser has the keys: what came meanwhile.
    pub(super) fn on_keyed(&mut self, cipher: BrowserCipher) -> Vec<Bytes> {
        match std::mem::replace(&mut self.stage, Stage::Open(Cipher::Browser(Box::new(cipher)))) {
            Stage::Keying(waiting) => waiting,
            _ => Vec::new(),
        }
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

    /// Bytes that are opened at once: the browser is asked for all of a message, since each question costs; what is opened here
    /// comes in chunks, of which a slow block keeps no more than one in memory.
    pub(super) fn chunk_len(&self) -> u32 {
        match &self.stage {
            Stage::Open(Cipher::Browser(_)) => u32::MAX,
            _ => CHUNK_LEN,
        }
    }

    /// What arrived on a link that carries bytes.
    ///
    /// # Errors
    /// It is not what was sent: the link is to be closed.
    pub(super) fn open(&mut self, chunk: Bytes) -> Result<Carried, LinkError> {
        let opened = match &mut self.stage {
            Stage::Open(Cipher::Here(link)) => link.open(&chunk)?,
            Stage::Open(Cipher::Browser(cipher)) => {
                return Ok(cipher.open(&chunk).map_or(Carried::Nothing, Carried::Later));
            }
            _ => chunk,
        };
        Ok(if opened.is_empty() { Carried::Nothing } else { Carried::Now(opened) })
    }

    /// The browser has opened what has this number.
    pub(super) fn on_records_opened(&mut self, number: u64, records: Result<JsValue, JsValue>) {
        if let Stage::Open(Cipher::Browser(cipher)) = &mut self.stage {
            cipher.on_opened(number, records);
        }
    }

    /// What comes next of that.
    pub(super) fn next_opened(&mut self) -> Option<Result<Vec<Bytes>, LinkError>> {
        match &mut self.stage {
            Stage::Open(Cipher::Browser(cipher)) => cipher.next_opened(),
            _ => None,
        }
    }

    /// The other side is gone. Whether what it sent before is still being opened: [`Link::is_over`] then says when that is done.
    pub(super) fn end(&mut self) -> bool {
        self.is_ending = matches!(&self.stage, Stage::Open(Cipher::Browser(cipher)) if !cipher.is_idle());
        self.is_ending
    }

    /// The other side is gone, and all that it sent was opened.
    pub(super) fn is_over(&self) -> bool {
        self.is_ending && !matches!(&self.stage, Stage::Open(Cipher::Browser(cipher)) if !cipher.is_idle())
    }

    /// Plain bytes that it takes now, and how many of them at once.
    pub(super) fn room(&self) -> usize {
        let buffered = self.socket.as_ref().map_or(HIGH_WATER, |socket| socket.buffered());
        let sealing = match &self.stage {
            Stage::Open(Cipher::Browser(cipher)) => cipher.sealing(),
            _ => 0,
        };
        HIGH_WATER.saturating_sub(buffered + sealing).min(self.message_len.limit())
    }

    /// Sends plain bytes as one message. `message`: a buffer, used again and again.
    ///
    /// # Errors
    /// The link has carried all that it can.
    pub(super) fn seal_and_send(&mut self, parts: &[Bytes], message: &mut Vec<u8>, now: Now) -> Result<(), LinkError> {
        self.message_len.on_sent(parts.iter().map(Bytes::len).sum(), now.since_start());
        message.clear();
        if let Stage::Open(Cipher::Here(link)) = &mut self.stage {
            link.seal(parts, message)?;
        } else {
            parts.iter().for_each(|part| message.extend_from_slice(part));
        }
        match &mut self.stage {
            Stage::Open(Cipher::Browser(cipher)) => cipher.seal_and_send(message)?,
            _ => self.send(message),
        }
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
