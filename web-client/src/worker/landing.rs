//! What a visitor sees of an invite, made of what the server says.

use wire_protocol::control::{InvitePreview, Refusal, RefusalCode};

use crate::messages::{InviteProblem, Offer, OfferedFile};
use crate::screen::refusals::refusal_line;

pub(super) fn problem(refusal: &Refusal) -> InviteProblem {
    match refusal.code {
        RefusalCode::BadInvite => InviteProblem::BadSecret,
        RefusalCode::UnknownGroup => InviteProblem::UnknownGroup,
        RefusalCode::InviteExpired | RefusalCode::InviteRevoked | RefusalCode::InviteUsedUp => {
            InviteProblem::Over(refusal_line(refusal))
        }
        _ => InviteProblem::Other(refusal_line(refusal)),
    }
}

pub(super) fn offer(preview: InvitePreview) -> Offer {
    let files = preview.files.into_iter().map(|file| OfferedFile {
        name: file.card.name,
        size: file.card.size,
        is_ready: file.card.torrent.is_some(),
        seeders: file.seeders,
        leechers: file.leechers,
    });
    Offer {
        id: Some(preview.group),
        needs_accept: preview.needs_accept,
        group: preview.name,
        invited_by: preview.invited_by,
        members_online: preview.members_online,
        files: files.collect(),
    }
}
