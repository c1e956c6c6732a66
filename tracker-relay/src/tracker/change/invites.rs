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
    invites::forget_expired_beyond(draft.db, group, INVITES_PER_GROUP, draft.now_ms).await?;
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

#[cfg(test)]
mod tests {
    use sqlx::SqliteConnection;
    use wire_protocol::control::{RefusalCode, Request};
    use wire_protocol::ids::MemberKey;

    use super::*;
    use crate::store::Store;
    use crate::store::invariants::broken;
    use crate::tracker::change::apply;
    use crate::tracker::refusals::Limited;
    use crate::tracker::rules::Rules;

    const GROUP: GroupId = GroupId([1; 16]);
    const NOW_MS: u64 = 1_800_000_000_000;
    const LATER_MS: u64 = NOW_MS + 2 * 1000 * INVITE_LIFETIME_S_MIN as u64;

    fn invite(number: u32) -> NewInvite {
        let mut id = [0; 16];
        id[..4].copy_from_slice(&number.to_be_bytes());
        let auth = auth_hash(&[&id[..], &id[..]].concat().try_into().unwrap());
        NewInvite { lifetime_s: INVITE_LIFETIME_S_MIN, ..NewInvite::for_anybody(InviteId(id), auth) }
    }

    async fn ask(db: &mut SqliteConnection, request: Request, now_ms: u64) -> Result<Reply, Denied> {
        let rules = Rules::default();
        apply(&mut Draft::new(db, &rules, MemberKey([1; 32]), "Ana", now_ms), request, None).await
    }

    /// Made while the clock is ahead, so that the others look expired. Then it is right again.
    #[tokio::test]
    async fn a_clock_that_goes_back_opens_no_more_invites_than_a_group_may_have() {
        let folder = tempfile::tempdir().unwrap();
        let (_store, mut writer) = Store::open(&folder.path().join("covey.db")).await.unwrap();
        let db = writer.get().await.unwrap();
        let create = Request::CreateGroup { group: GROUP, name: String::new(), key: None, invite: invite(0) };
        ask(db, create, NOW_MS).await.unwrap();
        for (first, now_ms) in [(1, NOW_MS), (INVITES_PER_GROUP, LATER_MS)] {
            for number in first..INVITES_PER_GROUP + first - 1 {
                ask(db, Request::CreateInvite { group: GROUP, invite: invite(number) }, now_ms).await.unwrap();
            }
        }
        assert_eq!(broken(db, NOW_MS).await.unwrap(), [""; 0]);
        assert!(invites::count_open(db, GROUP, NOW_MS).await.unwrap() <= INVITES_PER_GROUP);
        let more = Request::CreateInvite { group: GROUP, invite: invite(u32::MAX) };
        match ask(db, more, NOW_MS).await {
            Err(Denied::Limited(Limited { refusal, .. })) => assert_eq!(refusal.code, RefusalCode::TooMany),
            other => panic!("{other:?}"),
        }
    }
}
