//! What people change about themselves.

use wire_protocol::control::{GroupChange, Member};

use super::{Denied, Draft, Effect};
use crate::store::{groups, users};

/// Notes the actor under this (clean) name, and tells their groups if it is a new one.
pub async fn rename(draft: &mut Draft<'_>, display_name: &str) -> Result<(), Denied> {
    let before = users::display_name(draft.db, draft.actor).await?;
    if before.as_deref() == Some(display_name) {
        return Ok(());
    }
    users::put(draft.db, draft.actor, display_name, draft.now_ms).await?;
    if before.is_none() {
        return Ok(());
    }
    for group in groups::of_member(draft.db, draft.actor).await? {
        let role = draft.role(group).await?;
        let member = Member { key: draft.actor, display_name: display_name.to_owned(), role };
        draft.record_next(group, GroupChange::Member(member)).await?;
    }
    draft.effects.push(Effect::Renamed { member: draft.actor, display_name: display_name.to_owned() });
    Ok(())
}
