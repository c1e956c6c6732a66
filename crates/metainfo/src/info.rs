//! The info dictionary: what a torrent is.

use bendy::decoding::{Decoder, DictDecoder, Object};
use bytes::Bytes;
use peer_wire::InfoHash;
use peer_wire::text::file_name;
use sha1::{Digest, Sha1};

use crate::bencode::{DEPTH_MAX, bytes, integer};
use crate::error::InfoError;
use crate::files::{FileEntry, place_below, read_files, read_raw_paths};
use crate::layout::Layout;

/// The longest info dictionary that is read, bytes: about 200 000 pieces.
pub const INFO_LEN_READ_MAX: usize = 4 * 1024 * 1024;
/// SHA-1 of a piece, bytes.
pub(crate) const DIGEST_LEN: usize = 20;

/// A torrent's info dictionary, validated, with the bytes that it was read from.
#[derive(Clone, PartialEq, Eq)]
pub struct Info {
    raw: Bytes,
    info_hash: InfoHash,
    name: String,
    layout: Layout,
    /// A part of `raw`.
    digests: Bytes,
    is_private: bool,
    is_hybrid: bool,
    files: Vec<FileEntry>,
}

impl Info {
    /// `raw` is the info dictionary and nothing else. It is kept; the info-hash is its SHA-1.
    ///
    /// # Errors
    /// [`InfoError`]: the torrent's maker's fault.
    pub fn parse(raw: Bytes) -> Result<Self, InfoError> {
        if raw.len() > INFO_LEN_READ_MAX {
            return Err(InfoError::TooLong(raw.len()));
        }
        let mut decoder = Decoder::new(&raw).with_max_depth(DEPTH_MAX);
        let Some(Object::Dict(dict)) = decoder.next_object()? else {
            return Err(InfoError::WrongType("info"));
        };
        let fields = Fields::read(dict)?;
        if !matches!(decoder.next_object(), Ok(None)) {
            return Err(InfoError::TrailingBytes);
        }
        fields.check(&raw)
    }

    /// SHA-1 of [`Info::raw`]: names the torrent and its swarm.
    pub fn info_hash(&self) -> InfoHash {
        self.info_hash
    }

    /// The file's or the folder's name: one safe path component, see [`file_name`].
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How the bytes are cut.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// SHA-1 that this piece must have.
    ///
    /// # Panics
    /// If there is no such piece.
    pub fn digest(&self, piece: u32) -> [u8; DIGEST_LEN] {
        let at = piece as usize * DIGEST_LEN;
        let digest = self.digests[at..].first_chunk();
        *digest.expect("20 bytes for each piece, checked when parsed")
    }

    /// The bytes that the info-hash is of.
    pub fn raw(&self) -> &Bytes {
        &self.raw
    }

    /// BEP 27: peers come from the torrent's own tracker only.
    pub fn is_private(&self) -> bool {
        self.is_private
    }

    /// BEP 52: it has a version 2 half, too, which is not read. Its files lie between pad files.
    pub fn is_hybrid(&self) -> bool {
        self.is_hybrid
    }

    /// The files in the order of their bytes; one entry if the torrent is a single file.
    pub fn files(&self) -> &[FileEntry] {
        &self.files
    }

    /// What the files are called where the torrent was made: of each of [`Info::files`] the torrent's name, and of a
    /// folder the parts of its path behind it. For asking others for them: they are safe for no disk and no screen.
    pub fn raw_paths(&self) -> Vec<Vec<Bytes>> {
        let paths = raw_paths(&self.raw).expect("the same bytes were read before");
        paths.iter().map(|path| path.iter().map(|part| self.raw.slice_ref(part)).collect()).collect()
    }
}

