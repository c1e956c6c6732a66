//! Making a torrent out of a file, or of a folder of them.

use bendy::encoding::{Encoder, SortedDictEncoder};
use peer_wire::text::file_name;

use crate::error::InfoError;
use crate::files::{FILES_MAX, PATH_DEPTH_MAX};
use crate::info::{DIGEST_LEN, INFO_LEN_READ_MAX, Info};
use crate::layout::{Layout, choose_piece_len};

/// The longest info dictionary that is made of one file, bytes: as long as a group takes (wire-protocol's
/// `INFO_LEN_MAX`; native-peer tests that the two are the same).
pub const INFO_LEN_MADE_MAX: usize = 2 * 1024 * 1024;
/// Room for everything in the info dictionary but the digests and the files, bytes.
const REST_LEN_MAX: usize = 1024;

/// A file of a folder that is made a torrent of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFile {
    /// Its path below the folder, each part the name that it has on disk.
    pub path: Vec<String>,
    /// Bytes; may be 0.
    pub len: u64,
}

/// An info dictionary of version 1 whose pieces are being hashed, in any order.
///
/// Unless [`InfoBuilder::private`] says otherwise the torrent is private (BEP 27): ordinary clients then ask nobody but
/// the torrent's own tracker for peers, so what a group shares stays in the group.
#[derive(Debug, Clone)]
pub struct InfoBuilder {
    name: String,
    /// `None`: a single file.
    files: Option<Vec<NewFile>>,
    layout: Layout,
    digests: Vec<u8>,
    is_set: Vec<bool>,
    is_private: bool,
}

impl InfoBuilder {
    /// For a file of `total_len` bytes. `name` is made safe (see [`file_name`]); `piece_len` in bytes is
    /// chosen by the file's length if it is `None`.
    ///
    /// # Errors
    /// [`InfoError::Layout`]: an empty file, or a piece length that no torrent has;
    /// [`InfoError::TooManyPieces`]: more than an info dictionary of [`INFO_LEN_MADE_MAX`] bytes has room for.
    pub fn new(name: &str, total_len: u64, piece_len: Option<u32>) -> Result<Self, InfoError> {
        Self::with_room(file_name(name), None, total_len, piece_len, INFO_LEN_MADE_MAX - REST_LEN_MAX)
    }

    /// For a folder. Its files lie in the bytewise order of their full paths, without padding; empty ones are kept.
    /// Names stand in the torrent as they are on disk, so that every client finds the files again.
    ///
    /// # Errors
    /// As for [`InfoBuilder::new`], but with room for 4 MiB; [`InfoError::BadPath`], [`InfoError::PathTooDeep`],
    /// [`InfoError::TooManyFiles`]: more than 65,536, or than there is room for beside the pieces.
    pub fn folder(name: &str, mut files: Vec<NewFile>, piece_len: Option<u32>) -> Result<Self, InfoError> {
        if !is_name(name) {
            return Err(InfoError::BadPath(name.to_owned()));
        }
        if files.len() > FILES_MAX {
            return Err(InfoError::TooManyFiles);
        }
        files.iter().try_for_each(check_path)?;
        files.sort_by_cached_key(|file| file.path.join("/"));
        if let Some(twins) = files.windows(2).find(|pair| pair[0].path == pair[1].path) {
            return Err(InfoError::BadPath(twins[0].path.join("/")));
        }
        let total_len = files.iter().try_fold(0_u64, |sum, file| sum.checked_add(file.len));
        let total_len = total_len.ok_or(InfoError::WrongType("length"))?;
        let room = (INFO_LEN_READ_MAX - REST_LEN_MAX).checked_sub(files.iter().map(encoded_len_max).sum());
        Self::with_room(name.to_owned(), Some(files), total_len, piece_len, room.ok_or(InfoError::TooManyFiles)?)
    }

    fn with_room(
        name: String,
        files: Option<Vec<NewFile>>,
        total_len: u64,
        piece_len: Option<u32>,
        room: usize,
    ) -> Result<Self, InfoError> {
        let piece_len = piece_len.unwrap_or_else(|| choose_piece_len(total_len));
        let layout = Layout::new(total_len, u64::from(piece_len))?;
        let pieces = layout.pieces() as usize;
        if pieces * DIGEST_LEN > room {
            return Err(InfoError::TooManyPieces(layout.pieces()));
        }
        let (digests, is_set) = (vec![0; pieces * DIGEST_LEN], vec![false; pieces]);
        Ok(Self { name, files, layout, digests, is_set, is_private: true })
    }

    /// Whether the torrent is private (BEP 27).
    #[must_use]
    pub fn private(mut self, is_private: bool) -> Self {
        self.is_private = is_private;
        self
    }

    /// What it is to be called: a bare file name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How the bytes are to be cut.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// A folder's files in the order of their bytes; empty for a single file.
    pub fn files(&self) -> &[NewFile] {
        self.files.as_deref().unwrap_or_default()
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
        let mut encoder = Encoder::new().with_max_depth(ENCODED_DEPTH);
        encoder.emit_dict(|dict| self.emit(dict)).expect("sorted keys, strings and integers always encode");
        let raw = encoder.get_output().expect("the dictionary is closed");
        Info::parse(raw.into())
    }

    fn emit(&self, mut dict: SortedDictEncoder<'_>) -> Result<(), bendy::encoding::Error> {
        match &self.files {
            None => dict.emit_pair(b"length", self.layout.total_len())?,
            Some(files) => dict.emit_pair_with(b"files", |list| {
                list.emit_list(|list| files.iter().try_for_each(|file| list.emit_dict(|dict| emit_file(file, dict))))
            })?,
        }
        dict.emit_pair(b"name", self.name.as_str())?;
        dict.emit_pair(b"piece length", self.layout.nominal_piece_len())?;
        dict.emit_pair_with(b"pieces", |pieces| pieces.emit_bytes(&self.digests))?;
        if self.is_private {
            dict.emit_pair(b"private", 1u8)?;
        }
        Ok(())
    }
}

/// Info, files, file, path.
const ENCODED_DEPTH: usize = 8;

fn emit_file(file: &NewFile, mut dict: SortedDictEncoder<'_>) -> Result<(), bendy::encoding::Error> {
    dict.emit_pair(b"length", file.len)?;
    dict.emit_pair(b"path", &file.path)
}

/// `d6:lengthi…e4:pathl…ee`, and a number before each name.
fn encoded_len_max(file: &NewFile) -> usize {
    const FRAME: usize = 48;
    const NUMBER: usize = 8;
    FRAME + file.path.iter().map(|part| part.len() + NUMBER).sum::<usize>()
}

fn check_path(file: &NewFile) -> Result<(), InfoError> {
    match file.path.len() {
        0 => Err(InfoError::Missing("path")),
        1..=PATH_DEPTH_MAX if file.path.iter().all(|part| is_name(part)) => Ok(()),
        1..=PATH_DEPTH_MAX => Err(InfoError::BadPath(file.path.join("/"))),
        _ => Err(InfoError::PathTooDeep),
    }
}

fn is_name(part: &str) -> bool {
    !part.is_empty() && part != "." && part != ".." && !part.contains(['/', '\0'])
}
