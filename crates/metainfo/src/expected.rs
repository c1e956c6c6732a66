//! A torrent that is known before its info dictionary is.

use bytes::Bytes;
use peer_wire::InfoHash;
use peer_wire::text::file_name;

use crate::error::InfoError;
use crate::info::Info;

/// What was said of a torrent by whoever promised it. An info dictionary that says otherwise is refused: people
/// agreed to a file of this name and size, and to no other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expected<'a> {
    /// SHA-1 of the info dictionary.
    pub info_hash: InfoHash,
    /// The file's name; compared after [`file_name`].
    pub name: &'a str,
    /// Bytes of all files.
    pub total_len: u64,
    /// Number of pieces.
    pub pieces: u32,
}

impl Expected<'_> {
    /// Reads the info dictionary, and compares.
    ///
    /// # Errors
    /// [`InfoError::Differs`], and those of [`Info::parse`].
    pub fn parse(&self, raw: Bytes) -> Result<Info, InfoError> {
        let info = Info::parse(raw)?;
        let (name, layout) = (file_name(self.name), info.layout());
        let checks = [
            ("info-hash", info.info_hash() == self.info_hash),
            ("name", info.name() == name),
            ("length", layout.total_len() == self.total_len),
            ("number of pieces", layout.pieces() == self.pieces),
        ];
        match checks.iter().find(|(_, is_equal)| !is_equal) {
            Some((what, _)) => Err(InfoError::Differs(what)),
            None => Ok(info),
        }
    }
}
