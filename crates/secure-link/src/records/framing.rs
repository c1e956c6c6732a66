//! Where records begin and end, whoever has the cipher.

use bytes::Buf;

use super::{HEADER_LEN, OVERHEAD, RECORD_PLAIN_MAX, RECORDS_MAX};
use crate::error::LinkError;
use crate::noise::TAG_LEN;

/// A full record with all, bytes. No number of them is a power of two.
const FULL_LEN: usize = 30 * 1024;
/// The most plaintext that one is given, bytes.
pub(super) const FULL_PLAIN: usize = FULL_LEN - OVERHEAD;
/// A record carries something: empty ones would be work for nothing.
const SEALED_LEN_MIN: usize = 1 + TAG_LEN;
const SEALED_LEN_MAX: usize = RECORD_PLAIN_MAX + TAG_LEN;
/// A WebSocket header with its mask, bytes.
const MESSAGE_HEADER_LEN_MAX: usize = 14;
/// Smaller buffers may double.
const CROWDED_LEN_MIN: usize = 4096;

/// Says which records a message is made of.
#[derive(Debug, Default)]
pub struct Cutter {
    pub(super) records: u64,
}

impl Cutter {
    /// For `plain` bytes behind `before` others of the same WebSocket message, whose length will not be one that makes the
    /// relay's buffers double. Over TCP lengths mean nothing.
    ///
    /// # Errors
    /// [`LinkError::Exhausted`]: close the link.
    pub fn cut(&mut self, before: usize, plain: usize) -> Result<Cuts, LinkError> {
        let records = plain.div_ceil(FULL_PLAIN);
        // One more, because the last may be cut in two.
        if RECORDS_MAX - self.records <= records as u64 {
            return Err(LinkError::Exhausted);
        }
        let is_crowded = plain > 0 && is_crowded(before + plain + records * OVERHEAD);
        let cuts = Cuts { number: self.records, left: plain, is_crowded };
        self.records += cuts.records() as u64;
        Ok(cuts)
    }
}

/// Whether a message of this length fits into a buffer of a power of two only without its header.
fn is_crowded(len: usize) -> bool {
    let buffer_len = len.next_power_of_two();
    buffer_len >= CROWDED_LEN_MIN && buffer_len - len < MESSAGE_HEADER_LEN_MAX
}

/// The records of one message: their numbers, and how many bytes of plaintext each has.
#[derive(Debug, Clone)]
pub struct Cuts {
    number: u64,
    left: usize,
    is_crowded: bool,
}

impl Cuts {
    /// How many are left.
    fn records(&self) -> usize {
        self.left.div_ceil(FULL_PLAIN) + usize::from(self.is_crowded)
    }

    /// Bytes of all that are left, with their lengths and tags.
    pub fn sealed_len(&self) -> usize {
        self.left + self.records() * OVERHEAD
    }
}

impl Iterator for Cuts {
    type Item = (u64, usize);

    fn next(&mut self) -> Option<(u64, usize)> {
        if self.left == 0 {
            return None;
        }
        let is_last = self.left <= FULL_PLAIN;
        let len = match is_last && std::mem::take(&mut self.is_crowded) {
            true => self.left.div_ceil(2),
            false => self.left.min(FULL_PLAIN),
        };
        let number = self.number;
        self.left -= len;
        self.number += 1;
        Some((number, len))
    }
}

/// What stands before a record of so much plaintext.
///
/// # Panics
/// If it is longer than [`RECORD_PLAIN_MAX`].
pub fn header(plain: usize) -> [u8; HEADER_LEN] {
    assert!(plain <= RECORD_PLAIN_MAX, "no record carries {plain} bytes");
    u16::try_from(plain + TAG_LEN).expect("a full record is shorter than 64 KiB").to_be_bytes()
}

/// Finds records, however they are cut. Holds at most one that is not whole.
#[derive(Default)]
pub struct Finder {
    pub(super) records: u64,
    /// The beginning of a record, with its length.
    partial: Vec<u8>,
    /// Why nothing more is read.
    broken: Option<LinkError>,
}

impl Finder {
    /// Hands over each record that is whole with this chunk, in order: its number, and the ciphertext with the tag behind it.
    ///
    /// # Errors
    /// [`LinkError::Malformed`], [`LinkError::Exhausted`], and what `each` says: the link is to be closed, and nothing more is
    /// read.
    pub fn find(
        &mut self,
        chunk: &[u8],
        each: impl FnMut(u64, &[u8]) -> Result<(), LinkError>,
    ) -> Result<(), LinkError> {
        if let Some(broken) = self.broken {
            return Err(broken);
        }
        self.read(chunk, each).inspect_err(|error| {
            self.broken = Some(*error);
            self.partial = Vec::new();
        })
    }

    /// Bytes that wait for the rest of their record.
    pub(super) fn held(&self) -> usize {
        self.partial.len()
    }

    /// Bytes of all that is there and not handed over yet, with this chunk: room for whatever it makes whole.
    pub(super) fn with(&self, chunk: &[u8]) -> usize {
        self.partial.len() + chunk.len()
    }

    fn read(
        &mut self,
        mut chunk: &[u8],
        mut each: impl FnMut(u64, &[u8]) -> Result<(), LinkError>,
    ) -> Result<(), LinkError> {
        if !self.partial.is_empty() {
            self.fill(HEADER_LEN, &mut chunk);
            let Some(len) = record_len(&self.partial)? else { return Ok(()) };
            self.fill(len, &mut chunk);
            if self.partial.len() < len {
                return Ok(());
            }
            each(self.number()?, &self.partial[HEADER_LEN..])?;
            self.partial.clear();
        }
        while let Some(len) = record_len(chunk)?.filter(|len| *len <= chunk.len()) {
            each(self.number()?, &chunk[HEADER_LEN..len])?;
            chunk.advance(len);
        }
        self.partial.extend_from_slice(chunk);
        Ok(())
    }

    fn number(&mut self) -> Result<u64, LinkError> {
        if self.records >= RECORDS_MAX {
            return Err(LinkError::Exhausted);
        }
        self.records += 1;
        Ok(self.records - 1)
    }

    fn fill(&mut self, len: usize, chunk: &mut &[u8]) {
        let taken = chunk.len().min(len.saturating_sub(self.partial.len()));
        self.partial.extend_from_slice(&chunk[..taken]);
        chunk.advance(taken);
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

/// Without what it holds.
impl std::fmt::Debug for Finder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Finder({} records, {} bytes of the next)", self.records, self.partial.len())
    }
}
