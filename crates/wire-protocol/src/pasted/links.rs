//! Where in a text links begin.

use std::net::IpAddr;

use super::{GROUP_PATH, is_quote_mark};
use crate::control::Origin;

/// Of a text with more links than this, the others are not looked at.
const LINKS_MAX: usize = 64;
const SCHEMES: [&str; 2] = ["http://", "https://"];

/// A link, and everything behind it as far as the next.
pub struct Link<'a> {
    /// What stands before `text`, if the person left it out.
    scheme: &'static str,
    pub text: &'a str,
}

impl Link<'_> {
    /// A part of the link that begins where it begins.
    pub fn with_scheme(&self, begin: &str) -> String {
        format!("{}{begin}", self.scheme)
    }
}

/// Those that begin with `http://` or `https://`, in any case, and those to groups that begin with a host.
pub fn links(text: &str) -> impl Iterator<Item = Link<'_>> {
    // Lower-casing ASCII moves no byte.
    let lower = text.to_ascii_lowercase();
    let mut begins: Vec<(usize, &'static str)> =
        SCHEMES.iter().flat_map(|scheme| lower.match_indices(scheme)).map(|(at, _)| (at, "")).collect();
    begins.extend(lower.match_indices(GROUP_PATH).filter_map(|(at, _)| host_before(text, at)));
    begins.sort_unstable();
    begins.truncate(LINKS_MAX);
    (0..begins.len()).map(move |number| {
        let (begin, scheme) = begins[number];
        let end = begins.get(number + 1).map_or(text.len(), |(next, _)| *next);
        Link { scheme, text: &text[begin..end] }
    })
}

/// Where the host begins whose path goes on at `path`, and the scheme that it would have.
fn host_before(text: &str, path: usize) -> Option<(usize, &'static str)> {
    let is_of_hosts = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ':' | '[' | ']' | '/');
    let before = &text[..path];
    let begin =
        before.rfind(|c| !is_of_hosts(c)).map_or(0, |at| at + before[at..].chars().next().map_or(1, char::len_utf8));
    let address = before[begin..].trim_start_matches(['-', '_', '.', ':', ']']);
    // After a scheme, of whatever kind, or a user's name, or in the middle of a broken line: it begins elsewhere.
    if address.contains("//") || address.starts_with('/') || is_gone_on_with(&before[..begin]) {
        return None;
    }
    let authority = address.split('/').next().unwrap_or_default();
    let origin: Origin = format!("http://{authority}").parse().ok()?;
    let is_number = origin.host().trim_matches(['[', ']']).parse::<IpAddr>().is_ok();
    let is_local = is_number || origin.host() == "localhost";
    let is_host = is_local || authority.contains(['.', ':']);
    // Without a name there is no certificate.
    let scheme = if is_local { SCHEMES[0] } else { SCHEMES[1] };
    is_host.then_some((path - address.len(), scheme))
}

/// Whether a text ends in the middle of an address.
fn is_gone_on_with(before: &str) -> bool {
    let line = before.trim_end_matches(is_quote_mark);
    let is_broken = before[line.len()..].contains('\n');
    let word = line.rsplit(char::is_whitespace).next().unwrap_or_default();
    before.ends_with('@') || (is_broken && word.contains("://"))
}
