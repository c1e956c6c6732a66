//! Who is at the other end of a pipe, before it carries bytes, and what seals it from then on. Each direction is
//! sealed or opened in its own task, never in the engine's.

use std::collections::VecDeque;
use std::io;
use std::time::Instant;

use bytes::Bytes;
use local_peer::{LinkFailure, Path};
use membership::SwarmCredentials;
use membership::candidates::unsecured;
use secure_link::{
    Contact, Greeting, Initiator, LinkError, MESSAGE_PLAIN_MAX, MessageLen, Opener, Opening, Progress, Proven,
    Recognized, Responder, Sealer, Secured, Seed,
};
use wire_protocol::ids::LinkId;

use super::pipe::{Pipe, Reader, Writer};
use super::strangers::{Strangers, Unheard};
use crate::random;
use crate::session::ServerClock;

/// Plain bytes that are sealed at once, on a fast link. Eight full records, 240 KiB, make the fastest message for browsers.
const SEAL_AT_ONCE: usize = 4 * MESSAGE_PLAIN_MAX;

/// How this program proves itself in a swarm, and what time it is at the server.
#[derive(Debug, Clone)]
pub struct Credentials {
    pub proof: SwarmCredentials,
    pub clock: ServerClock,
}

/// What is to stand between a pipe and a link.
#[derive(Debug)]
pub enum Security {
    /// Nothing that proves anything: an ordinary client's, or for measuring what encryption costs.
    Stranger(Strangers),
    /// We dial this peer.
    Initiate(Credentials, Contact),
    /// This peer dials us.
    Respond(Credentials, Contact),
}

impl Security {
    /// `link`: the granted one's, or [`secure_link::NO_LINK`] over TCP.
    ///
    /// # Errors
    /// [`SecureError`]: close the pipe.
    pub async fn apply(&self, pipe: Pipe, link: LinkId) -> Result<Ends, SecureError> {
        let halves = pipe.split();
        match self {
            Self::Stranger(_) => Ok(Ends::plain(halves, Bytes::new())),
            Self::Initiate(own, contact) => Ok(initiate(halves, own, *contact, link).await?),
            Self::Respond(own, contact) => {
                let (mut reader, writer) = halves;
                let (opening, input) = greet(&mut reader, Bytes::new()).await?;
                let Opening::Covey(first) = opening else {
                    return Err(LinkError::Downgrade.into());
                };
                let ((), first) = first.find([((), &own.proof.tag)])?;
                Ok(respond((reader, writer), own, first, Some(*contact), link, input).await?.0)
            }
        }
    }
}

/// Reads how an accepted pipe begins, of which `input` was read; what is behind it is left.
///
/// # Errors
/// [`SecureError`]: close the pipe, and say nothing.
pub async fn greet(reader: &mut Reader, mut input: Bytes) -> Result<(Opening, Bytes), SecureError> {
    let mut greeting = Greeting::new();
    loop {
        input = next(reader, input).await?;
        match greeting.read(&mut input)? {
            Opening::More(_) => {}
            opening => return Ok((opening, input)),
        }
    }
}

/// Both directions of a pipe that may carry bytes.
#[derive(Debug)]
pub struct Ends {
    pub receiver: Receiver,
    pub sender: Sender,
}

impl Ends {
    /// What it goes over.
    pub fn path(&self) -> Path {
        self.receiver.reader.path()
    }

    /// Without encryption: an ordinary client's. `head`: what was read already.
    pub fn plain((reader, writer): (Reader, Writer), head: Bytes) -> Self {
        Self {
            receiver: Receiver { reader, opener: None, read: head, unheard: None },
            sender: Sender::new(writer, None),
        }
    }

    /// The same; nobody has answered yet.
    pub fn unheard(halves: (Reader, Writer), unheard: Unheard) -> Self {
        let mut ends = Self::plain(halves, Bytes::new());
        ends.receiver.unheard = Some(unheard);
        ends
    }

    /// `read`: what came right behind the handshake.
    fn secured(halves: (Reader, Writer), link: secure_link::SecureLink, read: Bytes) -> Self {
        let (reader, writer) = halves;
        Self {
            receiver: Receiver { reader, opener: Some(link.opener), read, unheard: None },
            sender: Sender::new(writer, Some(link.sealer)),
        }
    }
}

