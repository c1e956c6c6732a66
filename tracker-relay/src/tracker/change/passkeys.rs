//! Making and revoking passkeys.

use wire_protocol::control::{PASSKEYS_MAX, Passkey, Reply};
use wire_protocol::ids::GroupId;

use super::{Denied, Draft};
use crate::random;
use crate::store::passkeys::{self, PasskeyHash};
use crate::tracker::notices::Notice;

/// Makes one more passkey of the actor's. The reply is the only place where it ever is.
pub async fn make(draft: &mut Draft<'_>, group: GroupId) -> Result<Reply, Denied> {
    draft.role(group).await?;
    let gone = passkeys::revoke(draft.db, group, draft.actor, PASSKEYS_MAX - 1).await?;
    let passkey = Passkey(random::bytes());
    passkeys::insert(draft.db, PasskeyHash::of(&passkey), group, draft.actor, draft.now_ms).await?;
    tell_if_any(draft, group, gone);
    Ok(Reply::Passkey { passkey })
}

/// Revokes all of the actor's.
pub async fn revoke(draft: &mut Draft<'_>, group: GroupId) -> Result<Reply, Denied> {
    draft.role(group).await?;
    let gone = passkeys::revoke(draft.db, group, draft.actor, 0).await?;
    tell_if_any(draft, group, gone);
    Ok(Reply::Done)
}

/// What announced with a passkey that is gone leaves the swarms.
fn tell_if_any(draft: &mut Draft<'_>, group: GroupId, gone: Vec<PasskeyHash>) {
    if !gone.is_empty() {
        draft.notices.insert(Notice::PasskeysRevoked { group, passkeys: gone });
    }
}
