//! What whoever runs the server allows.

use super::admission::Admission;
use crate::free_disk::FreeDisk;
use crate::limits::{INFO_BYTES_OF_ALL, INFO_BYTES_OF_MEMBER};

/// What whoever runs the server allows.
#[derive(Debug, Default)]
pub struct Rules {
    /// Who may make groups.
    pub admission: Admission,
    /// What torrents may take on disk.
    pub quotas: Quotas,
    /// How much disk stays free.
    pub free_disk: FreeDisk,
}

/// What info dictionaries may take on disk, bytes.
#[derive(Debug, Clone, Copy)]
pub struct Quotas {
    /// Those of one member's cards.
    pub of_member: u64,
    /// All.
    pub of_all: u64,
}

impl Default for Quotas {
    fn default() -> Self {
        Self { of_member: INFO_BYTES_OF_MEMBER, of_all: INFO_BYTES_OF_ALL }
    }
}
