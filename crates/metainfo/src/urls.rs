//! Addresses of trackers and web seeds: what is kept of those that a stranger wrote.

use bendy::decoding::{ListDecoder, Object};

use crate::bencode::strings;
use crate::error::InfoError;

/// The longest address that is read, bytes.
pub const URL_LEN_MAX: usize = 2048;
/// The most trackers of one torrent, and the most web seeds.
pub const URLS_MAX: usize = 100;

/// Schemes of trackers (BEP 3, BEP 15).
const TRACKER_SCHEMES: &[&str] = &["http", "https", "udp"];
/// Schemes of web seeds (BEP 19).
const WEB_SEED_SCHEMES: &[&str] = &["http", "https"];

/// Whether it is an address of a tracker that can be asked: `http`, `https` or `udp`, at most [`URL_LEN_MAX`] bytes.
pub fn is_tracker_url(url: &str) -> bool {
    is_url(url, TRACKER_SCHEMES)
}

/// Whether it is an address of a web seed: `http` or `https`, at most [`URL_LEN_MAX`] bytes.
pub fn is_web_seed_url(url: &str) -> bool {
    is_url(url, WEB_SEED_SCHEMES)
}

fn is_url(url: &str, schemes: &[&str]) -> bool {
    let Some((scheme, rest)) = url.split_once("://") else {
        return false;
    };
    url.len() <= URL_LEN_MAX
        && schemes.iter().any(|known| known.eq_ignore_ascii_case(scheme))
        && !rest.is_empty()
        && !rest.starts_with(['/', '?', '#'])
        && !url.contains(|c: char| c.is_control() || c.is_whitespace())
}

/// Addresses in their order, each once, [`URLS_MAX`] at most.
#[derive(Debug, Default)]
pub(crate) struct Urls(Vec<String>);

impl Urls {
    /// Keeps it if it is new, if `is_usable` says so, and if there is room. Whether it was kept.
    pub(crate) fn keep(&mut self, url: &[u8], is_usable: fn(&str) -> bool) -> bool {
        let Some(url) = std::str::from_utf8(url).ok().map(str::trim).filter(|url| is_usable(url)) else {
            return false;
        };
        let has_room = self.0.len() < URLS_MAX && !self.0.iter().any(|known| known == url);
        if has_room {
            self.0.push(url.to_owned());
        }
        has_room
    }

    pub(crate) fn into_vec(self) -> Vec<String> {
        self.0
    }
}

/// `announce-list` (BEP 12): tiers without what cannot be asked, and without tiers of which nothing is left.
pub(crate) fn read_tiers(mut list: ListDecoder<'_, '_>) -> Result<Vec<Vec<String>>, InfoError> {
    let (mut urls, mut ends) = (Urls::default(), Vec::new());
    while let Some(object) = list.next_object()? {
        if let Object::List(tier) = object {
            strings(tier, |url| _ = urls.keep(url, is_tracker_url))?;
            // Empty tiers are as good as none, and may be many.
            if urls.0.len() > ends.last().copied().unwrap_or(0) {
                ends.push(urls.0.len());
            }
        }
    }
    let mut urls = urls.into_vec().into_iter();
    let mut start = 0;
    let tiers = ends.into_iter().map(|end| {
        let len = end - std::mem::replace(&mut start, end);
        urls.by_ref().take(len).collect()
    });
    Ok(tiers.collect())
}

/// `url-list` (BEP 19): one address or a list of them.
pub(crate) fn read_web_seeds(value: Object<'_, '_>) -> Result<Vec<String>, InfoError> {
    let mut urls = Urls::default();
    match value {
        Object::Bytes(url) => _ = urls.keep(url, is_web_seed_url),
        Object::List(list) => strings(list, |url| _ = urls.keep(url, is_web_seed_url))?,
        _ => {}
    }
    Ok(urls.into_vec())
}
