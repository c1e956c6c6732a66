//! What was received and not used yet.

use bytes::{Buf, BytesMut};

use crate::PADDING_MAX;
use crate::error::MseError;

#[derive(Debug, Default)]
pub(crate) struct Inbox(BytesMut);

impl Inbox {
    pub fn push(&mut self, input: &[u8]) {
        self.0.extend_from_slice(input);
    }

    /// So many bytes, once they are there.
    pub fn take(&mut self, len: usize) -> Option<BytesMut> {
        (self.0.len() >= len).then(|| self.0.split_to(len))
    }

    /// The same, of a length that is known.
    pub fn take_array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let array = self.0.first_chunk().copied()?;
        self.0.advance(N);
        Some(array)
    }

    /// Drops padding and what is behind it. `false`: it may still come.
    ///
    /// # Errors
    /// [`MseError::NotFound`]: the padding is longer than any.
    pub fn skip_through(&mut self, what: &[u8]) -> Result<bool, MseError> {
        let searched = self.0.len().min(PADDING_MAX + what.len());
        let found = self.0[..searched].windows(what.len()).position(|window| window == what);
        match found {
            Some(at) => self.0.advance(at + what.len()),
            None if searched == PADDING_MAX + what.len() => return Err(MseError::NotFound),
            None => {}
        }
        Ok(found.is_some())
    }

    /// All that is left.
    pub fn into_rest(self) -> BytesMut {
        self.0
    }
}
