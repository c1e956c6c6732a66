//! Messages 2 and 3: `u16 length, big endian | Noise message`.

use bytes::{Buf, Bytes};

use crate::error::LinkError;
use crate::greeting;

const HEADER_LEN: usize = 2;

/// Collects one message.
#[derive(Debug)]
pub(crate) struct Frame {
    bytes: Vec<u8>,
    len_min: usize,
    len_max: usize,
}

impl Frame {
    /// The bounds are those of the message, without its length.
    pub(crate) fn new(len_min: usize, len_max: usize) -> Self {
        Self { bytes: Vec::new(), len_min, len_max }
    }

    /// Takes what belongs to the message from the input; gives it when it is whole.
    pub(crate) fn read(&mut self, input: &mut Bytes) -> Result<Option<&[u8]>, LinkError> {
        self.fill(HEADER_LEN, input);
        let Some(header) = self.bytes.first_chunk::<HEADER_LEN>() else {
            return Ok(None);
        };
        let len = usize::from(u16::from_be_bytes(*header));
        if !(self.len_min..=self.len_max).contains(&len) {
            return Err(if greeting::is_plain(header[0]) { LinkError::Downgrade } else { LinkError::Malformed });
        }
        self.fill(HEADER_LEN + len, input);
        Ok((self.bytes.len() == HEADER_LEN + len).then_some(&self.bytes[HEADER_LEN..]))
    }

    fn fill(&mut self, len: usize, input: &mut Bytes) {
        let taken = input.len().min(len.saturating_sub(self.bytes.len()));
        self.bytes.extend_from_slice(&input[..taken]);
        input.advance(taken);
    }
}

pub(crate) fn write(message: &[u8]) -> Vec<u8> {
    let len = u16::try_from(message.len()).expect("handshake messages are shorter than 1 KiB");
    [&len.to_be_bytes(), message].concat()
}
