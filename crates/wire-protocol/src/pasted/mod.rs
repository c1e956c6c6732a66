//! What people paste: an invite or an identity with everything that chat programs, terminals and mail put into and
//! around a link. One reader for the page's address bar and field and for the command line.
//!
//! A text is read in several ways ([`readings`]: as it is, and with what other programs did to it undone), and in each
//! of them every link is looked at ([`links`]), as far as the first white space and then with the lines behind it
//! ([`in_lines`]).

mod links;
mod readings;
mod secret;

use percent_encoding::percent_decode_str;

use crate::control::Origin;
use crate::invite::{Invite, InviteError, is_slug};
use links::{Link, links};
use readings::readings;
use secret::{begins_with_secret, is_around_links};

/// Of a text that is pasted, so much is looked at, bytes.
pub const PASTED_LEN_MAX: usize = 64 * 1024;
/// A link is not longer, bytes.
const LINK_LEN_MAX: usize = 2048;
/// A link is not broken into more lines: a terminal of twenty columns does that to a long one.
const LINES_MAX: usize = 16;
/// Between server and slug.
const GROUP_PATH: &str = "/j/";
/// Between a server's address and an identity.
const IDENTITY: &str = "#identity=";
/// An identity's secret, bytes.
const SEED_LEN: usize = 32;

/// A link with `#identity=` in it whose secret is not whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the link is not whole: what is behind #identity= is cut off or damaged; copy all of it again on your other device"
)]
pub struct DamagedIdentity;

/// The one invite in a text.
///
/// # Errors
/// There is none, or there are several: the sentence says what was seen.
pub fn find_invite(text: &str) -> Result<Invite, InviteError> {
    let mut problem = InviteError::NotFound;
    for reading in readings(text) {
        match only_invite(&reading) {
            Ok(invite) => return Ok(invite),
            Err(error) => problem = problem.or(error),
        }
    }
    match problem {
        InviteError::NotFound | InviteError::NoSlug { .. } if find_identity(text).is_some() => {
            Err(InviteError::Identity)
        }
        problem => Err(problem),
    }
}

/// The identity in a text: what is behind the first `#identity=` in it. `None`: the text is about something else.
pub fn find_identity(text: &str) -> Option<Result<[u8; SEED_LEN], DamagedIdentity>> {
    let found: Vec<_> = readings(text)
        .filter_map(|reading| {
            let (_, secret) = reading.split_once(IDENTITY)?;
            Some(in_lines(secret, |secret| begins_with_secret(secret).map_err(|_| DamagedIdentity)))
        })
        .collect();
    found.iter().find(|read| read.is_ok()).or(found.first()).copied()
}

/// The link that shows an identity's secret at the page of this origin.
pub fn identity_link(origin: &str, seed: &[u8; SEED_LEN]) -> String {
    format!("{origin}/{IDENTITY}{}", data_encoding::BASE64URL_NOPAD.encode(seed))
}

/// The secret behind `prefix` in a text, which is `N` bytes long.
pub fn find_secret<const N: usize>(text: &str, prefix: &str) -> Option<[u8; N]> {
    readings(text).find_map(|reading| {
        let (_, secret) = reading.split_once(prefix)?;
        in_lines(secret, begins_with_secret).ok()
    })
}

fn only_invite(text: &str) -> Result<Invite, InviteError> {
    let mut found: Option<Invite> = None;
    let mut problem = InviteError::NotFound;
    for link in links(text) {
        match (in_lines(link.text, |text| read_link(&link, text)), &found) {
            (Err(error), _) => problem = problem.or(error),
            (Ok(invite), None) => found = Some(invite),
            // A server may have several names.
            (Ok(invite), Some(first)) if invite.opens_the_same_as(first) => {}
            (Ok(invite), Some(first)) => return Err(InviteError::several(first, &invite)),
        }
    }
    found.ok_or(problem)
}

/// Reads what begins a text: up to the first white space, and if that is not whole, joined to the next line, and the
/// next. Mail and terminals break long lines, and mail puts `> ` before those that it quotes.
fn in_lines<T, E>(text: &str, read: impl Fn(&str) -> Result<T, E>) -> Result<T, E> {
    let mut joined = String::new();
    let mut first = None;
    for (number, line) in text.lines().take(LINES_MAX).enumerate() {
        let line = if number == 0 { line } else { line.trim_start_matches(is_quote_mark) };
        let mut words = line.split_whitespace();
        // A line that begins with a blank ends the link before it.
        let word = words.next().filter(|_| number > 0 || !line.starts_with(char::is_whitespace)).unwrap_or_default();
        joined.push_str(word);
        match read(&joined) {
            Ok(found) => return Ok(found),
            Err(error) => first.get_or_insert(error),
        };
        if word.is_empty() || words.next().is_some() || joined.len() > LINK_LEN_MAX {
            break;
        }
    }
    first.map_or_else(|| read(""), Err)
}

fn is_quote_mark(c: char) -> bool {
    matches!(c, '>' | '|' | '│') || c.is_whitespace()
}

/// One link, as far as it may go.
fn read_link(link: &Link<'_>, text: &str) -> Result<Invite, InviteError> {
    let text = &text[..text.floor_char_boundary(LINK_LEN_MAX)];
    let (url, secret) = match text.split_once('#') {
        Some((url, secret)) => (url, Some(secret.trim_start_matches('#'))),
        None => (text, None),
    };
    // What some sites add to every link that is clicked there.
    let address = url.split(['?', '&']).next().unwrap_or_default();
    let no_slug = || InviteError::no_slug(&link.with_scheme(address));
    let (server, group) = address.rsplit_once(GROUP_PATH).ok_or_else(no_slug)?;
    let server = read_server(&link.with_scheme(server)).ok_or_else(no_slug)?;
    let slug = read_slug(group)?.ok_or_else(no_slug)?;
    match secret {
        Some(secret) if !secret.chars().all(is_around_links) => {
            let secret = begins_with_secret(secret).map_err(InviteError::NotWhole)?;
            Invite::new(&server, &slug, secret)
        }
        _ => Err(InviteError::NoSecret { server, slug }),
    }
}

/// Scheme and host in lower case, then a path that is one.
fn read_server(text: &str) -> Option<String> {
    let host = text.find("://")? + 3;
    let path = text[host..].find('/').map_or(text.len(), |slash| host + slash);
    let (origin, path) = text.split_at(path);
    origin.parse::<Origin>().ok()?;
    let is_of_paths = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '-' | '_' | '.' | '~');
    (path.chars().all(is_of_paths) && !path.contains("//")).then(|| origin.to_ascii_lowercase() + path)
}

/// The slug at the beginning of what is behind `/j/`; `None`: there is none.
fn read_slug(text: &str) -> Result<Option<String>, InviteError> {
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '-').unwrap_or(text.len());
    let (slug, behind) = text.split_at(end);
    let behind = percent_decode_str(behind).decode_utf8_lossy();
    let is_over = behind.trim_start_matches(['/', '#']).chars().all(is_around_links);
    match slug.to_ascii_lowercase() {
        slug if slug.is_empty() && is_over => Ok(None),
        slug if is_over && is_slug(&slug) => Ok(Some(slug)),
        _ => Err(InviteError::BadSlug),
    }
}
