//! Both sides of the handshake, as types that each step consumes.
//!
//! ```text
//!   initiator (dials)                                  responder (accepts)
//!      ── c0, version, tag(e), e ─────────────────────►   for no swarm of ours: no answer
//!      ◄─ length, e, ee, s, es, {answer tag, proof} ───   may be wrong: then nothing more is said
//!      ── length, s, se, psk, {proof} ────────────────►
//!      ◄─ records ────────────────────────────────────►
//! ```

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use snow::HandshakeState;
use wire_protocol::ids::{LinkId, MemberKey, PeerId};
use wire_protocol::link::LinkSide;

use crate::error::LinkError;
use crate::frame::{self, Frame};
use crate::greeting::{self, Recognized};
use crate::noise::{self, KEY_LEN, Seed, TAG_LEN};
use crate::proof::{Expected, Local, PROOF_LEN_MAX, PROOF_LEN_MIN, Proven, Scene};
use crate::records::{LinkKeys, Suite};
use crate::swarm::TagKey;

/// `e`, sealed `s`, and the tag of the payload: what message 2 has beside the payload.
const ANSWER_OVERHEAD: usize = KEY_LEN + KEY_LEN + TAG_LEN + TAG_LEN;
/// Sealed `s`, and the tag of the payload.
const LAST_OVERHEAD: usize = KEY_LEN + TAG_LEN + TAG_LEN;

/// A connection over TCP has no link id.
pub const NO_LINK: LinkId = LinkId([0; 16]);

/// Somebody to be linked with: what the tracker's list says of a peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Contact {
    pub member: MemberKey,
    pub peer: PeerId,
}

/// How far a handshake is.
// It is moved twice, and then it is over.
#[allow(clippy::large_enum_variant)]
#[derive(Debug)]
pub enum Progress<H> {
    /// More has to be read.
    More(H),
    /// It is over: send this, if it is not empty, and go on with records. What is left of the input is theirs.
    Secured {
        /// The last message.
        send: Vec<u8>,
        secured: Secured,
    },
}

/// A link whose ends have proved who they are.
#[derive(Debug)]
pub struct Secured {
    /// For sealing and opening records.
    pub keys: LinkKeys,
    /// Who is at the other end.
    pub peer: Proven,
}

/// The side that dials.
pub struct Initiator {
    local: Arc<Local>,
    contact: Contact,
    noise: Box<HandshakeState>,
    own_static: [u8; KEY_LEN],
    key: TagKey,
    /// Before the answer.
    hash: [u8; 32],
    frame: Frame,
}

impl Initiator {
    /// Begins, with what to send first. `link` is the granted one's, or [`NO_LINK`] over TCP.
    pub fn new(local: Arc<Local>, contact: Contact, link: LinkId, seed: Seed) -> (Self, Vec<u8>) {
        let prologue = local.swarm.prologue(contact.peer, link);
        let mut noise = Box::new(noise::handshake(true, &prologue, &local.swarm.key, &seed));
        let key = local.swarm.tag_key(contact.peer);
        let first = greeting::write(&key, &noise::write(&mut noise, &[]));
        let hash = noise::hash(&noise);
        let payload_min = ANSWER_OVERHEAD + TAG_LEN + PROOF_LEN_MIN;
        let frame = Frame::new(payload_min, ANSWER_OVERHEAD + TAG_LEN + PROOF_LEN_MAX);
        (Self { local, contact, noise, own_static: noise::own_static(&seed), key, hash, frame }, first)
    }

