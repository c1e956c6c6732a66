//! What people are called, what they may do, and removing them.

use wire_protocol::control::{GroupChange, KeyFor, LIST_LEN_MAX, Member, Reply, ResealedInvite, Role};
use wire_protocol::ids::{GroupId, MemberKey};

use super::{Denied, Draft, keys};
use crate::store::{self, groups, invites, join_requests, users};
use crate::tracker::refusals;

/// Calls the actor by this (clean) name, and tells their groups if it is a new one. Somebody new leaves nothing behind: their
/// session keeps the name.
pub async fn rename(draft: &mut Draft<'_>, display_name: &str) -> Result<(), Denied> {
    match users::display_name(draft.db, draft.actor).await? {
        Some(before) if before != display_name => {}
        _ => return Ok(()),
    }
    users::put(draft.db, draft.actor, display_name, draft.now_ms).await?;
    for group in groups::of_member(draft.db, draft.actor).await? {
        let role = draft.role(group).await?;
        let member = Member { key: draft.actor, display_name: display_name.to_owned(), role };
        draft.record_next(group, GroupChange::Member(member)).await?;
    }
    Ok(())
}

/// A person's name. Somebody new is noted under the name that they came with: whoever joins nothing leaves
/// nothing behind.
pub async fn name_or_note(draft: &mut Draft<'_>, member: MemberKey, name: &str) -> sqlx::Result<String> {
    if let Some(name) = users::display_name(draft.db, member).await? {
        return Ok(name);
    }
    users::put(draft.db, member, name, draft.now_ms).await?;
    Ok(name.to_owned())
}

/// Changes what a member may do. A group has an admin at any time.
pub async fn set_role(draft: &mut Draft<'_>, group: GroupId, member: MemberKey, role: Role) -> Result<Reply, Denied> {
    draft.check_admin(group).await?;
    let before = groups::role(draft.db, group, member).await?.ok_or_else(refusals::unknown_member)?;
    if before == role {
        return Ok(Reply::Done);
    }
    if role != Role::Admin && groups::count_admins(draft.db, group).await? == 1 {
        return Err(refusals::last_admin().into());
    }
    groups::set_role(draft.db, group, member, role).await?;
    let display_name = users::display_name(draft.db, member).await?.unwrap_or_default();
    draft.record_next(group, GroupChange::Member(Member { key: member, display_name, role })).await?;
    Ok(Reply::Done)
}

/// Removes another member, and begins a new epoch. Admins are equals: each may remove any other.
pub async fn remove(
    draft: &mut Draft<'_>,
    group: GroupId,
    member: MemberKey,
    epoch: u32,
    given: &[KeyFor],
    resealed: &[ResealedInvite],
) -> Result<Reply, Denied> {
    draft.check_admin(group).await?;
    keys::check_keys(given)?;
    if resealed.len() > LIST_LEN_MAX {
        return Err(refusals::bad_request("These are more invites at once than a group can have.").into());
    }
    resealed.iter().try_for_each(|resealed| keys::check_sealed(&resealed.sealed))?;
    if member == draft.actor {
        return Err(refusals::bad_request("Nobody removes themselves. Leave the group instead.").into());
    }
    groups::role(draft.db, group, member).await?.ok_or_else(refusals::unknown_member)?;
    if !groups::advance_epoch(draft.db, group, epoch).await? {
        return Err(refusals::stale_epoch().into());
    }
    groups::delete_member(draft.db, group, member).await?;
    groups::note_removal(draft.db, group, member, draft.actor, draft.now_ms).await?;
    join_requests::delete(draft.db, group, member).await?;
    draft.record_next(group, GroupChange::MemberRemoved { member, epoch }).await?;
    store::keys::forget_all(draft.db, group).await?;
    for KeyFor { member, sealed } in given {
        store::keys::give(draft.db, group, *member, epoch, draft.actor, sealed).await?;
    }
    let mut is_changed = false;
    for resealed in resealed {
        is_changed |= invites::reseal(draft.db, group, resealed, epoch, member, draft.now_ms).await?;
    }
    is_changed |= invites::revoke_older(draft.db, group, epoch, draft.now_ms).await?;
    if is_changed {
        draft.record_next(group, GroupChange::InvitesChanged).await?;
    }
    Ok(Reply::Done)
}
