//! What is said of a file that is not what it was: what happened, and what to do.

use std::io;
use std::path::Path;

use crate::failure::{Failure, sentence};
use crate::report::text;

/// For what it was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Words {
    /// To be hashed; nobody was given anything yet.
    Hashing,
    /// To be sent to others.
    Sharing,
}

impl Words {
    /// It is not there any more.
    pub fn gone(self, path: &Path) -> Failure {
        let advice = match self {
            Self::Hashing => "Nothing was shared. Put it back, and run the command again.",
            Self::Sharing => {
                "Whoever has pieces of it can give them to others. Put it back and run the same command again: it is the \
                 same link, and all go on."
            }
        };
        Failure::local_files(format!("{} is gone: it was deleted or taken away", path.display()), advice)
    }

    /// It has other bytes. `how`: the end of a sentence.
    pub fn changed(self, path: &Path, how: &str) -> Failure {
        let what = match self {
            Self::Hashing => format!("{} has changed while it was hashed: it {how}", path.display()),
            Self::Sharing => format!("{} has changed since it was hashed: it {how}", path.display()),
        };
        Failure::file_changed(what, self.advice())
    }

    /// It has another length.
    pub fn resized(self, path: &Path, before: u64, now: u64) -> Failure {
        if now > before {
            let grown = text::size(now - before);
            return match self {
                Self::Hashing => still_written(path, &format!("it grew by {grown} while it was hashed")),
                Self::Sharing => self.changed(path, &format!("grew by {grown}; perhaps it is still being written")),
            };
        }
        self.changed(path, &format!("is {} shorter now", text::size(before - now)))
    }

    /// The system does not read it.
    pub fn unreadable(self, path: &Path, error: &io::Error) -> Failure {
        Failure::local_files(format!("cannot read {}", path.display()), unreadable(&error.to_string()))
    }

    fn advice(self) -> &'static str {
        match self {
            Self::Hashing => "Nothing was shared. Run the command again when nobody writes to it.",
            Self::Sharing => {
                "What others fetched so far is good, and they keep it. Run the same command again to share what it is now, \
                 as another file."
            }
        }
    }
}

/// Of a disk that gives nothing any more.
pub fn unreadable(why: &str) -> String {
    format!(
        "{} Perhaps its disk was unplugged, or fails. Once it can be read again, run the same command: it is the same \
         link, and all go on.",
        sentence(why)
    )
}

/// Somebody has not finished it.
pub fn still_written(path: &Path, how: &str) -> Failure {
    Failure::file_changed(
        format!("{} is still being written", path.display()),
        format!("{} Share it when it is complete, or wait longer for its end: --settle 10m.", sentence(how)),
    )
}
