//! The `.torrent` file around an info dictionary.

use bendy::decoding::{Decoder, DictDecoder, Object};
use bendy::encoding::{Encoder, Error, SingleItemEncoder};
use bytes::Bytes;

use crate::bencode::DEPTH_MAX;
use crate::error::InfoError;
use crate::info::Info;
use crate::magnet::Magnet;
use crate::urls::{Urls, is_tracker_url, read_tiers, read_web_seeds};

/// The longest `.torrent` file that is read, bytes.
pub const METAINFO_LEN_MAX: usize = 5 * 1024 * 1024;
/// The longest comment, and the longest name of a program, bytes. What is longer is cut.
pub const COMMENT_LEN_MAX: usize = 4096;

/// A torrent file: the info dictionary, where to find peers and data, and what its maker said. Only the info
/// dictionary is part of the info-hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metainfo {
    /// What the info-hash is of.
    pub info: Info,
    /// Trackers in tiers (BEP 12): those of the first tier are asked first. At most [`crate::URLS_MAX`] in all,
    /// `http`, `https` or `udp`; no tier is empty. A lone `announce` is the only tier.
    pub trackers: Vec<Vec<String>>,
    /// Web seeds (BEP 19), at most [`crate::URLS_MAX`], `http` or `https`.
    pub web_seeds: Vec<String>,
    /// What its maker said, at most [`COMMENT_LEN_MAX`] bytes.
    pub comment: Option<String>,
    /// The program that made it, at most [`COMMENT_LEN_MAX`] bytes.
    pub created_by: Option<String>,
    /// When it was made, Unix seconds.
    pub created_at_s: Option<u64>,
}

/// A torrent file that says nothing else.
impl From<Info> for Metainfo {
    fn from(info: Info) -> Self {
        Self { info, trackers: Vec::new(), web_seeds: Vec::new(), comment: None, created_by: None, created_at_s: None }
    }
}

impl Metainfo {
    /// Reads a `.torrent` file. The info dictionary's bytes are taken as they stand. What follows the
    /// outer dictionary is ignored (some programs end the file with a newline), and so is what stands beside the
    /// info dictionary and is not of the kind that it should be.
    ///
    /// # Errors
    /// [`InfoError`]: the torrent's maker's fault.
    pub fn parse(file: &[u8]) -> Result<Self, InfoError> {
        if file.len() > METAINFO_LEN_MAX {
            return Err(InfoError::TooLong(file.len()));
        }
        let mut decoder = Decoder::new(file).with_max_depth(DEPTH_MAX);
        let Some(Object::Dict(dict)) = decoder.next_object()? else {
            return Err(InfoError::Missing("info"));
        };
        Fields::read(dict)?.check()
    }

    /// The `.torrent` file, its keys in canonical order. The info dictionary's bytes stand in it unchanged.
    pub fn encode(&self) -> Vec<u8> {
        let mut keys: Vec<(&str, Vec<u8>)> = Vec::new();
        let urls: Vec<&String> = self.trackers.iter().flatten().collect();
        if let Some(first) = urls.first() {
            keys.push(("announce", bencoded(|item| item.emit_str(first))));
        }
        if urls.len() > 1 {
            keys.push(("announce-list", bencoded(|item| item.emit(&self.trackers))));
        }
        if let Some(comment) = &self.comment {
            keys.push(("comment", bencoded(|item| item.emit_str(comment))));
        }
        if let Some(created_by) = &self.created_by {
            keys.push(("created by", bencoded(|item| item.emit_str(created_by))));
        }
        if let Some(created_at_s) = self.created_at_s {
            keys.push(("creation date", bencoded(|item| item.emit_int(created_at_s))));
        }
        keys.push(("info", self.info.raw().to_vec()));
        match &self.web_seeds[..] {
            [] => {}
            [only] => keys.push(("url-list", bencoded(|item| item.emit_str(only)))),
            _ => keys.push(("url-list", bencoded(|item| item.emit(&self.web_seeds)))),
        }
        let body = keys.into_iter().flat_map(|(key, value)| [format!("{}:{key}", key.len()).into_bytes(), value]);
        [vec![b'd'], body.collect::<Vec<_>>().concat(), vec![b'e']].concat()
    }

    /// The link that leads to this torrent (BEP 9), with its trackers and web seeds.
    pub fn magnet(&self) -> Magnet {
        Magnet {
            name: Some(self.info.name().to_owned()),
            trackers: self.trackers.concat(),
            web_seeds: self.web_seeds.clone(),
            ..Magnet::from(self.info.info_hash())
        }
    }
}

fn bencoded(emit: impl FnOnce(SingleItemEncoder<'_>) -> Result<(), Error>) -> Vec<u8> {
    let mut encoder = Encoder::new();
    encoder.emit_with(emit).expect("strings, numbers and lists of them always encode");
    encoder.get_output().expect("the value is whole")
}

/// The keys that are read.
#[derive(Default)]
struct Fields<'a> {
    info: Option<&'a [u8]>,
    announce: Option<&'a [u8]>,
    tiers: Vec<Vec<String>>,
    web_seeds: Vec<String>,
    comment: Option<String>,
    created_by: Option<String>,
    created_at_s: Option<u64>,
}

impl<'a> Fields<'a> {
    fn read(mut dict: DictDecoder<'_, 'a>) -> Result<Self, InfoError> {
        let mut fields = Self::default();
        while let Some((key, value)) = dict.next_pair()? {
            match (key, value) {
                (b"announce", Object::Bytes(url)) => fields.announce = Some(url),
                (b"announce-list", Object::List(tiers)) => fields.tiers = read_tiers(tiers)?,
                (b"comment", Object::Bytes(text)) => fields.comment = read_text(text),
                (b"created by", Object::Bytes(text)) => fields.created_by = read_text(text),
                (b"creation date", Object::Integer(number)) => fields.created_at_s = number.parse().ok(),
                (b"info", Object::Dict(info)) => fields.info = Some(info.into_raw()?),
                (b"info", _) => return Err(InfoError::WrongType("info")),
                (b"url-list", value) => fields.web_seeds = read_web_seeds(value)?,
                _ => {}
            }
        }
        Ok(fields)
    }

    fn check(self) -> Result<Metainfo, InfoError> {
        let raw = self.info.ok_or(InfoError::Missing("info"))?;
        let mut trackers = self.tiers;
        // BEP 12: `announce` counts only where there is no list.
        if let (true, Some(url)) = (trackers.is_empty(), self.announce) {
            let mut urls = Urls::default();
            if urls.keep(url, is_tracker_url) {
                trackers.push(urls.into_vec());
            }
        }
        Ok(Metainfo {
            trackers,
            web_seeds: self.web_seeds,
            comment: self.comment,
            created_by: self.created_by,
            created_at_s: self.created_at_s,
            ..Metainfo::from(Info::parse(Bytes::copy_from_slice(raw))?)
        })
    }
}

/// Text of at most [`COMMENT_LEN_MAX`] bytes; `None`: nothing is said.
fn read_text(text: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(&text[..text.len().min(COMMENT_LEN_MAX)]);
    let end = text.floor_char_boundary(COMMENT_LEN_MAX);
    Some(text[..end].to_owned()).filter(|text| !text.is_empty())
}
