//! What each side says of itself inside the handshake, and how the other checks it.

use std::fmt;

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use wire_protocol::control::Role;
use wire_protocol::ids::{MemberKey, PeerId};
use wire_protocol::link::LinkSide;
use wire_protocol::ticket::{TICKET_LEN_MAX, Ticket};

use crate::error::{LinkError, ProofError};
use crate::noise::KEY_LEN;
use crate::swarm::Swarm;

const DOMAIN: &[u8] = b"covey link proof v1\0";
const FIRST_LEN: usize = 1;
/// In the first byte, beside the side.
const HAS_AES: u8 = 0x80;
const MEMBER_LEN: usize = 32;
const PEER_LEN: usize = 20;
const SIGNATURE_LEN: usize = 64;
/// Without the ticket, bytes.
pub(crate) const PROOF_LEN_MIN: usize = FIRST_LEN + MEMBER_LEN + PEER_LEN + SIGNATURE_LEN;
/// With the longest ticket, bytes.
pub(crate) const PROOF_LEN_MAX: usize = PROOF_LEN_MIN + TICKET_LEN_MAX;

/// This peer, as it proves itself to others of one swarm.
#[derive(Clone)]
pub struct Local {
    /// The member's key at this server.
    pub identity: SigningKey,
    /// This peer in this swarm.
    pub peer: PeerId,
    /// As the tracker sealed it, for this member and group. Of no use once it has expired: make a new `Local` then. What
    /// is longer than any ticket is not shown as a whole.
    pub ticket: Vec<u8>,
    pub swarm: Swarm,
    /// Of the group's key. A ticket of an earlier epoch proves nothing.
    pub epoch: u32,
    /// The tracker's key, which signs tickets.
    pub tracker: VerifyingKey,
    /// Records may be AES-GCM: [`crate::has_aes_instructions`]. Both sides have to say so.
    pub has_aes: bool,
}

/// Without keys.
impl fmt::Debug for Local {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Local({:?}, epoch {})", self.swarm, self.epoch)
    }
}

/// Who is at the other end. They hold the member's key, and the tracker says that they are a member now. The peer id is
/// their own choice: the tracker's list says whether it is one of this member's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proven {
    pub member: MemberKey,
    pub peer: PeerId,
    pub role: Role,
    /// Of their ticket.
    pub epoch: u32,
    /// They are fast at AES-GCM.
    pub has_aes: bool,
}

/// Whom one wants to be linked with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Expected {
    /// `None`: any member, such as on an accepted TCP connection.
    pub(crate) member: Option<MemberKey>,
    /// `None`: any peer of theirs.
    pub(crate) peer: Option<PeerId>,
}

/// What a proof is good for: these two keys, in this handshake, on this side.
pub(crate) struct Scene {
    pub(crate) side: LinkSide,
    pub(crate) noise_static: [u8; KEY_LEN],
    /// What both had said before the message with the proof.
    pub(crate) hash: [u8; 32],
}

impl Scene {
    fn signed(&self, peer: &PeerId) -> Vec<u8> {
        [DOMAIN, &[byte(self.side)], &peer.0, &self.noise_static, &self.hash].concat()
    }
}

impl Local {
    /// `u8 side, and the bit of AES | member key | peer id | signature | ticket`.
    pub(crate) fn prove(&self, scene: &Scene) -> Vec<u8> {
        let signature = self.identity.sign(&scene.signed(&self.peer)).to_bytes();
        let member = self.identity.verifying_key().to_bytes();
        let ticket = &self.ticket[..self.ticket.len().min(TICKET_LEN_MAX)];
        let first = byte(scene.side) | if self.has_aes { HAS_AES } else { 0 };
        [&[first], &member[..], &self.peer.0, &signature, ticket].concat()
    }

    /// Checks what the other side says. The order is that of the questions: do they know themselves, are they whom we
    /// want, are they a member now?
    pub(crate) fn check(
        &self,
        proof: &[u8],
        scene: &Scene,
        expected: Expected,
        now_ms: u64,
    ) -> Result<Proven, LinkError> {
        let claims = Claims::read(proof).ok_or(LinkError::Malformed)?;
        if claims.side != byte(scene.side) {
            return Err(ProofError::WrongSide.into());
        }
        let key = VerifyingKey::from_bytes(&claims.member.0).map_err(|_| ProofError::BadSignature)?;
        key.verify_strict(&scene.signed(&claims.peer), &claims.signature).map_err(|_| ProofError::BadSignature)?;
        if expected.member.is_some_and(|expected| expected != claims.member) {
            return Err(ProofError::OtherMember(claims.member).into());
        }
        if expected.peer.is_some_and(|expected| expected != claims.peer) {
            return Err(ProofError::OtherPeer.into());
        }
        let ticket = self.check_ticket(&claims, now_ms)?;
        let Claims { member, peer, has_aes, .. } = claims;
        Ok(Proven { member, peer, role: ticket.role, epoch: ticket.epoch, has_aes })
    }

    fn check_ticket(&self, claims: &Claims<'_>, now_ms: u64) -> Result<Ticket, ProofError> {
        let ticket = Ticket::open(claims.ticket, &self.tracker, now_ms)?;
        if ticket.subject != claims.member {
            return Err(ProofError::OtherSubject);
        }
        if ticket.group != self.swarm.group {
            return Err(ProofError::OtherGroup);
        }
        // Theirs may be newer: then we are the ones who have not heard of the new key yet.
        if ticket.epoch < self.epoch {
            return Err(ProofError::OldEpoch(ticket.epoch));
        }
        Ok(ticket)
    }
}

struct Claims<'a> {
    side: u8,
    has_aes: bool,
    member: MemberKey,
    peer: PeerId,
    signature: Signature,
    ticket: &'a [u8],
}

impl<'a> Claims<'a> {
    fn read(proof: &'a [u8]) -> Option<Self> {
        let (first, rest) = proof.split_first()?;
        let (side, has_aes) = (first & !HAS_AES, first & HAS_AES != 0);
        let (member, rest) = rest.split_first_chunk::<MEMBER_LEN>()?;
        let (peer, rest) = rest.split_first_chunk::<PEER_LEN>()?;
        let (signature, ticket) = rest.split_first_chunk::<SIGNATURE_LEN>()?;
        let signature = Signature::from_bytes(signature);
        Some(Self { side, has_aes, member: MemberKey(*member), peer: PeerId(*peer), signature, ticket })
    }
}

fn byte(side: LinkSide) -> u8 {
    match side {
        LinkSide::Dialer => 0,
        LinkSide::Acceptor => 1,
    }
}

#[cfg(test)]
mod tests;
