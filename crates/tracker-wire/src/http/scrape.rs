//! Scrapes (BEP 48): how large swarms are, without announcing.

use std::collections::BTreeMap;
use std::fmt::Write;

use bendy::decoding::{DictDecoder, Object};
use bendy::encoding::{Encoder, Error, SortedDictEncoder};
use peer_wire::InfoHash;

use super::failure::AnswerError;
use super::percent;
use super::query::{Query, QueryError, read_id, with_separator};
use super::reading::{DEPTH_MAX, for_each_number, for_each_pair};
use crate::{Counts, SCRAPE_MAX};

/// Where to scrape a tracker: the last part of the path begins with `scrape` in place of `announce`. `None`: it does
/// not begin with that, which says that the tracker has no scrapes.
///
/// ```
/// # use tracker_wire::http::scrape_url;
/// assert_eq!(scrape_url("http://a.example/x/announce.php?k=1/2").as_deref(), Some("http://a.example/x/scrape.php?k=1/2"));
/// assert_eq!(scrape_url("http://a.example/announce/key"), None);
/// ```
pub fn scrape_url(announce: &str) -> Option<String> {
    let (path, rest) = announce.split_at(announce.find(['?', '#']).unwrap_or(announce.len()));
    let (before, last) = path.rsplit_once('/')?;
    Some(format!("{before}/scrape{}{rest}", last.strip_prefix("announce")?))
}

/// The URL to ask about these torrents, at most [`SCRAPE_MAX`] of them; `url` is [`scrape_url`]'s.
pub fn append_scrape(url: &str, info_hashes: &[InfoHash]) -> String {
    let mut whole = with_separator(url);
    for (number, info_hash) in info_hashes.iter().take(SCRAPE_MAX).enumerate() {
        let separator = if number == 0 { "" } else { "&" };
        let _ = write!(whole, "{separator}info_hash={}", percent::encode(&info_hash.0));
    }
    whole
}

/// What is asked about by the query of a scrape, as it came. Empty: everything, which a tracker need not answer.
///
/// # Errors
/// [`QueryError`]: the client's fault.
pub fn read_scrape_query(query: &[u8]) -> Result<Vec<InfoHash>, QueryError> {
    const KEY: &str = "info_hash";
    let query = Query::new(query)?;
    if query.values(KEY).count() > SCRAPE_MAX {
        return Err(QueryError::TooMany);
    }
    query.values(KEY).map(|value| read_id(KEY, value).map(InfoHash)).collect()
}

/// The answer to a scrape.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ScrapeResponse {
    /// `files`: at most [`SCRAPE_MAX`] are read. Torrents that the tracker does not know are not in it.
    pub torrents: BTreeMap<InfoHash, Counts>,
}

impl ScrapeResponse {
    /// The answer's body.
    pub fn encode(&self) -> Vec<u8> {
        let mut encoder = Encoder::new().with_max_depth(DEPTH_MAX);
        encoder
            .emit_dict(|mut dict| {
                dict.emit_pair_with(b"files", |files| {
                    files.emit_dict(|mut files| {
                        self.torrents.iter().try_for_each(|(info_hash, counts)| {
                            files.emit_pair_with(&info_hash.0, |file| file.emit_dict(|file| emit(file, counts)))
                        })
                    })
                })
            })
            .expect("strings and integers always encode");
        encoder.get_output().expect("the dictionary is closed")
    }

    /// Reads an answer. Keys that are no info-hashes are left out.
    ///
    /// # Errors
    /// [`AnswerError`]: a refusal, or not an answer.
    pub fn decode(body: &[u8]) -> Result<Self, AnswerError> {
        let mut torrents = None;
        for_each_pair(body, |key, value| {
            if let (b"files", Object::Dict(files)) = (key, value) {
                torrents = Some(read_files(files)?);
            }
            Ok(())
        })?;
        torrents.map(|torrents| Self { torrents }).ok_or(AnswerError::Missing("files"))
    }
}

fn emit(mut file: SortedDictEncoder<'_>, counts: &Counts) -> Result<(), Error> {
    file.emit_pair(b"complete", counts.seeders)?;
    file.emit_pair(b"downloaded", counts.downloaded)?;
    file.emit_pair(b"incomplete", counts.leechers)
}

fn read_files(mut files: DictDecoder<'_, '_>) -> Result<BTreeMap<InfoHash, Counts>, AnswerError> {
    let mut torrents = BTreeMap::new();
    while let Some((key, value)) = files.next_pair()? {
        let (Ok(info_hash), Object::Dict(file)) = (key.try_into().map(InfoHash), value) else { continue };
        let mut counts = Counts::default();
        for_each_number(file, |key, number| match key {
            b"complete" => counts.seeders = number,
            b"downloaded" => counts.downloaded = number,
            b"incomplete" => counts.leechers = number,
            _ => {}
        })?;
        if torrents.len() < SCRAPE_MAX {
            torrents.insert(info_hash, counts);
        }
    }
    Ok(torrents)
}
