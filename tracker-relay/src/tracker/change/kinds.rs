//! Which requests are treated in which way.

use wire_protocol::control::Request;

/// Some have the same effect however often they are done, and whoever is nobody yet may ask them. A passkey is kept nowhere:
/// whoever asks again gets another one.
pub fn is_remembered(request: &Request) -> bool {
    use Request::{MakePasskey, RevokePasskeys, SetDisplayName, UnlockGroups};
    !matches!(request, SetDisplayName { .. } | UnlockGroups { .. } | MakePasskey { .. } | RevokePasskeys { .. })
}

/// What works on a disk with little room: leaving and removing.
pub fn makes_room(request: &Request) -> bool {
    use Request::{
        CloseGroup, LeaveGroup, RefuseRequest, RemoveFile, RemoveMember, RevokeInvite, RevokePasskeys, UnlockGroups,
        WithdrawRequest,
    };
    matches!(
        request,
        LeaveGroup { .. }
            | CloseGroup { .. }
            | RemoveFile { .. }
            | RemoveMember { .. }
            | RevokeInvite { .. }
            | RevokePasskeys { .. }
            | RefuseRequest { .. }
            | WithdrawRequest { .. }
            | UnlockGroups { .. }
    )
}
