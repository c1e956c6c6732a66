//! The link a person sends to a friend: `http(s)://HOST[/PATH]/j/<slug>#<secret>`.
//!
//! The fragment is never sent to a server. What the tracker sees is [`Invite::auth_key`], derived
//! from the secret, and it stores only a hash of that.

use std::fmt;
use std::str::FromStr;

use data_encoding::BASE64URL_NOPAD;
use hkdf::Hkdf;
use sha2::Sha256;

/// Bytes of secret: 128 bits cannot be guessed, and are 22 characters.
pub const SECRET_LEN: usize = 16;
/// A slug in characters.
pub const SLUG_LEN_MAX: usize = 64;
/// A secret in characters of base64url.
const SECRET_CHARS: usize = 22;
const INVITE_LEN_MAX: usize = 2048;

/// Where to join, and the right to.
#[derive(Clone, PartialEq, Eq)]
pub struct Invite {
    server: String,
    slug: String,
    secret: [u8; SECRET_LEN],
}

/// Why a text is not an invite.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InviteError {
    /// Not `http://` or `https://`, or longer than 2 KiB.
    #[error("an invite begins with http:// or https://")]
    NotAUrl,
    /// No `/j/<slug>`.
    #[error("an invite looks like https://HOST/j/two-words#secret; this one has no /j/ part")]
    NoSlug,
    /// Characters other than a–z, 0–9 and `-`, or too long.
    #[error("the group's name in this invite has characters that no group has")]
    BadSlug,
    /// No `#…`; chat programs and shells cut it off.
    #[error("the part after # is missing: copy the whole link, and put it in quotes in a shell")]
    NoSecret,
    /// Not 22 characters of base64url.
    #[error("the part after # is damaged: copy the whole link again")]
    BadSecret,
}

impl Invite {
    /// `server` is the tracker's URL without a trailing slash, e.g. `https://share.example`.
    ///
    /// # Errors
    /// [`InviteError::NotAUrl`] and [`InviteError::BadSlug`].
    pub fn new(server: &str, slug: &str, secret: [u8; SECRET_LEN]) -> Result<Self, InviteError> {
        let server = server.trim_end_matches('/');
        if !is_http_url(server) || server.len() > INVITE_LEN_MAX {
            return Err(InviteError::NotAUrl);
        }
        if !is_slug(slug) {
            return Err(InviteError::BadSlug);
        }
        Ok(Self { server: server.to_owned(), slug: slug.to_owned(), secret })
    }

    /// The tracker's URL, no trailing slash.
    pub fn server(&self) -> &str {
        &self.server
    }

    /// The group's two friendly words.
    pub fn slug(&self) -> &str {
        &self.slug
    }

    /// What proves the invite to the tracker.
    pub fn auth_key(&self) -> [u8; 32] {
        auth_key(&self.secret)
    }

    /// What the tracker keeps for the invite's holder is sealed with this, which it never sees.
    pub fn seal_key(&self) -> [u8; 32] {
        seal_key(&self.secret)
    }
}

/// What proves an invite to the tracker: HKDF-SHA256 of its secret. Without a salt, so that a group and its
/// first invite can be made in one request, before the tracker has chosen the slug; 128 random bits need none.
pub fn auth_key(secret: &[u8; SECRET_LEN]) -> [u8; 32] {
    derive(secret, b"covey invite auth v2")
}

/// What seals the contents of an invite: another HKDF-SHA256 of its secret, which says nothing about the first.
pub fn seal_key(secret: &[u8; SECRET_LEN]) -> [u8; 32] {
    derive(secret, b"covey invite seal v1")
}

fn derive(secret: &[u8; SECRET_LEN], info: &[u8]) -> [u8; 32] {
    let mut key = [0; 32];
    Hkdf::<Sha256>::new(None, secret).expand(info, &mut key).expect("32 bytes is a valid HKDF-SHA256 length");
    key
}

impl fmt::Display for Invite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/j/{}#{}", self.server, self.slug, BASE64URL_NOPAD.encode(&self.secret))
    }
}

