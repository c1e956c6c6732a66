//! The first message, which says nothing to whoever is not of the swarm, and gets no answer from a peer that it is not for.
//!
//! `u8 0xc0 | u8 version | 16-byte tag over e | Noise message 1: e, and the tag of an empty payload`.

use bytes::{Buf, Bytes};

use crate::error::LinkError;
use crate::noise::{KEY_LEN, TAG_LEN};
use crate::swarm::TagKey;

/// A first message, bytes. An acceptor waits for so many, unless the first is a plain handshake's.
pub const FIRST_LEN: usize = 2 + TAG_LEN + NOISE_LEN;
/// The first byte: not that of a plain BitTorrent handshake.
const COVEY: u8 = 0xc0;
const PLAIN: u8 = 0x13;
const VERSION: u8 = 1;
const NOISE_LEN: usize = KEY_LEN + TAG_LEN;

/// What whoever connected begins with.
#[derive(Debug)]
pub enum Opening {
    /// Too few bytes to tell; so many more are needed.
    More(usize),
    /// A plain BitTorrent handshake. Nothing was taken from the input.
    Plain,
    /// A first message, for somebody.
    Covey(FirstMessage),
}

/// Collects the beginning of an accepted connection. Bounded by [`FIRST_LEN`].
#[derive(Debug, Default)]
pub struct Greeting {
    bytes: Vec<u8>,
}

impl Greeting {
    /// For a connection on which nothing was read yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes what belongs to the first message from the input.
    ///
    /// # Errors
    /// [`LinkError::UnknownVersion`], by the first two bytes. Close the connection and send nothing.
    pub fn read(&mut self, input: &mut Bytes) -> Result<Opening, LinkError> {
        if self.bytes.is_empty() && input.first() == Some(&PLAIN) {
            return Ok(Opening::Plain);
        }
        let taken = input.len().min(FIRST_LEN - self.bytes.len());
        self.bytes.extend_from_slice(&input[..taken]);
        input.advance(taken);
        if !self.bytes.iter().zip([COVEY, VERSION]).all(|(byte, known)| *byte == known) {
            return Err(LinkError::UnknownVersion);
        }
        Ok(match FirstMessage::read(&self.bytes) {
            Some(first) => Opening::Covey(first),
            None => Opening::More(FIRST_LEN - self.bytes.len()),
        })
    }
}

/// A whole first message; for whom it is, is not known yet.
#[derive(Debug, Clone)]
pub struct FirstMessage {
    tag: [u8; TAG_LEN],
    noise: [u8; NOISE_LEN],
}

impl FirstMessage {
    fn read(bytes: &[u8]) -> Option<Self> {
        let (_, rest) = bytes.split_first_chunk::<2>()?;
        let (tag, noise) = rest.split_first_chunk::<TAG_LEN>()?;
        Some(Self { tag: *tag, noise: noise.try_into().ok()? })
    }

    /// Looks through all peers that it may be for: of each, what its driver knows it by, and its tag key. While the
    /// group's key changes, a peer may be there twice. How long it takes does not depend on which one it is.
    ///
    /// # Errors
    /// [`LinkError::NotForUs`]. Close the connection, and send nothing.
    pub fn find<'a, K>(
        &self,
        candidates: impl IntoIterator<Item = (K, &'a TagKey)>,
    ) -> Result<(K, Recognized), LinkError> {
        let mut found = None;
        for (name, key) in candidates {
            if key.is_first(&self.noise[..KEY_LEN], &self.tag) {
                found = Some((name, key));
            }
        }
        let (name, key) = found.ok_or(LinkError::NotForUs)?;
        Ok((name, Recognized { noise: self.noise, key: key.clone() }))
    }

    #[cfg(test)]
    pub(crate) fn recognized_anyway(&self, key: TagKey) -> Recognized {
        Recognized { noise: self.noise, key }
    }
}

/// A first message that is for a peer of ours: it may be answered.
#[derive(Debug)]
pub struct Recognized {
    pub(crate) noise: [u8; NOISE_LEN],
    pub(crate) key: TagKey,
}

/// Puts a first message together.
pub(crate) fn write(key: &TagKey, noise: &[u8]) -> Vec<u8> {
    [&[COVEY, VERSION], &key.first(&noise[..KEY_LEN])[..], noise].concat()
}

/// Whether an answer begins as a plain handshake does.
pub(crate) fn is_plain(first: u8) -> bool {
    first == PLAIN
}
