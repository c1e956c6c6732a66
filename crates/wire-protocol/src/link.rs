//! How a relay link begins: path `/link`, subprotocol [`SUBPROTOCOL`], the first binary message is a
//! [`LinkToken`]. The relay answers both sides with [`PAIRED`] once both are there; from then on
//! binary messages carry the peer wire as a byte stream, and message boundaries mean nothing.

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};

use crate::ids::{LinkId, MemberKey};

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

const VERSION: u8 = 2;
const DOMAIN: &[u8] = b"covey link token v2\0";
const SIGNATURE_LEN: usize = 64;

impl LinkToken {
    /// `u8 version | 64-byte Ed25519 signature over domain and body | postcard body`.
    pub fn seal(&self, key: &SigningKey) -> Vec<u8> {
        let body = postcard::to_stdvec(self).expect("a token has no fallible serializer");
        let signature = key.sign(&signed_bytes(&body));
        let mut token = Vec::with_capacity(1 + SIGNATURE_LEN + body.len());
        token.push(VERSION);
        token.extend_from_slice(&signature.to_bytes());
        token.extend_from_slice(&body);
        token
    }

    /// Verifies over the received bytes first and decodes afterwards (postcard has no canonical form).
    ///
    /// # Errors
    /// [`TokenError`]: the presenter's fault.
    pub fn open(token: &[u8], key: &VerifyingKey, now_ms: u64) -> Result<Self, TokenError> {
        if token.len() > TOKEN_LEN_MAX || token.len() <= 1 + SIGNATURE_LEN {
            return Err(TokenError::Malformed);
        }
        if token[0] != VERSION {
            return Err(TokenError::UnknownVersion);
        }
        let (signature, body) = token[1..].split_at(SIGNATURE_LEN);
        let signature = Signature::from_slice(signature).map_err(|_| TokenError::Malformed)?;
        key.verify_strict(&signed_bytes(body), &signature).map_err(|_| TokenError::BadSignature)?;
        let Ok((token, [])) = postcard::take_from_bytes::<Self>(body) else {
            return Err(TokenError::Malformed);
        };
        if token.expires_at_ms < now_ms {
            return Err(TokenError::Expired);
        }
        Ok(token)
    }
}

fn signed_bytes(body: &[u8]) -> Vec<u8> {
    [DOMAIN, body].concat()
}
