//! Coming in: by invite at once, or by a request that an admin answers.

use wire_protocol::control::{GroupChange, InviteKey, JOIN_MESSAGE_CHARS_MAX, Reply, Role, Sealed};
use wire_protocol::ids::{GroupId, MemberKey};
use wire_protocol::text::display_text;

use super::groups::{add_member, check_room_for_group, check_room_for_member};
use super::invites::auth_hash;
use super::{Denied, Draft, keys, members};
use crate::limits::{
    JOIN_MESSAGE_EVERY_MS, JOIN_REQUESTS_PER_GROUP, JOIN_REQUESTS_PER_MEMBER, Limit, REFUSED_REQUESTS_PER_MEMBER,
};
use crate::store::groups::GroupRow;
use crate::store::invites::InviteRow;
use crate::store::join_requests::NewRequest;
use crate::store::{self, groups, invites, join_requests};
use crate::tracker::notices::Notice;
use crate::tracker::refusals;

/// Joins by invite, or asks to where the invite says so, or where an admin has removed the actor. Joining twice is fine
/// and changes nothing.
pub async fn join(draft: &mut Draft<'_>, slug: &str, auth: &[u8; 32], message: &str) -> Result<Reply, Denied> {
    let row = groups::by_slug(draft.db, slug).await?.ok_or_else(refusals::unknown_group)?;
    let (group, auth_hash) = (row.group, auth_hash(auth));
    let invite = invites::find(draft.db, group, &auth_hash).await?.ok_or_else(refusals::bad_invite)?;
    if groups::role(draft.db, group, draft.actor).await?.is_some() {
        return Ok(Reply::Joined { group, key: invite.key });
    }
    if invite.needs_accept && join_requests::name_of_asker(draft.db, group, draft.actor).await?.is_some() {
        // Only the message changes: nothing of the invite is used.
        return ask(draft, &row, message, None, invite.key).await;
    }
    check_open(&invite, draft.now_ms)?;
    if groups::was_removed(draft.db, group, draft.actor).await? {
        // An invite that lets others in at once carries the key, which they have only once they are accepted.
        let carried = invite.key.filter(|_| invite.needs_accept);
        return ask(draft, &row, message, Some(invite.created_by), carried).await;
    }
    // It was open a moment ago, in this very transaction; this says so once more and counts.
    let used = invites::take_use(draft.db, group, &auth_hash, draft.now_ms).await?;
    let InviteRow { created_by, needs_accept, key, .. } = used.ok_or_else(refusals::invite_used_up)?;
    if needs_accept {
        return ask(draft, &row, message, Some(created_by), key).await;
    }
    come_in(draft, &row, key).await
}

/// Why an invite does not open anything (any more).
pub fn check_open(invite: &InviteRow, now_ms: u64) -> Result<(), Denied> {
    if invite.is_revoked {
        return Err(refusals::invite_revoked().into());
    }
    if invite.expires_at_ms <= now_ms {
        return Err(refusals::invite_expired().into());
    }
    if invite.uses_left == Some(0) {
        return Err(refusals::invite_used_up().into());
    }
    Ok(())
}

async fn come_in(draft: &mut Draft<'_>, row: &GroupRow, key: Option<InviteKey>) -> Result<Reply, Denied> {
    let group = row.group;
    check_room_for_group(draft, draft.actor).await?;
    check_room_for_member(draft, group).await?;
    if join_requests::delete(draft.db, group, draft.actor).await? == Some(true) {
        draft.record_next(group, GroupChange::RequestsChanged).await?;
    }
    let name = members::name_or_note(draft, draft.actor, draft.newcomer_name).await?;
    add_member(draft, group, draft.actor, name, Role::Member).await?;
    // Else they have the key in a moment, without anybody's help.
    if key.as_ref().is_none_or(|key| key.epoch != row.epoch) {
        keys::want(draft, group).await?;
    }
    Ok(Reply::Joined { group, key })
}

/// Asks to join without an invite.
pub async fn ask_without_invite(draft: &mut Draft<'_>, slug: &str, message: &str) -> Result<Reply, Denied> {
    let row = groups::by_slug(draft.db, slug).await?.ok_or_else(refusals::unknown_group)?;
    if groups::role(draft.db, row.group, draft.actor).await?.is_some() {
        return Ok(Reply::Joined { group: row.group, key: None });
    }
    ask(draft, &row, message, None, None).await
}

