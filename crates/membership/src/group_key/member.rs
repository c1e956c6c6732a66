//! The group's key, sealed to one member's key by another member.

use curve25519_dalek::montgomery::MontgomeryPoint;
use ed25519_dalek::VerifyingKey;
use serde::{Deserialize, Serialize};
use wire_protocol::ids::{GroupId, MemberKey};
use wire_protocol::signed::{self, SIGNED_HEAD_LEN, Signed, SignedError};
use zeroize::Zeroizing;

use super::GroupKey;
use super::cipher::{self, TAG_LEN};
use crate::identity::MemberIdentity;

/// What is sealed for a member, bytes.
pub const MEMBER_SEAL_LEN_MAX: usize = SIGNED_HEAD_LEN + 16 + 5 + 32 + 32 + (32 + TAG_LEN) + (1 + CONFIRMATION_LEN);

const SEAL_INFO: &[u8] = b"covey key for member v1\0";
const CONFIRM_INFO: &[u8] = b"covey key change v1\0";
const CONFIRMATION_LEN: usize = 16;

/// For whom a key is, and from whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delivery {
    pub group: GroupId,
    pub recipient: MemberKey,
    /// An admin, as whoever opens it believes: named in the invite by which they came, or in the group as it was. What the
    /// server says about who is an admin is not enough for who has no key yet.
    pub sender: MemberKey,
}

/// Why a sealed key is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MemberSealError {
    /// The server: not a sealed key, or damaged.
    #[error("not a sealed group key")]
    Malformed,
    /// The sender has a newer program.
    #[error("sealed group key of an unknown version")]
    UnknownVersion,
    /// The server: the expected sender did not sign it.
    #[error("sealed group key with a wrong signature")]
    BadSignature,
    /// The server: it is for another group or another member.
    #[error("sealed group key for somebody else")]
    NotForUs,
    /// The server: not the epoch that follows ours. Those in between come first; older ones are of no use.
    #[error("sealed group key of epoch {0}, which does not follow")]
    OtherEpoch(u32),
    /// The sender does not know the group's present key: an admin whom only the server has made one.
    #[error("sealed group key by somebody who does not know the present one")]
    NotConfirmed,
    /// The sender: it is signed, and does not open.
    #[error("sealed group key that does not open")]
    Unreadable,
}

/// As it is signed.
#[derive(Serialize, Deserialize)]
struct SealedKey {
    group: GroupId,
    epoch: u32,
    recipient: MemberKey,
    /// X25519, for this one text.
    ephemeral: [u8; 32],
    /// The group's key.
    ciphertext: [u8; 32],
    tag: [u8; TAG_LEN],
    /// By the group's key of before.
    confirmation: Option<[u8; CONFIRMATION_LEN]>,
}

impl Signed for SealedKey {
    const VERSION: u8 = 1;
    const DOMAIN: &'static [u8] = b"covey sealed group key v1\0";
    const LEN_MAX: usize = MEMBER_SEAL_LEN_MAX;
}

/// Seals `key` for a member: `u8 version | 64-byte signature | postcard body`. `previous` is the key that the recipient
/// has; `None` for a newcomer. `random` is 32 fresh bytes.
///
/// # Errors
/// [`MemberSealError::NotForUs`]: the recipient's key is none, so nobody could open it.
pub fn seal_for_member(
    key: &GroupKey,
    previous: Option<&GroupKey>,
    group: GroupId,
    recipient: MemberKey,
    sender: &MemberIdentity,
    random: [u8; 32],
) -> Result<Vec<u8>, MemberSealError> {
    let delivery = Delivery { group, recipient, sender: sender.key() };
    let random = Zeroizing::new(random);
    let ephemeral = MontgomeryPoint::mul_base_clamped(*random).to_bytes();
    let theirs = VerifyingKey::from_bytes(&recipient.0).map_err(|_| MemberSealError::NotForUs)?.to_montgomery();
    let shared = shared(theirs, &random).ok_or(MemberSealError::NotForUs)?;
    let sealed = cipher::seal(&delivery.seal_key(&shared, key.epoch(), &ephemeral), &**key.key());
    let (ciphertext, tag) = sealed.split_first_chunk().expect("as long as the key, and the tag");
    let mut body = SealedKey {
        group,
        epoch: key.epoch(),
        recipient,
        ephemeral,
        ciphertext: *ciphertext,
        tag: tag.try_into().expect("a tag has 16 bytes"),
        confirmation: None,
    };
    body.confirmation = previous.map(|previous| *delivery.confirmation(previous, &body));
    Ok(signed::seal(&body, sender.signing_key()))
}

