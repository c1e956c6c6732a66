//! The link a person sends to a friend: `http(s)://HOST[/PATH]/j/<slug>#<secret>`.
//!
//! The fragment is never sent to a server. What the tracker sees is [`Invite::auth_key`], derived
//! from the secret, and it stores only a hash of that.

use std::fmt;
use std::str::FromStr;

use data_encoding::BASE64URL_NOPAD;
use hkdf::Hkdf;
use sha2::Sha256;

use crate::pasted::find_invite;
use crate::text::display_text;

/// Bytes of secret: 128 bits cannot be guessed, and are 22 characters.
pub const SECRET_LEN: usize = 16;
/// A slug in characters.
pub const SLUG_LEN_MAX: usize = 64;
const SERVER_LEN_MAX: usize = 1024;
/// So much of what is no invite is shown.
const SEEN_CHARS_MAX: usize = 60;

/// Where to join, and the right to.
#[derive(Clone, PartialEq, Eq)]
pub struct Invite {
    server: String,
    slug: String,
    secret: [u8; SECRET_LEN],
}

/// Why a text is not an invite. None of these holds a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InviteError {
    /// No link.
    #[error("there is no link in it. {LOOK}", LOOK = LOOK)]
    NotFound,
    /// A link to something else.
    #[error("the link {seen} is no invite. {LOOK}", LOOK = LOOK)]
    NoSlug {
        /// Its beginning.
        seen: String,
    },
    /// Characters other than a–z, 0–9 and `-`, or too long.
    #[error("the group's name in the link, the words behind /j/, has characters that no group has. {AGAIN}", AGAIN = AGAIN)]
    BadSlug,
    /// No `#…`: what the address bar shows once an invite was opened.
    #[error("this is a group's address, not an invite: ask for the link under \"Invite others\"")]
    NoSecret {
        /// The tracker's URL.
        server: String,
        /// The group's two friendly words.
        slug: String,
    },
    /// Not 22 characters of base64url.
    #[error("{0}. {AGAIN}", AGAIN = AGAIN)]
    NotWhole(NotWhole),
    /// Somebody has to choose.
    #[error("there are two different invites in it: {first} and {second}. Take the one that you mean")]
    Several {
        /// Without its secret.
        first: String,
        /// Without its secret.
        second: String,
    },
    /// A link with `#identity=`.
    #[error(
        "this is the link of an identity, which makes another device you, and not an invite. It is opened in the \
         browser's address bar, or given to `native-peer identity import`"
    )]
    Identity,
}

const LOOK: &str = "An invite looks like https://HOST/j/two-words#secret: ask whoever invites you for the whole link";
const AGAIN: &str = "Copy the whole link again, or ask for it again";

/// A secret with characters too few, too many or wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub struct NotWhole {
    /// Characters that are there.
    pub seen: usize,
    /// Characters of a whole one.
    pub expected: usize,
}

impl fmt::Display for NotWhole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seen, expected } = self;
        match seen == expected {
            true => write!(f, "the link is not whole: a character behind the # is wrong"),
            false => {
                write!(f, "the link is not whole: behind the # it has {seen} characters and should have {expected}")
            }
        }
    }
}

impl InviteError {
    /// The one that says more about what the person meant; of two that say as much, the first.
    pub(crate) fn or(self, other: Self) -> Self {
        let knows = |error: &Self| match error {
            Self::NotFound => 0,
            Self::NoSlug { .. } => 1,
            Self::NoSecret { .. } => 2,
            Self::BadSlug => 3,
            Self::Identity => 4,
            Self::NotWhole(_) => 5,
            Self::Several { .. } => 6,
        };
        if knows(&other) > knows(&self) { other } else { self }
    }

    pub(crate) fn no_slug(link: &str) -> Self {
        let seen = display_text(link, SEEN_CHARS_MAX);
        Self::NoSlug { seen: if seen.len() < link.len() { format!("{seen}…") } else { seen } }
    }

    pub(crate) fn several(first: &Invite, second: &Invite) -> Self {
        let shown = |invite: &Invite| format!("{}/j/{}#…", invite.server, invite.slug);
        Self::Several { first: shown(first), second: shown(second) }
    }
}

impl Invite {
    /// `server` is the tracker's URL without a trailing slash, e.g. `https://share.example`.
    ///
    /// # Errors
    /// [`InviteError::NoSlug`] and [`InviteError::BadSlug`].
    pub fn new(server: &str, slug: &str, secret: [u8; SECRET_LEN]) -> Result<Self, InviteError> {
        let server = server.trim_end_matches('/');
        if !is_http_url(server) || server.len() > SERVER_LEN_MAX {
            return Err(InviteError::no_slug(server));
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

    /// The same at another address of its server.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn at(&self, server: &str) -> Result<Self, InviteError> {
        Self::new(server, &self.slug, self.secret)
    }

    /// Whether both have one group and one secret; a server may have several names.
    pub fn opens_the_same_as(&self, other: &Self) -> bool {
        (&self.slug, &self.secret) == (&other.slug, &other.secret)
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

/// Reads a link as people paste it.
impl FromStr for Invite {
    type Err = InviteError;

    fn from_str(text: &str) -> Result<Self, InviteError> {
        find_invite(text)
    }
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
