//! Making and revoking invites.

use sha2::{Digest, Sha256};
use wire_protocol::control::{GroupChange, INVITE_LIFETIME_S_MAX, INVITE_LIFETIME_S_MIN, NewInvite, Reply, Role};
use wire_protocol::ids::{GroupId, InviteId};

use super::{Denied, Draft, keys};
use crate::limits::{INVITES_PER_GROUP, Limit, OLD_INVITES_PER_GROUP};
use crate::store::invites;
use crate::tracker::refusals;

/// What the database keeps of an invite's auth key.
pub fn auth_hash(auth: &[u8; 32]) -> [u8; 32] {
    Sha256::digest(auth).into()
}

/// Adds an invite to a group of one's own.
pub async fn create(draft: &mut Draft<'_>, group: GroupId, new: &NewInvite) -> Result<Reply, Denied> {
    draft.role(group).await?;
    draft.check_epoch(group, new.epoch).await?;
    if let Some(sealed) = &new.sealed {
        keys::check_sealed(sealed)?;
    }
    if new.uses == Some(0) {
        return Err(refusals::bad_request("An invite that nobody may use opens nothing. Allow one use or more.").into());
    }
    if invites::count_open(draft.db, group, draft.now_ms).await? >= INVITES_PER_GROUP {
        let full = refusals::full(
            Limit::InvitesOfGroup,
            "This group has as many open invites as it can have. Use one of them, or revoke some.",
        );
        return Err(full.into());
    }
    let lifetime_s = new.lifetime_s.clamp(INVITE_LIFETIME_S_MIN, INVITE_LIFETIME_S_MAX);
    let expires_at_ms = draft.now_ms + u64::from(lifetime_s) * 1000;
    let auth_hash = auth_hash(&new.auth);
    let is_new = invites::insert(draft.db, group, new, &auth_hash, draft.actor, draft.now_ms, expires_at_ms).await?;
    if !is_new {
        return Err(refusals::bad_request("There is an invite with this id or secret already. Make a new one.").into());
    }
    invites::forget_beyond(draft.db, group, OLD_INVITES_PER_GROUP, draft.now_ms).await?;
    draft.record_next(group, GroupChange::InvitesChanged).await?;
    Ok(Reply::InviteCreated { expires_at_ms })
}

/// From now on an invite opens nothing. Whoever made it, or an admin.
pub async fn revoke(draft: &mut Draft<'_>, group: GroupId, invite: InviteId) -> Result<Reply, Denied> {
    let role = draft.role(group).await?;
    let (made_by, is_revoked) = invites::maker(draft.db, group, invite).await?.ok_or_else(refusals::unknown_invite)?;
    if made_by != draft.actor && role != Role::Admin {
        return Err(refusals::not_your_invite().into());
    }
    if !is_revoked {
        invites::revoke(draft.db, group, invite, draft.now_ms).await?;
        draft.record_next(group, GroupChange::InvitesChanged).await?;
    }
    Ok(Reply::Done)
}
