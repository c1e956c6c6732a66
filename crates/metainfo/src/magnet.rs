//! Magnet links (BEP 9, with BEP 53's choice of files).

use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

use data_encoding::BASE32_NOPAD;
use peer_wire::InfoHash;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::peer_address::PeerAddress;
use crate::urls::{Urls, is_tracker_url, is_web_seed_url};

/// The longest link that is read, bytes.
pub const MAGNET_LEN_MAX: usize = 64 * 1024;
/// The longest name, bytes. What is longer is cut.
const NAME_LEN_MAX: usize = 1024;
/// The most peers.
const PEERS_MAX: usize = 100;
/// The most ranges of files.
const FILE_RANGES_MAX: usize = 1024;

const SCHEME: &str = "magnet:?";
const V1: &str = "urn:btih:";
const V2: &str = "urn:btmh:";
/// What stands for itself in a link: RFC 3986's unreserved characters.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Why a text is not a magnet link that can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MagnetError {
    /// It does not begin with `magnet:?`.
    #[error("a magnet link begins with magnet:?")]
    NotMagnet,
    /// Longer than [`MAGNET_LEN_MAX`].
    #[error("the magnet link is too long ({0} bytes)")]
    TooLong(usize),
    /// No `xt=urn:btih:…`.
    #[error("the magnet link names no torrent (xt=urn:btih:…)")]
    NoInfoHash,
    /// Neither 40 hexadecimal digits nor 32 of base 32.
    #[error("the magnet link's info-hash is damaged: copy the whole link again")]
    BadInfoHash,
    /// `urn:btmh` alone.
    #[error("the magnet link is of a version 2 torrent only: ask for a link with urn:btih: in it")]
    OnlyV2,
    /// `so` is not numbers and ranges.
    #[error("the magnet link's choice of files (so) is damaged: copy the whole link again")]
    BadFiles,
}

/// A magnet link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Magnet {
    /// `xt`: names the torrent.
    pub info_hash: InfoHash,
    /// `dn`: what it is called until the info dictionary says so. Not made safe.
    pub name: Option<String>,
    /// `tr`: trackers, each a tier of its own; at most [`crate::URLS_MAX`].
    pub trackers: Vec<String>,
    /// `ws`: web seeds, at most [`crate::URLS_MAX`].
    pub web_seeds: Vec<String>,
    /// `x.pe`: peers to begin with, at most 100.
    pub peers: Vec<PeerAddress>,
    /// `so` (BEP 53): which files are wanted, counted from 0 in the order of the info dictionary; at most 1,024
    /// ranges. Empty: all.
    pub files: Vec<RangeInclusive<u32>>,
}

/// A link with nothing else in it.
impl From<InfoHash> for Magnet {
    fn from(info_hash: InfoHash) -> Self {
        let (name, trackers, web_seeds, peers, files) = (None, Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { info_hash, name, trackers, web_seeds, peers, files }
    }
}

impl Magnet {
    /// Whether the link asks for this file, counted from 0.
    pub fn wants(&self, file: u32) -> bool {
        self.files.is_empty() || self.files.iter().any(|range| range.contains(&file))
    }
}

/// Whether a text means to be a magnet link, sound or not.
pub fn is_magnet(text: &str) -> bool {
    text.get(..SCHEME.len() - 1).is_some_and(|start| start.eq_ignore_ascii_case("magnet:"))
}

impl FromStr for Magnet {
    type Err = MagnetError;

    /// Unknown keys, and trackers, web seeds and peers that cannot be used, are passed over.
    fn from_str(text: &str) -> Result<Self, MagnetError> {
        let text = text.trim();
        if text.len() > MAGNET_LEN_MAX {
            return Err(MagnetError::TooLong(text.len()));
        }
        let query = text.get(SCHEME.len()..).filter(|_| is_magnet(text) && text.as_bytes()[SCHEME.len() - 1] == b'?');
        let mut fields = Fields::default();
        for pair in query.ok_or(MagnetError::NotMagnet)?.split('&') {
            if let Some((key, value)) = pair.split_once('=') {
                fields.read(key, value)?;
            }
        }
        fields.check()
    }
}

#[derive(Default)]
struct Fields {
    info_hash: Option<InfoHash>,
    has_v2: bool,
    name: Option<String>,
    trackers: Urls,
    web_seeds: Urls,
    peers: Vec<PeerAddress>,
    files: Vec<RangeInclusive<u32>>,
}

impl Fields {
    fn read(&mut self, key: &str, value: &str) -> Result<(), MagnetError> {
        match unnumbered(&key.to_ascii_lowercase()) {
            "xt" => self.read_topic(&decoded(value))?,
            "dn" => self.name = self.name.take().or_else(|| read_name(value)),
            "tr" => _ = self.trackers.keep(decoded(value).as_bytes(), is_tracker_url),
            "ws" => _ = self.web_seeds.keep(decoded(value).as_bytes(), is_web_seed_url),
            "so" => self.files = read_ranges(&decoded(value)).ok_or(MagnetError::BadFiles)?,
            "x.pe" => {
                let peer = decoded(value).parse().ok();
                self.peers.extend(peer.filter(|peer| self.peers.len() < PEERS_MAX && !self.peers.contains(peer)));
            }
            _ => {}
        }
        Ok(())
    }

