//! Which requests are treated in which way.

use wire_protocol::control::Request;

/// Some have the same effect however often they are done, and whoever is nobody yet may ask them.
pub fn is_remembered(request: &Request) -> bool {
    !matches!(request, Request::SetDisplayName { .. } | Request::UnlockGroups { .. })
}

/// What works on a disk with little room: leaving and removing.
pub fn makes_room(request: &Request) -> bool {
    use Request::{
        CloseGroup, LeaveGroup, RefuseRequest, RemoveFile, RemoveMember, RevokeInvite, UnlockGroups, WithdrawRequest,
    };
    matches!(
        request,
        LeaveGroup { .. }
            | CloseGroup { .. }
            | RemoveFile { .. }
            | RemoveMember { .. }
            | RevokeInvite { .. }
            | RefuseRequest { .. }
            | WithdrawRequest { .. }
            | UnlockGroups { .. }
    )
}