/// Opens what [`seal_for_member`] sealed for this member. Whoever has a key of the group hands it in as `previous`: then only
/// the next epoch is taken, and only from who knows the present key. Whoever has missed several opens them in order.
///
/// # Errors
/// [`MemberSealError`].
pub fn open_for_member(
    sealed: &[u8],
    previous: Option<&GroupKey>,
    delivery: &Delivery,
    recipient: &MemberIdentity,
) -> Result<GroupKey, MemberSealError> {
    let sender = VerifyingKey::from_bytes(&delivery.sender.0).map_err(|_| MemberSealError::BadSignature)?;
    let body: SealedKey = signed::open(sealed, &sender)?;
    if body.group != delivery.group || body.recipient != delivery.recipient || body.recipient != recipient.key() {
        return Err(MemberSealError::NotForUs);
    }
    if let Some(previous) = previous {
        delivery.check_confirmation(previous, &body)?;
    }
    let own = Zeroizing::new(recipient.signing_key().to_scalar_bytes());
    let shared = shared(MontgomeryPoint(body.ephemeral), &own).ok_or(MemberSealError::Unreadable)?;
    let seal_key = delivery.seal_key(&shared, body.epoch, &body.ephemeral);
    let sealed = [&body.ciphertext[..], &body.tag].concat();
    let plain = cipher::open(&seal_key, &sealed).ok_or(MemberSealError::Unreadable)?;
    let key = plain.as_slice().try_into().map_err(|_| MemberSealError::Unreadable)?;
    Ok(GroupKey::new(key, body.epoch))
}

impl Delivery {
    fn seal_key(&self, shared: &[u8; 32], epoch: u32, ephemeral: &[u8; 32]) -> Zeroizing<[u8; 32]> {
        let parts = [SEAL_INFO, &self.group.0, &epoch.to_be_bytes(), &self.recipient.0, &self.sender.0, ephemeral];
        cipher::derive(None, shared, &parts)
    }

    fn confirmation(&self, previous: &GroupKey, body: &SealedKey) -> Zeroizing<[u8; CONFIRMATION_LEN]> {
        let epoch = body.epoch.to_be_bytes();
        let names = [CONFIRM_INFO, &self.group.0, &epoch, &self.recipient.0, &self.sender.0];
        let sealed = [&body.ephemeral[..], &body.ciphertext, &body.tag];
        cipher::derive(None, previous.key(), &[&names[..], &sealed].concat())
    }

    fn check_confirmation(&self, previous: &GroupKey, body: &SealedKey) -> Result<(), MemberSealError> {
        if previous.epoch().checked_add(1) != Some(body.epoch) {
            return Err(MemberSealError::OtherEpoch(body.epoch));
        }
        let ours = self.confirmation(previous, body);
        let theirs = body.confirmation.ok_or(MemberSealError::NotConfirmed)?;
        // All bytes are looked at, so that time says nothing about how many were right.
        let differs = ours.iter().zip(theirs).fold(0, |any, (ours, theirs)| any | (ours ^ theirs)) != 0;
        if differs { Err(MemberSealError::NotConfirmed) } else { Ok(()) }
    }
}

/// X25519; `None` for keys of small order, whose secret everybody knows.
fn shared(public: MontgomeryPoint, private: &[u8; 32]) -> Option<Zeroizing<[u8; 32]>> {
    let shared = Zeroizing::new(public.mul_clamped(*private).to_bytes());
    (shared.iter().fold(0, |any, byte| any | byte) != 0).then_some(shared)
}

impl From<SignedError> for MemberSealError {
    fn from(error: SignedError) -> Self {
        match error {
            SignedError::Malformed => Self::Malformed,
            SignedError::UnknownVersion => Self::UnknownVersion,
            SignedError::BadSignature => Self::BadSignature,
        }
    }
}
