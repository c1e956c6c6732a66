//! What people change about themselves.

use wire_protocol::control::{GroupChange, Member};

use super::{Denied, Draft};
use crate::store::{groups, users};

/// Calls the actor by this (clean) name, and tells their groups if it is a new one.
pub async fn rename(draft: &mut Draft<'_>, display_name: &str) -> Result<(), Denied> {
    let before = users::display_name(draft.db, draft.actor).await?;
    if before.as_deref() == Some(display_name) {
        return Ok(());
    }
    users::put(draft.db, draft.actor, display_name, draft.now_ms).await?;
    for group in groups::of_member(draft.db, draft.actor).await? {
        let role = draft.role(group).await?;
        let member = Member { key: draft.actor, display_name: display_name.to_owned(), role };
        draft.record_next(group, GroupChange::Member(member)).await?;
    }
    Ok(())
}

/// The actor's name. Somebody new is noted under the name that they came with: whoever joins nothing leaves
/// nothing behind.
pub async fn name_or_note(draft: &mut Draft<'_>) -> sqlx::Result<String> {
    if let Some(name) = users::display_name(draft.db, draft.actor).await? {
        return Ok(name);
    }
    let name = draft.newcomer_name.to_owned();
    users::put(draft.db, draft.actor, &name, draft.now_ms).await?;
    Ok(name)
}
