//! The versioned envelope around every control message: `u8 version | postcard body`.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::limits::MESSAGE_LEN_MAX;
use super::message::{MemberToTracker, TrackerToMember};

/// Version byte of every message that this crate writes.
const VERSION: u8 = 2;

/// A control message that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// Longer than [`MESSAGE_LEN_MAX`].
    #[error("control message longer than {MESSAGE_LEN_MAX} bytes")]
    TooLong,
    /// No byte at all.
    #[error("empty control message")]
    Empty,
    /// Written by a newer program.
    #[error("control message of version {0}, this program reads version {VERSION}")]
    UnknownVersion(u8),
    /// Not a value of the type, or more bytes than the value.
    #[error("malformed control message")]
    Malformed,
}

/// What a member writes to the tracker.
pub fn encode_from_member(message: &MemberToTracker) -> Vec<u8> {
    encode(message)
}

/// What the tracker writes to a member.
pub fn encode_from_tracker(message: &TrackerToMember) -> Vec<u8> {
    encode(message)
}

/// Reads at the tracker what a member wrote.
///
/// # Errors
/// [`DecodeError`]: the member's fault; close the connection.
pub fn decode_from_member(bytes: &[u8]) -> Result<MemberToTracker, DecodeError> {
    decode(bytes)
}

/// Reads at a member what the tracker wrote.
///
/// # Errors
/// [`DecodeError`]: the tracker's fault, or a newer tracker.
pub fn decode_from_tracker(bytes: &[u8]) -> Result<TrackerToMember, DecodeError> {
    decode(bytes)
}

fn encode<T: Serialize>(message: &T) -> Vec<u8> {
    postcard::to_extend(message, vec![VERSION]).expect("these types have no fallible serializer")
}

fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, DecodeError> {
    if bytes.len() > MESSAGE_LEN_MAX {
        return Err(DecodeError::TooLong);
    }
    let (&version, body) = bytes.split_first().ok_or(DecodeError::Empty)?;
    if version != VERSION {
        return Err(DecodeError::UnknownVersion(version));
    }
    match postcard::take_from_bytes(body) {
        // postcard's `from_bytes` would ignore what follows the value.
        Ok((message, [])) => Ok(message),
        _ => Err(DecodeError::Malformed),
    }
}
