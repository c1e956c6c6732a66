//! An info dictionary on its way in: parts in order, one dictionary at a time, gone with the connection.

use wire_protocol::control::{INFO_LEN_MAX, INFO_PART_LEN_MAX};
use wire_protocol::ids::FileId;

/// An info dictionary on its way in.
#[derive(Debug, Default)]
pub struct InfoParts {
    file: Option<FileId>,
    bytes: Vec<u8>,
}

/// A part that does not follow the one before, or is too long. The publish that follows is refused,
/// which tells the member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Misfit;

impl InfoParts {
    /// Takes the next part. One from offset 0 begins anew.
    ///
    /// # Errors
    /// [`Misfit`]: what came before is dropped too.
    pub fn add(&mut self, file: FileId, offset: u32, part: &[u8]) -> Result<(), Misfit> {
        if offset == 0 {
            self.file = Some(file);
            self.bytes = Vec::new();
        }
        let follows = self.file == Some(file) && self.bytes.len() == offset as usize;
        if !follows || part.len() > INFO_PART_LEN_MAX || self.bytes.len() + part.len() > INFO_LEN_MAX {
            *self = Self::default();
            return Err(Misfit);
        }
        self.bytes.extend_from_slice(part);
        Ok(())
    }

    /// Hands out what came for this file.
    pub fn take(&mut self, file: FileId) -> Option<Vec<u8>> {
        if self.file != Some(file) {
            return None;
        }
        self.file = None;
        Some(std::mem::take(&mut self.bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: FileId = FileId([1; 16]);
    const OTHER: FileId = FileId([2; 16]);

    #[test]
    fn parts_are_taken_in_order_only() {
        let mut parts = InfoParts::default();
        parts.add(FILE, 0, b"abc").unwrap();
        parts.add(FILE, 3, b"de").unwrap();
        assert_eq!(parts.take(OTHER), None);
        assert_eq!(parts.take(FILE).unwrap(), b"abcde");
        assert_eq!(parts.take(FILE), None);
        parts.add(FILE, 0, b"abc").unwrap();
        assert_eq!(parts.add(FILE, 4, b"e"), Err(Misfit));
        assert_eq!(parts.take(FILE), None);
        parts.add(FILE, 0, b"abc").unwrap();
        assert_eq!(parts.add(OTHER, 3, b"de"), Err(Misfit));
    }

    #[test]
    fn a_dictionary_is_bounded() {
        let mut parts = InfoParts::default();
        let part = [0; INFO_PART_LEN_MAX];
        for i in 0..INFO_LEN_MAX / INFO_PART_LEN_MAX {
            parts.add(FILE, (i * INFO_PART_LEN_MAX) as u32, &part).unwrap();
        }
        assert_eq!(parts.add(FILE, INFO_LEN_MAX as u32, b"x"), Err(Misfit));
        assert_eq!(parts.add(FILE, 0, &[0; INFO_PART_LEN_MAX + 1]), Err(Misfit));
    }
}
