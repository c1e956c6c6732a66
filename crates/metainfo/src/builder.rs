//! Making a torrent out of one file.

use bendy::encoding::{Encoder, SortedDictEncoder};
use peer_wire::text::file_name;

use crate::error::InfoError;
use crate::info::{DIGEST_LEN, Info};
use crate::layout::{Layout, choose_piece_len};

/// The longest info dictionary that is made, bytes: as long as a group takes (wire-protocol's `INFO_LEN_MAX`;
/// native-peer tests that the two are the same).
pub const INFO_LEN_MADE_MAX: usize = 2 * 1024 * 1024;
/// Room for everything in the info dictionary but the digests, bytes.
const REST_LEN_MAX: usize = 1024;

/// An info dictionary whose pieces are being hashed, in any order.
///
/// The torrent is private (BEP 27): ordinary clients then ask nobody but the torrent's own tracker for
/// peers, so what a group shares stays in the group.
#[derive(Debug, Clone)]
pub struct InfoBuilder {
    name: String,
    layout: Layout,
    digests: Vec<u8>,
    is_set: Vec<bool>,
}

impl InfoBuilder {
    /// For a file of `total_len` bytes. `name` is made safe (see [`file_name`]); `piece_len` in bytes is
    /// chosen by the file's length if it is `None`.
    ///
    /// # Errors
    /// [`InfoError::Layout`]: an empty file, or a piece length that no torrent has;
    /// [`InfoError::TooManyPieces`]: more than an info dictionary of [`INFO_LEN_MADE_MAX`] bytes has room for.
    pub fn new(name: &str, total_len: u64, piece_len: Option<u32>) -> Result<Self, InfoError> {
        let piece_len = piece_len.unwrap_or_else(|| choose_piece_len(total_len));
        let layout = Layout::new(total_len, u64::from(piece_len))?;
        let pieces = layout.pieces() as usize;
        if pieces * DIGEST_LEN > INFO_LEN_MADE_MAX - REST_LEN_MAX {
            return Err(InfoError::TooManyPieces(layout.pieces()));
        }
        Ok(Self { name: file_name(name), layout, digests: vec![0; pieces * DIGEST_LEN], is_set: vec![false; pieces] })
    }

    /// How the file is to be cut.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Notes the SHA-1 of a piece.
    ///
    /// # Panics
    /// If there is no such piece.
    pub fn set_digest(&mut self, piece: u32, digest: [u8; DIGEST_LEN]) {
        let at = piece as usize * DIGEST_LEN;
        self.digests[at..at + DIGEST_LEN].copy_from_slice(&digest);
        self.is_set[piece as usize] = true;
    }

    /// Encodes the info dictionary, once every piece has its digest.
    ///
    /// # Errors
    /// [`InfoError::DigestMissing`].
    pub fn finish(self) -> Result<Info, InfoError> {
        if let Some(piece) = self.is_set.iter().position(|is_set| !is_set) {
            return Err(InfoError::DigestMissing(piece as u32));
        }
        let mut encoder = Encoder::new();
        encoder.emit_dict(|dict| self.emit(dict)).expect("sorted keys, strings and integers always encode");
        let raw = encoder.get_output().expect("the dictionary is closed");
        Info::parse(raw.into())
    }

    fn emit(&self, mut dict: SortedDictEncoder<'_>) -> Result<(), bendy::encoding::Error> {
        dict.emit_pair(b"length", self.layout.total_len())?;
        dict.emit_pair(b"name", self.name.as_str())?;
        dict.emit_pair(b"piece length", self.layout.nominal_piece_len())?;
        dict.emit_pair_with(b"pieces", |pieces| pieces.emit_bytes(&self.digests))?;
        dict.emit_pair(b"private", 1u8)
    }
}
