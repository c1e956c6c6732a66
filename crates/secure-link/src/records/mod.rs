//! What a link carries once it is secured: `u16 length, big endian | ciphertext`, as Noise's transport messages are:
//! ChaCha20-Poly1305, or AES-256-GCM between two ends that are fast at it; no associated data, the record's number as
//! nonce.

mod cipher;

use std::fmt;

use bytes::{Buf, Bytes, BytesMut};
use snow::HandshakeState;
use zeroize::Zeroizing;

use crate::error::LinkError;
use crate::noise::TAG_LEN;
use cipher::RecordCipher;
pub(crate) use cipher::Suite;
pub use cipher::has_aes_instructions;

/// The most plaintext that a record may carry, bytes.
pub const RECORD_PLAIN_MAX: usize = 32 * 1024;
/// The most plaintext for one WebSocket message, bytes: two full records, 60 KiB. A message of exactly 64 KiB costs the
/// relay twice as much, because its header does not fit into a buffer of that size any more.
pub const MESSAGE_PLAIN_MAX: usize = 2 * FULL_PLAIN;
const HEADER_LEN: usize = 2;
const OVERHEAD: usize = HEADER_LEN + TAG_LEN;
/// A full record with all, bytes. No number of them is a power of two.
const FULL_LEN: usize = 30 * 1024;
const FULL_PLAIN: usize = FULL_LEN - OVERHEAD;
/// A record carries something: empty ones would be work for nothing.
const SEALED_LEN_MIN: usize = 1 + TAG_LEN;
const SEALED_LEN_MAX: usize = RECORD_PLAIN_MAX + TAG_LEN;
/// A WebSocket header with its mask, bytes.
const MESSAGE_HEADER_LEN_MAX: usize = 14;
/// Smaller buffers may double.
const CROWDED_LEN_MIN: usize = 4096;
/// Links end long before their nonces do (2^64): so much is never carried, so whoever gets there is broken.
const RECORDS_MAX: u64 = 1 << 48;

/// Both directions of a link. Sides that run apart take them apart.
#[derive(Debug)]
pub struct SecureLink {
    pub sealer: Sealer,
    pub opener: Opener,
}

impl SecureLink {
    /// From a handshake that is over.
    pub(crate) fn new(noise: &mut HandshakeState, suite: Suite) -> Self {
        let (first, second) = noise.dangerously_get_raw_split();
        let (first, second) = (Zeroizing::new(first), Zeroizing::new(second));
        let (out, into) = if noise.is_initiator() { (first, second) } else { (second, first) };
        Self { sealer: Sealer::new(suite, &out), opener: Opener::new(suite, &into) }
    }

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
    records: u64,
}

impl Sealer {
    fn new(suite: Suite, key: &[u8; 32]) -> Self {
        Self { cipher: RecordCipher::new(suite, key), records: 0 }
    }

    /// Seals all segments, as if they were one, behind what is in `out`, which is taken for one WebSocket message: its
    /// length will not be one that makes the relay's buffers double. Over TCP lengths mean nothing.
    /// [`MESSAGE_PLAIN_MAX`] is a good amount at once.
    ///
    /// # Errors
    /// [`LinkError::Exhausted`]: close the link. `out` is as before.
    pub fn seal(&mut self, segments: &[Bytes], out: &mut Vec<u8>) -> Result<(), LinkError> {
        let mut left: usize = segments.iter().map(Bytes::len).sum();
        let records = left.div_ceil(FULL_PLAIN);
        // One more, because the last may be cut in two.
        if RECORDS_MAX - self.records <= records as u64 {
            return Err(LinkError::Exhausted);
        }
        let mut is_crowded = is_crowded(out.len() + left + records * OVERHEAD);
        // Exactly what is needed: a buffer without spare room becomes `Bytes` as it is.
        out.reserve_exact(left + (records + usize::from(is_crowded)) * OVERHEAD);
        let mut segments = Segments { segments, at: 0 };
        while left > 0 {
            let is_last = left <= FULL_PLAIN;
            let len = match is_last && std::mem::take(&mut is_crowded) {
                true => left.div_ceil(2),
                false => left.min(FULL_PLAIN),
            };
            self.seal_record(&mut segments, len, out);
            left -= len;
        }
        Ok(())
    }

