//! The `.torrent` file around an info dictionary.

use bendy::decoding::{Decoder, Object};
use bytes::Bytes;

use crate::bencode::DEPTH_MAX;
use crate::error::InfoError;
use crate::info::Info;

/// The longest `.torrent` file that is read, bytes.
pub const METAINFO_LEN_MAX: usize = 5 * 1024 * 1024;
/// The longest tracker address that is read, bytes.
const ANNOUNCE_LEN_MAX: usize = 2048;

/// A torrent file: the info dictionary, and where to announce.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metainfo {
    /// What the info-hash is of.
    pub info: Info,
    /// The tracker's address. Not part of the info-hash.
    pub announce: Option<String>,
}

impl Metainfo {
    /// Reads a `.torrent` file. The info dictionary's bytes are taken as they stand. What follows the
    /// outer dictionary is ignored (some programs end the file with a newline).
    ///
    /// # Errors
    /// [`InfoError`]: the torrent's maker's fault.
    pub fn parse(file: &[u8]) -> Result<Self, InfoError> {
        if file.len() > METAINFO_LEN_MAX {
            return Err(InfoError::TooLong(file.len()));
        }
        let mut decoder = Decoder::new(file).with_max_depth(DEPTH_MAX);
        let Some(Object::Dict(mut dict)) = decoder.next_object()? else {
            return Err(InfoError::Missing("info"));
        };
        let (mut announce, mut raw) = (None, None);
        while let Some((key, value)) = dict.next_pair()? {
            match (key, value) {
                (b"announce", Object::Bytes(url)) => announce = read_announce(url),
                (b"info", Object::Dict(info)) => raw = Some(info.into_raw()?),
                (b"info", _) => return Err(InfoError::WrongType("info")),
                _ => {}
            }
        }
        let raw = raw.ok_or(InfoError::Missing("info"))?;
        Ok(Self { info: Info::parse(Bytes::copy_from_slice(raw))?, announce })
    }

    /// The `.torrent` file. The info dictionary's bytes stand in it unchanged.
    pub fn encode(&self) -> Vec<u8> {
        let raw = self.info.raw();
        let mut file = Vec::with_capacity(raw.len() + ANNOUNCE_LEN_MAX);
        file.push(b'd');
        if let Some(announce) = &self.announce {
            file.extend_from_slice(format!("8:announce{}:{announce}", announce.len()).as_bytes());
        }
        file.extend_from_slice(b"4:info");
        file.extend_from_slice(raw);
        file.push(b'e');
        file
    }
}

fn read_announce(url: &[u8]) -> Option<String> {
    let url = std::str::from_utf8(url).ok()?;
    (url.len() <= ANNOUNCE_LEN_MAX && !url.is_empty() && !url.chars().any(char::is_control)).then(|| url.to_owned())
}