fn raw_paths(raw: &[u8]) -> Result<Vec<Vec<&[u8]>>, InfoError> {
    let mut decoder = Decoder::new(raw).with_max_depth(DEPTH_MAX);
    let Some(Object::Dict(mut dict)) = decoder.next_object()? else {
        return Err(InfoError::WrongType("info"));
    };
    let (mut name, mut utf8_name, mut files) = (None, None, None);
    while let Some((key, value)) = dict.next_pair()? {
        match (key, value) {
            (b"name", Object::Bytes(text)) => name = Some(text),
            (b"name.utf-8", Object::Bytes(text)) => utf8_name = Some(text),
            (b"files", Object::List(list)) => files = Some(read_raw_paths(list)?),
            _ => {}
        }
    }
    let name = utf8_name.or(name).ok_or(InfoError::Missing("name"))?;
    let mut paths = files.unwrap_or_else(|| vec![Vec::new()]);
    paths.iter_mut().for_each(|path| path.insert(0, name));
    Ok(paths)
}

/// Without the digests.
impl std::fmt::Debug for Info {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Info")
            .field("info_hash", &self.info_hash)
            .field("name", &self.name)
            .field("layout", &self.layout)
            .field("is_private", &self.is_private)
            .field("files", &self.files.len())
            .finish()
    }
}

/// The keys of an info dictionary that are read, before they are checked against each other.
#[derive(Default)]
struct Fields<'a> {
    name: Option<&'a [u8]>,
    utf8_name: Option<&'a [u8]>,
    piece_len: Option<u64>,
    pieces: Option<&'a [u8]>,
    len: Option<u64>,
    files: Option<Vec<FileEntry>>,
    is_private: bool,
    meta_version: Option<u64>,
}

impl<'a> Fields<'a> {
    fn read(mut dict: DictDecoder<'_, 'a>) -> Result<Self, InfoError> {
        let mut fields = Self::default();
        while let Some((key, value)) = dict.next_pair()? {
            match (key, value) {
                (b"name", value) => fields.name = Some(bytes("name", value)?),
                (b"name.utf-8", Object::Bytes(name)) => fields.utf8_name = Some(name),
                (b"piece length", value) => fields.piece_len = Some(integer("piece length", value)?),
                (b"pieces", value) => fields.pieces = Some(bytes("pieces", value)?),
                (b"length", value) => fields.len = Some(integer("length", value)?),
                (b"files", Object::List(list)) => fields.files = Some(read_files(list)?),
                (b"files", _) => return Err(InfoError::WrongType("files")),
                (b"private", Object::Integer(number)) => fields.is_private = number == "1",
                (b"meta version", Object::Integer(number)) => fields.meta_version = number.parse().ok(),
                _ => {}
            }
        }
        Ok(fields)
    }

    fn check(self, raw: &Bytes) -> Result<Info, InfoError> {
        let name = self.utf8_name.or(self.name).ok_or(InfoError::Missing("name"))?;
        let name = file_name(&String::from_utf8_lossy(name));
        let only_v2 = self.pieces.is_none() && self.meta_version == Some(2);
        let pieces = self.pieces.ok_or(if only_v2 { InfoError::OnlyV2 } else { InfoError::Missing("pieces") })?;
        let piece_len = self.piece_len.ok_or(InfoError::Missing("piece length"))?;
        let files = match (self.len, self.files) {
            (Some(_), Some(_)) => return Err(InfoError::WrongType("files")),
            (Some(len), None) => vec![FileEntry { path: vec![name.clone()], offset: 0, len, is_padding: false }],
            (None, Some(mut files)) => {
                place_below(&name, &mut files);
                files
            }
            (None, None) => return Err(InfoError::Missing("length")),
        };
        let total_len = files.last().map_or(0, FileEntry::end);
        let layout = Layout::new(total_len, piece_len)?;
        let expected = u64::from(layout.pieces()) * DIGEST_LEN as u64;
        if pieces.len() as u64 != expected {
            return Err(InfoError::PiecesLen { expected, found: pieces.len() });
        }
        let info_hash = InfoHash(Sha1::digest(raw).into());
        let digests = raw.slice_ref(pieces);
        let (is_private, is_hybrid) = (self.is_private, self.meta_version == Some(2));
        Ok(Info { raw: raw.clone(), info_hash, name, layout, digests, is_private, is_hybrid, files })
    }
}
