//! Why something was refused.

use serde::{Deserialize, Serialize};

/// Why a request, a login or a connection was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    /// For programs.
    pub code: RefusalCode,
    /// For people: one sentence that says what to do.
    pub message: String,
}

/// Sorted by who can mend it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum RefusalCode {
    /// The signature, key, origin or message is wrong.
    BadLogin,
    /// No group has this slug.
    UnknownGroup,
    /// The invite's secret is wrong, or the invite is gone for long.
    BadInvite,
    /// The member is not in the group, or not an admin.
    NotAllowed,
    /// No such file card, or it has no torrent yet.
    UnknownFile,
    /// The request breaks a bound or contradicts the state.
    BadRequest,
    /// Too many requests; try again later.
    TooMany,
    /// The tracker's own fault (disk full, database).
    ServerError,
    /// The protocol version is not spoken here.
    UnknownVersion,
    /// The invite's time is over.
    InviteExpired,
    /// The invite was revoked.
    InviteRevoked,
    /// As many people as may have used the invite.
    InviteUsedUp,
    /// The group's key has changed since the asker looked: look again, and ask with the new state.
    StaleEpoch,
    /// The group has no such member.
    UnknownMember,
    /// The group has no such open invite.
    UnknownInvite,
    /// This person does not ask to join (any more).
    UnknownRequest,
    /// Whoever makes a group here has to show the server's password first: `UnlockGroups`, then the same request again.
    PasswordNeeded,
    /// Not the server's password.
    WrongPassword,
    /// Only who is in a group of this server may make another one.
    InvitedOnly,
}
