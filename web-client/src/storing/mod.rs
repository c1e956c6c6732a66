//! Where verified pieces go, and what is needed to go on with them after a reload: all of it decided here, without a
//! browser. The worker's `storage` carries it out.
//!
//! - [`trial`]: what trying the disk says of it.
//! - [`gathering`]: which pieces lie in which Blob.
//! - [`batches`]: which of those the browser keeps in its database.
//! - [`upkeep`]: when what was written is flushed and noted.
//! - [`record`]: what is noted of a file.
//! - [`resume`]: which pieces are believed after a reload.

pub mod batches;
pub mod gathering;
pub mod record;
pub mod resume;
pub mod trial;
pub mod upkeep;

use serde::{Deserialize, Serialize};

/// What became of trying the disk: the origin-private file system (OPFS), which only workers of secure contexts have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Disk {
    /// There is none: the page came without HTTPS, or the browser is too old.
    #[default]
    Missing,
    /// It is there, and did not keep what it was given.
    Failing,
    /// It keeps what it is given in memory, slowly: a private window.
    Slow,
    /// It takes files of so many bytes.
    Works { room: u64 },
    /// The person wants it in memory.
    Unwanted,
}

impl Disk {
    /// Why a file of `size` bytes does not go there; `None`: it does.
    pub fn refuses(self, size: u64) -> Option<WhyMemory> {
        match self {
            Self::Works { room } if size <= room => None,
            Self::Works { .. } => Some(WhyMemory::Full),
            Self::Missing => Some(WhyMemory::NoDisk),
            Self::Failing => Some(WhyMemory::Failing),
            Self::Slow => Some(WhyMemory::Slow),
            Self::Unwanted => Some(WhyMemory::Wanted),
        }
    }
}

/// Where the pieces of a file are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Place {
    /// In a file of the browser's own: they are there after a reload.
    Disk,
    /// In the browser's database, but for the last few: a page without HTTPS has no disk of its own.
    Database,
    /// In what the person chose for it.
    Chosen,
    /// In the browser's memory: they are gone with the tab.
    Memory(WhyMemory),
}

/// Why not on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum WhyMemory {
    /// There is none for this page.
    NoDisk,
    /// It did not keep what it was given.
    Failing,
    /// A private window, whose disk is slow memory.
    Slow,
    /// No room.
    Full,
    /// Another tab of this browser, or another group in this one, writes the same file.
    OtherTab,
    /// The person wants it so.
    Wanted,
}

/// What the disk says it has written or can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the browser kept {kept} of {given} bytes")]
pub struct ShortWrite {
    /// Bytes.
    pub given: u64,
    /// Bytes, or an error's number without its sign.
    pub kept: u64,
}

/// Compares what a write, or giving a file its length, returned with what was given: a private window that is full does
/// not throw, it returns 4294967288.
///
/// # Errors
/// It is not the same.
pub fn all_kept(given: u64, kept: f64) -> Result<(), ShortWrite> {
    let kept = kept as u64;
    if kept == given { Ok(()) } else { Err(ShortWrite { given, kept }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_that_returns_an_errors_number_or_less_than_given_has_failed() {
        assert_eq!(all_kept(262_144, 262_144.0), Ok(()));
        for kept in [4_294_967_288.0, 0.0, 262_143.0, f64::NAN] {
            assert!(all_kept(262_144, kept).is_err(), "{kept}");
        }
    }
}
