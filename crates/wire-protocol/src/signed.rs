//! Statements that one key signs and that others pass on: link tokens, tickets, keys for members.
//!
//! All of them are `u8 version | 64-byte Ed25519 signature | postcard body`; the signature is over a domain of the
//! statement's own and the body as it was sent. Verified is what was received, and decoded afterwards: postcard has no
//! canonical form.

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Version and signature, bytes.
pub const SIGNED_HEAD_LEN: usize = 1 + SIGNATURE_LEN;
const SIGNATURE_LEN: usize = 64;

/// A kind of statement.
pub trait Signed: Serialize + DeserializeOwned {
    /// The first byte. It changes whenever the body does.
    const VERSION: u8;
    /// Begins what is signed, so that one kind cannot be passed off as another. Ends with a zero byte.
    const DOMAIN: &'static [u8];
    /// The whole statement, bytes.
    const LEN_MAX: usize;
}

/// Why bytes are not a statement of this kind by this key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignedError {
    /// Too short, too long, or signed without being a statement of this kind.
    #[error("not a signed statement of this kind")]
    Malformed,
    /// Written by a newer program.
    #[error("signed statement of an unknown version")]
    UnknownVersion,
    /// Signed by somebody else, or damaged.
    #[error("signed statement with a wrong signature")]
    BadSignature,
}

/// Signs a statement.
pub fn seal<T: Signed>(statement: &T, key: &SigningKey) -> Vec<u8> {
    let body = postcard::to_stdvec(statement).expect("statements are plain structs, which postcard always writes");
    let signature = key.sign(&signed_bytes::<T>(&body));
    [&[T::VERSION], &signature.to_bytes()[..], &body].concat()
}

/// Reads a statement that `key` signed.
///
/// # Errors
/// [`SignedError`]: the fault of whoever sent it.
pub fn open<T: Signed>(bytes: &[u8], key: &VerifyingKey) -> Result<T, SignedError> {
    if bytes.len() > T::LEN_MAX || bytes.len() <= SIGNED_HEAD_LEN {
        return Err(SignedError::Malformed);
    }
    if bytes[0] != T::VERSION {
        return Err(SignedError::UnknownVersion);
    }
    let (signature, body) = bytes[1..].split_at(SIGNATURE_LEN);
    let signature = Signature::from_slice(signature).map_err(|_| SignedError::Malformed)?;
    key.verify_strict(&signed_bytes::<T>(body), &signature).map_err(|_| SignedError::BadSignature)?;
    match postcard::take_from_bytes(body) {
        Ok((statement, [])) => Ok(statement),
        _ => Err(SignedError::Malformed),
    }
}

fn signed_bytes<T: Signed>(body: &[u8]) -> Vec<u8> {
    [T::DOMAIN, body].concat()
}