    /// Of several the first v1 one counts: a hybrid torrent's link has both.
    fn read_topic(&mut self, topic: &str) -> Result<(), MagnetError> {
        if let Some(text) = without_prefix(topic, V1) {
            let info_hash = parse_info_hash(text).ok_or(MagnetError::BadInfoHash)?;
            self.info_hash.get_or_insert(info_hash);
        }
        self.has_v2 |= without_prefix(topic, V2).is_some();
        Ok(())
    }

    fn check(self) -> Result<Magnet, MagnetError> {
        let missing = if self.has_v2 { MagnetError::OnlyV2 } else { MagnetError::NoInfoHash };
        let info_hash = self.info_hash.ok_or(missing)?;
        let (trackers, web_seeds) = (self.trackers.into_vec(), self.web_seeds.into_vec());
        Ok(Magnet { info_hash, name: self.name, trackers, web_seeds, peers: self.peers, files: self.files })
    }
}

/// `tr` of `tr.1`: some programs number what there are several of.
fn unnumbered(key: &str) -> &str {
    match key.rsplit_once('.') {
        Some((name, number)) if !number.is_empty() && number.bytes().all(|c| c.is_ascii_digit()) => name,
        _ => key,
    }
}

fn without_prefix<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let start = text.get(..prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then(|| &text[prefix.len()..])
}

fn decoded(value: &str) -> String {
    percent_decode_str(value).decode_utf8_lossy().into_owned()
}

/// A `+` is a blank in names, as in forms; in addresses it is itself.
fn read_name(value: &str) -> Option<String> {
    let name = decoded(&value.replace('+', " "));
    let end = name.floor_char_boundary(NAME_LEN_MAX);
    Some(name[..end].to_owned()).filter(|name| !name.is_empty())
}

fn parse_info_hash(text: &str) -> Option<InfoHash> {
    if text.len() == 32 {
        let bytes = BASE32_NOPAD.decode(text.to_ascii_uppercase().as_bytes()).ok()?;
        return Some(InfoHash(bytes.try_into().ok()?));
    }
    text.parse().ok()
}

/// `0,2,4-8`.
fn read_ranges(text: &str) -> Option<Vec<RangeInclusive<u32>>> {
    let parts = text.split(',').filter(|part| !part.is_empty());
    let ranges: Option<Vec<_>> = parts.take(FILE_RANGES_MAX + 1).map(read_range).collect();
    ranges.filter(|ranges| ranges.len() <= FILE_RANGES_MAX)
}

fn read_range(text: &str) -> Option<RangeInclusive<u32>> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let range = first.parse().ok()?..=last.parse().ok()?;
    (!range.is_empty()).then_some(range)
}

/// The link, in one canonical form.
impl fmt::Display for Magnet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{SCHEME}xt={V1}{}", self.info_hash)?;
        let mut pair = |key: &str, value: &str| write!(f, "&{key}={}", utf8_percent_encode(value, ESCAPED));
        self.name.iter().try_for_each(|name| pair("dn", name))?;
        self.trackers.iter().try_for_each(|url| pair("tr", url))?;
        self.web_seeds.iter().try_for_each(|url| pair("ws", url))?;
        for peer in &self.peers {
            write!(f, "&x.pe={peer}")?;
        }
        for (at, range) in self.files.iter().enumerate() {
            f.write_str(if at == 0 { "&so=" } else { "," })?;
            match (range.start(), range.end()) {
                (first, last) if first == last => write!(f, "{first}")?,
                (first, last) => write!(f, "{first}-{last}")?,
            }
        }
        Ok(())
    }
}
