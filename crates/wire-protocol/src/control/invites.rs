//! Invites: what makes one, what is told of it, and what it shows of its group.

use serde::{Deserialize, Serialize};

use super::files::FileCard;
use super::keys::Sealed;
use super::limits::INVITE_LIFETIME_S;
use crate::ids::{GroupId, InviteId, MemberKey};

/// An invite in the making.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewInvite {
    /// Random, made by the client.
    pub invite: InviteId,
    /// The invite's auth key (`invite::auth_key`); the tracker keeps its SHA-256.
    pub auth: [u8; 32],
    /// How long it is good for, seconds. The tracker takes what is within `INVITE_LIFETIME_S_MIN` and
    /// `INVITE_LIFETIME_S_MAX`, and the nearer of the two for the rest.
    pub lifetime_s: u32,
    /// How many people may come in, or ask to, by it; `None`: any number. Not 0.
    pub uses: Option<u32>,
    /// Whoever opens it asks to join, and an admin answers.
    pub needs_accept: bool,
    /// The group's, as the maker knows it; refused if it is another one.
    pub epoch: u32,
    /// The group's key under the invite's secret; `None`: the maker does not have the key (yet).
    pub sealed: Option<Sealed>,
}

impl NewInvite {
    /// One that lets anybody in for as long as invites usually are good, and carries no key.
    pub fn for_anybody(invite: InviteId, auth: [u8; 32]) -> Self {
        Self { invite, auth, lifetime_s: INVITE_LIFETIME_S, uses: None, needs_accept: false, epoch: 0, sealed: None }
    }
}

/// An open invite, as the group's members see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InviteCard {
    /// Which one.
    pub invite: InviteId,
    /// Who made it.
    pub created_by: MemberKey,
    /// Unix milliseconds.
    pub created_at_ms: u64,
    /// Unix milliseconds.
    pub expires_at_ms: u64,
    /// How many may still come; `None`: any number.
    pub uses_left: Option<u32>,
    /// Whoever opens it asks to join.
    pub needs_accept: bool,
    /// Of the key that it carries; `None`: it carries none.
    pub epoch: Option<u32>,
}

/// The key that an invite carries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InviteKey {
    /// The key's.
    pub epoch: u32,
    /// Under the invite's secret.
    pub sealed: Sealed,
}

/// An invite that goes on with a new key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResealedInvite {
    /// Which one.
    pub invite: InviteId,
    /// The new key under the invite's secret.
    pub sealed: Sealed,
}

/// What a visitor sees before joining. Whoever has to ask first sees the names only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitePreview {
    pub group: GroupId,
    pub name: String,
    /// Who made the invite.
    pub invited_by: String,
    /// Joining leads to a request that an admin answers; then there are no figures and files here.
    pub needs_accept: bool,
    /// Members with a connection now.
    pub members_online: u32,
    /// The group's files.
    pub files: Vec<PreviewFile>,
}

/// A file as a visitor sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviewFile {
    pub card: FileCard,
    /// Peers that have all of it now.
    pub seeders: u32,
    /// Peers that have a part of it now.
    pub leechers: u32,
}
