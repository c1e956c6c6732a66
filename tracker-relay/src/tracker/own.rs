//! What of a group is one member's alone: their ticket, their key, and whom they can give one to.

use ed25519_dalek::SigningKey;
use sqlx::SqliteConnection;
use wire_protocol::control::{Role, TrackerToMember};
use wire_protocol::ids::{GroupId, MemberKey};
use wire_protocol::ticket::Ticket;

use super::KEY_ID;
use crate::limits::KEYS_WANTED_MAX;
use crate::store::groups::GroupRow;
use crate::store::keys;
use crate::store::keys::KeyRow;

/// What of a group is one member's alone.
#[derive(Debug)]
pub struct Own {
    member: MemberKey,
    role: Role,
    epoch: u32,
    /// Proves to others what is above.
    ticket: Option<Vec<u8>>,
    key: Option<KeyRow>,
    /// Members without a key, for one who has it.
    wanted: Vec<MemberKey>,
}

impl Own {
    /// Reads it, in the transaction in which the group is read.
    pub async fn read(db: &mut SqliteConnection, row: &GroupRow, member: MemberKey, role: Role) -> sqlx::Result<Self> {
        let key = keys::of(db, row.group, member).await?;
        let wanted = match key {
            Some(_) => keys::lacking(db, row.group, KEYS_WANTED_MAX).await?,
            None => Vec::new(),
        };
        Ok(Self { member, role, epoch: row.epoch, ticket: None, key, wanted })
    }

    /// Adds the ticket: what was read, signed.
    pub fn sign(&mut self, group: GroupId, key: &SigningKey, issued_ms: u64, lifetime_ms: u64) {
        let ticket = Ticket {
            key_id: KEY_ID,
            group,
            subject: self.member,
            role: self.role,
            epoch: self.epoch,
            issued_ms,
            expires_ms: issued_ms + lifetime_ms,
        };
        self.ticket = Some(ticket.seal(key));
    }

    /// What the member is sent behind the group's state.
    pub fn into_messages(self, group: GroupId) -> impl Iterator<Item = TrackerToMember> {
        let Self { epoch, ticket, key, wanted, .. } = self;
        let ticket = ticket.map(|ticket| TrackerToMember::Ticket { group, ticket });
        let key = key.map(|KeyRow { from, sealed }| TrackerToMember::Key { group, epoch, from, sealed });
        let wanted = (!wanted.is_empty()).then_some(TrackerToMember::KeysWanted { group, epoch, members: wanted });
        ticket.into_iter().chain(key).chain(wanted)
    }
}
