//! Who is a member now: what the tracker signs for each member, and what members show each other when a link opens.
//! It is checked without asking the tracker.

use ed25519_dalek::{SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};

use crate::control::Role;
use crate::ids::{GroupId, MemberKey};
use crate::signed::{self, Signed, SignedError};

/// A ticket, bytes.
pub const TICKET_LEN_MAX: usize = 256;
/// The longest that a ticket is good for, milliseconds. Whoever was removed may be taken for a member for as long by a
/// peer that has not heard of it.
pub const TICKET_LIFETIME_MS_MAX: u64 = 6 * 60 * 60 * 1000;
/// How far two estimates of the tracker's time may lie apart, milliseconds.
pub const CLOCK_SLACK_MS: u64 = 5 * 60 * 1000;

/// The tracker says that somebody is a member of a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// Names the key that signed it, as in the tracker's `Hello`.
    pub key_id: u32,
    pub group: GroupId,
    /// Who is a member. A ticket is no secret: whoever shows it proves that they hold this key.
    pub subject: MemberKey,
    pub role: Role,
    /// Counts the changes of the group's key; as in the group's snapshot.
    pub epoch: u32,
    /// Unix milliseconds of the tracker's clock.
    pub issued_ms: u64,
    /// As `issued_ms`, at most [`TICKET_LIFETIME_MS_MAX`] later.
    pub expires_ms: u64,
}

/// Why a ticket says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TicketError {
    /// Too long, not a ticket, or one for longer than any tracker may give.
    #[error("not a ticket")]
    Malformed,
    /// Written by a newer tracker.
    #[error("ticket of an unknown version")]
    UnknownVersion,
    /// Signed by somebody else.
    #[error("ticket with a wrong signature")]
    BadSignature,
    /// From the future. The clocks differ, or the reader's estimate of the tracker's time is wrong.
    #[error("ticket is not valid yet")]
    NotYetValid,
    /// Too late. Its holder has to get a new one from the tracker.
    #[error("ticket has expired")]
    Expired,
}

impl Signed for Ticket {
    const VERSION: u8 = 1;
    const DOMAIN: &'static [u8] = b"covey ticket v1\0";
    const LEN_MAX: usize = TICKET_LEN_MAX;
}

impl Ticket {
    /// `u8 version | 64-byte Ed25519 signature over domain and body | postcard body`.
    pub fn seal(&self, key: &SigningKey) -> Vec<u8> {
        signed::seal(self, key)
    }

    /// Verifies and reads. `now_ms` is the reader's estimate of the tracker's time: a browser's own clock may be
    /// hours off. That the bearer holds the subject's key, and which group is meant, is the caller's to check.
    ///
    /// # Errors
    /// [`TicketError`]: the bearer's fault, but for `NotYetValid` and `Expired`, which a wrong `now_ms` gives too.
    pub fn open(ticket: &[u8], key: &VerifyingKey, now_ms: u64) -> Result<Self, TicketError> {
        let ticket: Self = signed::open(ticket, key)?;
        // An overlong ticket is refused rather than shortened: what bounds a removed member's time must be what was signed.
        match ticket.expires_ms.checked_sub(ticket.issued_ms) {
            Some(lifetime) if lifetime <= TICKET_LIFETIME_MS_MAX => {}
            _ => return Err(TicketError::Malformed),
        }
        if ticket.issued_ms > now_ms.saturating_add(CLOCK_SLACK_MS) {
            return Err(TicketError::NotYetValid);
        }
        if ticket.expires_ms.saturating_add(CLOCK_SLACK_MS) < now_ms {
            return Err(TicketError::Expired);
        }
        Ok(ticket)
    }
}

impl From<SignedError> for TicketError {
    fn from(error: SignedError) -> Self {
        match error {
            SignedError::Malformed => Self::Malformed,
            SignedError::UnknownVersion => Self::UnknownVersion,
            SignedError::BadSignature => Self::BadSignature,
        }
    }
}
