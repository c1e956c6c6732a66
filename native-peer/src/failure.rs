//! What went wrong, for the person: what happened, why or what to do, and the exit code.

use std::fmt;
use std::io;
use std::path::Path;

use peer_engine::{StorageError, StorageErrorKind};
use wire_protocol::control::{Refusal, RefusalCode};

use crate::exit_code;
use crate::session::SessionOver;

/// The end of a command that did not do what it should.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// For scripts, in `--json`: `no_source`, `server_unreachable`, …
    pub code: &'static str,
    /// One of [`exit_code`].
    pub exit: u8,
    /// What happened, in one line without a full stop.
    pub what: String,
    /// Why, or what to do; may be empty.
    pub advice: String,
}

/// For scripts: no group of this person's, or of anybody's.
const UNKNOWN_GROUP: &str = "unknown_group";

/// What every command comes to.
pub type Outcome<T = ()> = Result<T, Failure>;

/// Only a program that ends ends its session.
impl From<SessionOver> for Failure {
    fn from(over: SessionOver) -> Self {
        Self::unexpected(over.to_string())
    }
}

impl Failure {
    fn new(code: &'static str, exit: u8, what: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { code, exit, what: what.into(), advice: advice.into() }
    }

    /// Nobody foresaw this.
    pub fn unexpected(what: impl Into<String>) -> Self {
        Self::new("unexpected", exit_code::UNEXPECTED, what, "This is a mistake in the program; -vv shows more.")
    }

    /// The command line makes no sense.
    pub fn usage(what: impl Into<String>, advice: impl Into<String>) -> Self {
        Self::new("usage", exit_code::USAGE, what, advice)
    }

    /// Nobody has the file, or waiting took too long.
    pub fn no_source(what: impl Into<String>, advice: impl Into<String>) -> Self {
        Self::new("no_source", exit_code::NO_SOURCE, what, advice)
    }

    /// Not a torrent, or data that does not verify.
    pub fn bad_data(what: impl Into<String>, advice: impl Into<String>) -> Self {
        Self::new("bad_data", exit_code::BAD_DATA, what, advice)
    }

    /// The tracker says no.
    pub fn not_allowed(what: impl Into<String>, advice: impl Into<String>) -> Self {
        Self::new("not_allowed", exit_code::NOT_ALLOWED, what, advice)
    }

    /// A group that is none of this person's.
    pub fn unknown_group(what: impl Into<String>, advice: impl Into<String>) -> Self {
        Self::new(UNKNOWN_GROUP, exit_code::NOT_ALLOWED, what, advice)
    }

    /// Whether it is [`Failure::unknown_group`].
    pub fn is_unknown_group(&self) -> bool {
        self.code == UNKNOWN_GROUP
    }

    /// Files on this computer.
    pub fn local_files(what: impl Into<String>, advice: impl Into<String>) -> Self {
        Self::new("local_files", exit_code::LOCAL_FILES, what, advice)
    }

    /// The server cannot be reached.
    pub fn server_unreachable(what: impl Into<String>, advice: impl Into<String>) -> Self {
        Self::new("server_unreachable", exit_code::SERVER_UNREACHABLE, what, advice)
    }

    /// Ctrl-C.
    pub fn interrupted(what: impl Into<String>, advice: impl Into<String>) -> Self {
        Self::new("interrupted", exit_code::INTERRUPTED, what, advice)
    }

    /// The tracker refused, in its own words.
    pub fn refused(doing: &str, refusal: &Refusal) -> Self {
        let (code, exit) = match refusal.code {
            RefusalCode::TooMany => ("too_many", exit_code::SERVER_UNREACHABLE),
            RefusalCode::ServerError => ("server_error", exit_code::SERVER_UNREACHABLE),
            RefusalCode::BadRequest | RefusalCode::UnknownVersion => ("unexpected", exit_code::UNEXPECTED),
            RefusalCode::UnknownGroup => (UNKNOWN_GROUP, exit_code::NOT_ALLOWED),
            RefusalCode::BadInvite
            | RefusalCode::InviteExpired
            | RefusalCode::InviteRevoked
            | RefusalCode::InviteUsedUp => ("bad_invite", exit_code::NOT_ALLOWED),
            _ => ("not_allowed", exit_code::NOT_ALLOWED),
        };
        let mut advice = refusal.message.clone();
        if refusal.code == RefusalCode::UnknownVersion {
            advice.push_str(" This program and the server are of different ages: update the older one.");
        }
        Self::new(code, exit, format!("the server refused {doing}"), advice)
    }

    /// An operating system's error about a file. Says of a full disk that it is full.
    pub fn file(doing: &str, path: &Path, error: &io::Error) -> Self {
        let what = format!("cannot {doing} {}", path.display());
        let advice = match error.kind() {
            io::ErrorKind::NotFound => "There is no such file.".to_owned(),
            io::ErrorKind::PermissionDenied => "Permission denied: choose another folder, or ask its owner.".to_owned(),
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => DISK_FULL_ADVICE.to_owned(),
            io::ErrorKind::ReadOnlyFilesystem => "The disk is read-only: choose another folder with -o.".to_owned(),
            _ => sentence(&error.to_string()),
        };
        Self::local_files(what, advice)
    }

    /// The same about a folder of the program's own, which is chosen with `option`.
    pub fn own_folder(option: &str, doing: &str, path: &Path, error: &io::Error) -> Self {
        let why = match error.kind() {
            io::ErrorKind::PermissionDenied => "Permission denied.".to_owned(),
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                "The disk is full: make room there.".to_owned()
            }
            io::ErrorKind::ReadOnlyFilesystem => "The disk is read-only.".to_owned(),
            io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists => "A file is in its place.".to_owned(),
            _ => sentence(&error.to_string()),
        };
        Self::local_files(
            format!("cannot {doing} {}", path.display()),
            format!("{why} Or choose another folder with {option}."),
        )
    }
}

/// Said wherever a disk has no room left.
pub const DISK_FULL_ADVICE: &str = "The disk is full. Make room and run the same command again: it goes on where it stopped; or choose another disk with -o.";

/// What the engine's storage ran into, and what to do.
pub fn of_storage(error: &StorageError) -> String {
    match error.kind {
        StorageErrorKind::NoRoom => DISK_FULL_ADVICE.to_owned(),
        StorageErrorKind::Gone => "The file has become shorter.".to_owned(),
        _ => sentence(&error.detail),
    }
}

/// First letter large, full stop at the end.
pub fn sentence(text: &str) -> String {
    let text = text.trim();
    let mut chars = text.chars();
    let mut sentence: String = match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => return String::new(),
    };
    if !sentence.ends_with(['.', '!', '?']) {
        sentence.push('.');
    }
    sentence
}

/// `what: advice`, for logs; people see two lines ([`crate::report`]).
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        if !self.advice.is_empty() {
            write!(f, ": {}", self.advice)?;
        }
        Ok(())
    }
}

impl std::error::Error for Failure {}
