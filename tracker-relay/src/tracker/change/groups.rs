//! Making, joining and leaving groups, and their invites.

use sha2::{Digest, Sha256};
use wire_protocol::control::{GroupChange, Member, Reply, Role};
use wire_protocol::ids::GroupId;

use super::{Denied, Draft, members};
use crate::limits::{GROUPS_PER_MEMBER, INVITES_PER_GROUP, MEMBERS_PER_GROUP};
use crate::store::groups;
use crate::store::groups::GroupRow;
use crate::tracker::refusals;
use crate::{names, slug};

/// Two words run out of free pairs long before this many tries do.
const SLUG_ATTEMPTS: u32 = 32;

/// What the database keeps of an invite.
pub fn auth_hash(auth: &[u8; 32]) -> [u8; 32] {
    Sha256::digest(auth).into()
}

/// Makes a group, its first member and its first invite.
pub async fn create(draft: &mut Draft<'_>, group: GroupId, name: &str, auth: &[u8; 32]) -> Result<Reply, Denied> {
    let name = names::group_name(name)?;
    check_room_for_group(draft).await?;
    if groups::id_is_taken(draft.db, group).await? {
        return Err(refusals::bad_request("There is a group with this id already. Make a new one.").into());
    }
    let slug = insert_with_free_slug(draft, group, &name).await?;
    let name = if name.is_empty() { slug::in_words(&slug) } else { name };
    draft.record_next(group, GroupChange::Created { name }).await?;
    add_member(draft, group, Role::Admin).await?;
    groups::insert_invite(draft.db, group, &auth_hash(auth), draft.actor, draft.now_ms).await?;
    draft.record_next(group, GroupChange::InviteCreated).await?;
    Ok(Reply::GroupCreated { slug })
}

async fn insert_with_free_slug(draft: &mut Draft<'_>, group: GroupId, name: &str) -> Result<String, Denied> {
    for attempt in 0..SLUG_ATTEMPTS {
        let slug = slug::propose(attempt);
        let in_words = slug::in_words(&slug);
        let name = if name.is_empty() { &in_words } else { name };
        if groups::insert(draft.db, group, &slug, name, draft.now_ms).await? {
            return Ok(slug);
        }
    }
    Err(refusals::full("This server has run out of names for groups. Tell whoever runs it.").into())
}

/// Joins by invite. Joining twice is fine and changes nothing.
pub async fn join(draft: &mut Draft<'_>, slug: &str, auth: &[u8; 32]) -> Result<Reply, Denied> {
    let row = groups::by_slug(draft.db, slug).await?.ok_or_else(refusals::unknown_group)?;
    let GroupRow { group, .. } = row;
    if groups::invited_by(draft.db, group, &auth_hash(auth)).await?.is_none() {
        return Err(refusals::bad_invite().into());
    }
    if groups::role(draft.db, group, draft.actor).await?.is_none() {
        check_room_for_group(draft).await?;
        if groups::count_members(draft.db, group).await? >= MEMBERS_PER_GROUP {
            let full = refusals::full("This group is full. Ask its admin to make a second one.");
            return Err(full.into());
        }
        add_member(draft, group, Role::Member).await?;
    }
    Ok(Reply::Joined { group })
}

/// Adds an invite to a group of one's own.
pub async fn create_invite(draft: &mut Draft<'_>, group: GroupId, auth: &[u8; 32]) -> Result<Reply, Denied> {
    draft.role(group).await?;
    if groups::count_invites(draft.db, group).await? >= INVITES_PER_GROUP {
        let full = refusals::full("This group has as many invites as it can have. Use one of them.");
        return Err(full.into());
    }
    groups::insert_invite(draft.db, group, &auth_hash(auth), draft.actor, draft.now_ms).await?;
    draft.record_next(group, GroupChange::InviteCreated).await?;
    Ok(Reply::Done)
}

/// Leaves. The last admin's leaving promotes the longest-standing member; an empty group is closed.
pub async fn leave(draft: &mut Draft<'_>, group: GroupId) -> Result<Reply, Denied> {
    let role = draft.role(group).await?;
    groups::delete_member(draft.db, group, draft.actor).await?;
    let rest = groups::members(draft.db, group).await?;
    if role == Role::Admin && rest.iter().all(|member| member.role != Role::Admin) {
        promote_first(draft, group, &rest).await?;
    }
    draft.record_next(group, GroupChange::MemberLeft(draft.actor)).await?;
    if rest.is_empty() {
        groups::close(draft.db, group, draft.now_ms).await?;
    }
    Ok(Reply::Done)
}

async fn promote_first(draft: &mut Draft<'_>, group: GroupId, rest: &[Member]) -> Result<(), Denied> {
    let Some(first) = rest.first() else { return Ok(()) };
    groups::set_role(draft.db, group, first.key, Role::Admin).await?;
    let promoted = Member { role: Role::Admin, ..first.clone() };
    draft.record_next(group, GroupChange::Member(promoted)).await?;
    Ok(())
}

async fn add_member(draft: &mut Draft<'_>, group: GroupId, role: Role) -> Result<(), Denied> {
    let display_name = members::name_or_note(draft).await?;
    let seq = draft.next_seq(group).await?;
    groups::insert_member(draft.db, group, draft.actor, role, seq).await?;
    let member = Member { key: draft.actor, display_name, role };
    draft.record(group, seq, GroupChange::Member(member)).await?;
    Ok(())
}

async fn check_room_for_group(draft: &mut Draft<'_>) -> Result<(), Denied> {
    if groups::count_of_member(draft.db, draft.actor).await? >= GROUPS_PER_MEMBER {
        let full = refusals::full("You are in as many groups as one person can be in. Leave one first.");
        return Err(full.into());
    }
    Ok(())
}