/// Without the secret: an invite in a log must not admit whoever reads the log.
impl fmt::Debug for Invite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Invite({}/j/{}#…)", self.server, self.slug)
    }
}

/// Reads a link as people paste it: see [`find_link`] for what may be around it.
impl FromStr for Invite {
    type Err = InviteError;

    fn from_str(text: &str) -> Result<Self, InviteError> {
        let link = find_link(text).ok_or(InviteError::NotAUrl)?;
        if link.len() > INVITE_LEN_MAX {
            return Err(InviteError::NotAUrl);
        }
        let (url, secret) = split_fragment(link);
        // What some sites add to every link that is clicked there.
        let url = url.split_once('?').map_or(url, |(url, _)| url);
        let (server, slug) = url.rsplit_once("/j/").ok_or(InviteError::NoSlug)?;
        let server = lower_case_origin(server);
        if !is_http_url(&server) {
            return Err(InviteError::NotAUrl);
        }
        let slug = slug.trim_end_matches(|c: char| c == '/' || is_around_links(c));
        if slug.is_empty() {
            return Err(InviteError::NoSlug);
        }
        let secret = read_secret(secret.unwrap_or_default())?;
        Self::new(&server, &slug.to_ascii_lowercase(), secret)
    }
}

/// The link in a text that a person copied: without the words, quotes and brackets before it (a whole command line is
/// fine), up to the next white space. What chat programs put behind it is still there.
fn find_link(text: &str) -> Option<&str> {
    // Lower-casing ASCII moves no byte.
    let lower = text.to_ascii_lowercase();
    let begin = ["http://", "https://"].iter().filter_map(|scheme| lower.find(scheme)).min()?;
    let before = &text[..begin];
    // `ftphttp://` is no link that begins in the middle.
    if before.ends_with(|c: char| c.is_ascii_alphanumeric()) {
        return None;
    }
    text[begin..].split(char::is_whitespace).next()
}

/// At the `#`, which some programs write as `%23`.
fn split_fragment(link: &str) -> (&str, Option<&str>) {
    let parts = link.split_once('#').or_else(|| link.split_once("%23"));
    parts.map_or((link, None), |(url, secret)| (url, Some(secret)))
}

/// Ignores what a sentence, a bracket or a chat program put behind the secret. Its length is known.
fn read_secret(text: &str) -> Result<[u8; SECRET_LEN], InviteError> {
    let end = text.find(|c: char| !is_base64url(c)).unwrap_or(text.len());
    let (secret, behind) = text.split_at(end);
    if secret.is_empty() && behind.chars().all(is_around_links) {
        return Err(InviteError::NoSecret);
    }
    // `_` is in the alphabet of secrets, and makes text cursive.
    let secret = match secret.split_at_checked(SECRET_CHARS) {
        Some((secret, behind)) if behind.bytes().all(|byte| byte == b'_') => secret,
        _ => secret,
    };
    let bytes = BASE64URL_NOPAD.decode(secret.as_bytes()).ok();
    bytes.and_then(|bytes| bytes.try_into().ok()).ok_or(InviteError::BadSecret)
}

fn is_base64url(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-' || c == '_'
}

/// Closes a sentence, a quotation or a bracket, or marks text up: no character of a link that ends there.
fn is_around_links(c: char) -> bool {
    !c.is_alphanumeric() && !matches!(c, '-' | '/' | '%' | '#')
}

/// Scheme and host mean the same in capitals; a path does not.
fn lower_case_origin(server: &str) -> String {
    let host = server.find("://").map_or(0, |scheme| scheme + 3);
    let end = server[host..].find('/').map_or(server.len(), |path| host + path);
    let (origin, path) = server.split_at(end);
    origin.to_ascii_lowercase() + path
}

fn is_http_url(text: &str) -> bool {
    ["http://", "https://"].iter().any(|scheme| {
        text.strip_prefix(scheme).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '['))
    })
}

/// Lower-case words with dashes: `lively-otter`.
pub fn is_slug(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= SLUG_LEN_MAX
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}