    /// Takes what belongs to the answer from the input. `now_ms` is the estimate of the tracker's time, Unix
    /// milliseconds.
    ///
    /// # Errors
    /// [`LinkError`]: send nothing more, and close. Nothing was said of who we are.
    pub fn read(mut self, input: &mut Bytes, now_ms: u64) -> Result<Progress<Self>, LinkError> {
        let Some(answer) = self.frame.read(input)? else {
            return Ok(Progress::More(self));
        };
        let payload = noise::read(&mut self.noise, answer).ok_or(LinkError::Decrypt)?;
        let remote = noise::remote_static(&self.noise).ok_or(LinkError::Malformed)?;
        let (tag, proof) = payload.split_at_checked(TAG_LEN).ok_or(LinkError::Malformed)?;
        if !self.key.is_answer(&self.hash, &remote, tag) {
            return Err(LinkError::WrongGroupKey);
        }
        let theirs = Scene { side: LinkSide::Acceptor, noise_static: remote, hash: self.hash };
        let Contact { member, peer } = self.contact;
        let expected = Expected { member: Some(member), peer: Some(peer) };
        let peer = self.local.check(proof, &theirs, expected, now_ms)?;
        let hash = noise::hash(&self.noise);
        let ours = Scene { side: LinkSide::Dialer, noise_static: self.own_static, hash };
        let send = frame::write(&noise::write(&mut self.noise, &self.local.prove(&ours)));
        let keys = LinkKeys::new(&mut self.noise, Suite::of(self.local.has_aes, peer.has_aes));
        Ok(Progress::Secured { send, secured: Secured { keys, peer } })
    }
}

/// The side that was dialed, once it is known that a first message is for it.
pub struct Responder {
    local: Arc<Local>,
    expected: Expected,
    noise: Box<HandshakeState>,
    frame: Frame,
}

impl Responder {
    /// Answers, with what to send. `local` is the peer that [`greeting::FirstMessage::find`] found; `expected` is whom
    /// the tracker's grant names, and `None` on an accepted TCP connection; `link` is the granted one's, or [`NO_LINK`].
    ///
    /// # Errors
    /// [`LinkError::Decrypt`]: the first message was changed on its way, or is of another link. Send nothing, and close.
    pub fn new(
        local: Arc<Local>,
        first: Recognized,
        expected: Option<Contact>,
        link: LinkId,
        seed: Seed,
    ) -> Result<(Self, Vec<u8>), LinkError> {
        let prologue = local.swarm.prologue(first.key.responder(), link);
        let mut noise = Box::new(noise::handshake(false, &prologue, &local.swarm.key, &seed));
        noise::read(&mut noise, &first.noise).ok_or(LinkError::Decrypt)?;
        let (hash, noise_static) = (noise::hash(&noise), noise::own_static(&seed));
        let proof = local.prove(&Scene { side: LinkSide::Acceptor, noise_static, hash });
        let payload = [&first.key.answer(&hash, &noise_static)[..], &proof].concat();
        let send = frame::write(&noise::write(&mut noise, &payload));
        let expected = expected
            .map_or(Expected::default(), |contact| Expected { member: Some(contact.member), peer: Some(contact.peer) });
        let frame = Frame::new(LAST_OVERHEAD + PROOF_LEN_MIN, LAST_OVERHEAD + PROOF_LEN_MAX);
        Ok((Self { local, expected, noise, frame }, send))
    }

    /// Takes what belongs to the last message from the input. `now_ms` as for [`Initiator::read`].
    ///
    /// # Errors
    /// [`LinkError`]: send nothing more, and close.
    pub fn read(mut self, input: &mut Bytes, now_ms: u64) -> Result<Progress<Self>, LinkError> {
        let hash = noise::hash(&self.noise);
        let Some(last) = self.frame.read(input)? else {
            return Ok(Progress::More(self));
        };
        let proof = noise::read(&mut self.noise, last).ok_or(LinkError::Decrypt)?;
        let noise_static = noise::remote_static(&self.noise).ok_or(LinkError::Malformed)?;
        let theirs = Scene { side: LinkSide::Dialer, noise_static, hash };
        let peer = self.local.check(&proof, &theirs, self.expected, now_ms)?;
        let keys = LinkKeys::new(&mut self.noise, Suite::of(self.local.has_aes, peer.has_aes));
        Ok(Progress::Secured { send: Vec::new(), secured: Secured { keys, peer } })
    }
}

/// Without keys.
impl fmt::Debug for Initiator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Initiator").field("contact", &self.contact).finish_non_exhaustive()
    }
}

/// Without keys.
impl fmt::Debug for Responder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Responder").field("expected", &self.expected).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
