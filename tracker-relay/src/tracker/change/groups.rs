//! Making, leaving and closing groups.

use wire_protocol::control::{GroupChange, Member, NewInvite, Reply, Role, Sealed};
use wire_protocol::ids::{GroupId, MemberKey};

use super::{Denied, Draft, invites, keys, members};
use crate::limits::{GROUPS_PER_MEMBER, Limit, MEMBERS_PER_GROUP};
use crate::store::{self, groups};
use crate::tracker::notices::Notice;
use crate::tracker::refusals;
use crate::{names, slug};

/// Two words run out of free pairs long before this many tries do.
const SLUG_ATTEMPTS: u32 = 32;

/// Makes a group, its first member and its first invite.
pub async fn create(
    draft: &mut Draft<'_>,
    group: GroupId,
    name: &str,
    key: Option<&Sealed>,
    invite: &NewInvite,
) -> Result<Reply, Denied> {
    let name = names::group_name(name)?;
    draft.rules.admission.check(draft).await?;
    check_room_for_group(draft, draft.actor).await?;
    if groups::id_is_taken(draft.db, group).await? {
        return Err(refusals::bad_request("There is a group with this id already. Make a new one.").into());
    }
    let slug = insert_with_free_slug(draft, group, &name).await?;
    let name = if name.is_empty() { slug::in_words(&slug) } else { name };
    draft.record_next(group, GroupChange::Created { name }).await?;
    let own_name = members::name_or_note(draft, draft.actor, draft.newcomer_name).await?;
    add_member(draft, group, draft.actor, own_name, Role::Admin).await?;
    if let Some(key) = key {
        keys::check_sealed(key)?;
        store::keys::put(draft.db, group, draft.actor, 0, draft.actor, key).await?;
    }
    invites::create(draft, group, invite).await?;
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
    Err(refusals::bad_request("This server has run out of names for groups. Tell whoever runs it.").into())
}

/// Leaves. The last admin's leaving promotes the longest-standing member; an empty group is closed.
pub async fn leave(draft: &mut Draft<'_>, group: GroupId) -> Result<Reply, Denied> {
    let role = draft.role(group).await?;
    // Nobody could revoke them any more but an admin who knows of them.
    if store::invites::revoke_of(draft.db, group, draft.actor, draft.now_ms).await? {
        draft.record_next(group, GroupChange::InvitesChanged).await?;
    }
    groups::delete_member(draft.db, group, draft.actor).await?;
    let rest = groups::members(draft.db, group).await?;
    if role == Role::Admin && rest.iter().all(|member| member.role != Role::Admin) {
        promote_first(draft, group, &rest).await?;
    }
    draft.record_next(group, GroupChange::MemberLeft(draft.actor)).await?;
    if rest.is_empty() {
        end(draft, group).await?;
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

/// Closes a group for everybody.
pub async fn close(draft: &mut Draft<'_>, group: GroupId) -> Result<Reply, Denied> {
    draft.check_admin(group).await?;
    draft.record_next(group, GroupChange::Closed).await?;
    end(draft, group).await?;
    Ok(Reply::Done)
}

/// Whoever waits for an answer gets none any more, and is told.
async fn end(draft: &mut Draft<'_>, group: GroupId) -> Result<(), Denied> {
    if let Some(row) = groups::by_id(draft.db, group).await? {
        for member in store::join_requests::askers(draft.db, group).await? {
            draft.notices.insert(Notice::JoinRefused { member, group, slug: row.slug.clone() });
        }
    }
    groups::close(draft.db, group, draft.now_ms).await?;
    Ok(())
}

/// Takes a person in, who is called `display_name`.
pub async fn add_member(
    draft: &mut Draft<'_>,
    group: GroupId,
    key: MemberKey,
    display_name: String,
    role: Role,
) -> Result<(), Denied> {
    let seq = draft.next_seq(group).await?;
    groups::insert_member(draft.db, group, key, role, seq).await?;
    draft.record(group, seq, GroupChange::Member(Member { key, display_name, role })).await?;
    Ok(())
}

/// Whether a person may be in one more group.
pub async fn check_room_for_group(draft: &mut Draft<'_>, member: MemberKey) -> Result<(), Denied> {
    if groups::count_of_member(draft.db, member).await? < GROUPS_PER_MEMBER {
        return Ok(());
    }
    let sentence = if member == draft.actor {
        "You are in as many groups as one person can be in. Leave one first."
    } else {
        "They are in as many groups as one person can be in, and have to leave one first."
    };
    Err(refusals::full(Limit::GroupsOfMember, sentence).into())
}

/// Whether a group may have one more member.
pub async fn check_room_for_member(draft: &mut Draft<'_>, group: GroupId) -> Result<(), Denied> {
    if groups::count_members(draft.db, group).await? >= MEMBERS_PER_GROUP {
        let full = refusals::full(
            Limit::MembersOfGroup,
            "This group is full. Its admins can make a second one, or remove somebody.",
        );
        return Err(full.into());
    }
    Ok(())
}
