//! Requests to join that wait for an admin, as both sides see them.

use serde::{Deserialize, Serialize};

use crate::ids::{GroupId, MemberKey};

/// Somebody who asks to join, as admins see them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JoinRequest {
    /// Who.
    pub member: MemberKey,
    /// What they call themselves. Anybody can call themselves anything: see `MemberKey::mark`.
    pub display_name: String,
    /// What they say; may be empty.
    pub message: String,
    /// Whose invite they opened; `None`: they came by the group's slug.
    pub invited_by: Option<MemberKey>,
    /// They were in the group before, and an admin removed them.
    pub was_removed: bool,
    /// Unix milliseconds.
    pub asked_at_ms: u64,
}

/// What somebody asked for, as they see it themselves. What was accepted is not here but among their groups.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MyRequest {
    pub group: GroupId,
    /// The group's; its name is not told to strangers.
    pub slug: String,
    /// What they said.
    pub message: String,
    /// Unix milliseconds.
    pub asked_at_ms: u64,
    /// An admin said no. They may ask again.
    pub is_refused: bool,
}
