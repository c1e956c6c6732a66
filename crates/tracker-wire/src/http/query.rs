//! The query of an announce (BEP 3, 7, 23), written by a peer and read by a tracker.

use std::fmt::Write;
use std::str::FromStr;

use peer_wire::{InfoHash, PeerId};

use super::percent;
use crate::{Announce, Event, Transferred};

/// The longest query that is read, bytes. 64 info-hashes of a scrape, every byte escaped, have 4,500.
pub const QUERY_LEN_MAX: usize = 8 * 1024;
/// The longest tracker id that is read, bytes.
const TRACKER_ID_LEN_MAX: usize = 256;

/// An announce over HTTP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnnounceQuery {
    /// What is announced.
    pub announce: Announce,
    /// `trackerid`: what this tracker's last answer asked to be told again.
    pub tracker_id: Option<Vec<u8>>,
    /// `compact` (BEP 23); `None`: it was not said.
    pub compact: Option<bool>,
    /// `no_peer_id`: a list of dictionaries may leave out peer ids.
    pub no_peer_id: bool,
    /// `supportcrypto`: the peer takes encrypted connections.
    pub supportcrypto: bool,
}

/// What is wrong with a query. The client's fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// Longer than [`QUERY_LEN_MAX`].
    #[error("the query is too long ({0} bytes)")]
    TooLong(usize),
    /// A key that every announce has.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// A `%` without two hexadecimal digits.
    #[error("{0} is not percent-encoded")]
    Escape(&'static str),
    /// An id that has not 20 bytes, or a tracker id of more than 256.
    #[error("{0} has {1} bytes")]
    Length(&'static str, usize),
    /// No decimal number, or one that is too large.
    #[error("{0} is not a number")]
    Number(&'static str),
    /// Neither 0 nor 1.
    #[error("{0} is neither 0 nor 1")]
    Flag(&'static str),
    /// None of BEP 3's, nor BEP 21's.
    #[error("the event is not known")]
    Event,
    /// More than [`SCRAPE_MAX`](crate::SCRAPE_MAX) info-hashes.
    #[error("there are too many info-hashes")]
    TooMany,
}

impl AnnounceQuery {
    /// The URL to ask: `url`, which may have a query (a passkey), with this behind it. A fragment is left out.
    ///
    /// ```
    /// # use tracker_wire::{Announce, Transferred, http::AnnounceQuery};
    /// # let (info_hash, peer_id) = ([1; 20].into(), [b'p'; 20].into());
    /// # let transferred = Transferred::default();
    /// # let announce = Announce { info_hash, peer_id, port: 6881, transferred, event: None, numwant: None, key: None };
    /// let url = AnnounceQuery::new(announce).append_to("http://tracker.example/announce?passkey=abc");
    /// assert!(url.starts_with("http://tracker.example/announce?passkey=abc&info_hash=%01%01"));
    /// ```
    pub fn append_to(&self, url: &str) -> String {
        let mut whole = with_separator(url);
        let Announce { info_hash, peer_id, port, transferred, event, numwant, key } = &self.announce;
        let Transferred { uploaded, downloaded, left } = transferred;
        let (info_hash, peer_id) = (percent::encode(&info_hash.0), percent::encode(&peer_id.0));
        let _ = write!(whole, "info_hash={info_hash}&peer_id={peer_id}&port={port}");
        let _ = write!(whole, "&uploaded={uploaded}&downloaded={downloaded}&left={left}");
        if let Some(key) = key {
            let _ = write!(whole, "&key={key:08x}");
        }
        if let Some(event) = event {
            let _ = write!(whole, "&event={}", name_of(*event));
        }
        if let Some(numwant) = numwant {
            let _ = write!(whole, "&numwant={numwant}");
        }
        if let Some(compact) = self.compact {
            let _ = write!(whole, "&compact={}", u8::from(compact));
        }
        whole.push_str(if self.no_peer_id { "&no_peer_id=1" } else { "" });
        whole.push_str(if self.supportcrypto { "&supportcrypto=1" } else { "" });
        if let Some(id) = &self.tracker_id {
            let _ = write!(whole, "&trackerid={}", percent::encode(id));
        }
        whole
    }

    /// As our peers ask: compact, without peer ids, plain connections.
    pub fn new(announce: Announce) -> Self {
        Self { announce, tracker_id: None, compact: Some(true), no_peer_id: true, supportcrypto: false }
    }

    /// Reads what stands behind the `?`, as it came. Keys that are not known are ignored; of one that is there
    /// twice the first counts. A `key` that is no number of 32 bits is taken for none, as is a negative `numwant`.
    ///
    /// # Errors
    /// [`QueryError`]: the client's fault.
    pub fn decode(query: &[u8]) -> Result<Self, QueryError> {
        let query = Query::new(query)?;
        let transferred = Transferred {
            uploaded: query.needed_number("uploaded")?,
            downloaded: query.needed_number("downloaded")?,
            left: query.needed_number("left")?,
        };
        let announce = Announce {
            info_hash: InfoHash(query.id("info_hash")?),
            peer_id: PeerId(query.id("peer_id")?),
            port: query.needed_number("port")?,
            transferred,
            event: query.event()?,
            numwant: query.number::<i64>("numwant")?.and_then(|number| u32::try_from(number).ok()),
            key: query.bytes("key")?.and_then(|key| read_key(&key)),
        };
        Ok(Self {
            announce,
            tracker_id: query.tracker_id()?,
            compact: query.flag("compact")?,
            no_peer_id: query.flag("no_peer_id")?.unwrap_or_default(),
            supportcrypto: query.flag("supportcrypto")?.unwrap_or_default(),
        })
    }
}

/// A URL behind which the first pair of a query may stand.
pub(super) fn with_separator(url: &str) -> String {
    let mut url = url.split('#').next().unwrap_or_default().to_owned();
    if !url.ends_with(['?', '&']) {
        url.push(if url.contains('?') { '&' } else { '?' });
    }
    url
}

fn name_of(event: Event) -> &'static str {
    match event {
        Event::Started => "started",
        Event::Completed => "completed",
        Event::Stopped => "stopped",
    }
}

/// Most write hexadecimal, some decimal; it only has to be the same each time.
fn read_key(key: &[u8]) -> Option<u32> {
    let key = std::str::from_utf8(key).ok()?;
    u32::from_str_radix(key, 16).or_else(|_| key.parse()).ok()
}

/// A query as it came.
pub(super) struct Query<'a>(&'a [u8]);

impl<'a> Query<'a> {
    pub(super) fn new(query: &'a [u8]) -> Result<Self, QueryError> {
        (query.len() <= QUERY_LEN_MAX).then_some(Self(query)).ok_or(QueryError::TooLong(query.len()))
    }

    /// The values of a key, in their order, still encoded.
    pub(super) fn values(&self, key: &'static str) -> impl Iterator<Item = &'a [u8]> {
        let pairs = self.0.split(|byte| *byte == b'&');
        pairs.filter_map(move |pair| pair.strip_prefix(key.as_bytes())?.strip_prefix(b"="))
    }

    fn bytes(&self, key: &'static str) -> Result<Option<Vec<u8>>, QueryError> {
        self.values(key).next().map(|value| percent::decode(value).ok_or(QueryError::Escape(key))).transpose()
    }

    fn id(&self, key: &'static str) -> Result<[u8; 20], QueryError> {
        read_id(key, self.values(key).next().ok_or(QueryError::Missing(key))?)
    }

    /// An empty value is none.
    fn number<N: FromStr>(&self, key: &'static str) -> Result<Option<N>, QueryError> {
        let Some(digits) = self.bytes(key)?.filter(|digits| !digits.is_empty()) else { return Ok(None) };
        let number = std::str::from_utf8(&digits).ok().and_then(|digits| digits.parse().ok());
        number.map(Some).ok_or(QueryError::Number(key))
    }

    fn needed_number<N: FromStr>(&self, key: &'static str) -> Result<N, QueryError> {
        self.number(key)?.ok_or(QueryError::Missing(key))
    }

    fn flag(&self, key: &'static str) -> Result<Option<bool>, QueryError> {
        match self.bytes(key)?.as_deref() {
            None | Some(b"") => Ok(None),
            Some(b"0") => Ok(Some(false)),
            Some(b"1") => Ok(Some(true)),
            Some(_) => Err(QueryError::Flag(key)),
        }
    }

    /// `paused` (BEP 21) is a regular announce of who wants nothing more.
    fn event(&self) -> Result<Option<Event>, QueryError> {
        match self.bytes("event")?.as_deref() {
            None | Some(b"" | b"empty" | b"paused") => Ok(None),
            Some(b"started") => Ok(Some(Event::Started)),
            Some(b"completed") => Ok(Some(Event::Completed)),
            Some(b"stopped") => Ok(Some(Event::Stopped)),
            Some(_) => Err(QueryError::Event),
        }
    }

    fn tracker_id(&self) -> Result<Option<Vec<u8>>, QueryError> {
        let id = self.bytes("trackerid")?;
        match id.as_ref().map(Vec::len) {
            Some(len) if len > TRACKER_ID_LEN_MAX => Err(QueryError::Length("trackerid", len)),
            _ => Ok(id),
        }
    }
}

pub(super) fn read_id(key: &'static str, value: &[u8]) -> Result<[u8; 20], QueryError> {
    let bytes = percent::decode(value).ok_or(QueryError::Escape(key))?;
    bytes.try_into().map_err(|bytes: Vec<u8>| QueryError::Length(key, bytes.len()))
}