async fn ask(
    draft: &mut Draft<'_>,
    row: &GroupRow,
    message: &str,
    invited_by: Option<MemberKey>,
    carried: Option<InviteKey>,
) -> Result<Reply, Denied> {
    let group = row.group;
    let message = display_text(message, JOIN_MESSAGE_CHARS_MAX);
    match join_requests::last_said(draft.db, group, draft.actor).await? {
        // Nobody has to look at the same thing again.
        Some((said, _)) if message.is_empty() || message == said => {
            return Ok(Reply::Asked { group, key: carried });
        }
        // Said in what is the future by now, it was said by a wrong clock.
        Some((_, at_ms)) if draft.now_ms.abs_diff(at_ms) < JOIN_MESSAGE_EVERY_MS => {
            let sentence = "You have just asked. Wait a minute before you say it in other words.";
            return Err(refusals::full(Limit::RateOfMember, sentence).into());
        }
        Some(_) => {}
        None => check_room_for_request(draft, group).await?,
    }
    let display_name = match store::users::display_name(draft.db, draft.actor).await? {
        Some(name) => name,
        None => draft.newcomer_name.to_owned(),
    };
    let new = NewRequest { member: draft.actor, display_name: &display_name, message: &message, invited_by };
    join_requests::put(draft.db, group, &new, draft.now_ms).await?;
    draft.record_next(group, GroupChange::RequestsChanged).await?;
    Ok(Reply::Asked { group, key: carried })
}

async fn check_room_for_request(draft: &mut Draft<'_>, group: GroupId) -> Result<(), Denied> {
    if join_requests::count_of_group(draft.db, group).await? >= JOIN_REQUESTS_PER_GROUP {
        let full = "As many people as it can have wait for an answer of this group. Try again in a few days.";
        return Err(refusals::full(Limit::RequestsOfGroup, full).into());
    }
    if join_requests::count_of_member(draft.db, draft.actor).await? >= JOIN_REQUESTS_PER_MEMBER {
        let full = "You wait for an answer of as many groups as one person can. Withdraw a request first.";
        return Err(refusals::full(Limit::RequestsOfMember, full).into());
    }
    Ok(())
}

/// Does not ask any more, or has seen the answer.
pub async fn withdraw(draft: &mut Draft<'_>, group: GroupId) -> Result<Reply, Denied> {
    let was_open = join_requests::delete(draft.db, group, draft.actor).await?.ok_or_else(refusals::unknown_request)?;
    if was_open {
        draft.record_next(group, GroupChange::RequestsChanged).await?;
    }
    Ok(Reply::Done)
}

/// An admin takes somebody in who asks.
pub async fn accept(
    draft: &mut Draft<'_>,
    group: GroupId,
    member: MemberKey,
    epoch: u32,
    key: Option<&Sealed>,
) -> Result<Reply, Denied> {
    draft.check_admin(group).await?;
    draft.check_epoch(group, epoch).await?;
    let name = join_requests::name_of_asker(draft.db, group, member).await?.ok_or_else(refusals::unknown_request)?;
    check_room_for_group(draft, member).await?;
    check_room_for_member(draft, group).await?;
    join_requests::delete(draft.db, group, member).await?;
    groups::forgive(draft.db, group, member).await?;
    draft.record_next(group, GroupChange::RequestsChanged).await?;
    let name = members::name_or_note(draft, member, &name).await?;
    add_member(draft, group, member, name, Role::Member).await?;
    match key {
        Some(key) => {
            keys::check_sealed(key)?;
            store::keys::put(draft.db, group, member, epoch, draft.actor, key).await?;
        }
        None => keys::want(draft, group).await?,
    }
    Ok(Reply::Done)
}

/// An admin says no to somebody who asks.
pub async fn refuse(draft: &mut Draft<'_>, group: GroupId, member: MemberKey) -> Result<Reply, Denied> {
    draft.check_admin(group).await?;
    let row = groups::by_id(draft.db, group).await?.ok_or_else(refusals::unknown_group)?;
    if !join_requests::refuse(draft.db, group, member, draft.now_ms).await? {
        return Err(refusals::unknown_request().into());
    }
    join_requests::forget_refused_beyond(draft.db, member, REFUSED_REQUESTS_PER_MEMBER).await?;
    draft.record_next(group, GroupChange::RequestsChanged).await?;
    draft.notices.insert(Notice::JoinRefused { member, group, slug: row.slug });
    Ok(Reply::Done)
}
