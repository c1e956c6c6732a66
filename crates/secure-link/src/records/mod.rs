//! What a link carries once it is secured: `u16 length, big endian | ciphertext`, as Noise's transport messages are:
//! ChaCha20-Poly1305, or AES-256-GCM between two ends that are fast at it; no associated data, the record's number as
//! nonce.
//!
//! A browser's own cipher answers later, so that a driver has it and not this crate: [`Cutter`] and [`Finder`] are for both.

mod cipher;
mod framing;
mod keys;

use std::fmt;

use bytes::{Bytes, BytesMut};

use crate::error::LinkError;
use crate::noise::TAG_LEN;
use cipher::RecordCipher;
pub use cipher::{Suite, has_aes_instructions};
use framing::FULL_PLAIN;
pub use framing::{Cuts, Cutter, Finder, header};
pub use keys::LinkKeys;

/// The most plaintext that a record may carry, bytes.
pub const RECORD_PLAIN_MAX: usize = 32 * 1024;
/// The most plaintext for one WebSocket message, bytes: two full records, 60 KiB. A message of exactly 64 KiB costs the
/// relay twice as much, because its header does not fit into a buffer of that size any more.
pub const MESSAGE_PLAIN_MAX: usize = 2 * FULL_PLAIN;
const HEADER_LEN: usize = 2;
const OVERHEAD: usize = HEADER_LEN + TAG_LEN;
/// Links end long before their nonces do (2^64): so much is never carried, so whoever gets there is broken.
const RECORDS_MAX: u64 = 1 << 48;

/// Both directions of a link. Sides that run apart take them apart.
#[derive(Debug)]
pub struct SecureLink {
    pub sealer: Sealer,
    pub opener: Opener,
}

impl SecureLink {
    /// As [`Sealer::seal`].
    ///
    /// # Errors
    /// As there.
    pub fn seal(&mut self, segments: &[Bytes], out: &mut Vec<u8>) -> Result<(), LinkError> {
        self.sealer.seal(segments, out)
    }

    /// As [`Opener::open`].
    ///
    /// # Errors
    /// As there.
    pub fn open(&mut self, chunk: &[u8]) -> Result<Bytes, LinkError> {
        self.opener.open(chunk)
    }
}

/// Makes records.
pub struct Sealer {
    cipher: RecordCipher,
    cutter: Cutter,
}

impl Sealer {
    fn new(suite: Suite, key: &[u8; 32]) -> Self {
        Self { cipher: RecordCipher::new(suite, key), cutter: Cutter::default() }
    }

    /// Seals all segments, as if they were one, behind what is in `out`, which is taken for one WebSocket message
    /// ([`Cutter::cut`]). [`MESSAGE_PLAIN_MAX`] is a good amount at once.
    ///
    /// # Errors
    /// [`LinkError::Exhausted`]: close the link. `out` is as before.
    pub fn seal(&mut self, segments: &[Bytes], out: &mut Vec<u8>) -> Result<(), LinkError> {
        let cuts = self.cutter.cut(out.len(), segments.iter().map(Bytes::len).sum())?;
        // Exactly what is needed: a buffer without spare room becomes `Bytes` as it is.
        out.reserve_exact(cuts.sealed_len());
        let mut segments = Segments { segments, at: 0 };
        for (number, len) in cuts {
            out.extend_from_slice(&header(len));
            let begin = out.len();
            segments.take(len, out);
            let tag = self.cipher.seal(number, &mut out[begin..]);
            out.extend_from_slice(&tag);
        }
        Ok(())
    }
}

/// Reads on from where it stopped.
struct Segments<'a> {
    segments: &'a [Bytes],
    /// Of the first, bytes that were read.
    at: usize,
}

impl Segments<'_> {
    fn take(&mut self, mut len: usize, out: &mut Vec<u8>) {
        while let Some(first) = self.segments.first().filter(|_| len > 0) {
            let taken = len.min(first.len() - self.at);
            out.extend_from_slice(&first[self.at..self.at + taken]);
            len -= taken;
            self.at += taken;
            if self.at == first.len() {
                self.segments = &self.segments[1..];
                self.at = 0;
            }
        }
    }
}

/// Reads records, however they are cut. Holds at most one that is not whole.
pub struct Opener {
    cipher: RecordCipher,
    finder: Finder,
}

impl Opener {
    fn new(suite: Suite, key: &[u8; 32]) -> Self {
        Self { cipher: RecordCipher::new(suite, key), finder: Finder::default() }
    }

    /// What all records carry that are whole with this chunk; empty if none is. It is one buffer, at most as large as
    /// the chunk and the longest record: chunks of at most 64 KiB keep a slow block from holding much memory.
    ///
    /// # Errors
    /// [`LinkError::Malformed`] and [`LinkError::Decrypt`]: the link is to be closed, and nothing more is read.
    pub fn open(&mut self, chunk: &[u8]) -> Result<Bytes, LinkError> {
        let room = self.finder.with(chunk);
        let (cipher, mut plain) = (&self.cipher, BytesMut::new());
        self.finder.find(chunk, |number, sealed| {
            if plain.capacity() == 0 {
                plain.reserve(room);
            }
            open_record(cipher, number, sealed, &mut plain)
        })?;
        Ok(plain.freeze())
    }
}

/// Appends what one whole record carries.
fn open_record(cipher: &RecordCipher, number: u64, sealed: &[u8], plain: &mut BytesMut) -> Result<(), LinkError> {
    let (sealed, tag) = sealed.split_last_chunk::<TAG_LEN>().ok_or(LinkError::Malformed)?;
    let begin = plain.len();
    plain.extend_from_slice(sealed);
    if cipher.open(number, &mut plain[begin..], tag) { Ok(()) } else { Err(LinkError::Decrypt) }
}

/// Without keys.
impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealer({} records)", self.cutter.records)
    }
}

/// Without keys and what it holds.
impl fmt::Debug for Opener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Opener({} records, {} bytes of the next)", self.finder.records, self.finder.held())
    }
}

#[cfg(test)]
mod tests;