    fn seal_record(&mut self, segments: &mut Segments<'_>, len: usize, out: &mut Vec<u8>) {
        let sealed = u16::try_from(len + TAG_LEN).expect("a full record is shorter than 64 KiB");
        out.extend_from_slice(&sealed.to_be_bytes());
        let begin = out.len();
        segments.take(len, out);
        let tag = self.cipher.seal(self.records, &mut out[begin..]);
        out.extend_from_slice(&tag);
        self.records += 1;
    }
}

/// Whether a message of this length fits into a buffer of a power of two only without its header.
fn is_crowded(len: usize) -> bool {
    let buffer_len = len.next_power_of_two();
    buffer_len >= CROWDED_LEN_MIN && buffer_len - len < MESSAGE_HEADER_LEN_MAX
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
    records: u64,
    /// The beginning of a record, with its length.
    partial: Vec<u8>,
    /// Why nothing more is read.
    broken: Option<LinkError>,
}

impl Opener {
    fn new(suite: Suite, key: &[u8; 32]) -> Self {
        Self { cipher: RecordCipher::new(suite, key), records: 0, partial: Vec::new(), broken: None }
    }

    /// What all records carry that are whole with this chunk; empty if none is. It is one buffer, at most as large as
    /// the chunk and the longest record: chunks of at most 64 KiB keep a slow block from holding much memory.
    ///
    /// # Errors
    /// [`LinkError::Malformed`] and [`LinkError::Decrypt`]: the link is to be closed, and nothing more is read.
    pub fn open(&mut self, chunk: &[u8]) -> Result<Bytes, LinkError> {
        if let Some(broken) = self.broken {
            return Err(broken);
        }
        self.read(chunk).inspect_err(|error| {
            self.broken = Some(*error);
            self.partial = Vec::new();
        })
    }

    fn read(&mut self, mut chunk: &[u8]) -> Result<Bytes, LinkError> {
        let mut plain = BytesMut::new();
        if !self.partial.is_empty() {
            self.fill(HEADER_LEN, &mut chunk);
            let Some(len) = record_len(&self.partial)? else { return Ok(Bytes::new()) };
            self.fill(len, &mut chunk);
            if self.partial.len() < len {
                return Ok(Bytes::new());
            }
            plain.reserve(len + chunk.len());
            let partial = std::mem::take(&mut self.partial);
            self.open_record(&partial, &mut plain)?;
            self.partial = partial;
            self.partial.clear();
        }
        while let Some(len) = record_len(chunk)?.filter(|len| *len <= chunk.len()) {
            if plain.capacity() == 0 {
                plain.reserve(chunk.len());
            }
            self.open_record(&chunk[..len], &mut plain)?;
            chunk.advance(len);
        }
        self.partial.extend_from_slice(chunk);
        Ok(plain.freeze())
    }

    fn fill(&mut self, len: usize, chunk: &mut &[u8]) {
        let taken = chunk.len().min(len.saturating_sub(self.partial.len()));
        self.partial.extend_from_slice(&chunk[..taken]);
        chunk.advance(taken);
    }

    /// Appends what one whole record carries.
    fn open_record(&mut self, record: &[u8], plain: &mut BytesMut) -> Result<(), LinkError> {
        if self.records >= RECORDS_MAX {
            return Err(LinkError::Exhausted);
        }
        let (sealed, tag) = record[HEADER_LEN..].split_last_chunk::<TAG_LEN>().ok_or(LinkError::Malformed)?;
        let begin = plain.len();
        plain.extend_from_slice(sealed);
        if !self.cipher.open(self.records, &mut plain[begin..], tag) {
            return Err(LinkError::Decrypt);
        }
        self.records += 1;
        Ok(())
    }
}

/// The record's whole length, if its header is there.
fn record_len(bytes: &[u8]) -> Result<Option<usize>, LinkError> {
    let Some(header) = bytes.first_chunk::<HEADER_LEN>() else {
        return Ok(None);
    };
    let sealed = usize::from(u16::from_be_bytes(*header));
    if !(SEALED_LEN_MIN..=SEALED_LEN_MAX).contains(&sealed) {
        return Err(LinkError::Malformed);
    }
    Ok(Some(HEADER_LEN + sealed))
}

/// Without keys.
impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealer({} records)", self.records)
    }
}

/// Without keys and what it holds.
impl fmt::Debug for Opener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Opener({} records, {} bytes of the next)", self.records, self.partial.len())
    }
}

#[cfg(test)]
mod tests;
