//! Every refusal with its sentence: what is wrong, and what to do.

use wire_protocol::control::{Refusal, RefusalCode};

use crate::limits::Limit;
use crate::store::Unwritable;

/// A refusal because of a limit, which is counted by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limited {
    pub limit: Limit,
    pub refusal: Refusal,
}

fn refusal(code: RefusalCode, message: impl Into<String>) -> Refusal {
    Refusal { code, message: message.into() }
}

/// The slug leads nowhere.
pub fn unknown_group() -> Refusal {
    refusal(
        RefusalCode::UnknownGroup,
        "There is no such group here (any more). Check the link, or ask whoever sent it for a new one.",
    )
}

/// The slug is right, the secret is not.
pub fn bad_invite() -> Refusal {
    refusal(
        RefusalCode::BadInvite,
        "This link does not open the group: its last part, after the #, is wrong, or the link is an old one. Copy the whole link again, or ask for a new one.",
    )
}

/// Its time is over.
pub fn invite_expired() -> Refusal {
    refusal(RefusalCode::InviteExpired, "This link has expired. Ask whoever sent it for a new one.")
}

/// Whoever made it, or an admin, has taken it back.
pub fn invite_revoked() -> Refusal {
    refusal(RefusalCode::InviteRevoked, "This link has been revoked. Ask whoever sent it for a new one.")
}

/// As many people as may have used it.
pub fn invite_used_up() -> Refusal {
    refusal(
        RefusalCode::InviteUsedUp,
        "This link has been used as often as it may be. Ask whoever sent it for a new one.",
    )
}

/// No such invite, as far as this member is concerned.
pub fn unknown_invite() -> Refusal {
    refusal(RefusalCode::UnknownInvite, "There is no such invite in this group (any more).")
}

/// Neither theirs nor an admin.
pub fn not_your_invite() -> Refusal {
    refusal(RefusalCode::NotAllowed, "Only whoever made this invite or an admin of the group can revoke it.")
}

/// The group's key is of another epoch.
pub fn stale_epoch() -> Refusal {
    refusal(
        RefusalCode::StaleEpoch,
        "The group has changed in the meantime (somebody was removed). Look at it again, then try again.",
    )
}

/// Nobody of this key is in the group.
pub fn unknown_member() -> Refusal {
    refusal(RefusalCode::UnknownMember, "This person is not in the group (any more).")
}

/// Nobody of this key asks to join.
pub fn unknown_request() -> Refusal {
    refusal(
        RefusalCode::UnknownRequest,
        "This request to join is not there any more; it was answered by another admin, or withdrawn.",
    )
}

/// A member, where an admin is needed.
pub fn not_an_admin() -> Refusal {
    refusal(RefusalCode::NotAllowed, "Only an admin of this group can do that.")
}

/// A group is never without an admin.
pub fn last_admin() -> Refusal {
    refusal(RefusalCode::NotAllowed, "You are the only admin of this group. Make somebody else an admin first.")
}

/// The server's password has to be shown first.
pub fn password_needed() -> Refusal {
    refusal(
        RefusalCode::PasswordNeeded,
        "Making a group on this server takes its password. Ask whoever runs it, give the password, and try again.",
    )
}

/// Not the server's password.
pub fn wrong_password() -> Refusal {
    refusal(RefusalCode::WrongPassword, "This is not the server's password. Check it, or ask whoever runs the server.")
}

/// Strangers may not make groups.
pub fn invited_only() -> Refusal {
    refusal(
        RefusalCode::InvitedOnly,
        "Only people who are in a group on this server can make another one here. Ask one of them for an invite, or use another server.",
    )
}

/// Too many wrong invites.
pub fn too_many_invite_failures() -> Refusal {
    refusal(
        RefusalCode::TooMany,
        "Too many wrong invites or passwords from here. Wait a minute, then try again with the right one.",
    )
}

/// Too fast.
pub fn too_many_commands() -> Refusal {
    refusal(RefusalCode::TooMany, "Too many requests at once. Wait a few seconds and try again.")
}

/// More than one may have at once.
pub fn too_many(what: &str) -> Refusal {
    refusal(RefusalCode::TooMany, what)
}

/// A bound of a group or of a member is reached.
pub fn full(limit: Limit, what: impl Into<String>) -> Limited {
    Limited { limit, refusal: refusal(RefusalCode::TooMany, what) }
}

/// Torrents on their way in take as much as they may.
pub fn no_room_for_torrents(limit: Limit) -> Refusal {
    let sentence = match limit {
        Limit::InfoParts => "The server takes in as many torrents as it can at once. Try again in a minute.",
        _ => "You are sending as many torrents as one can at once. Wait until some are there, then try again.",
    };
    refusal(RefusalCode::TooMany, sentence)
}

/// Less disk is free than has to stay.
pub fn disk_low() -> Limited {
    let sentence = "The server's disk is full but for a reserve, so only leaving and removing work. Tell whoever runs the server, \
                    and try again later.";
    Limited { limit: Limit::FreeDisk, refusal: refusal(RefusalCode::ServerError, sentence) }
}

/// Not a member (any more).
pub fn not_a_member() -> Refusal {
    refusal(RefusalCode::NotAllowed, "You are not a member of this group (any more). Open an invite link to join it.")
}

/// Neither theirs nor an admin.
pub fn not_yours() -> Refusal {
    refusal(RefusalCode::NotAllowed, "Only whoever added this file or an admin of the group can do that.")
}

/// No such card.
pub fn unknown_file() -> Refusal {
    refusal(RefusalCode::UnknownFile, "This file is no longer in the group.")
}

/// The card is there, its torrent is not.
pub fn not_hashed_yet() -> Refusal {
    refusal(
        RefusalCode::UnknownFile,
        "This file is still being prepared by whoever shares it. Try again when that is done.",
    )
}

/// Breaks a bound or contradicts the state.
pub fn bad_request(message: impl Into<String>) -> Refusal {
    refusal(RefusalCode::BadRequest, message)
}

/// The login does not prove what it says.
pub fn bad_login(message: impl Into<String>) -> Refusal {
    refusal(RefusalCode::BadLogin, message)
}

/// The message is of another version of the protocol.
pub fn unknown_version() -> Refusal {
    refusal(
        RefusalCode::UnknownVersion,
        "This server speaks another version of the protocol. Reload the page, or update the program.",
    )
}

/// The database takes no writes.
pub fn unwritable(why: Unwritable) -> Refusal {
    match why {
        Unwritable::DiskFull => refusal(
            RefusalCode::ServerError,
            "The server's disk is full, so nothing was changed. Tell whoever runs the server, and try again later.",
        ),
        Unwritable::Broken => server_error(),
    }
}

/// The database failed.
pub fn server_error() -> Refusal {
    refusal(
        RefusalCode::ServerError,
        "The server could not store this (its disk may be full). Nothing was changed; try again later.",
    )
}
