//! The group's key, as the tracker sees it: bytes that it keeps and hands on.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::ids::MemberKey;

/// A key under somebody's key or an invite's secret, at most `SEALED_LEN_MAX` bytes. The tracker cannot open it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed(pub Vec<u8>);

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealed({} bytes)", self.0.len())
    }
}

/// The group's key for one member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyFor {
    /// Whom it is sealed to.
    pub member: MemberKey,
    /// Only they can open it.
    pub sealed: Sealed,
}
