//! The groups' keys on their way from member to member. What they are is none of the tracker's business.

use wire_protocol::control::{KeyFor, LIST_LEN_MAX, Refusal, Reply, SEALED_LEN_MAX, Sealed};
use wire_protocol::ids::GroupId;

use super::{Denied, Draft};
use crate::store::keys;
use crate::tracker::notices::Notice;
use crate::tracker::refusals;

/// Whether bytes may be a sealed key.
pub fn check_sealed(sealed: &Sealed) -> Result<(), Refusal> {
    if sealed.0.is_empty() || sealed.0.len() > SEALED_LEN_MAX {
        return Err(refusals::bad_request("This is no sealed key. Reload the page, or update the program."));
    }
    Ok(())
}

/// The same of many.
pub fn check_keys(given: &[KeyFor]) -> Result<(), Refusal> {
    if given.len() > LIST_LEN_MAX {
        return Err(refusals::bad_request("These are more keys at once than a group has members."));
    }
    given.iter().try_for_each(|given| check_sealed(&given.sealed))
}

/// Keeps the actor's own key.
pub async fn keep(draft: &mut Draft<'_>, group: GroupId, epoch: u32, sealed: &Sealed) -> Result<Reply, Denied> {
    draft.role(group).await?;
    draft.check_epoch(group, epoch).await?;
    check_sealed(sealed)?;
    keys::put(draft.db, group, draft.actor, epoch, draft.actor, sealed).await?;
    draft.notices.insert(Notice::LookAgain { group, member: Some(draft.actor) });
    Ok(Reply::Done)
}

/// The actor cannot open their key.
pub async fn forget(draft: &mut Draft<'_>, group: GroupId, epoch: u32) -> Result<Reply, Denied> {
    draft.role(group).await?;
    draft.check_epoch(group, epoch).await?;
    if keys::forget(draft.db, group, draft.actor).await? {
        want(draft, group).await?;
    }
    Ok(Reply::Done)
}

/// Gives those who have none their key.
pub async fn give(draft: &mut Draft<'_>, group: GroupId, epoch: u32, given: &[KeyFor]) -> Result<Reply, Denied> {
    draft.role(group).await?;
    draft.check_epoch(group, epoch).await?;
    check_keys(given)?;
    for KeyFor { member, sealed } in given {
        if keys::give(draft.db, group, *member, epoch, draft.actor, sealed).await? {
            draft.notices.insert(Notice::LookAgain { group, member: Some(*member) });
        }
    }
    Ok(Reply::Done)
}

/// Somebody has no key: whoever is there and has it is told.
pub async fn want(draft: &mut Draft<'_>, group: GroupId) -> Result<(), Denied> {
    if keys::count_holders(draft.db, group).await? > 0 {
        draft.notices.insert(Notice::LookAgain { group, member: None });
    }
    Ok(())
}