/// Why a pipe does not become a link.
#[derive(Debug, thiserror::Error)]
pub enum SecureError {
    /// The network, or the other side, which says nothing to whom it does not know.
    #[error("it closed")]
    Closed,
    /// The network.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// As it says.
    #[error(transparent)]
    Link(#[from] LinkError),
}

impl From<SecureError> for LinkFailure {
    fn from(error: SecureError) -> Self {
        match error {
            SecureError::Link(error) => unsecured(&error),
            SecureError::Closed | SecureError::Io(_) => LinkFailure::NotSecured,
        }
    }
}

/// The side that dials.
async fn initiate(
    (mut reader, mut writer): (Reader, Writer),
    own: &Credentials,
    contact: Contact,
    link: LinkId,
) -> Result<Ends, SecureError> {
    let (mut handshake, first) = Initiator::new(own.proof.local.clone(), contact, link, Seed::new(random::bytes()));
    send(&mut writer, first).await?;
    let mut input = Bytes::new();
    loop {
        input = next(&mut reader, input).await?;
        match handshake.read(&mut input, own.clock.now_ms())? {
            Progress::More(more) => handshake = more,
            Progress::Secured { send: last, secured: Secured { keys, .. } } => {
                send(&mut writer, last).await?;
                return Ok(Ends::secured((reader, writer), keys.link(), input));
            }
        }
    }
}

/// The side that was dialed. `first`: the first message, which is for this peer. `expected`: whom the tracker's grant
/// names. `input`: what was read behind the first message.
///
/// # Errors
/// [`SecureError`]: close the pipe.
pub async fn respond(
    (mut reader, mut writer): (Reader, Writer),
    own: &Credentials,
    first: Recognized,
    expected: Option<Contact>,
    link: LinkId,
    mut input: Bytes,
) -> Result<(Ends, Proven), SecureError> {
    let seed = Seed::new(random::bytes());
    let (mut handshake, answer) = Responder::new(own.proof.local.clone(), first, expected, link, seed)?;
    send(&mut writer, answer).await?;
    loop {
        input = next(&mut reader, input).await?;
        match handshake.read(&mut input, own.clock.now_ms())? {
            Progress::More(more) => handshake = more,
            Progress::Secured { secured: Secured { keys, peer }, .. } => {
                return Ok((Ends::secured((reader, writer), keys.link(), input), peer));
            }
        }
    }
}

/// What is left, or else what comes next.
pub async fn next(reader: &mut Reader, left: Bytes) -> Result<Bytes, SecureError> {
    if !left.is_empty() {
        return Ok(left);
    }
    reader.next().await.ok_or(SecureError::Closed)
}

/// All of it, which may be nothing.
pub async fn send(writer: &mut Writer, message: Vec<u8>) -> io::Result<()> {
    let mut segments = VecDeque::from([Bytes::from(message)]);
    segments.retain(|message| !message.is_empty());
    while !segments.is_empty() {
        writer.write(&mut segments).await?;
    }
    writer.flush().await
}

/// What is received.
#[derive(Debug)]
pub struct Receiver {
    reader: Reader,
    opener: Option<Opener>,
    /// Read before, and not handed out yet.
    read: Bytes,
    /// Until something is received.
    unheard: Option<Unheard>,
}

impl Receiver {
    /// The next bytes; `None`: the pipe is gone, or what arrives is not what was sent.
    pub async fn next(&mut self) -> Option<Bytes> {
        loop {
            let chunk = next(&mut self.reader, std::mem::take(&mut self.read)).await.ok();
            if let Some(unheard) = self.unheard.take()
                && chunk.is_none()
            {
                unheard.closed();
            }
            let chunk = chunk?;
            let Some(opener) = &mut self.opener else {
                return Some(chunk);
            };
            match opener.open(&chunk) {
                Ok(plain) if plain.is_empty() => {}
                Ok(plain) => return Some(plain),
                Err(error) => {
                    tracing::info!(%error, "a link is broken");
                    return None;
                }
            }
        }
    }
}

/// What is sent.
#[derive(Debug)]
pub struct Sender {
    writer: Writer,
    sealer: Option<Sealer>,
    message_len: MessageLen,
    /// From where its time is counted.
    begun: Instant,
}

impl Sender {
    fn new(writer: Writer, sealer: Option<Sealer>) -> Self {
        Self { writer, sealer, message_len: MessageLen::new(SEAL_AT_ONCE), begun: Instant::now() }
    }

    /// Takes bytes off the front of `segments`, of which there are some; says how many.
    ///
    /// # Errors
    /// The pipe is broken, or has carried all that it can.
    pub async fn write(&mut self, segments: &mut VecDeque<Bytes>) -> io::Result<usize> {
        let Some(sealer) = &mut self.sealer else {
            return self.writer.write(segments).await;
        };
        let batch = take(segments, self.message_len.limit());
        let mut message = Vec::new();
        sealer.seal(&batch, &mut message).map_err(io::Error::other)?;
        let mut sealed = VecDeque::from([Bytes::from(message)]);
        while !sealed.is_empty() {
            self.writer.write(&mut sealed).await?;
        }
        let len = batch.iter().map(Bytes::len).sum();
        self.message_len.on_sent(len, self.begun.elapsed());
        Ok(len)
    }

    /// Keeps nothing back.
    ///
    /// # Errors
    /// The pipe is broken.
    pub async fn flush(&mut self) -> io::Result<()> {
        self.writer.flush().await
    }

    /// Tells the other side that nothing more comes.
    pub async fn close(self) {
        self.writer.close().await;
    }
}

/// So many bytes off the front, in one piece or several.
fn take(segments: &mut VecDeque<Bytes>, mut len: usize) -> Vec<Bytes> {
    let mut taken = Vec::new();
    while let Some(first) = segments.front_mut().filter(|_| len > 0) {
        let part = first.split_to(first.len().min(len));
        len -= part.len();
        taken.push(part);
        if first.is_empty() {
            segments.pop_front();
        }
    }
    taken
}
