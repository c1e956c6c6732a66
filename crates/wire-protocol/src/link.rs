//! How a relay link begins: path `/link`, subprotocol [`SUBPROTOCOL`], the first binary message is a
//! [`LinkToken`]. The relay answers both sides with [`PAIRED`] once both are there; from then on
//! binary messages carry the peer wire as a byte stream, and message boundaries mean nothing.

use ed25519_dalek::{SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};

use crate::ids::{LinkId, MemberKey};
use crate::signed::{self, Signed, SignedError};

/// WebSocket subprotocol of a link.
pub const SUBPROTOCOL: &str = "covey-link.v2";
/// The relay's first message to each side.
pub const PAIRED: &[u8] = &[1];
/// A token, bytes.
pub const TOKEN_LEN_MAX: usize = 512;
/// A token is good for this long, milliseconds.
pub const TOKEN_LIFETIME_MS: u64 = 30_000;
/// How long the relay waits for the other side, milliseconds.
pub const PAIRING_WAIT_MS: u64 = 20_000;

/// Which end of the link a token admits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum LinkSide {
    /// The one that asked.
    Dialer,
    /// The one that was asked.
    Acceptor,
}

/// Admits one side to one link, once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkToken {
    /// Names the key that signed it, as in the tracker's `Hello`.
    pub key_id: u32,
    /// The number of the relay node that takes it; 0 = the only one.
    pub relay: u32,
    pub link: LinkId,
    /// Which end.
    pub side: LinkSide,
    /// Whom it was given to.
    pub member: MemberKey,
    /// Unix milliseconds.
    pub expires_at_ms: u64,
}

/// Why a token does not admit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Too long, or not a token.
    #[error("not a link token")]
    Malformed,
    /// Written by a newer tracker.
    #[error("link token of an unknown version")]
    UnknownVersion,
    /// Signed by somebody else.
    #[error("link token with a wrong signature")]
    BadSignature,
    /// Too late.
    #[error("link token has expired")]
    Expired,
}

impl Signed for LinkToken {
    const VERSION: u8 = 2;
    const DOMAIN: &'static [u8] = b"covey link token v2\0";
    const LEN_MAX: usize = TOKEN_LEN_MAX;
}

impl LinkToken {
    /// `u8 version | 64-byte Ed25519 signature over domain and body | postcard body`.
    pub fn seal(&self, key: &SigningKey) -> Vec<u8> {
        signed::seal(self, key)
    }

    /// Verifies and reads.
    ///
    /// # Errors
    /// [`TokenError`]: the presenter's fault.
    pub fn open(token: &[u8], key: &VerifyingKey, now_ms: u64) -> Result<Self, TokenError> {
        let token: Self = signed::open(token, key)?;
        if token.expires_at_ms < now_ms {
            return Err(TokenError::Expired);
        }
        Ok(token)
    }
}

impl From<SignedError> for TokenError {
    fn from(error: SignedError) -> Self {
        match error {
            SignedError::Malformed => Self::Malformed,
            SignedError::UnknownVersion => Self::UnknownVersion,
            SignedError::BadSignature => Self::BadSignature,
        }
    }
}
