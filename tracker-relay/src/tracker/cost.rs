//! What a message costs in tokens: about as many as it has the database touch rows, four to a token.

use wire_protocol::control::{MemberToTracker, Request};

use crate::limits::{ROWS_PER_TOKEN, TOKENS_BURST};

/// Bytes of an info dictionary that count as one row: 16 pages of the database.
const BYTES_PER_ROW: u32 = 64 * 1024;

/// What a message of somebody who is in so many groups costs, tokens. Never more than a full bucket can pay.
pub fn tokens(message: &MemberToTracker, groups: usize) -> f64 {
    let MemberToTracker::Request { request, .. } = message else { return 1.0 };
    (rows(request, groups) as f64 / ROWS_PER_TOKEN).clamp(1.0, TOKENS_BURST / 2.0)
}

/// Rows that a request reads or writes, about: those of its events and of the reply that is kept included.
fn rows(request: &Request, groups: usize) -> usize {
    match request {
        // The member's entry, the group's number and an event, in each group; and all hear of it.
        Request::SetDisplayName { .. } => 1 + 3 * groups,
        // Group, member, key, invite, three events with their numbers.
        Request::CreateGroup { .. } => 12,
        Request::JoinGroup { .. } | Request::AcceptRequest { .. } | Request::LeaveGroup { .. } => 8,
        // Something for everybody to look at, also from strangers.
        Request::AskToJoin { .. } | Request::WithdrawRequest { .. } => 40,
        Request::RefuseRequest { .. } | Request::CreateInvite { .. } | Request::RevokeInvite { .. } => 6,
        Request::MakePasskey { .. } | Request::RevokePasskeys { .. } => 6,
        // Everybody looks at their tickets and keys again.
        Request::ForgetKey { .. } | Request::SetRole { .. } => 20,
        Request::KeepKey { .. } | Request::UnlockGroups { .. } => 4,
        Request::GiveKeys { keys, .. } => 20 + 2 * keys.len(),
        Request::RemoveMember { keys, invites, .. } => 40 + 2 * (keys.len() + invites.len()),
        // Everything that is of the group.
        Request::CloseGroup { .. } => 200,
        Request::AddFile { .. } | Request::RemoveFile { .. } => 8,
        Request::PublishTorrent { info_len, .. } => 8 + (info_len / BYTES_PER_ROW) as usize,
        // Lists, beside the writer.
        Request::PreviewInvite { .. } | Request::ListInvites { .. } | Request::ListRequests { .. } => 8,
        Request::ReadInfo { .. } | Request::MyRequests => 4,
    }
}

#[cfg(test)]
mod tests {
    use wire_protocol::ids::RequestId;

    use super::*;

    #[test]
    fn a_rename_costs_as_much_as_there_are_groups_that_hear_of_it_and_can_be_paid() {
        let rename = MemberToTracker::Request {
            id: RequestId([0; 16]),
            request: Request::SetDisplayName { name: String::new() },
        };
        assert_eq!((tokens(&MemberToTracker::Ping, 256), tokens(&rename, 0)), (1.0, 1.0));
        assert!(tokens(&rename, 90) > 60.0);
        assert!(tokens(&rename, 256) <= TOKENS_BURST);
    }
}
