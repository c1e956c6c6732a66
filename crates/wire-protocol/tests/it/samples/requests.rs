//! One of every request.

use wire_protocol::control::*;
use wire_protocol::ids::*;

use super::{ADMIN, AUTH, FILE, GROUP, INVITE, OTHER, sealed};

fn new_invite() -> NewInvite {
    NewInvite {
        invite: INVITE,
        auth: AUTH,
        lifetime_s: INVITE_LIFETIME_S,
        uses: Some(10),
        needs_accept: true,
        epoch: 1,
        sealed: Some(sealed()),
    }
}

fn key_for() -> KeyFor {
    KeyFor { member: OTHER, sealed: sealed() }
}

pub fn requests() -> Vec<Request> {
    let slug = || "lively-otter".to_owned();
    let message = || "It is me".to_owned();
    let mut requests = vec![
        Request::CreateGroup {
            group: GROUP,
            name: "Holiday".to_owned(),
            key: Some(sealed()),
            invite: NewInvite::for_anybody(INVITE, AUTH),
        },
        Request::PreviewInvite { slug: slug(), auth: AUTH },
        Request::JoinGroup { slug: slug(), auth: AUTH, message: message() },
        Request::CreateInvite { group: GROUP, invite: new_invite() },
        Request::AddFile { group: GROUP, file: FILE, name: "movie.mp4".to_owned(), size: 757_071_872 },
        Request::PublishTorrent {
            group: GROUP,
            file: FILE,
            info_hash: InfoHash([0xaa; 20]),
            info_len: 57_860,
            pieces: 2_888,
        },
        Request::ReadInfo { group: GROUP, file: FILE, offset: 32_768 },
        Request::SetDisplayName { name: "Zoë".to_owned() },
        Request::RemoveFile { group: GROUP, file: FILE },
        Request::LeaveGroup { group: GROUP },
        Request::ListInvites { group: GROUP },
        Request::RevokeInvite { group: GROUP, invite: INVITE },
        Request::KeepKey { group: GROUP, epoch: 1, sealed: sealed() },
        Request::ForgetKey { group: GROUP, epoch: 1 },
        Request::GiveKeys { group: GROUP, epoch: 1, keys: vec![key_for()] },
    ];
    requests.extend([
        Request::AskToJoin { slug: slug(), message: message() },
        Request::ListRequests { group: GROUP },
        Request::AcceptRequest { group: GROUP, member: OTHER, epoch: 1, key: Some(sealed()) },
        Request::RefuseRequest { group: GROUP, member: OTHER },
        Request::WithdrawRequest { group: GROUP },
        Request::MyRequests,
        Request::SetRole { group: GROUP, member: OTHER, role: Role::Admin },
        Request::RemoveMember {
            group: GROUP,
            member: OTHER,
            epoch: 2,
            keys: vec![KeyFor { member: ADMIN, sealed: sealed() }],
            invites: vec![ResealedInvite { invite: INVITE, sealed: sealed() }],
        },
        Request::CloseGroup { group: GROUP },
        Request::UnlockGroups { password: Password("open sesame".to_owned()) },
        Request::MakePasskey { group: GROUP },
        Request::RevokePasskeys { group: GROUP },
    ]);
    requests
}

pub fn request_name(request: &Request) -> &'static str {
    match request {
        Request::CreateGroup { .. } => "request/create-group",
        Request::PreviewInvite { .. } => "request/preview-invite",
        Request::JoinGroup { .. } => "request/join-group",
        Request::CreateInvite { .. } => "request/create-invite",
        Request::AddFile { .. } => "request/add-file",
        Request::PublishTorrent { .. } => "request/publish-torrent",
        Request::ReadInfo { .. } => "request/read-info",
        Request::SetDisplayName { .. } => "request/set-display-name",
        Request::RemoveFile { .. } => "request/remove-file",
        Request::LeaveGroup { .. } => "request/leave-group",
        Request::ListInvites { .. } => "request/list-invites",
        Request::RevokeInvite { .. } => "request/revoke-invite",
        Request::KeepKey { .. } => "request/keep-key",
        Request::ForgetKey { .. } => "request/forget-key",
        Request::GiveKeys { .. } => "request/give-keys",
        Request::AskToJoin { .. } => "request/ask-to-join",
        Request::ListRequests { .. } => "request/list-requests",
        Request::AcceptRequest { .. } => "request/accept-request",
        Request::RefuseRequest { .. } => "request/refuse-request",
        Request::WithdrawRequest { .. } => "request/withdraw-request",
        Request::MyRequests => "request/my-requests",
        Request::SetRole { .. } => "request/set-role",
        Request::RemoveMember { .. } => "request/remove-member",
        Request::CloseGroup { .. } => "request/close-group",
        Request::UnlockGroups { .. } => "request/unlock-groups",
        Request::MakePasskey { .. } => "request/make-passkey",
        Request::RevokePasskeys { .. } => "request/revoke-passkeys",
    }
}
